"""Every contact is recorded the moment it arrives, as part of an appeal (R1.1)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, UTCDateTime, col, func, select

from bot.clients.audiences import Dispatchers
from bot.clients.models import Company, Person
from bot.clients.policy import policy
from bot.clients.rights import acts_for
from bot.db.plain import ask, put
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import FIRST, ChatId, Messenger
from bot.messaging.timers import set_timer
from bot.tickets.intake.passing import pass_on
from bot.tickets.intake.said import at_work_on, carried
from bot.tickets.life.models import Appeal, AppealEnd, IntakeChannel, Message, Ticket
from bot.tickets.life.parts import parts_of, tickets_of_parts

SUMMARY = 600


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """The new text of a client's message, on the ticket of this number or in an appeal; without text it is of some
    `kind`."""

    ticket_id: int | None
    number: int | None
    who: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as it came: what it is, where it came from, and whether it is only history.

    `kind` is that of `Message`. `file` keeps ids and names. `written_at` is the message's own date (R8.4); None: now.
    `history` is a press of a menu button or a command: kept, but no appeal (R1.1).
    """

    kind: str
    text: str = ""
    file: dict[str, Any] = field(default_factory=dict)
    album: str | None = None
    chat_id: int | None = None
    message_id: int | None = None
    messenger: Messenger = FIRST
    written_at: datetime | None = None
    channel: IntakeChannel = IntakeChannel.CHAT
    history: bool = False

    @property
    def chat(self) -> ChatId | None:
        """None for what came another way than by a messenger."""
        return ChatId(self.messenger, self.chat_id) if self.chat_id is not None else None


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a message went: its appeal (None for history), and what an answer must know.

    `again`: it was here already. `album_part`: a part of its album came before, so it was answered.
    `burst`: at least `burst_messages` of the person came within the last `burst_seconds`.
    """

    message: Message
    appeal: Appeal | None
    again: bool = False
    album_part: bool = False
    burst: bool = False


# What every message asks, put together once.
_STORED = select(Message.id).where(
    col(Message.messenger) == bindparam("messenger"),
    col(Message.chat_id) == bindparam("chat"),
    col(Message.message_id) == bindparam("message"),
)
_LATELY = select(func.count()).where(
    col(Message.appeal_id) == bindparam("appeal"), col(Message.sent_at) >= bindparam("since", type_=UTCDateTime())
)
_COMPANIES = select(Company.id).where(acts_for(bindparam("person"), col(Company.id)))
_PRESENT = (
    select(Appeal)
    .where(col(Appeal.person_id) == bindparam("person"), col(Appeal.triage_done_at).is_(None))
    .where(col(Appeal.ended_at).is_(None) | (col(Appeal.end) == AppealEnd.TRIAGE))
    .where(col(Appeal.joined_until).is_(None))
    .order_by(col(Appeal.id).desc())
    .limit(2)
)


def record_contact(uow: UnitOfWork, person: Person, incoming: Incoming) -> Recorded:
    """Keep a message: with its album, else in the person's present appeal, else in a new one (R1.1, R1.4).

    The same message (chat and message id) is kept once.
    """
    session, at = uow.session, incoming.written_at or uow.now
    if earlier := stored_message(session, incoming.chat, incoming.message_id):
        return Recorded(earlier, session.get(Appeal, earlier.appeal_id) if earlier.appeal_id else None, again=True)
    message = Message(
        person_id=person.id,
        kind=incoming.kind,
        text=incoming.text,
        file=incoming.file,
        album=incoming.album,
        messenger=incoming.messenger if incoming.chat else None,
        chat_id=incoming.chat_id,
        message_id=incoming.message_id,
        sent_at=at,
    )
    if incoming.history:
        put(session, message)
        return Recorded(message, None)
    sibling = _album_sibling(session, incoming)
    appeal = session.get(Appeal, sibling.appeal_id) if sibling and sibling.appeal_id else None
    if appeal is None:
        appeal = present_appeal(session, person.id, at) or open_appeal(uow, person.id, incoming.channel, at)
    burst = _is_burst(session, appeal, at)
    message.appeal_id = appeal.id
    # A part that comes after its ticket was opened belongs to the ticket all the same (telegram.md, albums).
    message.ticket_id = sibling.ticket_id if sibling else None
    appeal.last_at = max(at, appeal.last_at)
    if not appeal.summary:
        appeal.summary = " ".join(incoming.text.split())[:SUMMARY] or f"[{incoming.kind}]"
    put(session, message)
    if message.ticket_id:
        pass_on(uow, message)
    return Recorded(message, appeal, album_part=sibling is not None, burst=burst)


def record_loose(uow: UnitOfWork, incoming: Incoming, person_id: int | None) -> Message:
    """Keep a message that nobody's appeal has yet: what staff forwards before its client is known (R1.5), or writes."""
    if earlier := stored_message(uow.session, incoming.chat, incoming.message_id):
        return earlier
    message = Message(
        person_id=person_id,
        kind=incoming.kind,
        text=incoming.text,
        file=incoming.file,
        album=incoming.album,
        messenger=incoming.messenger if incoming.chat else None,
        chat_id=incoming.chat_id,
        message_id=incoming.message_id,
        sent_at=incoming.written_at or uow.now,
    )
    uow.session.add(message)
    uow.session.flush()
    return message


def loose_messages(session: Session, ids: Sequence[int]) -> Sequence[Message]:
    """Those of the forwarded messages that no appeal holds yet, in the order they came."""
    query = select(Message).where(col(Message.id).in_(ids), col(Message.appeal_id).is_(None))
    return session.exec(query.order_by(col(Message.id))).all()


