"""Telegram's HTML subset, with the complaints of its own parser (byte offsets, wording)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.sandbox.world.refusals import Json, Refusal, bad_request

TAGS = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_ENTITY = re.compile(rb"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]+));?")
_SPACE = b" \t\r\n\v\f"
_USER_LINK = re.compile(r"tg://user\?id=(\d+)")


def _fail(words: str) -> Refusal:
    return bad_request(f"can't parse entities: {words}")


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end."""

    name: str
    argument: str
    offset: int
    start: int


class _Parser:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def char(self) -> int:
        """The byte under the cursor; 0 past the end."""
        return self.source[self.at] if self.at < len(self.source) else 0

    def is_space(self) -> bool:
        return self.at < len(self.source) and self.source[self.at] in _SPACE

    def skip_space(self) -> None:
        while self.is_space():
            self.at += 1

    def until(self, stops: bytes) -> bytes:
        """Bytes up to white space, the end or one of `stops`."""
        begin = self.at
        while self.at < len(self.source) and not self.is_space() and self.source[self.at] not in stops:
            self.at += 1
        return self.source[begin : self.at]

    def entity(self) -> str | None:
        """A character reference at the cursor, or None if it is only an ampersand."""
        match = _ENTITY.match(self.source, self.at)
        if match is None:
            return None
        decimal, hexadecimal, name = match.groups()
        if name is not None:
            shown = _NAMED.get(name.decode())
        else:
            code = int(decimal) if decimal else int(hexadecimal, 16)
            shown = chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else None
        if shown is not None:
            self.at = match.end()
        return shown

    def write(self, text: str) -> None:
        self.out.append(text)
        self.offset += len(text.encode("utf-16-le")) // 2

    def run(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            if self.char() == 0x26:
                shown = self.entity()
                if shown is None:
                    shown = "&"
                    self.at += 1
                self.write(shown)
            elif self.char() == 0x3C:
                if self.source[self.at + 1 : self.at + 2] == b"/":
                    self.end_tag()
                else:
                    self.start_tag()
            else:
                begin = self.at
                while self.at < len(self.source) and self.source[self.at] not in b"&<":
                    self.at += 1
                self.write(self.source[begin : self.at].decode())
        if self.open:
            raise _fail(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')
        return "".join(self.out), self.entities

    def start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self.until(b">").decode(errors="replace").lower()
        if self.at >= len(self.source):
            raise _fail(f"Unclosed start tag at byte offset {begin}")
        if name not in TAGS:
            raise _fail(f'Unsupported start tag "{name}" at byte offset {begin}')
        argument = ""
        while True:
            self.skip_space()
            if self.char() == 0x3E:
                break
            found = self.attribute(name, begin)
            argument = found or argument
        self.at += 1
        if name == "span" and argument != "spoiler":
            raise _fail(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.open.append(_Open(name, argument, self.offset, len(self.out)))

    def attribute(self, tag: str, begin: int) -> str:
        """Read one attribute; returns the tag's argument if it is the one that matters."""
        key = self.until(b"=>/\"'").decode(errors="replace")
        if not key:
            raise _fail(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self.skip_space()
        if self.char() != 0x3D:
            if (tag, key) == ("blockquote", "expandable"):
                return "expandable"
            raise _fail(f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {begin}')
        self.at += 1
        self.skip_space()
        if self.at >= len(self.source):
            raise _fail(f"Unclosed start tag at byte offset {begin}")
        value = self.attribute_value()
        if self.at >= len(self.source):
            raise _fail(f"Unclosed start tag at byte offset {begin}")
        matters = {("a", "href"): value, ("tg-emoji", "emoji-id"): value, ("blockquote", "expandable"): "expandable"}
        if (tag, key) == ("code", "class") and value.startswith("language-"):
            return value.removeprefix("language-")
        if (tag, key) == ("span", "class") and value.startswith("tg-"):
            return value.removeprefix("tg-")
        return matters.get((tag, key), "")

    def attribute_value(self) -> str:
        quote = self.char()
        if quote not in b"'\"":
            begin = self.at
            while self.at < len(self.source) and (chr(self.char()).isalnum() or self.char() in b".-"):
                self.at += 1
            if not self.is_space() and self.char() != 0x3E:
                raise _fail(f"Unexpected end of name token at byte offset {begin}")
            return self.source[begin : self.at].decode(errors="replace").lower()
        self.at += 1
        value = bytearray()
        while self.at < len(self.source) and self.char() != quote:
            shown = self.entity() if self.char() == 0x26 else None
            if shown is None:
                value.append(self.char())
                self.at += 1
            else:
                value += shown.encode()
        self.at += 1
        return value.decode(errors="replace")

    def end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _fail(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        name = self.until(b">").decode(errors="replace").lower()
        self.skip_space()
        if self.char() != 0x3E:
            raise _fail(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        tag = self.open.pop()
        if name and name != tag.name:
            raise _fail(f'Unmatched end tag at byte offset {begin}, expected "</{tag.name}>", found "</{name}>"')
        if self.offset > tag.offset:
            self.close(tag)

    def close(self, tag: _Open) -> None:
        entity: Json = {"offset": tag.offset, "length": self.offset - tag.offset, "type": TAGS[tag.name]}
        if tag.name == "a":
            url = tag.argument or "".join(self.out[tag.start :])
            if match := _USER_LINK.match(url):
                entity.update(type="text_mention", user_id=int(match.group(1)))
            elif "." in url or "://" in url:
                entity["url"] = url if "://" in url else f"http://{url}/"
            else:
                return
        elif tag.name == "tg-emoji":
            entity["custom_emoji_id"] = tag.argument
        elif tag.name == "blockquote" and tag.argument:
            entity["type"] = "expandable_blockquote"
        elif tag.name == "code" and tag.argument and self.open and self.open[-1].name == "pre":
            entity.update(type="pre", language=tag.argument)
        elif tag.name == "pre" and self.entities and _same_span(self.entities[-1], entity):
            return
        self.entities.append(entity)


def _same_span(inner: Json, outer: Json) -> bool:
    return inner["type"] == "pre" and (inner["offset"], inner["length"]) == (outer["offset"], outer["length"])


def parse_html(text: str) -> tuple[str, list[Json]]:
    """Plain text and entities of a text in HTML. Raises Refusal with the byte offset of what is wrong."""
    return _Parser(text.encode(errors="replace")).run()
