"""Messages of a thread as they are sent on: their words, their files, and what a copy of them carries."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session

from bot.clients.audiences import Dispatchers, OurWorker, Together
from bot.messaging.messengers import ChatId
from bot.messaging.notices.subjects import ABOUT_TICKET
from bot.messaging.outgoing.receipts import carried_by
from bot.tickets.life.models import Message, Ticket

SAID = "said:"
EDITED = "edited:"  # what carries a later edit of it
FILES = ("photo", "document", "video", "voice", "audio", "animation", "video_note", "sticker")


def at_work_on(ticket: Ticket) -> Together:
    """Whoever works on a ticket: the group of staff, and its engineer in private, each once."""
    group = Dispatchers(topic_key=f"{ABOUT_TICKET}{ticket.id}", talk=True)
    return Together((group,) if ticket.engineer_id is None else (group, OurWorker(ticket.engineer_id)))


def carried(message: Message) -> str:
    """What a sent copy of this message carries."""
    return f"{SAID}{message.id}"


def message_of_copy(session: Session, chat: ChatId, message_id: int) -> Message | None:
    """The message of a thread that a message of a chat is a copy of."""
    carries = carried_by(session, chat, message_id)
    return thread_message(session, carries) if carries is not None else None


def thread_message(session: Session, carries: str) -> Message | None:
    """The message of a thread that is carried, or word of what became of it; None for what is none."""
    kind, _, number = carries.partition(":")
    if f"{kind}:" not in (SAID, EDITED):
        return None
    return session.get(Message, int(number.partition(":")[0]))


def words_of(messages: Sequence[Message]) -> str:
    """All their words, line by line."""
    return "\n".join(message.text for message in messages if message.text.strip() and message.kind != "sticker")


def media_of(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Their files and places, by the messenger's ids."""
    return [each for message in messages if (each := _media(message)) is not None]


def _media(message: Message) -> dict[str, Any] | None:
    if message.kind in FILES and message.file.get("file_id"):
        return {"kind": message.kind, "file_id": message.file["file_id"]}
    if message.kind == "location" and "latitude" in message.file:
        return {"kind": message.kind, "latitude": message.file["latitude"], "longitude": message.file["longitude"]}
    return None
