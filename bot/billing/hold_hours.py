"""Holds on pools and their end: HOLD, RELEASE and CONSUME of a ticket's hours (R4.3)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlmodel import Session, col, select

from bot.billing.balances import balance_of, pool_balances
from bot.billing.ledger import Entry, Operation, held_for
from bot.billing.models import EntryKind, Pool, PoolEntry
from bot.billing.period_lock import draw_day
from bot.billing.pool_life import end_pool, local_day, reopen_pool, tell_used, watch_pool
from bot.billing.pools import Draw, PoolKind, draw, merged
from bot.billing.pools import Pool as Drawn
from bot.billing.scope_hours import MINUTES, TICKETS, VISITS
from bot.billing.vat import WHOLE
from bot.db.unit_of_work import UnitOfWork


def hold(uow: UnitOfWork, ticket_id: int, draws: Sequence[Draw], by: int | None, quote_id: int | None = None) -> int:
    """Hold what a decision draws, pool by pool; returns the amount in the unit of the work's pools, visits apart. The
    decision has locked the pools."""
    amount = 0
    for each in draws:
        _enter(uow, int(each.pool), EntryKind.HOLD, each.minutes, ticket_id, by, quote_id=quote_id)
        if uow.session.get_one(Pool, int(each.pool)).unit != VISITS:
            amount += each.minutes
    return amount


def hold_what_is_left(uow: UnitOfWork, ticket_id: int, draws: Sequence[Draw], by: int | None, quote_id: int) -> int:
    """Hold what an earlier decision drew, as far as the pools still have it: others may have held it since. What is
    missing by then is not billed: the price was fixed by the yes (R7.8). Returns the amount."""
    ids = [int(each.pool) for each in draws]
    rows = uow.session.exec(select(Pool).where(col(Pool.id).in_(ids)).order_by(col(Pool.id)).with_for_update()).all()
    overrun = {row.id: row.overrun_bp for row in rows}
    on = uow.now.date()
    left = {
        each.id: each.left + each.granted * overrun[each.id] // WHOLE
        for each in pool_balances(uow.session, {row.contract_id for row in rows}, on)
        if each.id in overrun
    }
    amounts = [Draw(each.pool, min(each.minutes, left.get(int(each.pool), 0))) for each in draws]
    return hold(uow, ticket_id, [each for each in amounts if each.minutes > 0], by, quote_id)


def release(uow: UnitOfWork, ticket_id: int, by: int | None) -> int:
    """Give back all that is still held for a ticket; returns the amount."""
    released = 0
    for pool_id, amount in held(uow.session, ticket_id).items():
        _enter(uow, pool_id, EntryKind.RELEASE, amount, ticket_id, by)
        watch_pool(uow, uow.session.get_one(Pool, pool_id))  # what comes back to an ended pool expires
        released += amount
    return released


def held(session: Session, ticket_id: int) -> dict[int, int]:
    """What each pool still holds for a ticket."""
    pools = session.exec(select(PoolEntry.pool_id).where(PoolEntry.ticket_id == ticket_id).distinct()).all()
    found: dict[int, int] = {}
    for pool_id in sorted(pools):
        entries = [
            Entry(
                str(row.id),
                Operation(row.kind),
                row.amount,
                str(row.ticket_id) if row.ticket_id is not None else None,
                str(row.reverses_id) if row.reverses_id is not None else None,
            )
            for row in session.exec(
                select(PoolEntry).where(PoolEntry.pool_id == pool_id).order_by(col(PoolEntry.id))
            ).all()
        ]
        amount = held_for(entries, str(ticket_id))
        if amount:
            found[pool_id] = amount
    return found


def consume(
    uow: UnitOfWork,
    ticket_id: int,
    contract_id: int,
    need: int,
    on: date,
    by: int | None,
    *,
    object_id: int | None = None,
    work_type: str | None = None,
) -> int:
    """Draw accepted work anew by its date, after releasing the hold; returns what no pool could take (R4.3). `need` is
    in the unit of the ticket's pools; for tickets, minutes.

    Work of a locked period draws on the first open day, «за прошлый период»; a pool that has ended since gives what
    it had on the day of the work (R4.4). Overrun is used as the contract allows (R4.7). A ticket that holds a pool of
    tickets draws one, once.
    """
    session = uow.session
    contracts = {contract_id} | {session.get_one(Pool, pool_id).contract_id for pool_id in held(session, ticket_id)}
    rows = session.exec(
        select(Pool).where(col(Pool.contract_id).in_(contracts)).order_by(col(Pool.id)).with_for_update()
    ).all()
    unit = unit_of_ticket(session, ticket_id)
    release(uow, ticket_id, by)
    day, late = draw_day(session, contract_id, on)
    fitting = [row for row in rows if row.unit == unit and row.starts <= day and (row.ends is None or day <= row.ends)]
    ended = [row for row in fitting if row.ends is not None and row.ends < local_day(uow, row)]
    for row in ended:
        reopen_pool(uow, row)
    wanted = int(not _has_drawn(session, ticket_id)) if unit == TICKETS else need
    draws, uncovered = _drawn(uow, fitting, wanted, day, None if object_id is None else str(object_id), work_type)
    for each in draws:
        _enter(uow, int(each.pool), EntryKind.CONSUME, each.minutes, ticket_id, by, work_date=on, late=late)
    taken = {int(each.pool) for each in draws}
    for row in fitting:
        if row.id in taken:
            tell_used(uow, row)
        if row in ended:
            end_pool(uow, row)
    return (need if uncovered else 0) if unit == TICKETS else uncovered


def consume_visit(uow: UnitOfWork, ticket_id: int, contract_id: int, on: date, by: int | None) -> bool:
    """Draw the included visit that a job holds, once, by the date of the work (R5.6); False when it holds none."""
    for pool_id, amount in held(uow.session, ticket_id).items():
        pool = uow.session.exec(select(Pool).where(Pool.id == pool_id).with_for_update()).one()
        if pool.unit != VISITS:
            continue
        _enter(uow, pool_id, EntryKind.RELEASE, amount, ticket_id, by)
        _, late = draw_day(uow.session, contract_id, on)
        _enter(uow, pool_id, EntryKind.CONSUME, amount, ticket_id, by, work_date=on, late=late)
        tell_used(uow, pool)
        return True
    return False


def _drawn(
    uow: UnitOfWork, rows: Sequence[Pool], need: int, day: date, service_object: str | None, work_type: str | None
) -> tuple[list[Draw], int]:
    """What the pools that serve this work give: what they hold first, then their overrun (R4.2, R4.7)."""
    own: list[Drawn] = []
    beyond: list[Drawn] = []
    for row in rows:
        sums = balance_of(uow.session, row)
        pool = Drawn(
            str(row.id),
            PoolKind(row.kind),
            max(sums.left, 0),
            row.starts,
            row.ends,
            row.unit,
            frozenset(str(each) for each in row.scope.get("objects", ())),
            frozenset(row.scope.get("work_types", ())),
        )
        if pool.serves(service_object, work_type):
            own.append(pool)
            cap = sums.granted * row.overrun_bp // WHOLE
            beyond.append(replace(pool, available=max(cap + min(sums.left, 0), 0)))
    draws, left = draw(need, own, day)
    more, uncovered = draw(left, beyond, day)
    return merged([*draws, *more]), uncovered


def unit_of_ticket(session: Session, ticket_id: int) -> str:
    """In what the ticket's work is counted: the unit of the pools it has held, minutes where it has held none."""
    query = (
        select(Pool.unit)
        .join(PoolEntry, col(PoolEntry.pool_id) == col(Pool.id))
        .where(PoolEntry.ticket_id == ticket_id, Pool.unit != VISITS)
        .order_by(col(PoolEntry.id).desc())
        .limit(1)
    )
    return session.exec(query).first() or MINUTES


def _has_drawn(session: Session, ticket_id: int) -> bool:
    query = select(PoolEntry.kind).join(Pool, col(Pool.id) == col(PoolEntry.pool_id))
    kinds = session.exec(query.where(PoolEntry.ticket_id == ticket_id, Pool.unit == TICKETS)).all()
    return kinds.count(EntryKind.CONSUME) > kinds.count(EntryKind.REVERSE)


def _enter(
    uow: UnitOfWork,
    pool_id: int,
    kind: EntryKind,
    amount: int,
    ticket_id: int,
    by: int | None,
    *,
    work_date: date | None = None,
    quote_id: int | None = None,
    late: bool = False,
) -> None:
    uow.session.add(
        PoolEntry(
            pool_id=pool_id,
            kind=kind,
            amount=amount,
            ticket_id=ticket_id,
            quote_id=quote_id,
            work_date=work_date,
            late=late,
            by_person=by,
            made_at=uow.now,
        )
    )
    uow.session.flush()
