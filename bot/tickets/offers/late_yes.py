"""The price of urgent work is answered after it, or people let it go; until then its ticket stays open (R3.1, R7.9)."""

from dataclasses import dataclass

from sqlmodel import Session

from bot.billing.hours.holds import release
from bot.billing.quotes.approve import withdraw_quote
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.send import OPEN, quotes_of
from bot.clients.audiences import Dispatchers
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import follow
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import history, locked_ticket, move, moved, note
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.numbers import named
from bot.tickets.life.open_price import WRITTEN_OFF, own_quotes, price_waits
from bot.tickets.life.rights import client_of
from bot.tickets.offers.offering import stop_quote_timers

ACCEPTED = ("accepted", "accepted_by_silence", "accepted_rest")
TO_BE_ACCEPTED = ("finished", "dispute_kept", "dispute_granted", "reopened")


@dataclass(frozen=True, slots=True)
class JobClosed:
    """A job that is over: the client is asked for a mark. `silence` has accepted it."""

    ticket_id: int
    number: int
    silence: bool


def accepted_already(session: Session, ticket: Ticket) -> bool:
    """Whether the client, or their silence, has accepted what was done last."""
    for event in reversed(history(session, ticket.id)):
        if event.kind in ACCEPTED or event.kind in TO_BE_ACCEPTED:
            return event.kind in ACCEPTED
    return False


def answered_late(uow: UnitOfWork, ticket: Ticket, quote: Quote) -> None:
    """The answer to work that is done: a yes makes it work done as agreed, a no costs the client nothing."""
    if quote.state is QuoteState.APPROVED:
        quote.state = QuoteState.DONE
        uow.session.flush()
    _go_on(uow, ticket)


def write_off(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """«Без оплаты»: a leader lets the price of urgent work go that nobody has agreed to; it counts as free (R3.1).

    Raises NotAllowed, NotFound, and TicketMoved where no price waits.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.WRITE_OFF, by)
    if price_waits(uow.session, ticket) is None:
        raise moved(uow.session, ticket)
    for quote in own_quotes(uow.session, ticket):
        if quote.state in OPEN:
            withdraw_quote(uow, quote.id)
            stop_quote_timers(uow, quote)
    note(uow, ticket, WRITTEN_OFF, by)
    show(uow, ticket)
    for audience in (client_of(uow.session, ticket), Dispatchers(topic_key=f"ticket:{ticket.id}")):
        uow.tell(audience, "quote/written_off", named(ticket))
    _go_on(uow, ticket)
    return ticket


def accept_quotes(session: Session, ticket: Ticket) -> None:
    """What was agreed and done is billed from now on; of it, only a disputed line stays unbilled."""
    for quote in quotes_of(session, ticket.id):
        if quote.state is QuoteState.DONE:
            quote.state = QuoteState.ACCEPTED
    session.flush()


def close_ticket(uow: UnitOfWork, ticket: Ticket, kind: str, by: int | None) -> None:
    """The job is over: the rest of its holds goes back, the client is asked how it was (R4.3, R10.4)."""
    move(uow, ticket, TicketState.CLOSED, kind, by)
    ticket.closed_at = uow.now
    release(uow, ticket.id, by)
    follow(uow, ticket)
    show(uow, ticket)
    closed = JobClosed(ticket.id, ticket.number, silence=kind == "accepted_by_silence")
    uow.tell(client_of(uow.session, ticket), "ticket/rate", closed)


def _go_on(uow: UnitOfWork, ticket: Ticket) -> None:
    """What was accepted while its price waited is billed and closes, once nothing of the price waits."""
    if not accepted_already(uow.session, ticket) or price_waits(uow.session, ticket) is not None:
        return
    accept_quotes(uow.session, ticket)
    if ticket.state is TicketState.DONE:
        close_ticket(uow, ticket, "closed", None)
