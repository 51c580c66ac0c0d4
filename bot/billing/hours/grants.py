"""The hours of a plan come anew with each month (R4.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.hours.draw import PoolKind
from bot.billing.hours.life import watch_pool
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.hours.units import MINUTES, VISITS
from bot.billing.terms.models import Plan
from bot.billing.terms.of_contract import terms_on, with_plans
from bot.billing.terms.shape import PlanTerms
from bot.calendar.periods import Period, month_of
from bot.clients.models import Company, Contract
from bot.clients.policy import policy
from bot.db.clock import HOME, NoSuchZoneError, day_of, there
from bot.db.keeping import rows_of
from bot.db.live import is_live, live
from bot.db.locks import lock_found
from bot.db.plain import INSERTS, ask
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import set_timer, want_timer

TIMER = "grant_included"
GRANT_ONE = "grant_months"  # of one contract


@dataclass(frozen=True, slots=True)
class Granted:
    """One pool of a month: its code, unit, amount, overrun in basis points, and the days it may be used on."""

    contract_id: int
    code: str
    unit: str
    amount: int
    overrun: int
    starts: date
    ends: date


def grant_included(uow: UnitOfWork, on: date | None = None) -> list[int]:
    """Grant the included minutes and visits of the month of `on` (default: today where each client is) to every
    contract in force.

    A month is granted once, ahead of its start or at it: its pools have codes of their own; amount and terms are those
    of its first day under the contract (R4.9). A contract that begins or ends within the month gets the whole amount,
    usable on its days. Returns the ids of the pools made.
    """
    active = lock_found(uow.session, _active(Contract), Contract)  # no two grant one month
    return _grant_months(uow, [(contract, month_of(on or uow.day(timezone))) for contract, timezone in active])


def to_come(session: Session, contracts: Sequence[Contract], on: date, now: datetime) -> list[Granted]:
    """Pools of the month of `on` that its contracts will be granted and that are not made yet (R4.9); none of a month
    that is over. Amount and terms are those of the pool's first day as they are known now, only within the contract."""
    month = month_of(on)
    companies = rows_of(session, Company, {each.company_id for each in contracts})
    in_force = [
        each
        for each in contracts
        if is_live(each)
        and each.starts <= on
        and (each.ends is None or on <= each.ends)
        and day_of(now, companies[each.company_id].timezone) <= month.end
    ]
    first = {each.id: max(month.start, each.starts) for each in in_force}
    terms = {day: terms_on(session, in_force, day) for day in set(first.values())}
    found = [
        granted
        for each, plan in with_plans(session, in_force)
        for granted in _of_month(each, plan, terms[first[each.id]][each.id].terms, month)
    ]
    codes = [each.code for each in found]
    made = set(session.exec(select(Pool.code).where(col(Pool.code).in_(codes))).all()) if codes else set()
    return [each for each in found if each.code not in made]


def make_ahead(uow: UnitOfWork, pools: Iterable[Granted]) -> None:
    """Make pools before their first day, because somebody asked for them (R4.9)."""
    for each in pools:
        _grant(uow, each)


