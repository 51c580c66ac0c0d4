"""Urgent work may be done before its yes: whom its price waits for, and where it is said (R3.1, R7.9)."""

from collections.abc import Collection
from enum import StrEnum

from sqlmodel import Session, col, select

from bot.billing.quotes.diagnostics import AGREED
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.send import OPEN, quotes_of, version_of
from bot.billing.scope.rule import Result
from bot.billing.statements.rule import LeftOut
from bot.calendar.periods import Period
from bot.clients.zones import object_zone
from bot.db.clock import day_of
from bot.db.plain import among, table_of
from bot.messaging.notices.texts import label
from bot.tickets.life.lifecycle import history
from bot.tickets.life.models import Ticket, TicketState

PRICED = (Result.PAID, Result.PARTLY, Result.ESTIMATE_NEEDED)
WORK_DONE = (TicketState.DONE, TicketState.DISPUTED)
ANSWERED = (*AGREED, QuoteState.DECLINED)  # what people withdrew is written off, an oral yes that is disputed isn't
WRITTEN_OFF = "written_off"


class PriceWaits(StrEnum):
    """Whom the price of urgent work that is done waits for."""

    CLIENT = "client"  # a yes or a no
    US = "us"  # it was never named, or its time ran out


def price_waits(session: Session, ticket: Ticket) -> PriceWaits | None:
    """Whom the price of urgent work that is done waits for; None once it was agreed, declined or let go (R3.1)."""
    if ticket.state not in WORK_DONE or not ticket.emergency or ticket.coverage not in PRICED:
        return None
    states = {quote.state for quote in own_quotes(session, ticket)}
    if states & set(OPEN):
        return PriceWaits.CLIENT
    if states & set(ANSWERED) or any(each.kind == WRITTEN_OFF for each in history(session, ticket.id)):
        return None
    return PriceWaits.US


def own_quotes(session: Session, ticket: Ticket) -> list[Quote]:
    """Quotes for the ticket's own work: what is added on site waits for its yes before it is done (R3.4)."""
    return [each for each in quotes_of(session, ticket.id) if not version_of(session, each).offer.get("more")]


def may_come_later(session: Session, ticket: Ticket) -> set[int]:
    """Open quotes of a ticket, by id, whose answer may come after the work: those of urgent work (R3.1)."""
    if not ticket.emergency:
        return set()
    return {quote.id for quote in own_quotes(session, ticket) if quote.state in OPEN}


def may_price(session: Session, ticket: Ticket) -> bool:
    """Whether people may name a price after the work: of an urgent ticket that is open, as long as none was agreed."""
    if ticket.state not in WORK_DONE or not ticket.emergency or ticket.coverage not in PRICED:
        return False
    return not any(quote.state in AGREED for quote in own_quotes(session, ticket))


def tickets_with_open_price(session: Session, contracts: Collection[int] | None = None) -> list[Ticket]:
    """Urgent tickets whose work is done and whose price isn't answered, in order; of some contracts, or of all."""
    query = select(Ticket).where(
        col(Ticket.emergency).is_(True), col(Ticket.state).in_(WORK_DONE), col(Ticket.coverage).in_(PRICED)
    )
    if contracts is not None:
        query = query.where(among(session.connection(), table_of(Ticket).c.contract_id, contracts))
    rows = session.exec(query.order_by(col(Ticket.id))).all()
    return [ticket for ticket in rows if price_waits(session, ticket) is not None]


def open_prices(session: Session, contracts: Collection[int], period: Period) -> dict[int, list[LeftOut]]:
    """Urgent work done by the end of a period whose price isn't answered, by contract, as a statement says what it
    leaves out."""
    found: dict[int, list[LeftOut]] = {}
    for ticket in tickets_with_open_price(session, contracts):
        done = day_of(
            ticket.started_at or ticket.finished_at or ticket.opened_at, object_zone(session, ticket.object_id)
        )
        if done <= period.end:
            reason = "awaits_yes" if price_waits(session, ticket) is PriceWaits.CLIENT else "awaits_price"
            left = LeftOut(ticket.number, _name(session, ticket), reason)
            found.setdefault(ticket.contract_id, []).append(left)
    return found


def _name(session: Session, ticket: Ticket) -> str:
    """In the words of documents."""
    quotes = own_quotes(session, ticket)
    return label("statement.quote", "ru", number=quotes[-1].number) if quotes else label("statement.urgent", "ru")
