"""A client wishes another time: it is noted on the ticket and the dispatcher is told (R1.8)."""

from dataclasses import dataclass

from bot.clients.audiences import Dispatchers
from bot.clients.models import Person
from bot.db.errors import NotFound
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import card_key
from bot.tickets.life.models import Message, Ticket
from bot.tickets.thread.writing import client_writes


@dataclass(frozen=True, slots=True)
class TimeWished:
    """Who wishes another time for a ticket, in their words."""

    number: int
    who: str
    words: str


def wish_time(uow: UnitOfWork, ticket_id: int, message_id: int, by: int) -> Ticket:
    """The person's own message is the wish: it goes into the ticket, once, however often it is pressed.

    Raises NotFound, NotAllowed, TicketMoved.
    """
    message = uow.session.get(Message, message_id)
    if message is None or message.person_id != by or message.ticket_id not in {None, ticket_id}:
        raise NotFound
    if message.ticket_id == ticket_id:
        return uow.session.get_one(Ticket, ticket_id)
    ticket = client_writes(uow, ticket_id, message, by)
    name = uow.session.get_one(Person, by).name
    uow.tell(
        Dispatchers(topic_key=card_key(ticket)), "dispatch/time_wished", TimeWished(ticket.number, name, message.text)
    )
    return ticket
