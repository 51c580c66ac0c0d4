"""The good rows of every kind of sheet, each with the place it stands at."""

from dataclasses import dataclass, field
from typing import Any

from bot.imports.files.sheets import Sheet
from bot.imports.rows.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Checked:
    """A good row with the place it stands at."""

    sheet: Sheet
    line: int
    row: Any


@dataclass(slots=True)
class Tables:
    """The good rows of every kind of sheet, in the order of the files; `there`: the sheets that there are, empty ones
    too."""

    rows: dict[str, list[Checked]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    there: frozenset[str] = frozenset()

    def of(self, kind: str) -> list[Checked]:
        """Rows of one kind of sheet."""
        return self.rows[kind]
