"""A pool in time: told before it ends, expired after its last day, carried over where the plan says so (R4.3–R4.8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.hours.alerts import ending_alert, usage_alert
from bot.billing.hours.balances import balance_of
from bot.billing.hours.draw import PoolKind
from bot.billing.hours.ledger import to_expire
from bot.billing.hours.models import EntryKind, Pool, PoolAlert, PoolEntry
from bot.billing.hours.period_lock import draw_day
from bot.billing.hours.rollover import Rollover, RolloverKind, carried
from bot.billing.hours.units import MINUTES
from bot.billing.seller.particulars import seller_of
from bot.billing.terms.of_contract import terms_of
from bot.clients.audiences import Approvers, Managers
from bot.clients.models import Company, Contract
from bot.clients.policy import policy
from bot.db.clock import at, day_of
from bot.db.errors import NotFound
from bot.db.live import is_live
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import set_timer

TIMER = "pool_life"
USED = ("pool_alert_first_percent", "pool_alert_second_percent", "pool_alert_last_percent")
SIZES = ("top_up_small_minutes", "top_up_middle_minutes", "top_up_large_minutes")  # offered when hours run out
ENDS = ("pool_ends_first_days", "pool_ends_second_days", "pool_ends_last_days")
_PERCENT = 100  # basis points


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUsed:
    """A pool of which much is used: sums in its unit, `sizes` in minutes of what can be bought. The company is named to
    its own people too: a person may have two, whose contracts may have one number."""

    company: str
    contract_id: int
    contract: str
    kind: PoolKind
    unit: str
    percent: int
    granted: int
    used: int
    left: int
    sizes: Sequence[int]
    for_staff: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolEnding:
    """A pool whose last day is near: `left` in its unit."""

    company: str
    contract: str
    kind: PoolKind
    unit: str
    ends: date
    left: int


def watch_pool(uow: UnitOfWork, pool: Pool) -> None:
    """Set the timer of the next moment at which something is due: the first day of a pool that was made ahead (R4.9),
    an alert before its last day, then the end. Nothing is told of a pool that hasn't begun."""
    zone = _zone(uow.session, pool)
    days: list[date] = []
    if pool.ends is not None:
        days = [pool.ends - timedelta(days=policy(uow.session, name)) for name in ENDS] + [
            pool.ends + timedelta(days=1)
        ]
    days = [pool.starts, *(day for day in days if day > pool.starts)]
    ahead = [each for each in (at(day, time(), zone) for day in days) if each > uow.now]
    if ahead:
        set_timer(uow.session, f"pool:{pool.id}", TIMER, min(ahead), pool_id=pool.id)
    elif pool.ends is not None and balance_of(uow.session, pool).left > 0:
        set_timer(uow.session, f"pool:{pool.id}", TIMER, uow.now, pool_id=pool.id)


