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
class OwedInvoice:
    """An unpaid invoice: what is left to pay and the last day to pay it."""

    id: str
    kopecks: int
    due: date
    disputed: bool = False

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
    """Return the debt level of a company (R9.1); data older than the limit are unknown (R9.2).

    A disputed invoice doesn't count. For D3 only invoices overdue for `hold_days` are summed: a fresh invoice must not
    turn an old trifle into a stop.
    """
    overdue = [invoice for invoice in invoices if not invoice.disputed and invoice.overdue_days(today) > 0]
    days = max((invoice.overdue_days(today) for invoice in overdue), default=0)
    fresh = reported_on is not None and today - reported_on <= timedelta(days=settings.fresh_days)
    level = _level(overdue, days, today, settings) if fresh else DebtLevel.UNKNOWN
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
