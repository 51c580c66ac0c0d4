"""Keeping every contact before anybody decides what to do with it (R1.1)."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from aiogram.types import Message, PhotoSize, Update

from bot.clients.identification.identity import visitor_of
from bot.clients.identification.phones import shared_number
from bot.clients.identification.strangers import person_for
from bot.clients.models import Person
from bot.clients.policy import policy
from bot.handlers.common.coming_back import show_what_waits
from bot.handlers.common.commands import read_command, words_beside
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.speech import is_awaited, is_speech
from bot.messaging.incoming.inbox import waiting_after
from bot.messaging.notices.texts import labels_of, spaced_phone
from bot.messaging.turns.turn import UnreadableError
from bot.telegram.turns.dispatching import CAME_BACK, read_update
from bot.tickets.intake.record import Incoming, Recorded, is_kept, message_before, record_contact, record_edit

MENU = (
    *("ask", "new_ticket", "tickets", "tariffs", "balance", "approvals", "human", "settings", "home"),
    *("jobs", "triage", "articles", "gaps", "people", "clients", "invoices", "documents", "share_phone"),
)
RECORDED = "recorded"
UNANSWERED = "unanswered"
KEPT = timedelta(hours=24)  # by Telegram, of what waits to be fetched
ROUNDED = timedelta(seconds=5)  # on its way; our own clock is finer than whole seconds
# An animation is looked for before a document: Telegram sends both.
_FILES = ("animation", "document", "voice", "video", "sticker", "video_note", "audio")


def record_update(turn: Conversation, update: Update) -> bool:
    """Record a private message of a client or a stranger; False when a muted person is not to be answered, or when
    nobody said anything: Telegram itself tells of a pinned message, a timer, a wallpaper.

    What became of it waits in `recorded(turn)` for the handlers.
    """
    message = update.message or update.edited_message
    if (since := turn.notes.get(CAME_BACK)) is not None:
        show_what_waits(turn, since)
    if message is not None and turn.is_private and not is_speech(message):
        return is_awaited(message)
    visitor = turn.visitor
    if visitor.person is not None and visitor.person.muted_at is not None and not visitor.is_staff:
        if message is not None and turn.is_private:
            _record(turn, visitor.person, message)
        return False
    if message is None or not turn.is_private or message.from_user is None or message.from_user.is_bot:
        return True
    if visitor.is_staff and (not visitor.is_client or message.forward_origin is not None):
        return True
    person = visitor.person
    if person is None:
        person = person_for(turn.uow, turn.account, message.from_user.full_name, visitor.language)
        turn.visitor = visitor_of(turn.session, turn.account, visitor.hint)
        turn.uow.actor = person.id
    if update.edited_message is not None:
        edited = record_edit(turn.uow, person, turn.chat, message.message_id, incoming(message, turn))
        if edited is not None:
            return True
    turn.notes[RECORDED] = _record(turn, person, message)
    return True


def recorded(turn: Conversation) -> Recorded | None:
    """What became of this turn's message; None for staff and for what is no message."""
    found: Recorded | None = turn.notes.get(RECORDED)
    return found


def answer_waits(turn: Conversation) -> bool:
    """Whether this message gets no answer of its own: the same message again, one of a burst whose next message is
    here already, or a later part of an album that was answered (R1.4). The last one is answered for all."""
    found = recorded(turn)
    if found is not None and found.again:
        return True
    if _more_is_waiting(turn):
        if found is not None:
            found.message.file = {**found.message.file, UNANSWERED: True}
        return True
    return found is not None and found.album_part and not _answer_waited(turn, found)


def _more_is_waiting(turn: Conversation) -> bool:
    following = waiting_after(turn.session, turn.inbox)
    if not following:
        return False
    try:
        message = read_update(following).message
    except UnreadableError:
        return False  # it will be set aside: what it waits for would never be said
    if message is None or is_menu(message.text):
        return False
    found = recorded(turn)
    if found is None:
        return True
    one_album = message.media_group_id is not None and message.media_group_id == found.message.album
    if not one_album and is_kept(turn.session, incoming(message, turn)):
        return False  # it gets no answer of its own, so none for what came before it either
    apart = written_at(message, turn) - found.message.sent_at
    return apart <= timedelta(minutes=policy(turn.session, "triage_join_minutes"))


def written_at(message: Message, turn: Conversation) -> datetime:
    """A message's own date (R8.4): what was written while we were down keeps its time. Telegram has it in whole
    seconds, and keeps for a day what nobody fetches: a date outside that day is none to go by."""
    came = turn.inbox.received_at
    return message.date if came - KEPT <= message.date < came - ROUNDED else came


def _answer_waited(turn: Conversation, found: Recorded) -> bool:
    previous = message_before(turn.session, found.message)
    return bool(previous and previous.file.get(UNANSWERED))


def is_menu(text: str | None) -> bool:
    """A command or a button of the menu: history, not speech (R1.1)."""
    return text is not None and (text in _menu_texts() or read_command(text) is not None)


@lru_cache(maxsize=1)
def _menu_texts() -> frozenset[str]:
    return frozenset().union(*(labels_of(f"menu.{key}") for key in MENU))


def _record(turn: Conversation, person: Person, message: Message) -> Recorded:
    return record_contact(turn.uow, person, incoming(message, turn))


def incoming(message: Message, turn: Conversation) -> Incoming:
    """A Telegram message in the domain's words; only file ids, never links (telegram.md)."""
    kind, file = _content(message)
    own_contact = message.contact is not None and message.contact.user_id == turn.user_id
    return Incoming(
        kind=kind,
        text=_words(message),
        file=file,
        album=message.media_group_id,
        chat_id=message.chat.id,
        message_id=message.message_id,
        messenger=turn.chat.messenger,
        written_at=written_at(message, turn),
        history=own_contact or (is_menu(message.text) and not words_beside(message.text)),
    )


def _words(message: Message) -> str:
    if message.poll is not None:
        return "\n".join([message.poll.question, *(f"- {option.text}" for option in message.poll.options)])
    if message.contact is not None:
        name = " ".join(filter(None, (message.contact.first_name, message.contact.last_name)))
        number = message.contact.phone_number
        return f"{name} {spaced_phone(shared_number(number) or number)}"
    if message.venue is not None:
        return f"{message.venue.title}, {message.venue.address}"
    if message.sticker is not None:
        return message.sticker.emoji or ""
    if message.checklist is not None:
        return "\n".join([message.checklist.title, *(f"- {task.text}" for task in message.checklist.tasks)])
    return message.text or message.caption or ""


def _content(message: Message) -> tuple[str, dict[str, Any]]:
    if message.text is not None:
        return "text", {}
    if message.photo:
        return "photo", _file(message.photo[-1])
    for kind in _FILES:
        if (found := getattr(message, kind)) is not None:
            return kind, _file(found)
    if message.location is not None:
        return "location", {"latitude": message.location.latitude, "longitude": message.location.longitude}
    if message.contact is not None:
        return "contact", {"phone": message.contact.phone_number}
    return ("poll" if message.poll is not None else "other"), {}


def _file(found: PhotoSize | Any) -> dict[str, Any]:
    file = {"file_id": found.file_id, "file_unique_id": found.file_unique_id, "size": found.file_size}
    if name := getattr(found, "file_name", None):
        file["name"] = name[:200]
    return file
