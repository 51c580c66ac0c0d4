"""A period is locked when its statement is issued; what comes later goes to the next one (R4.4)."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from bot.billing.hours.models import PeriodLock
from bot.calendar.periods import billed_in
from bot.db.locks import lock_where
from bot.db.plain import among, put_rows, table_of
from bot.db.unit_of_work import UnitOfWork


def lock_periods(uow: UnitOfWork, contracts: Sequence[int], until: date) -> None:
    """Lock all days of many contracts up to `until`; no lock moves back."""
    session = uow.session
    mine = among(session.connection(), col(PeriodLock.contract_id), contracts)
    known = {row.contract_id for row in lock_where(session, PeriodLock, mine)}
    earlier = update(PeriodLock).where(mine, col(PeriodLock.locked_until) < until)
    session.connection().execute(earlier.values(locked_until=until, locked_at=uow.now))
    fresh = [each for each in contracts if each not in known]
    rows = [{"contract_id": each, "locked_until": until, "locked_at": uow.now} for each in fresh]
    put_rows(session.connection(), table_of(PeriodLock), rows)


def locked_until(session: Session, contract_id: int) -> date | None:
    """The last locked day of a contract, None when nothing is locked."""
    lock = session.get(PeriodLock, contract_id)
    return lock.locked_until if lock is not None else None


def draw_day(session: Session, contract_id: int, work_date: date) -> tuple[date, bool]:
    """The day whose pools are drawn for work of a day, and whether it comes «за прошлый период» (R4.4).

    Work of an open period draws by its own date; work of a locked one by the first day that is still open.
    """
    until = locked_until(session, contract_id)
    late = billed_in(work_date, until).late
    return (until + timedelta(days=1), True) if late and until is not None else (work_date, False)
