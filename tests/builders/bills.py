"""Jobs done and accepted by the product's own acts, for tests of what is billed for them."""

from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import col, select

from bot.billing.documents.models import Document
from bot.billing.quotes.approve import Press
from bot.billing.quotes.models import Quote
from bot.billing.statements.models import Statement, StatementLine
from bot.billing.terms.models import Plan
from bot.calendar.periods import Period, month_of
from bot.clients.models import Contract, Seller
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.month.close import close_period
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.work.accept import accept_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.jobs import Firm, build_firm, opened
from tests.conftest import TestOffice

NOVEMBER = month_of(date(2026, 11, 1))
DECEMBER = month_of(date(2026, 12, 1))
AFTER_NOVEMBER = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
AFTER_DECEMBER = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
PRESS = Press(user_id=1, message_id=2, language="ru")
BANK = {
    "account": "40702810900000000001",
    "bank": "ПАО СБЕРБАНК",
    "bic": "044525225",
    "corr_account": "30101810400000000225",
    "kpp": "770701001",
}


def billed_firm(uow: Any, *, fee: int = 0, **more: Any) -> Firm:
    """A firm of a seller whose requisites are right; `fee` is its monthly fee."""
    firm = build_firm(uow.session, **more)
    seller = uow.session.get(Seller, 1)
    for name, value in BANK.items():
        setattr(seller, name, value)
    seller.account = with_key(seller.account, seller.bic)
    contract = uow.session.get(Contract, firm.contract)
    uow.session.get(Plan, contract.plan_id).monthly_fee = fee
    uow.session.flush()
    return firm


def with_key(account: str, bic: str) -> str:
    """The account with its ninth digit set to the control key."""
    from bot.billing.seller.requisites import account_key_valid

    return next(found for digit in range(10) if account_key_valid(found := f"{account[:8]}{digit}{account[9:]}", bic))


def quote_of(uow: Any, ticket: Ticket) -> Quote:
    return uow.session.exec(select(Quote).where(Quote.ticket_id == ticket.id).order_by(col(Quote.id).desc())).first()


def done(uow: Any, firm: Firm, minutes: int = 50) -> Ticket:
    """A ticket worked on and finished, its quote approved where it has one."""
    ticket = opened(uow, firm)
    quote = quote_of(uow, ticket)
    if quote is not None:
        approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
    work(uow, firm, ticket, minutes)
    return ticket


def work(uow: Any, firm: Firm, ticket: Ticket, minutes: int) -> None:
    take_ticket(uow, ticket.id, firm.engineer)
    start_work(uow, ticket.id, firm.engineer)
    say_time(uow, ticket.id, minutes, "по факту", firm.engineer)
    finish_work(uow, ticket.id, firm.engineer)


def accepted(uow: Any, firm: Firm, minutes: int = 50) -> Ticket:
    ticket = done(uow, firm, minutes)
    accept_work(uow, ticket.id, firm.requester)
    return ticket


def close(office: TestOffice, period: Period = NOVEMBER, at: datetime = AFTER_NOVEMBER, size: int = 2) -> None:
    """Close a month as the command does."""
    office.moment = at
    for _ in close_period(office, period, size):
        pass


def statement_of(session: Any, contract: int, period: Period = NOVEMBER) -> Statement | None:
    session.rollback()  # a reading session sees one moment
    return session.exec(
        select(Statement).where(Statement.contract_id == contract, Statement.period_start == period.start)
    ).one_or_none()


def lines_of(session: Any, statement: Statement) -> list[StatementLine]:
    query = select(StatementLine).where(StatementLine.statement_id == statement.id)
    return list(session.exec(query.order_by(col(StatementLine.position))).all())


def documents_of(session: Any, statement: Statement) -> dict[str, Document]:
    rows = session.exec(select(Document).where(Document.statement_id == statement.id)).all()
    return {row.kind: row for row in rows}
