"""What is wrong with a file, where, and what is expected there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.messaging.notices.texts import label


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where: file, sheet of a workbook, row as a spreadsheet counts it, column by its header."""

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake; `key` names the label of section `import_error` that tells it, `values` fill it in."""

    place: FilePlace
    key: str
    values: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """One line in the language: place, what is wrong, what is expected."""
        place = self.place
        parts = [place.file]
        for name in ("sheet", "row", "column"):
            if (value := getattr(place, name)) is not None:
                parts.append(label(f"import_place.{name}", lang, value=value))
        return f"{', '.join(parts)}: {label(f'import_error.{self.key}', lang, **self.values)}"


class BadImportError(Exception):
    """Files that can't be taken; nothing was changed. Carries every finding."""

    def __init__(self, findings: Sequence[Mistake]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = tuple(findings)

    def text(self, lang: str, limit: int = 200) -> str:
        """A line for each finding, at most `limit`, and how many there are in all."""
        lines = [finding.text(lang) for finding in self.findings[:limit]]
        lines.append(label("import_report.findings", lang, count=len(self.findings), shown=len(lines)))
        return "\n".join(lines)
