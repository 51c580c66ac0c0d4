"""What is said inside a ticket, both ways."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.clients.rights import WORKERS, allowed, employed
from bot.db.errors import NotFound, Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import ChatId
from bot.messaging.outgoing.models import Card, Topic
from bot.messaging.outgoing.receipts import carried_by
from bot.tickets.intake.appeals import attach_message
from bot.tickets.intake.correcting import correct
from bot.tickets.intake.passing import album_of, pass_on
from bot.tickets.intake.record import Incoming, edit_stored, record_loose, stored_message
from bot.tickets.intake.said import thread_message
from bot.tickets.life.acts import OVER, Act, possible_in
from bot.tickets.life.deadlines import follow
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import locked_ticket
from bot.tickets.life.models import Message, Ticket
from bot.tickets.life.rights import may_see, staff_roles_of
from bot.tickets.life.topics import ticket_of_key


class NothingWritten(Refusal):
    """There is nothing to pass on."""

    key = "refusal.nothing_written"


def still_about(session: Session, ticket_id: int, act: Act, *, was_over: bool) -> bool:
    """Whether the next line of a dialogue about a ticket is about it still: not once the act is none of its state, nor
    once it is over, unless the dialogue began after that (R1.8): a new question must not end in an old ticket."""
    ticket = session.get(Ticket, ticket_id)
    return ticket is not None and possible_in(act, ticket.state) and (was_over or ticket.state not in OVER)


def client_writes(uow: UnitOfWork, ticket_id: int, message: Message, by: int) -> Ticket:
    """A message of the client goes into the ticket; dispatch and its engineer see it. Raises NotFound, TicketMoved."""
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.WRITE, by)
    if message.person_id != by:
        raise NotFound
    attach_message(uow, message, ticket_id)
    pass_on(uow, message)
    return ticket


def staff_writes(uow: UnitOfWork, ticket_id: int, said: Incoming, by: int) -> Message:
    """Staff writes to the requester: words, files, places; what became of it is told where it was written.

    Raises NotAllowed, NotFound, NothingWritten.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.TELL_CLIENT, by)
    message = _kept(uow, ticket_id, said, by)
    if message.delivery is None and not message.internal:
        pass_on(uow, message)
        follow(uow, ticket)  # a person's answer is a reaction (R8.2)
    return message


def staff_notes(uow: UnitOfWork, ticket_id: int, said: Incoming, by: int | None) -> Message:
    """What staff says among themselves on a ticket: kept, for staff's eyes only. `by` None: an anonymous administrator.

    Raises NotFound, NotAllowed, NothingWritten.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    if by is not None:
        require_act(uow.session, ticket, Act.NOTE, by)
    return _kept(uow, ticket_id, said, by, internal=True)


def pass_note(uow: UnitOfWork, message_id: int, by: int) -> Message:
    """«Отправить клиенту»: what was kept among staff goes to the client after all, an album whole. Pressed again it
    changes nothing. Raises NotAllowed, NotFound, NothingWritten."""
    found = uow.session.get(Message, message_id)
    if found is None or found.ticket_id is None or not found.from_staff:
        raise NotFound
    ticket = locked_ticket(uow.session, found.ticket_id)
    require_act(uow.session, ticket, Act.TELL_CLIENT, by)
    for message in album_of(uow, found):
        if message.internal:
            _require_words(message.kind, message.text)
            message.internal = False
            pass_on(uow, message)
    return found


def _require_words(kind: str, text: str) -> None:
    if kind == "other" or (kind == "text" and not text.strip()):
        raise NothingWritten


def _kept(uow: UnitOfWork, ticket_id: int, said: Incoming, by: int | None, *, internal: bool = False) -> Message:
    if not internal:
        _require_words(said.kind, said.text)
    if (earlier := stored_message(uow.session, said.chat, said.message_id)) is not None:
        if not earlier.from_staff:  # one who is staff and a client at once: it was taken for the client's words
            attach_message(uow, earlier, ticket_id)
            earlier.from_staff, earlier.internal = True, internal
        return earlier
    message = record_loose(uow, said, by)
    message.ticket_id, message.from_staff, message.internal = ticket_id, True, internal
    uow.session.flush()
    return message


def album_begun(session: Session, chat: ChatId, album: str) -> Message | None:
    """The first part of an album that staff is saying: the others go where it went."""
    query = select(Message).where(
        Message.album == album,
        Message.messenger == chat.messenger,
        Message.chat_id == chat.number,
        col(Message.from_staff).is_(True),
    )
    return session.exec(query.order_by(col(Message.id)).limit(1)).first() if album else None


def staff_edits(uow: UnitOfWork, chat: ChatId, message_id: int, text: str, by: int | None) -> bool:
    """Staff edited what they said: the thread has both, what the client got is edited too, and staff is told whether it
    could be. One who writes to clients no more changes nothing at theirs (R2.7).

    False when there is no such message of staff.
    """
    message = stored_message(uow.session, chat, message_id)
    if message is None or not message.from_staff:
        return False
    if message.text != text:
        edit_stored(uow, message, text)
        if not message.internal:
            correct(uow, message, may=by is not None and allowed(uow.session, employed, WORKERS, person=by))
    return True


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


def ticket_of_topic(session: Session, chat: ChatId, thread_id: int) -> int | None:
    """The ticket that a forum topic belongs to."""
    there = (Topic.messenger == chat.messenger, Topic.chat_id == chat.number, Topic.thread_id == thread_id)
    key = session.exec(select(Topic.topic_key).where(*there)).first()
    return ticket_of_key(key)


def ticket_of_message(session: Session, chat: ChatId, message_id: int) -> int | None:
    """The ticket that a message of a chat is about: whatever of the bot tells of it, or a word that was said on it."""
    carries = carried_by(session, chat, message_id)
    if carries is None:
        there = (Card.messenger == chat.messenger, Card.chat_id == chat.number, Card.message_id == message_id)
        carries = session.exec(select(Card.card_key).where(*there)).first()
    said = thread_message(session, carries) if carries is not None else stored_message(session, chat, message_id)
    return said.ticket_id if said is not None else ticket_of_key(carries)
