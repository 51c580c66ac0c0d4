"""What somebody sent, sent on as what it is: by its file id, an album as an album. Nothing is downloaded."""

import html
import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

TAG = re.compile(r"<(/?)(\w+)[^>]*>")


def plain_length(text: str) -> int:
    """Length in UTF-16 units after the entities are parsed: what Telegram counts."""
    return len(html.unescape(TAG.sub("", text)).encode("utf-16-le")) // 2


# kind of a message: (method, parameter that takes the file)
WAYS = {
    "photo": ("sendPhoto", "photo"),
    "document": ("sendDocument", "document"),
    "voice": ("sendVoice", "voice"),
    "video": ("sendVideo", "video"),
    "audio": ("sendAudio", "audio"),
    "animation": ("sendAnimation", "animation"),
    "video_note": ("sendVideoNote", "video_note"),
    "sticker": ("sendSticker", "sticker"),
}
WORDLESS = frozenset({"sticker", "video_note", "location"})  # these take no caption
TOGETHER = {"photo": "pictures", "video": "pictures", "document": "documents", "audio": "audios"}
ALBUM = 10  # items that sendMediaGroup takes at most
CAPTION_LIMIT = 1024

Call = tuple[str, dict[str, Any]]


def with_media(messages: Sequence[dict[str, Any]], media: Sequence[Mapping[str, Any]]) -> list[Call]:
    """The calls that show a text with its files: as their caption where it fits, else before them.

    `messages` are parameters of `sendMessage`. An album takes no buttons: in a group of staff it goes without, in a
    private chat the text with its buttons goes before it.
    """
    place: dict[str, Any] = {
        name: messages[0][name] for name in ("chat_id", "message_thread_id") if name in messages[0]
    }
    albums = _albums(media)
    if not albums:
        return [("sendMessage", message) for message in messages]
    first, calls = albums[0], [_shown(place, album) for album in albums]
    fits = len(messages) == 1 and plain_length(messages[0]["text"]) <= CAPTION_LIMIT
    if fits and len(first) == 1 and first[0]["kind"] not in WORDLESS:
        calls[0][1].update(_caption(messages[0]))
        if "reply_markup" in messages[0]:
            calls[0][1]["reply_markup"] = messages[0]["reply_markup"]
        return calls
    if fits and len(first) > 1 and (place["chat_id"] < 0 or "reply_markup" not in messages[0]):
        calls[0][1]["media"][0].update(_caption(messages[0]))
        return calls
    return [*(("sendMessage", message) for message in messages), *calls]


def files_of(chat_id: int, caption: str, media: Sequence[Mapping[str, Any]]) -> list[Call]:
    """The calls that show files with a short HTML caption; none where there are no files."""
    text = {"chat_id": chat_id, "text": caption, "parse_mode": "HTML"}
    if not media:
        return []
    if not caption:
        return [_shown({"chat_id": chat_id}, album) for album in _albums(media)]
    return with_media([text], media)


def _caption(message: Mapping[str, Any]) -> dict[str, Any]:
    return {"caption": message["text"], "parse_mode": message["parse_mode"]}


def _albums(media: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Neighbours that may be in one album, ten at most; everything else by itself."""
    found: list[list[Mapping[str, Any]]] = []
    for family, run in groupby(media, key=lambda item: TOGETHER.get(item["kind"])):
        items = list(run)
        size = ALBUM if family else 1
        found += [items[start : start + size] for start in range(0, len(items), size)]
    return found


def _shown(place: Mapping[str, Any], album: Sequence[Mapping[str, Any]]) -> Call:
    if len(album) > 1:
        items = [{"type": item["kind"], "media": item["file_id"]} for item in album]
        return "sendMediaGroup", {**place, "media": items}
    item = album[0]
    if item["kind"] == "location":
        return "sendLocation", {**place, "latitude": item["latitude"], "longitude": item["longitude"]}
    method, parameter = WAYS[item["kind"]]
    return method, {**place, parameter: item["file_id"]}
