"""What a contract's pools hold, and each operation on them, as a client is shown it (R4.3)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, case
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from bot.billing.hours.ledger import Balance
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.clients.models import Contract
from bot.clients.rights import sees_money
from bot.db.errors import NotFound
from bot.db.plain import ask


@dataclass(frozen=True, slots=True)
class PoolBalance:
    """A pool and the sums of its entries, in the pool's unit."""

    id: int
    contract_id: int
    kind: str
    unit: str
    starts: date
    ends: date | None
    reason: str | None
    sums: Balance

    @property
    def granted(self) -> int:
        """All that was put in."""
        return self.sums.granted

    @property
    def used(self) -> int:
        """What accepted work has taken."""
        return self.sums.consumed

    @property
    def held(self) -> int:
        """What open jobs keep for themselves."""
        return self.sums.held

    @property
    def left(self) -> int:
        """What is free to use; negative inside an overrun."""
        return self.sums.available


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One operation: `effect` is what it changed of what is left, `balance` what was left after it."""

    id: int
    kind: str
    effect: int
    balance: int
    ticket_id: int | None
    work_date: date | None
    made_at: datetime
    note: str | None
    late: bool = False
    undone: bool = False

    @property
    def standing_draw(self) -> bool:
        """Whether it is a drawing that no reversal has undone."""
        return self.kind == EntryKind.CONSUME and not self.undone


_HELD = (EntryKind.HOLD, EntryKind.RELEASE)
_LESS = (EntryKind.HOLD, EntryKind.CONSUME, EntryKind.EXPIRE)


def pool_balances(
    session: Session, contracts: Collection[int], on: date, *, since: date | None = None
) -> list[PoolBalance]:
    """Pools of the contracts that may be used on a day, in the order they are drawn (R4.2); also those that have ended
    `since` a day before it."""
    pools = session.exec(
        select(Pool)
        .where(col(Pool.contract_id).in_(contracts), col(Pool.starts) <= on)
        .where(col(Pool.ends).is_(None) | (col(Pool.ends) >= (since or on)))
    ).all()
    sums = _sums(session, [pool.id for pool in pools])
    order = {"included": 0, "gift": 1, "prepaid": 2}
    pools = sorted(pools, key=lambda pool: (order.get(pool.kind, 3), pool.ends or date.max, pool.starts, pool.id))
    return [_balance(pool, sums[pool.id]) for pool in pools]


def pool_for(session: Session, company_id: int, pool_id: int, by: int) -> Pool:
    """A pool of the company, for its finance and owners (R2.3). Raises NotFound."""
    of_it = select(Pool).join(Contract, col(Contract.id) == col(Pool.contract_id))
    of_it = of_it.where(Pool.id == pool_id, Contract.company_id == company_id)
    pool = session.exec(of_it.where(sees_money(by, col(Contract.company_id)))).one_or_none()
    if pool is None:
        raise NotFound
    return pool


def balance_of(session: Session, pool: Pool) -> PoolBalance:
    """One pool with the sums of its entries, whatever the day."""
    return balances_of(session, [pool])[0]


def balances_of(session: Session, pools: Sequence[Pool]) -> list[PoolBalance]:
    """Pools with the sums of their entries, whatever the day."""
    sums = _sums(session, [pool.id for pool in pools])
    return [_balance(pool, sums[pool.id]) for pool in pools]


def pool_history(session: Session, pool: Pool) -> list[EntryLine]:
    """Every operation on a pool, oldest first, with what was left after each."""
    entries = _entries(session, [pool.id]).get(pool.id, [])
    by_id: dict[int | None, PoolEntry] = {entry.id: entry for entry in entries}
    undone_ids = {entry.reverses_id for entry in entries}
    lines: list[EntryLine] = []
    left = 0
    for entry in entries:
        effect = _effect(entry, by_id)
        left += effect
        undone = by_id.get(entry.reverses_id) if entry.reverses_id is not None else None
        ticket = entry.ticket_id if undone is None else undone.ticket_id
        lines.append(
            EntryLine(
                id=entry.id,
                kind=entry.kind,
                effect=effect,
                balance=left,
                ticket_id=ticket,
                work_date=entry.work_date,
                made_at=entry.made_at,
                note=entry.note,
                late=entry.late,
                undone=entry.id in undone_ids,
            )
        )
    return lines


def by_ticket(lines: Sequence[EntryLine]) -> list[EntryLine]:
    """What a reader needs of a pool's operations, oldest first: of a ticket what it has drawn, and in one line what it
    still holds; a hold that was let go is told by nothing. The balance runs over the lines that are left.
    """
    held: dict[int | None, list[EntryLine]] = {}
    for line in lines:
        if line.kind in _HELD:
            held.setdefault(line.ticket_id, []).append(line)
    told: list[EntryLine] = []
    left = 0
    for line in lines:
        effect = line.effect
        if line.kind in _HELD:
            its = held[line.ticket_id]
            effect = sum(each.effect for each in its)
            if line is not its[-1] or effect == 0:
                continue
        left += effect
        kind = EntryKind.HOLD if line.kind in _HELD else line.kind
        told.append(replace(line, kind=kind, effect=effect, balance=left))
    return told


def _effect(entry: PoolEntry, by_id: Mapping[int | None, PoolEntry]) -> int:
    if entry.kind is EntryKind.REVERSE:
        return -_effect(by_id[entry.reverses_id], by_id)
    return -entry.amount if entry.kind in _LESS else entry.amount


def _balance(pool: Pool, sums: Balance) -> PoolBalance:
    return PoolBalance(pool.id, pool.contract_id, pool.kind, pool.unit, pool.starts, pool.ends, pool.reason, sums)


def _sums_by_kind() -> Any:
    undone = aliased(PoolEntry)
    kind = func.coalesce(undone.kind, PoolEntry.kind)
    effect = case((col(undone.id).is_(None), col(PoolEntry.amount)), else_=-col(PoolEntry.amount))
    return (
        select(PoolEntry.pool_id, kind, func.sum(effect))
        .outerjoin(undone, col(undone.id) == col(PoolEntry.reverses_id))
        .where(col(PoolEntry.pool_id).in_(bindparam("pools", expanding=True)))
        .group_by(col(PoolEntry.pool_id), kind)
    )


_SUMS = _sums_by_kind()  # put together once: that takes longer than asking


def _sums(session: Session, pools: Collection[int]) -> dict[int, Balance]:
    """What `ledger.balance` adds up, added up by the database: a pool of years has thousands of entries."""
    found: dict[int, dict[str, int]] = {pool: {} for pool in pools}
    rows: Sequence[Any] = ask(session, _SUMS, pools=list(pools)).all()
    for pool, of_kind, amount in rows:
        found[pool][of_kind] = int(amount)
    return {pool: _as_balance(sums) for pool, sums in found.items()}


def _as_balance(sums: Mapping[str, int]) -> Balance:
    held = sums.get(EntryKind.HOLD, 0) - sums.get(EntryKind.RELEASE, 0)
    consumed, expired = sums.get(EntryKind.CONSUME, 0), sums.get(EntryKind.EXPIRE, 0)
    return Balance(sums.get(EntryKind.GRANT, 0), held, consumed, expired)


def _entries(session: Session, pools: Sequence[int]) -> dict[int, list[PoolEntry]]:
    found: dict[int, list[PoolEntry]] = {}
    query = select(PoolEntry).where(col(PoolEntry.pool_id).in_(pools)).order_by(col(PoolEntry.id))
    for entry in session.exec(query).all():
        found.setdefault(entry.pool_id, []).append(entry)
    return found
