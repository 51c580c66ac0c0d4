"""What is said inside a ticket, both ways, and whether it can reach the client."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.clients.audiences import Dispatchers, To
from bot.clients.models import Person
from bot.db.errors import NotFound, Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.models import Card, Topic
from bot.tickets.appeals import attach_message
from bot.tickets.cards import reachable
from bot.tickets.lifecycle import locked_ticket
from bot.tickets.models import Message, Ticket
from bot.tickets.rights import may_see, require_worker, staff_roles_of

PREFIX = "ticket:"


class NothingWritten(Refusal):
    """There is nothing to pass on."""

    key = "refusal.nothing_written"


def client_writes(uow: UnitOfWork, ticket_id: int, message: Message, by: int) -> Ticket:
    """A message of the client goes into the ticket; dispatch and its engineer see it. Raises NotFound."""
    ticket = locked_ticket(uow.session, ticket_id)
    if not may_see(uow.session, ticket, by) or message.person_id != by:
        raise NotFound
    attach_message(uow, message, ticket_id)
    person = uow.session.get_one(Person, by)
    values = {
        "number": ticket.number,
        "ticket_id": ticket_id,
        "who": person.name,
        "text": message.text,
        "kind": message.kind,
    }
    uow.tell(Dispatchers(topic_key=f"{PREFIX}{ticket_id}"), "ticket/client_says", urgent=True, **values)
    if ticket.engineer_id is not None:
        uow.tell(To(ticket.engineer_id, quiet=False), "ticket/client_says", urgent=True, **values)
    return ticket


def staff_writes(uow: UnitOfWork, ticket_id: int, text: str, by: int, *, internal: bool = False) -> bool:
    """Staff writes to the requester, or for staff's eyes only. True when the client can be written to (or need not).

    Raises NotAllowed, NotFound, NothingWritten.
    """
    require_worker(uow.session, by)
    ticket = locked_ticket(uow.session, ticket_id)
    if not text.strip():
        raise NothingWritten
    uow.session.add(
        Message(
            ticket_id=ticket_id, person_id=by, from_staff=True, internal=internal, text=text.strip(), sent_at=uow.now
        )
    )
    uow.session.flush()
    if internal:
        return True
    uow.tell(
        To(ticket.requester_id),
        "ticket/staff_says",
        urgent=ticket.emergency,
        number=ticket.number,
        ticket_id=ticket_id,
        who=uow.session.get_one(Person, by).name,
        text=text.strip(),
    )
    return reachable(uow.session, ticket.requester_id)


def thread_of(session: Session, ticket_id: int, by: int, last: int = 10) -> Sequence[Message]:
    """The newest messages, oldest first; internal ones for staff only (R2.3). Raises NotFound."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or not may_see(session, ticket, by):
        raise NotFound
    query = select(Message).where(Message.ticket_id == ticket_id)
    if not staff_roles_of(session, by):
        query = query.where(col(Message.internal).is_(False))
    return list(reversed(session.exec(query.order_by(col(Message.id).desc()).limit(last)).all()))


def messages_of(session: Session, ticket_id: int) -> Sequence[Message]:
    """All that was written on a ticket, oldest first, internal notes too: for staff."""
    return session.exec(select(Message).where(Message.ticket_id == ticket_id).order_by(col(Message.id))).all()


def ticket_of_topic(session: Session, chat_id: int, thread_id: int) -> int | None:
    """The ticket that a forum topic belongs to."""
    key = session.exec(select(Topic.topic_key).where(Topic.chat_id == chat_id, Topic.thread_id == thread_id)).first()
    return _number(key)


def ticket_of_card(session: Session, chat_id: int, message_id: int) -> int | None:
    """The ticket whose card is this message of a chat."""
    key = session.exec(select(Card.card_key).where(Card.chat_id == chat_id, Card.message_id == message_id)).first()
    return _number(key)


def _number(key: str | None) -> int | None:
    return int(key.removeprefix(PREFIX)) if key is not None and key.startswith(PREFIX) else None
