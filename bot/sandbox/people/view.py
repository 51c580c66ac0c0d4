"""A chat as a person sees it in their client."""

from __future__ import annotations

from bot.sandbox.world.refusals import Json
from bot.sandbox.world.render import message_json, user_json
from bot.sandbox.world.state import Chat, Message, World

MEDIA = (
    "photo",
    "document",
    "voice",
    "video",
    "sticker",
    "audio",
    "animation",
    "video_note",
    "location",
    "contact",
    "venue",
    "invoice",
)


def seen(world: World, message: Message, viewer: int) -> Json:
    """One message: `text` is its text or caption, `buttons` its inline rows, `raw` the whole of it in Bot API."""
    fields = message.fields
    raw = message_json(world, message)
    shown: Json = {
        "message_id": message.id,
        "from": raw["from"],
        "mine": message.sender == viewer,
        "text": fields.get("text", fields.get("caption", "")),
        "entities": fields.get("entities", fields.get("caption_entities", [])),
        "kind": next((kind for kind in MEDIA if kind in fields), "service" if message.service else "text"),
        "buttons": (message.inline or {}).get("inline_keyboard", []),
        "keyboard": message.keyboard,
        "thread": message.thread,
        "reply_to": message.reply_to.id if message.reply_to else None,
        "edited": message.edit_date is not None,
        "reactions": {str(user): value for user, value in message.reactions.items() if value},
        "changed": message.changed,
        "raw": raw,
    }
    return shown


def seen_chat(world: World, chat: Chat, viewer: int, last: int = 200) -> Json:
    """The last messages of a chat, the reply keyboard under them, and the toasts this person got."""
    messages = [m for m in chat.messages.values() if not m.deleted][-last:]
    return {
        "id": chat.bot.id if chat.bot else chat.id,
        "type": chat.type,
        "title": chat.bot.first_name if chat.bot else chat.title,
        "is_forum": chat.is_forum,
        "blocked": chat.blocked,
        "messages": [seen(world, message, viewer) for message in messages],
        "keyboard": chat.keyboard,
        "toasts": [toast for toast in chat.toasts if toast["person"] == viewer],
        "topics": [{"id": t.id, "name": t.name, "closed": t.closed} for t in chat.topics.values() if not t.deleted],
        "members": [
            {"user": user_json(world, m.user_id), "status": m.status} for m in chat.members.values() if m.inside
        ],
        "pinned": chat.pinned,
        "action": chat.action,
        "acted": chat.acted.get(viewer, 0),
        "version": world.version,
    }


def matching(world: World, chat: Chat, viewer: int, text: str, button: str, after: int) -> Json | None:
    """The latest message of others that changed after `after` and has this text and button; None if there is none."""
    for message in reversed(chat.messages.values()):
        if message.deleted or message.sender == viewer or message.changed <= after or message.service:
            continue
        body: str = message.fields.get("text") or message.fields.get("caption") or ""
        if text and text not in body:
            continue
        if button and not any(button in label for label in _labels(message)):
            continue
        return seen(world, message, viewer)
    return None


def _labels(message: Message) -> list[str]:
    rows = [*(message.inline or {}).get("inline_keyboard", []), *(message.keyboard or {}).get("keyboard", [])]
    return [button["text"] for row in rows for button in row]


def toast_after(chat: Chat, viewer: int, text: str, after: int) -> Json | None:
    """The latest toast of a person after `after` with this text; None if there is none."""
    for toast in reversed(chat.toasts):
        if toast["person"] == viewer and toast["changed"] > after and text in toast["text"]:
            return toast
    return None