def live_on(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: begin a pool that was made ahead, tell that it ends soon, or end it; then wait for the next moment."""
    pool = locked_pool(uow.session, int(payload["pool_id"]))
    today = local_day(uow, pool)
    if pool.ends is not None and today > pool.ends:
        if waits_for_statement(uow.session, pool):
            set_timer(uow.session, f"pool:{pool.id}", TIMER, uow.now + timedelta(days=1), pool_id=pool.id)
        else:
            end_pool(uow, pool)
        return
    if today >= pool.starts and day_of(pool.created_at, _zone(uow.session, pool)) < pool.starts:
        _begin(uow, pool)
    if today > pool.starts:
        _tell_ending(uow, pool, today)
    watch_pool(uow, pool)


def waits_for_statement(session: Session, pool: Pool) -> bool:
    """Whether an ended pool has something given back whose work is of a month without a statement yet (R4.10)."""
    given_back = _undone(session, pool, EntryKind.CONSUME)
    return any(day is not None and not draw_day(session, pool.contract_id, day)[1] for day in given_back)


def locked_pool(session: Session, pool_id: int) -> Pool:
    """The pool, locked until the transaction ends."""
    pool = lock(session, Pool, pool_id)
    if pool is None:
        raise NotFound
    return pool


def local_day(uow: UnitOfWork, pool: Pool) -> date:
    """The day it is where the pool's client is (R4.1)."""
    return uow.day(_zone(uow.session, pool))


def end_pool(uow: UnitOfWork, pool: Pool) -> int:
    """Expire what is free in a pool after its last day, and carry over what the plan lets go on (R4.6).

    What open jobs hold stays theirs: it expires when they give it back. Returns what expired.
    """
    amount = to_expire(balance_of(uow.session, pool).sums)
    if not amount or pool.ends is None:
        return 0
    _enter(uow, pool, EntryKind.EXPIRE, amount)
    expired = sum(each.amount for each in _standing(uow.session, pool, EntryKind.EXPIRE))
    goes_on = carried(expired, pool.ends, _rollover(uow.session, pool)) if pool.unit == MINUTES else None
    if goes_on is not None:
        following = _following(uow, pool, goes_on.end)
        # What ends bit by bit, because it was given back, goes on up to the plan's limit all the same.
        more = goes_on.minutes - sum(each.amount for each in _standing(uow.session, following, EntryKind.GRANT))
        if more > 0:
            _enter(uow, following, EntryKind.GRANT, more)
            watch_pool(uow, following)
    return amount


def reopen_pool(uow: UnitOfWork, pool: Pool) -> None:
    """Take back the expiry of a pool, so that late work of its days in an open period can be drawn (R4.4).

    What was carried over is taken back with it, unless it has been used since: then the pool stays ended. The caller
    ends the pool again after drawing.
    """
    following = _carried_pool(uow.session, pool)
    undo = _standing(uow.session, pool, EntryKind.EXPIRE)
    if following is not None:
        following = locked_pool(uow.session, following.id)
        grants = _standing(uow.session, following, EntryKind.GRANT)
        if balance_of(uow.session, following).left < sum(each.amount for each in grants):
            return
        undo += grants
    for entry in undo:
        reverse_entry(uow, entry, None)


def reverse_entry(
    uow: UnitOfWork, entry: PoolEntry, by: int | None, note: str | None = None, *, late: bool = False
) -> PoolEntry:
    """Undo one entry whole by a new one, dated as it was (R4.3, R4.10); `late`: after the statement of its period."""
    undoing = PoolEntry(
        pool_id=entry.pool_id,
        kind=EntryKind.REVERSE,
        amount=entry.amount,
        ticket_id=entry.ticket_id,
        reverses_id=entry.id,
        work_date=entry.work_date,
        late=late,
        by_person=by,
        note=note,
        made_at=uow.now,
    )
    uow.session.add(undoing)
    uow.session.flush()
    return undoing


def tell_used(uow: UnitOfWork, pool: Pool) -> None:
    """Tell approvers and managers the highest threshold of use that is newly crossed, once (R4.8)."""
    if local_day(uow, pool) < pool.starts:
        return  # told on its first day
    sums = balance_of(uow.session, pool)
    thresholds = [policy(uow.session, name) * _PERCENT for name in USED]
    reached = usage_alert(sums.granted, sums.used, thresholds, _told(uow.session, pool, "used"))
    if reached is None:
        return
    contract, company = _keep_told(uow, pool, "used", reached)
    used = PoolUsed(
        company=company.name,
        contract_id=contract.id,
        contract=contract.number,
        kind=PoolKind(pool.kind),
        unit=pool.unit,
        percent=reached // _PERCENT,
        granted=sums.granted,
        used=sums.used,
        left=sums.left,
        sizes=[policy(uow.session, name) for name in SIZES],
    )
    uow.tell(Approvers(contract.company_id), "balance/alert_used", used)
    uow.tell(Managers(), "balance/alert_used", replace(used, for_staff=True))


def _begin(uow: UnitOfWork, pool: Pool) -> None:
    """A pool that was made ahead has begun: it lies within its contract as that is now, and what its use has
    crossed is told. What a job holds stays the job's."""
    contract = uow.session.get_one(Contract, pool.contract_id)
    if _is_included(pool) and (not is_live(contract) or (contract.ends is not None and contract.ends < pool.starts)):
        free = to_expire(balance_of(uow.session, pool).sums)
        if free:
            _enter(uow, pool, EntryKind.EXPIRE, free)
        return
    if _is_included(pool) and contract.ends is not None and pool.ends is not None:
        pool.ends = min(pool.ends, contract.ends)
        uow.session.flush()
    tell_used(uow, pool)


def _tell_ending(uow: UnitOfWork, pool: Pool, today: date) -> None:
    sums = balance_of(uow.session, pool)
    days = [policy(uow.session, name) for name in ENDS]
    reached = ending_alert(pool.ends, today, days, _told(uow.session, pool, "ends"))
    if pool.ends is None or reached is None or sums.left <= 0:
        return
    contract, company = _keep_told(uow, pool, "ends", reached)
    ending = PoolEnding(
        company=company.name,
        contract=contract.number,
        kind=PoolKind(pool.kind),
        unit=pool.unit,
        ends=pool.ends,
        left=sums.left,
    )
    for who in (Approvers(contract.company_id), Managers()):
        uow.tell(who, "balance/alert_ends", ending)


def _keep_told(uow: UnitOfWork, pool: Pool, kind: str, threshold: int) -> tuple[Contract, Company]:
    uow.session.add(PoolAlert(pool_id=pool.id, kind=kind, threshold=threshold, told_at=uow.now))
    uow.session.flush()
    contract = uow.session.get_one(Contract, pool.contract_id)
    return contract, uow.session.get_one(Company, contract.company_id)


def _told(session: Session, pool: Pool, kind: str) -> list[int]:
    query = select(PoolAlert.threshold).where(PoolAlert.pool_id == pool.id, PoolAlert.kind == kind)
    return list(session.exec(query).all())


def _rollover(session: Session, pool: Pool) -> Rollover:
    """The plan's rule for the hours of a month; what was carried once is not carried again.

    Nothing goes on from a month before billing began: how much of it was used elsewhere nobody knows here.
    """
    if not _is_included(pool):
        return Rollover(RolloverKind.NONE)
    seller = seller_of(session)
    if seller is not None and seller.billing_from is not None and pool.starts < seller.billing_from:
        return Rollover(RolloverKind.NONE)
    rule = terms_of(session, pool.contract_id, pool.starts).rollover
    return Rollover(RolloverKind(rule.kind), rule.cap, rule.months)


def _is_included(pool: Pool) -> bool:
    """Whether it is a month of the plan itself, not what was carried over from one."""
    return pool.kind == PoolKind.INCLUDED and (pool.code or "").startswith("included/")


def _carried_pool(session: Session, pool: Pool) -> Pool | None:
    return session.exec(select(Pool).where(Pool.code == f"rollover/{pool.id}")).first()


def _following(uow: UnitOfWork, pool: Pool, end: date) -> Pool:
    """The pool that takes what goes on; one for each ended pool."""
    found = _carried_pool(uow.session, pool)
    if found is not None:
        return found
    made = Pool(
        code=f"rollover/{pool.id}",
        contract_id=pool.contract_id,
        kind=PoolKind(pool.kind),
        unit=pool.unit,
        starts=(pool.ends or end) + timedelta(days=1),
        ends=end,
        scope=pool.scope,
        created_at=uow.now,
    )
    uow.session.add(made)
    uow.session.flush()
    return made


def _standing(session: Session, pool: Pool, kind: EntryKind) -> list[PoolEntry]:
    """Entries of a kind that no reversal has undone."""
    undone = select(PoolEntry.reverses_id).where(PoolEntry.pool_id == pool.id, col(PoolEntry.reverses_id).is_not(None))
    query = (
        select(PoolEntry)
        .where(PoolEntry.pool_id == pool.id, PoolEntry.kind == kind, col(PoolEntry.id).not_in(undone))
        .order_by(col(PoolEntry.id))
    )
    return list(session.exec(query).all())


def _undone(session: Session, pool: Pool, kind: EntryKind) -> list[date | None]:
    """Work dates of entries of a kind that were reversed."""
    undoing = select(PoolEntry.reverses_id).where(PoolEntry.pool_id == pool.id, PoolEntry.kind == EntryKind.REVERSE)
    query = select(PoolEntry).where(PoolEntry.pool_id == pool.id, PoolEntry.kind == kind)
    return [row.work_date for row in session.exec(query.where(col(PoolEntry.id).in_(undoing))).all()]


def _enter(uow: UnitOfWork, pool: Pool, kind: EntryKind, amount: int) -> None:
    uow.session.add(PoolEntry(pool_id=pool.id, kind=kind, amount=amount, made_at=uow.now))
    uow.session.flush()


def _zone(session: Session, pool: Pool) -> str:
    query = (
        select(Company.timezone)
        .join(Contract, col(Contract.company_id) == col(Company.id))
        .where(Contract.id == pool.contract_id)
    )
    return session.exec(query).one()
