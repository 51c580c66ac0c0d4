"""MarkdownV2 and the old Markdown, with the complaints of Telegram's own parser."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.world.refusals import Json, Refusal, bad_request

RESERVED = "_*[]()~`>#+-=|{}.!"
MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler", "`": "code"}


def _fail(words: str) -> Refusal:
    return bad_request(f"can't parse entities: {words}")


@dataclass(slots=True)
class _Open:
    mark: str
    offset: int
    byte: int


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


def _find(text: str, stop: str, begin: int) -> int:
    """Where an unescaped `stop` is, or -1."""
    at = begin
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(stop, at):
            return at
        else:
            at += 1
    return -1


def _unescape(text: str) -> str:
    out, at = [], 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
        out.append(text[at])
        at += 1
    return "".join(out)


class _Parser:
    def __init__(self, text: str, legacy: bool) -> None:
        self.text = text
        self.legacy = legacy
        self.at = 0
        self.out: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def write(self, text: str) -> None:
        self.out.append(text)
        self.offset += len(text.encode("utf-16-le", "surrogatepass")) // 2

    def byte(self, at: int) -> int:
        return _bytes(self.text[:at])

    def run(self) -> tuple[str, list[Json]]:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\" and self.at + 1 < len(self.text) and ord(self.text[self.at + 1]) < 127:
                self.write(self.text[self.at + 1])
                self.at += 2
            elif char == "`":
                self.code()
            elif char == "[":
                self.link()
            elif mark := self.mark():
                self.toggle(mark)
            elif char == ">" and not self.legacy and (self.at == 0 or self.text[self.at - 1] == "\n"):
                self.at += 1
            elif char in RESERVED and not self.legacy:
                raise _fail(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")
            else:
                self.write(char)
                self.at += 1
        if self.open:
            self.unended(self.open[-1])
        return "".join(self.out), self.entities

    def unended(self, tag: _Open) -> None:
        if self.legacy:
            raise _fail(f"Can't find end of the entity starting at byte offset {tag.byte}")
        kind = "".join(word.capitalize() for word in MARKS[tag.mark].split("_"))
        raise _fail(f"Can't find end of {kind} entity at byte offset {tag.byte}")

    def mark(self) -> str:
        marks = ("*", "_") if self.legacy else ("__", "||", "*", "_", "~")
        return next((mark for mark in marks if self.text.startswith(mark, self.at)), "")

    def toggle(self, mark: str) -> None:
        begin = self.at
        self.at += len(mark)
        if self.open and self.open[-1].mark == mark:
            tag = self.open.pop()
            self.add(MARKS[mark], tag.offset)
        else:
            self.open.append(_Open(mark, self.offset, self.byte(begin)))

    def add(self, kind: str, offset: int, **more: str) -> None:
        if self.offset > offset:
            self.entities.append({"offset": offset, "length": self.offset - offset, "type": kind, **more})

    def code(self) -> None:
        fence = "```" if self.text.startswith("```", self.at) else "`"
        end = _find(self.text, fence, self.at + len(fence))
        if end < 0:
            words = "entity starting" if self.legacy else ("Pre entity" if fence == "```" else "Code entity")
            raise _fail(f"Can't find end of {'the ' if self.legacy else ''}{words} at byte offset {self.byte(self.at)}")
        inner = self.text[self.at + len(fence) : end]
        begin, more = self.offset, {}
        if fence == "```":
            first, newline, rest = inner.partition("\n")
            if newline and " " not in first:
                inner = rest
                more = {"language": first} if first else {}
        self.write(_unescape(inner))
        self.add("pre" if fence == "```" else "code", begin, **more)
        self.at = end + len(fence)

    def link(self) -> None:
        middle = _find(self.text, "](", self.at + 1)
        end = _find(self.text, ")", middle + 2) if middle >= 0 else -1
        if end < 0:
            if self.legacy:
                raise _fail(f"Can't find end of the entity starting at byte offset {self.byte(self.at)}")
            raise _fail("Character '[' is reserved and must be escaped with the preceding '\\'")
        inner = _Parser(self.text[self.at + 1 : middle], self.legacy)
        shown, entities = inner.run()
        begin = self.offset
        self.entities += [{**entity, "offset": entity["offset"] + begin} for entity in entities]
        self.write(shown)
        self.add("text_link", begin, url=_unescape(self.text[middle + 2 : end]))
        self.at = end + 1


def parse_markdown(text: str, legacy: bool) -> tuple[str, list[Json]]:
    """Plain text and entities of a text in MarkdownV2 or the old Markdown. Raises Refusal for what is wrong."""
    return _Parser(text, legacy).run()
