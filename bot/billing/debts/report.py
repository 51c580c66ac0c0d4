"""What accounting reports and what our own invoices leave to pay, brought into the debts (R9.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import select

from bot.billing.debts.handle import look_at_held
from bot.billing.debts.models import Debt, DebtReport
from bot.billing.debts.owed import last_report
from bot.billing.debts.rule import DebtSource
from bot.db.errors import Refusal
from bot.db.live import live
from bot.db.locks import lock_where
from bot.db.unit_of_work import UnitOfWork


class OlderReport(Refusal):
    """A report of an earlier day than the one that is here: it says nothing new."""

    key = "refusal.older_report"


@dataclass(frozen=True, slots=True)
class Reported:
    """An invoice in a report: number, its date where given, kopecks left to pay, the last day to pay."""

    company_id: int
    number: str
    issued_on: date | None
    kopecks: int
    due: date
    disputed: bool


@dataclass(frozen=True, slots=True)
class ReportBrought:
    """What a report did: how many debts there were, which are new, changed, as they were, and reported no more."""

    before: int
    added: int
    changed: int
    same: int
    ended: tuple[Debt, ...]


def bring_report(uow: UnitOfWork, as_of: date, rows: Iterable[Reported]) -> ReportBrought:
    """Accounting's debts are these, as of the day: what it lists no more is paid. The same report again changes
    nothing. Raises OlderReport."""
    newest = last_report(uow.session)
    if newest is not None and as_of < newest:
        raise OlderReport
    if newest != as_of:
        uow.session.add(DebtReport(as_of=as_of, brought_at=uow.now))
    owing = select(Debt).where(live(Debt), Debt.source == DebtSource.ACCOUNTING)
    there = {(row.company_id, row.invoice, row.issued_on): row for row in uow.session.exec(owing).all()}
    before, added, changed = len(there), 0, 0
    for each in rows:
        known = there.pop((each.company_id, each.number, each.issued_on), None)
        if known is None:
            uow.session.add(_debt(uow, each))
            added += 1
        elif (known.kopecks, known.due, known.disputed) != (each.kopecks, each.due, each.disputed):
            known.kopecks, known.due, known.disputed = each.kopecks, each.due, each.disputed
            known.reported_at = uow.now
            changed += 1
    for row in there.values():
        row.ended_at = uow.now
    uow.session.flush()
    look_at_held(uow)
    return ReportBrought(before, added, changed, before - changed - len(there), tuple(there.values()))


def keep_own(
    uow: UnitOfWork, company_id: int, number: str, issued_on: date, due: date, kopecks: int, *, paid_on: date | None
) -> None:
    """What is left to pay of an invoice of ours; nothing left ends the debt. `paid_on`: the seller's day, if money came
    for it just now."""
    own = (Debt.source == DebtSource.OWN, Debt.company_id == company_id)
    which = (Debt.invoice == number, Debt.issued_on == issued_on)
    known = lock_where(uow.session, Debt, *own, *which)
    row = known[-1] if known else None
    if row is None:
        row = _debt(uow, Reported(company_id, number, issued_on, kopecks, due, disputed=False))
        row.source = DebtSource.OWN
        uow.session.add(row)
    row.kopecks, row.paid_on = kopecks, paid_on or row.paid_on
    row.ended_at = None if kopecks > 0 else uow.now
    uow.session.flush()
    look_at_held(uow)


def _debt(uow: UnitOfWork, each: Reported) -> Debt:
    return Debt(
        company_id=each.company_id,
        invoice=each.number,
        issued_on=each.issued_on,
        kopecks=each.kopecks,
        due=each.due,
        disputed=each.disputed,
        reported_at=uow.now,
    )
