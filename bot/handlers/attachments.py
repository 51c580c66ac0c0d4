"""Files of a thread shown again in a chat, by their ids: nothing is downloaded."""

from collections.abc import Iterable

from bot.telegram.conversation import Conversation
from bot.tickets.models import Message

# kind of a message: (method, parameter that takes the file)
_WAYS = {
    "photo": ("sendPhoto", "photo"),
    "document": ("sendDocument", "document"),
    "voice": ("sendVoice", "voice"),
    "video": ("sendVideo", "video"),
    "sticker": ("sendSticker", "sticker"),
}
CAPTION = 1000


def show_files(turn: Conversation, messages: Iterable[Message], chat_id: int | None = None) -> int:
    """Send every file and place of these messages to a chat, the present one by default; returns how many."""
    chat = turn.chat_id if chat_id is None else chat_id
    shown = 0
    for message in messages:
        if message.kind in _WAYS and message.file.get("file_id"):
            method, parameter = _WAYS[message.kind]
            caption = {"caption": message.text[:CAPTION]} if message.text and message.kind != "sticker" else {}
            turn.call(method, chat_id=chat, **{parameter: message.file["file_id"]}, **caption)
        elif message.kind == "location" and "latitude" in message.file:
            place = {name: message.file[name] for name in ("latitude", "longitude")}
            turn.call("sendLocation", chat_id=chat, **place)
        else:
            continue
        shown += 1
    return shown
