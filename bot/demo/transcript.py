"""The transcript of a played story: who wrote, pressed and saw what, as text a person can read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

COLOURS = ("cyan", "magenta", "yellow", "green", "bright_blue", "bright_red")


class Transcript(Protocol):
    """Where a stage writes down what happens."""

    def scene(self, title: str) -> None:
        """A new chapter."""

    def act(self, who: str, where: str, what: str) -> None:
        """Somebody wrote or pressed; `where` is a chat other than the one with the bot, or empty."""

    def shown(self, author: str, to: str, text: str, rows: Sequence[Sequence[str]], *, edited: bool) -> None:
        """A message of the bot appeared, or changed, with rows of buttons."""

    def held(self, claim: str) -> None:
        """A step of the story held."""

    def note(self, words: str) -> None:
        """A word about what happens off stage."""


class Unwritten:
    """For tests: nothing is written down."""

    def scene(self, title: str) -> None:
        """Not written."""

    def act(self, who: str, where: str, what: str) -> None:
        """Not written."""

    def shown(self, author: str, to: str, text: str, rows: Sequence[Sequence[str]], *, edited: bool) -> None:
        """Not written."""

    def held(self, claim: str) -> None:
        """Not written."""

    def note(self, words: str) -> None:
        """Not written."""


@dataclass
class Printed:
    """On a terminal in colours, one for each person; elsewhere as plain lines."""

    console: Console = field(default_factory=lambda: Console(highlight=False, markup=False, emoji=False))
    steps: int = 0
    _colours: dict[str, str] = field(default_factory=dict)

    def scene(self, title: str) -> None:
        """A rule with the title."""
        self.console.print()
        if self.console.is_terminal:
            self.console.print(Rule(Text(title, "bold"), align="left", style="dim"))
        else:
            self.console.print(f"=== {title} ===", soft_wrap=True)

    def act(self, who: str, where: str, what: str) -> None:
        """The name, then the words."""
        self.console.print()
        self._head(who, f" · {where}" if where else "")
        self._body(f"▸ {what}", "")

    def shown(self, author: str, to: str, text: str, rows: Sequence[Sequence[str]], *, edited: bool) -> None:
        """Author and reader, the words, the buttons."""
        self.console.print()
        self._head(author, f" → {to}{' (изменено)' if edited else ''}")
        self._body(text, "")
        for row in rows:
            self._body(" ".join(f"[{label}]" for label in row), "dim" if self.console.is_terminal else "")

    def held(self, claim: str) -> None:
        """A tick and what was to be seen."""
        self.steps += 1
        self._body(f"✓ {claim}", "green")

    def note(self, words: str) -> None:
        """In brackets."""
        self.console.print()
        self._body(f"({words})", "italic dim")

    def _head(self, who: str, rest: str) -> None:
        colour = self._colours.setdefault(who, COLOURS[len(self._colours) % len(COLOURS)])
        self.console.print(Text.assemble((who, f"bold {colour}"), (rest, "dim")), soft_wrap=True)

    def _body(self, text: str, style: str) -> None:
        if self.console.is_terminal:
            self.console.print(Padding(Text(text, style), (0, 0, 0, 2)))
        else:
            self.console.print("\n".join(f"  {line}".rstrip() for line in text.split("\n")), soft_wrap=True)
