"""Words of an engineer at work that answer nothing: on which job it was said is asked, and kept there (R1.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.clients.audiences import Here
from bot.clients.policy import policy
from bot.db.errors import NotFound
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import drop_timer, set_timer
from bot.tickets.intake.appeals import ASKED
from bot.tickets.intake.passing import album_of, told_key
from bot.tickets.intake.record import Incoming, record_loose
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import locked_ticket
from bot.tickets.life.models import Message, Ticket
from bot.tickets.thread.asked import MOST, RUNNING, PlacedAlready, goes_to
from bot.tickets.thread.shots import PICTURES

TIMER = "whose_note"


@dataclass(frozen=True, slots=True)
class StaysInside:
    """Words that the client does not see, on a ticket or on none; `message_id`: kept, they can go to the client as they
    are; a `picture` may be one of the job before or after it."""

    ticket_id: int | None
    number: int | None
    message_id: int | None
    picture: bool = False


def jobs_under_way(session: Session, person_id: int) -> list[Ticket]:
    """Jobs that the engineer is on the way to or works on, the newest first."""
    query = select(Ticket).where(Ticket.engineer_id == person_id, col(Ticket.state).in_(RUNNING))
    return list(session.exec(query.order_by(col(Ticket.id).desc()).limit(MOST)).all())


def keep_asked(uow: UnitOfWork, said: Incoming, by: int, tickets: Sequence[Ticket]) -> tuple[Message, int]:
    """Keep what is asked about; the message, and the minutes until it is put down by itself."""
    message = keep_part(uow, said, by)
    message.file = {**message.file, ASKED: [ticket.id for ticket in tickets]}
    uow.session.flush()
    minutes = policy(uow.session, "say_into_minutes")
    set_timer(uow.session, _key(message), TIMER, uow.now + timedelta(minutes=minutes), message=message.id)
    return message, minutes


def keep_part(uow: UnitOfWork, said: Incoming, by: int) -> Message:
    """A later part of an album that is asked about: it goes where the first part does."""
    message = record_loose(uow, said, by)
    message.from_staff = message.internal = True
    uow.session.flush()
    return message


def put_down(uow: UnitOfWork, message_id: int, ticket_id: int | None, by: int) -> Message:
    """The engineer says on which job it is, or that it is on none: kept among staff, an album whole.

    Raises NotFound, NotAllowed, PlacedAlready.
    """
    message = _asked(uow.session, message_id)
    if message is None or message.person_id != by:
        raise NotFound
    if ASKED not in message.file:
        raise PlacedAlready
    if ticket_id is not None:
        require_act(uow.session, locked_ticket(uow.session, ticket_id), Act.NOTE, by)
    _put(uow, message, ticket_id)
    return message


def put_down_by_itself(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: nobody said where it belongs. On the one job under way it is kept among staff, and its writer is told."""
    message = _asked(uow.session, int(payload["message"]))
    if message is None or ASKED not in message.file or message.chat is None:
        return
    ticket = goes_to([locked_ticket(uow.session, ticket_id) for ticket_id in sorted(message.file[ASKED])])
    _put(uow, message, ticket.id if ticket is not None else None)
    where = Here(message.chat, card_key=told_key(message))
    if ticket is None:
        uow.tell(where, "staff/nowhere", urgent=True)
        return
    uow.tell(where, "ticket/stays_inside", inside(message, ticket), urgent=True)


def inside(message: Message, ticket: Ticket) -> StaysInside:
    """A note, as it is told of."""
    return StaysInside(ticket.id, ticket.number, message.id, message.kind in PICTURES)


def _put(uow: UnitOfWork, message: Message, ticket_id: int | None) -> None:
    for each in album_of(uow, message):
        each.file = {name: value for name, value in each.file.items() if name != ASKED}
        each.ticket_id = ticket_id
    drop_timer(uow.session, _key(message), uow.now)
    uow.session.flush()


def _asked(session: Session, message_id: int) -> Message | None:
    message = session.get(Message, message_id)
    return message if message is not None and message.from_staff and message.appeal_id is None else None


def _key(message: Message) -> str:
    return f"{TIMER}:{message.id}"
