"""People who write, reply and send files in the group of staff, and what delivery makes of what was queued."""

from typing import Any

from sqlmodel import col, select

from bot.jobs.receipts import take_receipt
from bot.messaging.outgoing import outbox, receipts
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.tickets.intake.appeals import WHOSE_WORDS
from bot.tickets.intake.passing import TIMER, pass_waiting
from bot.tickets.life.models import Message
from bot.tickets.thread.asked import place_by_itself
from bot.tickets.thread.asked_staff import TIMER as WHOSE_NOTE
from bot.tickets.thread.asked_staff import put_down_by_itself
from tests.builders.stories import GROUP
from tests.builders.talk import BOT_ID, Talk

TOPIC = 70
ANONYMOUS = 1087968824
PICTURE = [{"file_id": "pic", "file_unique_id": "u", "width": 9, "height": 9}]
_FILE = {"file_unique_id": "u"}
FILES: dict[str, dict[str, Any]] = {
    "photo": {"photo": PICTURE},
    "document": {"document": {**_FILE, "file_id": "doc", "file_name": "a.pdf"}},
    "voice": {"voice": {**_FILE, "file_id": "voi", "duration": 1}},
    "video": {"video": {**_FILE, "file_id": "vid", "width": 1, "height": 1, "duration": 1}},
    "video_note": {"video_note": {**_FILE, "file_id": "not", "length": 1, "duration": 1}},
    "audio": {"audio": {**_FILE, "file_id": "aud", "duration": 1}},
    "animation": {"animation": {**_FILE, "file_id": "ani", "width": 1, "height": 1, "duration": 1}},
    "sticker": {
        "sticker": {
            **_FILE, "file_id": "sti", "type": "regular", "width": 1, "height": 1, "is_animated": False,
            "is_video": False,
        }
    },
    "location": {"location": {"latitude": 55.5, "longitude": 37.5}},
}  # fmt: skip
METHODS = {
    "photo": ("sendPhoto", "photo"),
    "document": ("sendDocument", "document"),
    "voice": ("sendVoice", "voice"),
    "video": ("sendVideo", "video"),
    "video_note": ("sendVideoNote", "video_note"),
    "audio": ("sendAudio", "audio"),
    "animation": ("sendAnimation", "animation"),
    "sticker": ("sendSticker", "sticker"),
    "location": ("sendLocation", "latitude"),
}


def file_of(kind: str) -> Any:
    """What is sent on of a file of this kind: its id, of a place its latitude."""
    value = FILES[kind][kind]
    return value["latitude"] if kind == "location" else (value[-1] if isinstance(value, list) else value)["file_id"]


def deliver(talk: Talk, state: OutboxState = OutboxState.SENT, chat_id: int | None = None) -> None:
    """Settle what is queued (for one chat), as delivery does; then the receipts come in."""
    with talk.office.work() as uow:
        query = select(Outbox).where(Outbox.state == OutboxState.NEW).order_by(col(Outbox.id))
        for row in uow.session.exec(query).all():
            if row.chat_id is None or (chat_id is not None and row.chat_id != chat_id):
                continue
            row.state, row.message_id = state, 10_000 + row.id
            if state is OutboxState.SENT:
                outbox.remember_card(uow.session, row, row.chat_id, row.message_id, None)
                receipts.remember_copies(uow.session, row, row.chat_id, [row.message_id])
            if row.carries is not None and row.params.get(receipts.WANTED):
                take_receipt(uow, {"carries": row.carries})


def albums_go(talk: Talk) -> None:
    """The timers of albums and bursts are due."""
    from bot.messaging.models import Timer

    with talk.office.work() as uow:
        for timer in uow.session.exec(select(Timer).where(Timer.kind == TIMER, col(Timer.done_at).is_(None))).all():
            timer.done_at = uow.now
            pass_waiting(uow, timer.payload)


def nobody_answers(talk: Talk) -> None:
    """The timers of what was asked to be about a ticket are due."""
    from bot.messaging.models import Timer

    acts = {WHOSE_WORDS: place_by_itself, WHOSE_NOTE: put_down_by_itself}
    with talk.office.work() as uow:
        query = select(Timer).where(col(Timer.kind).in_(acts), col(Timer.done_at).is_(None))
        for timer in uow.session.exec(query).all():
            timer.done_at = uow.now
            acts[timer.kind](uow, timer.payload)


def reply_to(talk: Talk, person: int, message_id: int | None) -> dict[str, Any]:
    """What a reply of a person to a message of the bot in their own chat says that it replies to."""
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "F"}
    chat = {"id": talk.account(person), "type": "private"}
    return {"reply_to_message": {"message_id": message_id or 0, "date": 1, "chat": chat, "from": bot, "text": "…"}}


def group_message(
    talk: Talk, user_id: int, reply_to: int | None = None, topic: bool = False, **content: Any
) -> dict[str, Any]:
    """A message of the group; in a topic one that replies to nothing replies to the topic's first message."""
    chat = {"id": GROUP, "type": "supergroup", **({"is_forum": True} if topic else {})}
    base = {"message_id": next(talk._ids), "date": 1, "chat": chat}
    base["from"] = {"id": user_id, "is_bot": user_id == ANONYMOUS, "first_name": "П"}
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "F"}
    if topic:
        base |= {"message_thread_id": TOPIC, "is_topic_message": True}
        opening = {"forum_topic_created": {"name": "№1", "icon_color": 1}}
        base["reply_to_message"] = {"message_id": TOPIC, "date": 1, "chat": chat, "from": bot, **opening}
    if reply_to is not None:
        base["reply_to_message"] = {"message_id": reply_to, "date": 1, "chat": chat, "from": bot, "text": "…"}
    return {"message": base | content}


async def in_group(talk: Talk, user_id: int, **how: Any) -> list[dict[str, Any]]:
    """Somebody writes in the group; what the bot queued because of it."""
    await talk._run(talk._store_in(GROUP, [group_message(talk, user_id, **how)]))
    return list(talk.heard)


def queued_for(talk: Talk, chat: int) -> list[Outbox]:
    """All that was ever queued for a chat, oldest first."""
    with talk.database.read() as session:
        return list(session.exec(select(Outbox).where(Outbox.chat_id == chat).order_by(col(Outbox.id))).all())


def thread(talk: Talk, ticket_id: int) -> list[Message]:
    """The ticket's thread, internal notes too."""
    with talk.database.read() as session:
        return list(session.exec(select(Message).where(Message.ticket_id == ticket_id).order_by(col(Message.id))).all())
