"""Levels of debt (R9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class DebtLevel(StrEnum):
    """What a debt asks for; UNKNOWN never blocks (R9.2)."""

    UNKNOWN = "unknown"
    D0 = "d0"
    D1 = "d1"  # remind the finance contact
    D2 = "d2"  # low priority, prepayment for new paid work
    D3 = "d3"  # recorded but «ожидает оплаты»


class DebtSource(StrEnum):
    """Who says that an invoice is not paid."""

    ACCOUNTING = "accounting"  # a report, good as of its day
    OWN = "own"  # an invoice of ours, less what was paid and taken back


@dataclass(frozen=True, slots=True)
class DebtSettings:
    """From how many overdue days each level begins, the least debt of that age for D3 in kopecks, and how many days
    debt data stay good."""

    remind_days: int
    prepay_days: int
    hold_days: int
    hold_kopecks: int
    fresh_days: int


@dataclass(frozen=True, slots=True)
class ClaimedInvoice:
    """An invoice as one source has it: number and date, kopecks left to pay, the last day to pay; `paid_on` is the day
    of the last payment that we know of. `row` is where it is kept."""

    row: int
    source: DebtSource
    number: str
    issued_on: date | None
    kopecks: int
    due: date
    disputed: bool = False
    paid_on: date | None = None

    @property
    def name(self) -> str:
        """How people and promises call it; the date tells apart numbers that begin anew each year."""
        return invoice_name(self.number, self.issued_on)


def invoice_name(number: str, issued_on: date | None) -> str:
    """«12 (05.11.2026)», or the number alone where accounting gave no date."""
    return number if issued_on is None else f"{number} ({issued_on:%d.%m.%Y})"


def one_list(
    claims: Iterable[ClaimedInvoice], reported_on: date | None, *, report_has_ours: bool
) -> list[ClaimedInvoice]:
    """What is owed by all sources together, each invoice once (R9.3).

    The same number and date in both is one debt: accounting's rest wins unless its report is older than our last
    payment. With `report_has_ours` an invoice of ours that a report of its day or later leaves out is paid: accounting
    has it in its books and lists what is unpaid. What nothing is left of is not owed.
    """
    rows = list(claims)
    own = [each for each in rows if each.source is DebtSource.OWN]
    reported = [each for each in rows if each.source is DebtSource.ACCOUNTING]
    found: list[ClaimedInvoice] = []
    for each in own:
        theirs = next((row for row in reported if _same(row, each)), None)
        later = each.paid_on is not None and (reported_on is None or each.paid_on > reported_on)
        listed = reported_on is None or reported_on < each.issued_on if each.issued_on else True
        if theirs is not None:
            reported.remove(theirs)
            found.append(each if later else theirs)
        elif later or listed or not report_has_ours:
            found.append(each)
    return sorted((row for row in found + reported if row.kopecks > 0), key=lambda row: (row.due, row.row))


def _same(reported: ClaimedInvoice, own: ClaimedInvoice) -> bool:
    """Numbers are equal without case and leading zeros; a report without dates has them all of one year."""
    numbers = {row.number.casefold().lstrip("0") for row in (reported, own)}
    return len(numbers) == 1 and reported.issued_on in (None, own.issued_on)


@dataclass(frozen=True, slots=True)
class OwedInvoice:
    """An unpaid invoice: what is left to pay and the last day to pay it. What is `own` never grows stale (R9.3)."""

    id: str
    kopecks: int
    due: date
    disputed: bool = False
    own: bool = False

    def overdue_days(self, today: date) -> int:
        """Return whole days past the due day, zero before it."""
        return max((today - self.due).days, 0)


@dataclass(frozen=True, slots=True)
class DebtOverride:
    """A manager's word on the level, with reason, good until a day (inclusive)."""

    level: DebtLevel
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class DebtState:
    """The level, with the oldest overdue days, the overdue sum in kopecks and the invoices that count."""

    level: DebtLevel
    overdue_days: int = 0
    kopecks: int = 0
    invoices: tuple[str, ...] = ()
    overridden: bool = False


def debt_state(
    invoices: Iterable[OwedInvoice],
    reported_on: date | None,
    today: date,
    settings: DebtSettings,
    override: DebtOverride | None = None,
) -> DebtState:
    """Return the debt level of a company (R9.1); a report older than the limit is unknown (R9.2), what our own invoices
    say is not.

    A disputed invoice doesn't count. For D3 only invoices overdue for `hold_days` are summed: a fresh invoice must not
    turn an old trifle into a stop.
    """
    overdue = [invoice for invoice in invoices if not invoice.disputed and invoice.overdue_days(today) > 0]
    fresh = reported_on is not None and today - reported_on <= timedelta(days=settings.fresh_days)
    known = [invoice for invoice in overdue if fresh or invoice.own]
    overdue = known or overdue
    days = max((invoice.overdue_days(today) for invoice in overdue), default=0)
    level = _level(overdue, days, today, settings) if fresh or known else DebtLevel.UNKNOWN
    overridden = override is not None and today <= override.until
    return DebtState(
        level=override.level if override is not None and overridden else level,
        overdue_days=days,
        kopecks=sum(invoice.kopecks for invoice in overdue),
        invoices=tuple(invoice.id for invoice in sorted(overdue, key=lambda each: (each.due, each.id))),
        overridden=overridden,
    )


def _level(overdue: list[OwedInvoice], days: int, today: date, settings: DebtSettings) -> DebtLevel:
    old = sum(invoice.kopecks for invoice in overdue if invoice.overdue_days(today) >= settings.hold_days)
    if days >= settings.hold_days and old >= settings.hold_kopecks:
        return DebtLevel.D3
    if days >= settings.prepay_days:
        return DebtLevel.D2
    return DebtLevel.D1 if days >= settings.remind_days else DebtLevel.D0