def message_before(session: Session, message: Message) -> Message | None:
    """The one before it in the same appeal."""
    query = select(Message).where(Message.appeal_id == message.appeal_id, col(Message.id) < message.id)
    return session.exec(query.order_by(col(Message.id).desc()).limit(1)).first()


def record_edit(uow: UnitOfWork, person: Person, chat: ChatId, message_id: int, now_said: Incoming) -> Message | None:
    """The client edited a message: the thread has the new text and keeps the old, staff is told where it matters.

    A command that became words is part of an appeal from then on. None when the message was never seen here (it is
    then recorded as a new one by the caller).
    """
    message = stored_message(uow.session, chat, message_id)
    text = now_said.text
    if message is None:
        return None
    if message.text == text:
        return message
    edit_stored(uow, message, text)
    if not now_said.history and message.kind == "text" and message.appeal_id is None and message.ticket_id is None:
        _begin_to_count(uow, person, message)
    tickets = {message.ticket_id} if message.ticket_id else set()
    if parts_of(message):
        tickets |= set(tickets_of_parts(uow.session, message))
    for ticket_id in sorted(tickets):
        _tell_ticket(uow, message, ticket_id, person.name)
    if tickets:
        return message
    if message.appeal_id and _waits_in_triage(uow.session, message.appeal_id):
        uow.tell(Dispatchers(), "appeal/edited", MessageEdited(None, None, person.name, text, message.kind))
    return message


def _begin_to_count(uow: UnitOfWork, person: Person, message: Message) -> None:
    appeal = present_appeal(uow.session, person.id, uow.now) or open_appeal(uow, person.id)
    message.appeal_id, appeal.last_at = appeal.id, uow.now
    appeal.summary = appeal.summary or " ".join(message.text.split())[:SUMMARY]
    uow.session.flush()


def edit_stored(uow: UnitOfWork, message: Message, text: str) -> None:
    """Give a kept message its new words; the old ones stay with it."""
    before = [*message.file.get("edits", []), {"text": message.text, "until": uow.now.isoformat()}]
    message.file = {**message.file, "edits": before}
    message.text = text
    message.edited_at = uow.now
    uow.session.flush()


def present_appeal(session: Session, person_id: int, at: datetime) -> Appeal | None:
    """The appeal that the person's next message belongs to: the open one, or one just passed to a person."""
    found = session.exec(_PRESENT, params={"person": person_id}).all()
    for appeal in found:
        if appeal.ended_at is None:
            return appeal
        if at - appeal.last_at <= timedelta(minutes=policy(session, "triage_join_minutes")):
            return appeal
    return None


def open_appeal(
    uow: UnitOfWork, person_id: int, channel: IntakeChannel = IntakeChannel.CHAT, at: datetime | None = None
) -> Appeal:
    """Begin an appeal when its first message was written (R8.4); silence after the answer will end it, but never
    without a word (R1.2)."""
    companies = set(ask(uow.session, _COMPANIES, person=person_id).scalars())
    appeal = Appeal(
        person_id=person_id,
        company_id=companies.pop() if len(companies) == 1 else None,
        channel=channel,
        started_at=at or uow.now,
        last_at=at or uow.now,
    )
    uow.session.add(appeal)
    uow.session.flush()
    wait = timedelta(minutes=policy(uow.session, "appeal_silence_minutes"))
    set_timer(uow.session, f"appeal:{appeal.id}", "appeal_silence", uow.now + wait, appeal_id=appeal.id)
    return appeal


def _tell_ticket(uow: UnitOfWork, message: Message, ticket_id: int, who: str) -> None:
    ticket = uow.session.get(Ticket, ticket_id)
    if ticket is None:
        return
    uow.tell(
        at_work_on(ticket),
        "appeal/edited",
        MessageEdited(ticket.id, ticket.number, who, message.text, message.kind),
        carries=carried(message),
    )


def _is_burst(session: Session, appeal: Appeal, at: datetime) -> bool:
    window = timedelta(seconds=policy(session, "burst_seconds"))
    if not appeal.summary or at - appeal.last_at > window:
        return False
    lately: int = ask(session, _LATELY, appeal=appeal.id, since=at - window).scalar_one()
    return lately >= policy(session, "burst_messages")


def stored_message(session: Session, chat: ChatId | None, message_id: int | None) -> Message | None:
    """A message that is kept already, by where it stands in the messenger."""
    if chat is None or message_id is None:
        return None
    found = ask(session, _STORED, messenger=chat.messenger, chat=chat.number, message=message_id).scalar_one_or_none()
    return session.get_one(Message, found) if found is not None else None


def is_kept(session: Session, incoming: Incoming) -> bool:
    """Whether the message is here already, or a part of its album is."""
    here = stored_message(session, incoming.chat, incoming.message_id)
    return here is not None or _album_sibling(session, incoming) is not None


def _album_sibling(session: Session, incoming: Incoming) -> Message | None:
    if incoming.album is None:
        return None
    query = select(Message).where(
        Message.album == incoming.album,
        Message.messenger == incoming.messenger,
        Message.chat_id == incoming.chat_id,
        Message.message_id != incoming.message_id,
    )
    return session.exec(query.order_by(col(Message.id)).limit(1)).first()


def _waits_in_triage(session: Session, appeal_id: int) -> bool:
    appeal = session.get(Appeal, appeal_id)
    return appeal is not None and appeal.end == AppealEnd.TRIAGE and appeal.triage_done_at is None
