"""What was drawn and is taken back, a dispute granted, is reversed at once (R4.10)."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.billing.hours.life import end_pool, local_day, reverse_entry, watch_pool
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.hours.period_lock import draw_day
from bot.db.locks import lock_ids
from bot.db.unit_of_work import UnitOfWork


def draws_of_times(session: Session, times: Collection[int]) -> Sequence[PoolEntry]:
    """What was drawn for time entries, by their ids, and stands."""
    return _standing(session, col(PoolEntry.time_entry_id).in_(times))


def draws_of_works(session: Session, lines: Collection[int]) -> Sequence[PoolEntry]:
    """What was drawn for lines of the specification, by their ids, and stands."""
    return _standing(session, col(PoolEntry.work_line_id).in_(lines))


def give_back(
    uow: UnitOfWork, contract_id: int, draws: Sequence[PoolEntry], by: int | None, note: str | None = None
) -> int:
    """Reverse draws, each dated as it was; returns the amount. `contract_id` is the contract whose statement has them.

    After that statement the reversal is late (R4.4). What comes back to a pool that has ended expires at once, or with
    the statement of the work's month where there is none yet: late work of that month may draw it still.
    """
    session = uow.session
    ids = {each.pool_id for each in draws}
    pools = lock_ids(session, Pool, ids)
    stated: set[int] = set()
    for each in draws:
        late = each.work_date is not None and draw_day(session, contract_id, each.work_date)[1]
        reverse_entry(uow, each, by, note, late=late)
        if late:
            stated.add(each.pool_id)
    for pool in pools:
        if pool.id in stated and pool.ends is not None and pool.ends < local_day(uow, pool):
            end_pool(uow, pool)
        else:
            watch_pool(uow, pool)
    return sum(each.amount for each in draws)


def is_reversed(session: Session, entry: PoolEntry) -> bool:
    """Whether a reversal has undone the entry."""
    return session.exec(select(PoolEntry.id).where(PoolEntry.reverses_id == entry.id)).first() is not None


def _standing(session: Session, which: ColumnElement[bool]) -> Sequence[PoolEntry]:
    undone = select(PoolEntry.reverses_id).where(col(PoolEntry.reverses_id).is_not(None))
    query = select(PoolEntry).where(which, PoolEntry.kind == EntryKind.CONSUME, col(PoolEntry.id).not_in(undone))
    return session.exec(query.order_by(col(PoolEntry.id))).all()
