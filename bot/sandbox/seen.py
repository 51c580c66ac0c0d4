"""What a person sees, as values for tests and demos."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class NotPossibleError(AssertionError):
    """A person can't do this: no such button, chat or message."""


class NotSeenError(AssertionError):
    """What was waited for did not come; says what the chat shows instead."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as a person sees it; `text` is its text or caption."""

    message_id: int
    text: str
    mine: bool
    kind: str
    buttons: list[list[str]]
    data: dict[str, str] = field(repr=False)
    keyboard: list[list[str]] | None
    author: str
    thread: int | None
    reply_to: int | None
    edited: bool
    changed: int
    raw: Json = field(repr=False)

    @property
    def labels(self) -> list[str]:
        """The texts of its inline buttons."""
        return [label for row in self.buttons for label in row]


def read_seen(shown: Json) -> Seen:
    """A message as the server shows it to a person."""
    rows = shown["buttons"]
    keyboard = shown["keyboard"] or {}
    return Seen(
        message_id=shown["message_id"],
        text=shown["text"],
        mine=shown["mine"],
        kind=shown["kind"],
        buttons=[[button["text"] for button in row] for row in rows],
        data={b["text"]: b["callback_data"] for row in rows for b in row if "callback_data" in b},
        keyboard=[[button["text"] for button in row] for row in keyboard["keyboard"]]
        if "keyboard" in keyboard
        else None,
        author=shown["from"]["first_name"],
        thread=shown["thread"],
        reply_to=shown["reply_to"],
        edited=shown["edited"],
        changed=shown["changed"],
        raw=shown["raw"],
    )
