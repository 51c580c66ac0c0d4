"""Formatted text: from what a bot or a person sends to plain text with entities (offsets in UTF-16 units)."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.markup.html import parse_html
from bot.sandbox.markup.markdown import parse_markdown
from bot.sandbox.world.refusals import Json, bad_request

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

# In order of strength: a link is not searched for mentions.
_FOUND = (
    (
        "url",
        re.compile(
            r"https?://[^\s<>\"«»]+[^\s<>\"«».,:;!?)\]}']|(?<![\w@.])[\w-]+\.(?:ru|com|org|net|me|io)\b(?:/[^\s<>]*)?"
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(r"(?<![\w/@<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{3,31}\b")),
    ("hashtag", re.compile(r"(?<![\w#])#\w*[^\W\d]\w*")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d[\d\s()-]{8,17}\d(?!\w)")),
)
_HINT = re.compile(r"[/@#+]|\.\w")


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def detect(text: str, taken: list[Json]) -> list[Json]:
    """Entities that Telegram finds by itself: commands, links, mentions."""
    if not _HINT.search(text):
        return []
    spans = [(e["offset"], e["offset"] + e["length"]) for e in taken if e["type"] in ("code", "pre", "text_link")]
    found: list[Json] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start = units(text[: match.start()])
            end = start + units(match.group())
            if all(end <= a or start >= b for a, b in spans):
                spans.append((start, end))
                found.append({"offset": start, "length": end - start, "type": kind})
    return found


def clean(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Strip white space at both ends and cut the entities to what is left."""
    stripped_left = text.lstrip()
    shift = units(text[: len(text) - len(stripped_left)])
    stripped = stripped_left.rstrip()
    size = units(stripped)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        end = min(entity["offset"] - shift + entity["length"], size)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return stripped, kept


def formatted(text: str, mode: str, given: Any) -> tuple[str, list[Json]]:
    """Text and entities as they will be shown. Raises Refusal if the mark-up can't be parsed."""
    text = text.replace("\r", "")
    if mode:
        text, entities = _parse(text, mode.lower())
    else:
        entities = [dict(e) for e in given] if isinstance(given, list) else []
    text, entities = clean(text, entities)
    entities += detect(text, entities)
    entities.sort(key=lambda e: (e["offset"], -e["length"]))
    return text, entities


def _parse(text: str, mode: str) -> tuple[str, list[Json]]:
    if mode == "html":
        return parse_html(text)
    if mode in ("markdown", "markdownv2"):
        return parse_markdown(text, legacy=mode == "markdown")
    raise bad_request("unsupported parse_mode")


def message_text(text: str, mode: str, given: Any) -> Json:
    """`text` and `entities` of a message. Raises Refusal if empty or over 4096 units after parsing."""
    shown, entities = formatted(text, mode, given)
    if not shown:
        raise bad_request("message text is empty")
    if units(shown) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": shown, "entities": entities} if entities else {"text": shown}


def caption_text(text: str, mode: str, given: Any) -> Json:
    """`caption` and `caption_entities` of a message. Raises Refusal over 1024 units after parsing."""
    shown, entities = formatted(text, mode, given)
    if not shown:
        return {}
    if units(shown) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return {"caption": shown, "caption_entities": entities} if entities else {"caption": shown}
