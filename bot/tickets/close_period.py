"""Close a month: a statement, an invoice and an act for each contract, batch by batch (R11.1).

A batch is one transaction and a contract is wholly in one, so a close killed at any point goes on where it stopped:
what has its statement is not taken again, and the statement's unique key holds that against a second process too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists
from sqlmodel import Session, col, select

from bot.billing.bought_hours import Bought, bought_hours
from bot.billing.document_models import Statement
from bot.billing.issue_documents import Ready, checked_seller, issue
from bot.billing.models import Plan
from bot.billing.periods import Period, month_of
from bot.billing.seller import regime_of
from bot.billing.send_invoices import unsent_invoices
from bot.billing.statement import Facts, Fee, draft_statement
from bot.clients.audiences import Managers
from bot.clients.models import Company, Contract
from bot.clients.policy import policy
from bot.db.bulk import among, table_of
from bot.db.errors import Refusal
from bot.db.unit_of_work import Office, UnitOfWork
from bot.messaging.texts import label, month
from bot.messaging.timers import set_timer
from bot.tickets.billable_work import LANGUAGE, Billable, billable_work

TIMER = "close_period"
TOLD = "period_closed"
BATCH = 200


class PeriodNotOver(Refusal):
    """A month is closed when it is over (R4.4)."""

    key = "refusal.period_not_over"


@dataclass(frozen=True, slots=True)
class Closed:
    """What a batch, or a whole close, has done; `last` is the last contract looked at."""

    last: int = 0
    contracts: int = 0
    statements: int = 0
    lines: int = 0
    gross: int = 0

    def __add__(self, other: "Closed") -> "Closed":
        """Both together, standing where the later one stands."""
        return Closed(
            other.last,
            self.contracts + other.contracts,
            self.statements + other.statements,
            self.lines + other.lines,
            self.gross + other.gross,
        )


def close_batch(uow: UnitOfWork, period: Period, after: int = 0, size: int = BATCH) -> Closed | None:
    """Issue the statements of the next contracts by id; None when there are none left.

    Raises PeriodNotOver, BadRequisitesError.
    """
    session = uow.session
    seller = checked_seller(session)
    if period.end >= uow.now.astimezone(ZoneInfo(seller.timezone)).date():
        raise PeriodNotOver
    rows = _open_contracts(session, period, after, size)
    if not rows:
        return None
    regime = regime_of(session, seller, period.end)
    last = rows[-1][0].id or 0
    stated = _stated(session, period, [row[0].id or 0 for row in rows])
    rows = [row for row in rows if row[0].id not in stated]
    zones = {contract.id or 0: company.timezone for contract, _, company in rows}
    facts = billable_work(session, list(zones), zones, period)
    top_ups = bought_hours(session, list(zones), zones, period)
    title = month(period.start, LANGUAGE)
    ready = []
    for contract, plan, company in rows:
        found = facts.get(contract.id or 0) or Billable()
        fee = _fee(contract, plan, period, title)
        bought = top_ups.get(contract.id or 0) or Bought()
        draft = draft_statement(Facts(fee, found.times, found.approved, found.works, bought.hours), period, regime)
        if draft.lines:
            billed = {line.quote_id for line in draft.lines}
            done = [quote for quote in found.done if quote in billed]
            ready.append(Ready(contract, company, draft, [*found.left_out, *bought.left_out], done))
    issue(uow, seller, period, regime, ready)
    return Closed(
        last,
        len(rows),
        len(ready),
        sum(len(each.draft.lines) for each in ready),
        sum(each.draft.gross for each in ready),
    )


def close_period(office: Office, period: Period, size: int = BATCH) -> Iterator[Closed]:
    """Close a month batch by batch, giving what is done so far after each transaction. Managers are told at the end.

    Raises PeriodNotOver, BadRequisitesError.
    """
    total = Closed()
    while True:
        with office.work() as uow:
            batch = close_batch(uow, period, total.last, size)
            if batch is None:
                _tell_soon(uow, period)
                return
        total += batch
        yield total


def close_by_timer(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """One batch of the month before, then again at once until nothing is left; then wait for the next month."""
    seller = checked_seller(uow.session)
    today = uow.now.astimezone(ZoneInfo(seller.timezone)).date()
    period = month_of(today.replace(day=1) - timedelta(days=1))
    name = f"{period.start:%Y-%m}"
    if today.day < policy(uow.session, "close_day") or payload.get("done") == name:
        watch_periods(uow, **payload)
        return
    batch = close_batch(uow, period, int(payload.get("after", 0)) if payload.get("period") == name else 0)
    if batch is None:
        _tell_soon(uow, period)
        watch_periods(uow, done=name)
        return
    set_timer(uow.session, TIMER, TIMER, uow.now, period=name, after=batch.last)


def watch_periods(uow: UnitOfWork, **payload: Any) -> None:
    """Set the timer that closes each month once its day has come."""
    due = uow.now + timedelta(minutes=policy(uow.session, "close_check_minutes"))
    set_timer(uow.session, TIMER, TIMER, due, **payload)


def tell_closed(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: managers see that invoices wait to be sent; nobody is told where none do."""
    period = month_of(date.fromisoformat(f"{payload['period']}-01"))
    waiting = unsent_invoices(uow.session, period)
    if waiting:
        uow.tell(
            Managers(),
            "documents/closed",
            month=period.start,
            count=len(waiting),
            gross=sum(document.gross for document in waiting),
        )


def _tell_soon(uow: UnitOfWork, period: Period) -> None:
    """The bot that runs tells it: the command that closes has no messenger."""
    name = f"{period.start:%Y-%m}"
    set_timer(uow.session, f"{TOLD}:{name}", TOLD, uow.now, period=name)


def _fee(contract: Contract, plan: Plan, period: Period, title: str) -> Fee | None:
    """The month's fee, whole: as the included hours, it isn't cut for a month begun or ended in the middle."""
    runs = (
        contract.active and contract.starts <= period.end and (contract.ends is None or contract.ends >= period.start)
    )
    if not runs or not plan.monthly_fee:
        return None
    return Fee(contract.id or 0, label("statement.fee", LANGUAGE, plan=plan.name, month=title), plan.monthly_fee)


def _open_contracts(session: Session, period: Period, after: int, size: int) -> list[tuple[Contract, Plan, Company]]:
    """The next contracts that began by the end of the month and have no statement for it or a later one; locked."""
    later = exists().where(col(Statement.contract_id) == col(Contract.id), col(Statement.period_start) >= period.start)
    query = (
        select(Contract, Plan, Company)
        .join(Plan, col(Plan.id) == col(Contract.plan_id))
        .join(Company, col(Company.id) == col(Contract.company_id))
        .where(col(Contract.id) > after, col(Contract.starts) <= period.end, ~later)
        .order_by(col(Contract.id))
        .limit(size)
        .with_for_update(of=Contract)
    )
    return [(contract, plan, company) for contract, plan, company in session.exec(query).all()]


def _stated(session: Session, period: Period, contracts: list[int]) -> set[int]:
    """Read again under the lock: another process may have closed them while we waited for it."""
    connection, statements = session.connection(), table_of(Statement)
    query = select(statements.c.contract_id).where(
        among(connection, statements.c.contract_id, contracts), statements.c.period_start == period.start
    )
    return set(connection.execute(query).scalars())