def grant_by_timer(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Have each contract granted for which a month has begun since it was last looked, by its client's day (R3.5), and
    look again before long: a month begins at another moment in each time zone.

    Each contract in a transaction of its own: one whose data are wrong stops only itself, and waits for its own next
    try.
    """
    looked = datetime.fromisoformat(payload["looked"]) if payload.get("looked") is not None else None
    for contract_id, timezone in uow.session.exec(_active(col(Contract.id))).all():
        since = _month_begun(timezone, looked, uow.now)
        if since is not None:
            key, due = f"{GRANT_ONE}:{contract_id}", {"contract_id": contract_id, "since": since.isoformat()}
            want_timer(uow.session, key, GRANT_ONE, uow.now, **due)
    watch_months(uow)


def grant_one(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: grant one contract its months up to today where its client is.

    Those that passed while nobody looked come first, oldest first: their unused hours go on where the plan says so,
    and late work of their days finds them.
    """
    month = month_of(date.fromisoformat(payload["since"]))
    query = _active(Contract).where(Contract.id == int(payload["contract_id"]))
    for contract, timezone in lock_found(uow.session, query, Contract):
        while month.start <= uow.day(timezone):
            _grant_months(uow, [(contract, month)])
            month = month_of(month.end + timedelta(days=1))


def watch_months(uow: UnitOfWork) -> None:
    """Set the timer that grants each month's hours, no later than the next month begins anywhere: whoever looks at a
    balance in its first minutes finds them. It remembers when they were last looked for."""
    due = uow.now + timedelta(minutes=policy(uow.session, "grant_check_minutes"))
    zones = select(Company.timezone).join(Contract, col(Contract.company_id) == col(Company.id))
    zones = zones.where(live(Contract)).distinct()
    begin = [_month_begins(timezone, uow.now) for timezone in uow.session.exec(zones).all()]
    set_timer(uow.session, TIMER, TIMER, min([due, *filter(None, begin)]), looked=uow.now.isoformat())


def included_code(contract: Contract, month: Period, unit: str = MINUTES) -> str:
    """The code of the pool that a month's included hours, or another unit, go into."""
    tail = "" if unit == MINUTES else f"/{unit}"
    return f"included/{contract.id}/{month.start:%Y-%m}{tail}"


def _of_month(contract: Contract, plan: Plan, terms: PlanTerms, month: Period) -> list[Granted]:
    """What a month brings: the contract's own where it says so, else the plan's; no minutes without limits."""
    minutes = plan.included_minutes if terms.included_minutes is None else terms.included_minutes
    visits = plan.included_visits if terms.included_visits is None else terms.included_visits
    starts = max(month.start, contract.starts)
    ends = month.end if contract.ends is None else min(month.end, contract.ends)
    return [
        Granted(contract.id, included_code(contract, month, unit), unit, amount, overrun, starts, ends)
        for unit, amount, overrun in (
            (MINUTES, 0 if plan.unlimited else minutes, terms.overrun_bp),
            (VISITS, visits, 0),
        )
        if amount
    ]


def _active(what: Any) -> Any:
    """Active contracts (or what is asked of them) with their clients' time zones."""
    query = select(what, Company.timezone).select_from(Contract)
    query = query.join(Company, col(Company.id) == col(Contract.company_id))
    return query.where(live(Contract)).order_by(col(Contract.id))


def _month_begun(timezone: str, looked: datetime | None, now: datetime) -> date | None:
    """The first day of the month that it was when a client was last looked at, if another one has begun since.

    A zone that is none is its contract's own trouble: it is looked at, and fails alone.
    """
    try:
        month = month_of(day_of(now, timezone)).start
        since = month_of(day_of(looked, timezone)).start if looked is not None else None
    except NoSuchZoneError:
        return month_of(day_of(now, HOME)).start
    return None if since == month else since or month


def _month_begins(timezone: str, now: datetime) -> datetime | None:
    """When the next month begins in a zone; None for one that is none."""
    try:
        return there(datetime.combine(month_of(day_of(now, timezone)).end + timedelta(days=1), time()), timezone)
    except NoSuchZoneError:
        return None


def _grant_months(uow: UnitOfWork, asked: Sequence[tuple[Contract, Period]]) -> list[int]:
    """Grant each contract a month, if the contract is in force in it. Returns the ids of the pools made."""
    by_day: dict[date, list[tuple[Contract, Period]]] = {}
    for contract, month in asked:
        if contract.starts <= month.end and (contract.ends is None or month.start <= contract.ends):
            by_day.setdefault(max(month.start, contract.starts), []).append((contract, month))
    made: list[int] = []
    for first, pairs in by_day.items():
        terms = terms_on(uow.session, [contract for contract, _ in pairs], first)
        for contract, month in pairs:
            plan = uow.session.get_one(Plan, contract.plan_id)
            for granted in _of_month(contract, plan, terms[contract.id].terms, month):
                known = uow.session.exec(select(Pool.id).where(Pool.code == granted.code)).first()
                pool_id = _grant(uow, granted) if known is None else None
                if pool_id is not None:
                    made.append(pool_id)
    return made


def _grant(uow: UnitOfWork, granted: Granted) -> int | None:
    """Make the pool, None where another process has made it meanwhile."""
    values = {
        "code": granted.code,
        "unit": granted.unit,
        "contract_id": granted.contract_id,
        "kind": PoolKind.INCLUDED.value,
        "starts": granted.starts,
        "ends": granted.ends,
        "scope": {},
        "overrun_bp": granted.overrun,
        "created_at": uow.now,
    }
    insert = INSERTS[uow.session.get_bind().dialect.name](Pool).values(**values)
    pool_id = ask(uow.session, insert.on_conflict_do_nothing(index_elements=["code"]).returning(col(Pool.id))).scalar()
    if pool_id is None:
        return None
    uow.session.add(PoolEntry(pool_id=pool_id, kind=EntryKind.GRANT, amount=granted.amount, made_at=uow.now))
    uow.session.flush()
    watch_pool(uow, uow.session.get_one(Pool, pool_id))
    return int(pool_id)
