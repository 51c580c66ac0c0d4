"""Holds on pools and their end: HOLD, RELEASE and CONSUME of a ticket's hours (R4.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, func, select

from bot.billing.hours.balances import balance_of
from bot.billing.hours.draw import Draw, PoolKind, PoolToDraw, draw, merged
from bot.billing.hours.grants import make_ahead, to_come
from bot.billing.hours.ledger import LedgerEntry, Operation, held_for
from bot.billing.hours.life import end_pool, local_day, locked_pool, reopen_pool, tell_used, watch_pool
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.hours.period_lock import draw_day
from bot.billing.hours.units import MINUTES, TICKETS, VISITS
from bot.clients.models import Contract
from bot.db.locks import lock_ids, lock_where
from bot.db.unit_of_work import UnitOfWork
from bot.sums.vat import WHOLE


def hold(
    uow: UnitOfWork,
    ticket_id: int,
    draws: Sequence[Draw],
    by: int | None,
    quote_id: int | None = None,
    work_line: int | None = None,
) -> int:
    """Hold what a decision draws, pool by pool; returns the amount in the unit of the work's pools, visits apart. The
    decision has locked the pools. `work_line` is the work added on site that it is for."""
    amount = 0
    for each in draws:
        pool_id = int(each.pool)
        _enter(uow, pool_id, EntryKind.HOLD, each.amount, ticket_id, by, quote_id=quote_id, work_line=work_line)
        if uow.session.get_one(Pool, int(each.pool)).unit != VISITS:
            amount += each.amount
    return amount


def hold_what_is_left(
    uow: UnitOfWork,
    ticket_id: int,
    draws: Sequence[Draw],
    by: int | None,
    quote_id: int | None = None,
    work_line: int | None = None,
) -> int:
    """Hold what an earlier decision drew, as far as the pools still have it: others may have held it since. What is
    missing by then is not billed: the price was fixed by the yes (R7.8). Returns the amount."""
    ids = [int(each.pool) for each in draws]
    rows = lock_ids(uow.session, Pool, ids)
    left: dict[int, int] = {}
    for row in rows:
        sums = balance_of(uow.session, row)
        over = row.ends is not None and row.ends < local_day(uow, row)
        left[row.id] = 0 if over else sums.left + sums.granted * row.overrun_bp // WHOLE
    amounts = [Draw(each.pool, min(each.amount, left.get(int(each.pool), 0))) for each in draws]
    return hold(uow, ticket_id, [each for each in amounts if each.amount > 0], by, quote_id, work_line)


def release(uow: UnitOfWork, ticket_id: int, by: int | None) -> int:
    """Give back all that is still held for a ticket; returns the amount."""
    released = 0
    for pool_id, amount in held(uow.session, ticket_id).items():
        _enter(uow, pool_id, EntryKind.RELEASE, amount, ticket_id, by)
        watch_pool(uow, uow.session.get_one(Pool, pool_id))  # what comes back to an ended pool expires
        released += amount
    return released


def release_work(uow: UnitOfWork, ticket_id: int, work_line: int, by: int | None) -> int:
    """Give back what a work added on site still holds; returns the amount."""
    mine, released = held(uow.session, ticket_id), 0
    for (line, pool_id), amount in _held_by_lines(uow.session, ticket_id).items():
        back = min(amount, mine.get(pool_id, 0)) if line == work_line else 0
        if back:
            _enter(uow, pool_id, EntryKind.RELEASE, back, ticket_id, by, work_line=work_line)
            watch_pool(uow, uow.session.get_one(Pool, pool_id))
            released += back
    return released


def held_by_works(session: Session, ticket_id: int) -> dict[int, int]:
    """What is promised for each work added on site, by its line, in the unit of the ticket's pools (R4.10)."""
    unit = unit_of_ticket(session, ticket_id)
    found: dict[int, int] = {}
    for (line, pool_id), amount in _held_by_lines(session, ticket_id).items():
        if session.get_one(Pool, pool_id).unit == unit:
            found[line] = found.get(line, 0) + amount
    return found


def _held_by_lines(session: Session, ticket_id: int) -> dict[tuple[int, int], int]:
    """What was held and not taken off again, by line and pool; what is drawn stays in it."""
    query = select(PoolEntry).where(PoolEntry.ticket_id == ticket_id, col(PoolEntry.work_line_id).is_not(None))
    found: dict[tuple[int, int], int] = {}
    for row in session.exec(query.order_by(col(PoolEntry.id))).all():
        key = row.work_line_id or 0, row.pool_id
        sign = {EntryKind.HOLD: 1, EntryKind.RELEASE: -1}.get(row.kind, 0)
        found[key] = found.get(key, 0) + sign * row.amount
    return {key: amount for key, amount in found.items() if amount}


