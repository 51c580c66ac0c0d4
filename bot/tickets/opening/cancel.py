"""The client takes a ticket back, or brings a finished one to work again (R1.2)."""

from bot.billing.hours.holds import release
from bot.billing.quotes.approve import withdraw_quote
from bot.billing.quotes.send import OPEN, quotes_of
from bot.clients.audiences import Dispatchers, OurWorker
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import drop_timer
from bot.tickets.bill.card import show
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import follow, set_deadlines
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import came_again, locked_ticket, move, moved
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.numbers import named
from bot.tickets.offers.offering import stop_quote_timers


def cancel_ticket(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """Not needed any more: holds go back, open quotes are withdrawn. Not once work has started.

    Raises NotFound, NotAllowed, TicketMoved.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.CANCEL, by)
    if ticket.state is TicketState.CANCELLED:
        return ticket
    take_back(uow, ticket, by, "cancelled")
    return ticket


def take_back(uow: UnitOfWork, ticket: Ticket, by: int, kind: str) -> None:
    """The locked ticket is not needed: holds go back, open quotes are withdrawn, whoever had it is told; `kind` is the
    line of its history. Raises TicketMoved."""
    ticket_id = ticket.id
    if ticket.state is TicketState.CANCELLED:
        return
    engineer = ticket.engineer_id
    move(uow, ticket, TicketState.CANCELLED, kind, by)
    ticket.closed_at = uow.now
    release(uow, ticket_id, by)
    for quote in quotes_of(uow.session, ticket_id):
        if quote.state in OPEN:
            withdraw_quote(uow, quote.id)
            stop_quote_timers(uow, quote)
    follow(uow, ticket)
    show(uow, ticket)
    uow.tell(Dispatchers(topic_key=f"ticket:{ticket.id}"), "dispatch/cancelled", named(ticket))
    if engineer is not None:
        uow.tell(OurWorker(engineer, about=f"ticket:{ticket.id}"), "dispatch/cancelled", named(ticket), urgent=True)


def reopen_ticket(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """«Не починили»: back to the board under the same decision, with new deadlines. The same press again changes
    nothing. Raises NotFound, NotAllowed, TicketMoved."""
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.REOPEN, by)
    if ticket.state is TicketState.NEW:
        if not came_again(uow.session, ticket, by, "reopened"):
            raise moved(uow.session, ticket)
        return ticket
    move(uow, ticket, TicketState.NEW, "reopened", by)
    ticket.engineer_id = ticket.taken_at = ticket.started_at = ticket.finished_at = ticket.closed_at = None
    ticket.rating = None
    drop_timer(uow.session, f"accept:{ticket.id}", uow.now)
    set_deadlines(uow, ticket)
    show(uow, ticket)
    uow.tell(Dispatchers(topic_key=f"ticket:{ticket.id}"), "dispatch/reopened", named(ticket))
    return ticket
