"""Close months: a statement, an invoice and an act for each contract, batch by batch, the oldest month first (R11.1).

A batch is one transaction and a contract is wholly in one, so a close killed at any point goes on where it stopped: a
contract knows up to which day it was looked at, and the statement's unique key holds that against a second process too.
No month is passed over: what was missed is caught up in order, before what comes after it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session, col, select

from bot.billing.documents.issue import Ready, checked_seller, issue
from bot.billing.documents.send import unsent_invoices
from bot.billing.seller.needs import Need, close_needs
from bot.billing.seller.particulars import regime_of, seller_of
from bot.billing.statements.bought import Bought, bought_hours
from bot.billing.statements.open_months import mark_looked_at, next_open, oldest_open, open_contracts
from bot.billing.statements.rule import Facts, Fee, LeftOut, draft_statement
from bot.billing.statements.start import begin_billing
from bot.billing.terms.models import Plan
from bot.calendar.periods import Period, month_of
from bot.clients.audiences import Managers
from bot.clients.models import Company, Contract, Seller
from bot.clients.policy import policy
from bot.db.clock import day_of, local
from bot.db.errors import Refusal
from bot.db.last import savepoint
from bot.db.live import is_live
from bot.db.locks import lock
from bot.db.trouble import storage_trouble
from bot.db.unit_of_work import Office, UnitOfWork
from bot.messaging.notices.texts import label, month
from bot.messaging.timers import set_timer
from bot.tickets.bill.billable import LANGUAGE, Billable, billable_work
from bot.tickets.life.open_price import open_prices

log = structlog.get_logger()

TIMER = "close_period"
TOLD = "period_closed"
BATCH = 200


class PeriodNotOver(Refusal):
    """A month is closed when it is over (R4.4)."""

    key = "refusal.period_not_over"


class BillingNotBegun(Refusal):
    """The month lies before the day that billing begins on: it was billed where it came from."""

    key = "refusal.billing_not_begun"


@dataclass(frozen=True, slots=True)
class Closed:
    """What a batch, or all batches of one month, have done."""

    period: Period
    contracts: int = 0
    statements: int = 0
    lines: int = 0
    gross: int = 0

    def __add__(self, other: "Closed") -> "Closed":
        """Both together."""
        return Closed(
            self.period,
            self.contracts + other.contracts,
            self.statements + other.statements,
            self.lines + other.lines,
            self.gross + other.gross,
        )


@dataclass(frozen=True, slots=True)
class InvoicesReady:
    """A closed month: `count` invoices that wait to be sent, `gross` kopecks in all, and what has no price yet."""

    month: date
    count: int
    gross: int
    open_prices: Sequence[LeftOut]


@dataclass(frozen=True, slots=True)
class MonthsWait:
    """What the close of the months from `month` to `last` lacks."""

    needs: Sequence[Need]
    month: date
    last: date


@dataclass(frozen=True, slots=True)
class FailedContract:
    """A contract whose month could not be closed."""

    number: str
    company: str


@dataclass(frozen=True, slots=True)
class CloseFailed:
    """Contracts that were set aside."""

    contracts: Sequence[FailedContract]


def close_batch(uow: UnitOfWork, until: Period, size: int = BATCH, aside: Collection[int] = ()) -> Closed | None:
    """Issue the statements of some contracts for the oldest month not closed yet, `until` being the last to close.
    Contracts set `aside` wait.

    None when all are closed. Where nobody has said when billing begins, it begins with `until`. Managers are told once
    the month's last contract is done. Raises PeriodNotOver, BillingNotBegun, BadRequisitesError.
    """
    session = uow.session
    seller = checked_seller(session)
    lock(session, Seller, seller.id)  # before contracts, always: one who begins billing locks both
    if until.end >= _today(uow, seller):
        raise PeriodNotOver
    if seller.billing_from is None:
        begin_billing(uow, seller, until.start)
    begins = seller.billing_from or until.start
    if until.start < begins:
        raise BillingNotBegun(begins=begins)
    period = oldest_open(session, begins, until, aside)
    if period is None:
        return None
    rows = open_contracts(session, period, size, aside)
    regime = regime_of(session, seller, period.end)
    zones = {contract.id: company.timezone for contract, _, company in rows}
    facts = billable_work(session, list(zones), period)
    top_ups = bought_hours(session, list(zones), zones, period)
    waiting = open_prices(session, list(zones), period)
    title = month(period.start, LANGUAGE)
    ready = []
    for contract, plan, company in rows:
        found = facts.get(contract.id) or Billable()
        fee = _fee(contract, plan, company, period, title)
        bought = top_ups.get(contract.id) or Bought()
        draft = draft_statement(Facts(fee, found.times, found.approved, found.works, bought.hours), period, regime)
        if draft.lines:
            billed = {line.quote_id for line in draft.lines}
            done = [quote for quote in found.done if quote in billed]
            left_out = [*found.left_out, *bought.left_out, *waiting.get(contract.id, ())]
            ready.append(Ready(contract, company, draft, left_out, done))
    issue(uow, seller, period, regime, ready)
    mark_looked_at(session, list(zones), period)
    if oldest_open(session, begins, period, aside) is None:
        _tell_soon(uow, period)
    return Closed(
        period,
        len(rows),
        len(ready),
        sum(len(each.draft.lines) for each in ready),
        sum(each.draft.gross for each in ready),
    )


def close_period(office: Office, until: Period, size: int = BATCH) -> Iterator[Closed]:
    """Close all months up to one, in order, giving after each transaction what is done so far of the month at hand.

    Nothing is given when they are closed already. Raises PeriodNotOver, BillingNotBegun, BadRequisitesError.
    """
    total: Closed | None = None
    while True:
        with office.work() as uow:
            batch = close_batch(uow, until, size)
        if batch is None:
            return
        total = total + batch if total is not None and total.period == batch.period else batch
        yield total


def close_by_timer(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """One batch of the oldest month that is due, then again at once until nothing is left; then look again later.

    While something is missing that a close needs, managers are told once a day, and the months wait. A contract that
    can't be closed stops only itself: after a batch that failed they are taken one by one, and it is set aside.
    """
    told, aside = payload.get("told"), [int(each) for each in payload.get("aside", ())]
    seller = seller_of(uow.session)
    needs = close_needs(seller)
    if needs or seller is None:
        watch_periods(uow, told=_tell_waiting(uow, seller, needs, told))
        return
    until = last_due(uow.session, seller, uow.now)
    begins = seller.billing_from or until.start
    if until.start < begins:
        watch_periods(uow, told=told)
        return
    try:
        with savepoint(uow.session):
            batch = close_batch(uow, until, 1 if "aside" in payload else BATCH, aside)
    except Exception as error:
        if storage_trouble(error):
            raise
        log.error("close_failed", aside=aside, error=type(error).__name__)
        failed = _next_contract(uow, begins, until, aside) if "aside" in payload else []
        set_timer(uow.session, TIMER, TIMER, uow.now, told=told, aside=[*aside, *failed])
        return
    if batch is not None:
        more = {"aside": aside} if "aside" in payload else {}
        set_timer(uow.session, TIMER, TIMER, uow.now, told=told, **more)
        return
    watch_periods(uow, told=_tell_set_aside(uow, seller, aside, told))


def last_due(session: Session, seller: Seller, now: datetime) -> Period:
    """The last month that is closed by itself by now: the one before, once its day has come, else the one before it."""
    today = day_of(now, seller.timezone)
    before = month_of(today.replace(day=1) - timedelta(days=1))
    if today.day < policy(session, "close_day"):
        return month_of(before.start - timedelta(days=1))
    return before


def watch_periods(uow: UnitOfWork, **payload: Any) -> None:
    """Set the timer that closes each month once its day has come."""
    due = uow.now + timedelta(minutes=policy(uow.session, "close_check_minutes"))
    set_timer(uow.session, TIMER, TIMER, due, **payload)


def look_for_months(uow: UnitOfWork) -> None:
    """What a close needs may have been filled in: months that waited go on at once."""
    set_timer(uow.session, TIMER, TIMER, uow.now)


def tell_closed(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: managers see that invoices wait to be sent, and which urgent work waits for an answer to its price; nobody
    is told where nothing does."""
    period = month_of(date.fromisoformat(f"{payload['period']}-01"))
    waiting = unsent_invoices(uow.session, period)
    prices = open_prices(uow.session, uow.session.exec(select(Contract.id)).all(), period)
    if waiting or prices:
        uow.tell(
            Managers(),
            "documents/closed",
            InvoicesReady(
                period.start,
                len(waiting),
                sum(waiting.values()),
                [each for left in prices.values() for each in left],
            ),
        )


