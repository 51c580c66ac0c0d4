"""From which month on clients are billed from here; what lies before was billed where it came from (R11.1)."""

from datetime import date, timedelta

from sqlalchemy import update
from sqlmodel import Session, select

from bot.billing.statements.models import Statement
from bot.calendar.periods import month_of
from bot.clients.models import Contract, Seller
from bot.db.locks import lock
from bot.db.plain import table_of
from bot.db.unit_of_work import UnitOfWork


class BillingHasBegunError(ValueError):
    """Statements exist already: moved, the beginning would leave a gap or bill a month twice."""


def first_of_next_month(uow: UnitOfWork, zone: str) -> date:
    """The first day of the next month, where the seller is: what billing begins with unless somebody says otherwise."""
    return month_of(uow.day(zone)).end + timedelta(days=1)


def begin_billing(uow: UnitOfWork, seller: Seller, day: date) -> None:
    """Let billing begin on a day, the first of a month. Raises BillingHasBegunError once anything was issued."""
    uow.session.flush()
    lock(uow.session, Seller, seller.id)  # two closes that find no beginning give it one once
    if seller.billing_from == day:
        return
    # Months that were looked at, and had nothing to bill, are looked at again from the new beginning on. First, as this
    # waits for a close under way, whose statements are then seen.
    uow.session.connection().execute(update(table_of(Contract)).values(billed_until=None))
    if seller.billing_from is not None and has_billed(uow.session):
        raise BillingHasBegunError
    seller.billing_from = day
    uow.session.add(seller)
    uow.session.flush()


def has_billed(session: Session) -> bool:
    """Whether any statement was issued."""
    return session.exec(select(Statement.id).limit(1)).first() is not None