def held(session: Session, ticket_id: int) -> dict[int, int]:
    """What each pool still holds for a ticket."""
    pools = session.exec(select(PoolEntry.pool_id).where(PoolEntry.ticket_id == ticket_id).distinct()).all()
    found: dict[int, int] = {}
    for pool_id in sorted(pools):
        entries = [
            LedgerEntry(
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
    time_entry: int | None = None,
    work_line: int | None = None,
    keep: int = 0,
) -> int:
    """Draw accepted work anew by its date, and release the hold; returns what no pool could take (R4.3). Of the hold
    stays what is not drawn yet, at most `keep`: what else of the ticket waits to be accepted (R4.10).
    `need` is in the unit of the ticket's pools; for tickets, minutes. `time_entry`
    or `work_line` is what is drawn for.

    Work of a locked period draws on the first open day, «за прошлый период»; a pool that has ended since gives what
    it had on the day of the work (R4.4). What is missing by then comes from the pools the ticket holds, whatever their
    dates (R4.9); last comes overrun as the contract allows (R4.7). A ticket that holds a pool of tickets draws one,
    once.
    """
    session = uow.session
    contracts = {contract_id} | _contracts_of(session, ticket_id)
    day, late = draw_day(session, contract_id, on)
    rows = lock_pools(session, ticket_id, contract_id)
    coming = session.exec(select(Contract).where(col(Contract.id).in_(contracts)).order_by(col(Contract.id))).all()
    if missing := to_come(session, coming, day, uow.now):  # the month has begun and its timer hasn't come yet
        make_ahead(uow, missing)
        rows = lock_pools(session, ticket_id, contract_id)
    unit = unit_of_ticket(session, ticket_id)
    mine = held(session, ticket_id)
    rows = [row for row in rows if row.unit == unit]
    fitting = [row for row in rows if row.starts <= day and (row.ends is None or day <= row.ends)]
    ended = [row for row in fitting if row.ends is not None and row.ends < local_day(uow, row)]
    for row in ended:
        reopen_pool(uow, row)
    wanted = int(not _has_drawn(session, ticket_id)) if unit == TICKETS else need
    serving = _serving(uow, fitting, mine, None if object_id is None else str(object_id), work_type)
    promised = _serving(
        uow, [row for row in rows if row.id in mine and row not in fitting], mine, None, None, any_day=day
    )
    draws, uncovered = _drawn(serving, promised, wanted, day)
    own = {row.id: mine[row.id] for row in rows if row.id in mine}
    _release_but(uow, ticket_id, draws, own, keep, by)
    for each in draws:
        _enter(
            uow,
            int(each.pool),
            EntryKind.CONSUME,
            each.amount,
            ticket_id,
            by,
            work_date=on,
            late=late,
            time_entry=time_entry,
            work_line=work_line,
        )
    taken = {int(each.pool) for each in draws}
    for row in rows:
        if row.id in taken:
            tell_used(uow, row)
        if row in ended:
            end_pool(uow, row)
    return (need if uncovered else 0) if unit == TICKETS else uncovered


def drawn(session: Session, ticket_id: int) -> dict[int | None, int]:
    """What the ticket has drawn in its unit and not taken back, by the line of the work it was for; None: for its time
    (R4.10)."""
    undone = select(PoolEntry.reverses_id).where(
        PoolEntry.ticket_id == ticket_id, col(PoolEntry.reverses_id).is_not(None)
    )
    rows = session.exec(
        select(PoolEntry.work_line_id, func.sum(PoolEntry.amount))
        .join(Pool, col(Pool.id) == col(PoolEntry.pool_id))
        .where(PoolEntry.ticket_id == ticket_id, Pool.unit == unit_of_ticket(session, ticket_id))
        .where(PoolEntry.kind == EntryKind.CONSUME, col(PoolEntry.id).not_in(undone))
        .group_by(col(PoolEntry.work_line_id))
    ).all()
    return {line: int(amount) for line, amount in rows}


def consume_visit(uow: UnitOfWork, ticket_id: int, contract_id: int, on: date, by: int | None) -> bool:
    """Draw the included visit that a job holds, once, by the date of the work (R5.6); False when it holds none."""
    for pool_id, amount in held(uow.session, ticket_id).items():
        pool = locked_pool(uow.session, pool_id)
        if pool.unit != VISITS:
            continue
        _enter(uow, pool_id, EntryKind.RELEASE, amount, ticket_id, by)
        _, late = draw_day(uow.session, contract_id, on)
        _enter(uow, pool_id, EntryKind.CONSUME, amount, ticket_id, by, work_date=on, late=late)
        tell_used(uow, pool)
        return True
    return False


@dataclass(frozen=True, slots=True)
class _Source:
    """A pool as work draws it: what it has for this ticket, its own hold among it, and how far it may overrun."""

    pool: PoolToDraw
    beyond: PoolToDraw


def _serving(
    uow: UnitOfWork,
    rows: Sequence[Pool],
    mine: Mapping[int, int],
    service_object: str | None,
    work_type: str | None,
    *,
    any_day: date | None = None,
) -> list[_Source]:
    """The pools that serve this work. With `any_day` they are pools that the ticket holds: they serve it by that, on
    any day, and one that has ended has the hold only."""
    found: list[_Source] = []
    for row in rows:
        sums = balance_of(uow.session, row)
        free = sums.left
        if any_day is not None and row.ends is not None and row.ends < local_day(uow, row):
            free = min(free, 0)
        has = free + mine.get(row.id, 0)
        pool = PoolToDraw(
            str(row.id),
            PoolKind(row.kind),
            max(has, 0),
            row.starts if any_day is None else any_day,
            row.ends if any_day is None else any_day,
            row.unit,
            frozenset(str(each) for each in row.scope.get("objects", ())),
            frozenset(row.scope.get("work_types", ())),
        )
        cap = sums.granted * row.overrun_bp // WHOLE
        if any_day is not None or pool.serves(service_object, work_type):
            found.append(_Source(pool, replace(pool, available=max(cap + min(has, 0), 0))))
    return found


def _drawn(serving: Sequence[_Source], promised: Sequence[_Source], need: int, day: date) -> tuple[list[Draw], int]:
    """What the pools of the day give, then those that the ticket holds, then their overrun (R4.2, R4.7, R4.9)."""
    draws: list[Draw] = []
    for sources in ([each.pool for each in serving], [each.pool for each in promised]):
        more, need = draw(need, sources, day)
        draws += more
    for sources in ([each.beyond for each in serving], [each.beyond for each in promised]):
        more, need = draw(need, sources, day)
        draws += more
    return merged(draws), need


def _release_but(
    uow: UnitOfWork, ticket_id: int, draws: Sequence[Draw], mine: Mapping[int, int], keep: int, by: int | None
) -> None:
    """Release a hold except what stays of it: first in the pools that are drawn now, then wherever it is held."""
    taken = {int(each.pool): each.amount for each in draws}
    left = sum(mine.values())
    left -= min(keep, max(left - sum(taken.values()), 0))
    own = {pool_id: min(amount, taken.get(pool_id, 0), left) for pool_id, amount in mine.items()}
    left -= sum(own.values())
    for pool_id, amount in mine.items():
        more = min(left, amount - own[pool_id])
        left -= more
        if own[pool_id] + more:
            _enter(uow, pool_id, EntryKind.RELEASE, own[pool_id] + more, ticket_id, by)
            watch_pool(uow, uow.session.get_one(Pool, pool_id))


def lock_pools(session: Session, ticket_id: int, contract_id: int) -> Sequence[Pool]:
    """All pools that a ticket's work may be drawn from, locked: its contract's, and its fallback's that it has held."""
    return lock_where(session, Pool, col(Pool.contract_id).in_({contract_id} | _contracts_of(session, ticket_id)))


def _contracts_of(session: Session, ticket_id: int) -> set[int]:
    """Contracts of the pools that the ticket has held or drawn: a fallback's may be among them (R3.1)."""
    query = select(Pool.contract_id).join(PoolEntry, col(PoolEntry.pool_id) == col(Pool.id))
    return set(session.exec(query.where(PoolEntry.ticket_id == ticket_id).distinct()).all())


def unit_of_ticket(session: Session, ticket_id: int) -> str:
    """In what the ticket's work is counted: the unit of the pools it has held first, minutes where it has held none."""
    query = (
        select(Pool.unit)
        .join(PoolEntry, col(PoolEntry.pool_id) == col(Pool.id))
        .where(PoolEntry.ticket_id == ticket_id, Pool.unit != VISITS)
        .order_by(col(PoolEntry.id))
        .limit(1)
    )
    return session.exec(query).first() or MINUTES


def tickets_of(session: Session, ticket_id: int) -> frozenset[int]:
    """The pools of tickets of which a job holds or has drawn its ticket: one for all its works (R4.1)."""
    sign = {EntryKind.HOLD: 1, EntryKind.RELEASE: -1, EntryKind.CONSUME: 1, EntryKind.REVERSE: -1}
    query = select(PoolEntry).join(Pool, col(Pool.id) == col(PoolEntry.pool_id))
    found: dict[int, int] = {}
    for row in session.exec(query.where(PoolEntry.ticket_id == ticket_id, Pool.unit == TICKETS)).all():
        found[row.pool_id] = found.get(row.pool_id, 0) + sign.get(row.kind, 0) * row.amount
    return frozenset(pool_id for pool_id, amount in found.items() if amount > 0)


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
    time_entry: int | None = None,
    work_line: int | None = None,
) -> None:
    uow.session.add(
        PoolEntry(
            pool_id=pool_id,
            kind=kind,
            amount=amount,
            ticket_id=ticket_id,
            quote_id=quote_id,
            work_date=work_date,
            time_entry_id=time_entry,
            work_line_id=work_line,
            late=late,
            by_person=by,
            made_at=uow.now,
        )
    )
    uow.session.flush()