def _tell_waiting(uow: UnitOfWork, seller: Seller | None, needs: Sequence[Need], told: str | None) -> str | None:
    """Tell managers what a close that is due waits for: once a day, in working hours; returns the day last told."""
    if seller is None:
        return None
    clock = local(uow.now, seller.timezone)
    today = uow.day(seller.timezone).isoformat()
    until = last_due(uow.session, seller, uow.now)
    waits = oldest_open(uow.session, seller.billing_from or date.min, until)
    if waits is None or told == today or clock.hour * 60 + clock.minute < seller.workday_start:
        return told
    uow.tell(Managers(), "documents/close_waits", MonthsWait(needs, waits.start, until.start))
    return today


def _next_contract(uow: UnitOfWork, begins: date, until: Period, aside: Sequence[int]) -> list[int]:
    """The contract that a batch of one takes."""
    period = oldest_open(uow.session, begins, until, aside)
    found = next_open(uow.session, period, aside) if period is not None else None
    return [found] if found is not None else []


def _tell_set_aside(uow: UnitOfWork, seller: Seller, aside: Sequence[int], told: str | None) -> str | None:
    """Tell managers whose months failed, once a day; returns the day last told."""
    today = _today(uow, seller).isoformat()
    if not aside or told == today:
        return told
    query = select(Contract.number, Company.name).join(Company, col(Company.id) == col(Contract.company_id))
    rows = uow.session.exec(query.where(col(Contract.id).in_(aside)).order_by(col(Contract.id))).all()
    uow.tell(Managers(), "documents/close_failed", CloseFailed([FailedContract(*row) for row in rows]))
    return today


def _tell_soon(uow: UnitOfWork, period: Period) -> None:
    """The bot that runs tells it: the command that closes has no messenger."""
    name = f"{period.start:%Y-%m}"
    set_timer(uow.session, f"{TOLD}:{name}", TOLD, uow.now, period=name)


def _today(uow: UnitOfWork, seller: Seller) -> date:
    return uow.day(seller.timezone)


def _fee(contract: Contract, plan: Plan, company: Company, period: Period, title: str) -> Fee | None:
    """The month's fee, whole: as the included hours, it isn't cut for a month begun or ended in the middle."""
    in_force = contract.starts <= period.end and (contract.ends is None or contract.ends >= period.start)
    if not (in_force and is_live(contract) and is_live(company) and plan.monthly_fee):
        return None
    return Fee(contract.id, label("statement.fee", LANGUAGE, plan=plan.name, month=title), plan.monthly_fee)
