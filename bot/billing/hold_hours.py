"""Holds on pools and their end: HOLD, RELEASE and CONSUME of a ticket's hours (R4.3)."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from bot.billing.balances import pool_balances
from bot.billing.ledger import Entry, Operation, held_for
from bot.billing.models import EntryKind, Pool, PoolEntry
from bot.billing.pools import Draw, PoolKind, draw
from bot.billing.pools import Pool as Drawn
from bot.billing.vat import WHOLE
from bot.db.unit_of_work import UnitOfWork


def hold(uow: UnitOfWork, ticket_id: int, draws: Sequence[Draw], by: int | None, quote_id: int | None = None) -> int:
    """Hold what a decision draws, pool by pool; returns the amount. The decision has locked the pools."""
    for each in draws:
        _enter(uow, int(each.pool), EntryKind.HOLD, each.minutes, ticket_id, by, quote_id=quote_id)
    return sum(each.minutes for each in draws)


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


def consume(uow: UnitOfWork, ticket_id: int, contract_id: int, need: int, on: date, by: int | None) -> int:
    """Draw accepted work anew by its date, after releasing the hold; returns what no pool could take (R4.3, R4.4).

    Overrun is used as the contract allows (R4.7).
    """
    session = uow.session
    contracts = {contract_id} | {session.get_one(Pool, pool_id).contract_id for pool_id in held(session, ticket_id)}
    rows = {
        row.id: row
        for row in session.exec(
            select(Pool).where(col(Pool.contract_id).in_(contracts)).order_by(col(Pool.id)).with_for_update()
        ).all()
    }
    release(uow, ticket_id, by)
    usable = [each for each in pool_balances(session, list(contracts), on) if each.unit == "minutes"]
    pools = [Drawn(str(p.id), PoolKind(p.kind), max(p.left, 0), p.starts, p.ends) for p in usable]
    beyond = [
        Drawn(
            str(p.id),
            PoolKind(p.kind),
            max(p.granted * rows[p.id].overrun_bp // WHOLE + min(p.left, 0), 0),
            p.starts,
            p.ends,
        )
        for p in usable
    ]
    draws, left = draw(need, pools, on)
    more, uncovered = draw(left, beyond, on)
    for each in [*draws, *more]:
        _enter(uow, int(each.pool), EntryKind.CONSUME, each.minutes, ticket_id, by, work_date=on)
    return uncovered


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
) -> None:
    uow.session.add(
        PoolEntry(
            pool_id=pool_id,
            kind=kind,
            amount=amount,
            ticket_id=ticket_id,
            quote_id=quote_id,
            work_date=work_date,
            by_person=by,
            made_at=uow.now,
        )
    )
    uow.session.flush()
