"""Nothing of what was offered is wanted: the client asks for free advice, or for another price (R7.11)."""

from dataclasses import dataclass
from enum import StrEnum

from bot.clients.audiences import Dispatchers
from bot.clients.models import Person
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import card_key
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import came_again, locked_ticket, moved, note
from bot.tickets.life.models import Ticket
from bot.tickets.offers.moving_on import nothing_to_do

ASKED = "asked_other_way"


class OtherWay(StrEnum):
    """What can come after a no besides closing the ticket."""

    ADVICE = "advice"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class OtherWayAsked:
    """Who asks for what on which ticket."""

    ticket_id: int
    number: int
    who: str
    way: str


def ask_other_way(uow: UnitOfWork, ticket_id: int, way: OtherWay, by: int) -> Ticket:
    """Dispatchers are told what the client would have; the same press again tells nobody anew.

    Raises NotFound, NotAllowed, and TicketMoved while an offer waits or work can be done.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.ASK_OTHER_WAY, by)
    if not nothing_to_do(uow.session, ticket):
        raise moved(uow.session, ticket)
    if came_again(uow.session, ticket, by, ASKED, way=way.value):
        return ticket
    note(uow, ticket, ASKED, by, way=way.value)
    who = uow.session.get_one(Person, by).name
    asked = OtherWayAsked(ticket.id, ticket.number, who, way.value)
    uow.tell(Dispatchers(topic_key=card_key(ticket)), "dispatch/other_way", asked, urgent=True)
    return ticket
