"""An engineer waits for the client, access or parts, and goes on: resolution is paused meanwhile (R8.2)."""

from dataclasses import dataclass

from bot.clients.audiences import Dispatchers, OurWorker
from bot.clients.models import Person
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import follow
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import WAITS, end_waiting, locked_ticket, note
from bot.tickets.life.models import Ticket, WaitsFor
from bot.tickets.life.rights import client_of


@dataclass(frozen=True, slots=True)
class JobWaits:
    """`who` of ours waits for something on a ticket; `waits_for` None: the job goes on."""

    ticket_id: int
    number: int
    who: str
    waits_for: WaitsFor | None


def wait_for(uow: UnitOfWork, ticket_id: int, what: WaitsFor, by: int) -> Ticket:
    """«Жду…»: the client reads what is waited for, and the dispatchers. The same press again says nothing new.

    Raises NotFound, NotAllowed, NotYours, TicketMoved.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.WAIT, by)
    if ticket.waits_for is what:
        return ticket
    ticket.waits_for = what
    note(uow, ticket, WAITS, by, what=what.value)
    _told(uow, ticket, by)
    return ticket


def go_on(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """«Продолжить»: its engineer, or a leader for one who forgot. The same press again changes nothing.

    Raises NotFound, NotAllowed, NotYours, TicketMoved.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.GO_ON, by)
    if ticket.waits_for is None:
        return ticket
    end_waiting(uow, ticket, by)
    _told(uow, ticket, by)
    return ticket


def _told(uow: UnitOfWork, ticket: Ticket, by: int) -> None:
    follow(uow, ticket)
    show(uow, ticket)
    told = JobWaits(ticket.id, ticket.number, uow.session.get_one(Person, by).name, ticket.waits_for)
    uow.tell(client_of(uow.session, ticket), "ticket/waits", told, urgent=ticket.emergency)
    uow.tell(Dispatchers(topic_key=f"ticket:{ticket.id}"), "dispatch/waits", told)
    if ticket.engineer_id is not None and ticket.engineer_id != by:
        uow.tell(OurWorker(ticket.engineer_id, about=f"ticket:{ticket.id}"), "dispatch/waits", told, urgent=True)
