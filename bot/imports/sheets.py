"""Reading: a folder of CSV and XLSX files, one CSV or one workbook, as sheets of plain text cells."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from bot.imports.findings import Finding, Place
from bot.imports.headers import columns_of, sheet_named

DELIMITERS = ";,\t"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file and its cells by field name; empty cells are left out."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its kind (`companies`, …), where it came from, its headers by field name, its rows."""

    kind: str
    place: Place
    headers: dict[str, str]
    lines: tuple[Line, ...]

    def at(self, line: int | None = None, name: str | None = None) -> Place:
        """The place of a cell or row of this sheet."""
        column = self.headers.get(name, name) if name else None
        return Place(self.place.file, self.place.sheet, line, column)


def read_sheets(path: Path) -> tuple[list[Sheet], list[Finding]]:
    """Read every table under `path`; what can't be read is a finding, the rest is read all the same."""
    if not path.exists():
        return [], [Finding(Place(str(path)), "no_file")]
    files = [path] if path.is_file() else sorted(each for each in path.iterdir() if each.suffix.lower() in _READERS)
    if not files:
        return [], [Finding(Place(str(path)), "empty_folder")]
    sheets: list[Sheet] = []
    findings: list[Finding] = []
    for file in files:
        reader = _READERS.get(file.suffix.lower())
        if reader is None:
            findings.append(Finding(Place(file.name), "unknown_file"))
            continue
        for found in reader(file):
            if isinstance(found, Finding):
                findings.append(found)
            elif any(sheet.kind == found.kind for sheet in sheets):
                findings.append(Finding(found.place, "sheet_twice", {"kind": found.kind}))
            else:
                sheets.append(found)
    return sheets, findings


def _csv(file: Path) -> Iterator[Sheet | Finding]:
    place = Place(file.name)
    text = _decoded(file.read_bytes())
    if text is None:
        yield Finding(place, "encoding")
        return
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            yield Finding(Place(file.name, row=number), "broken_csv")
            return
        rows.append((number, cells))
    yield from _sheet(file.stem, place, rows)


def _decoded(raw: bytes) -> str | None:
    """UTF-8 with or without a mark, else cp1251; nothing else, and no zero bytes."""
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _workbook(file: Path) -> Iterator[Sheet | Finding]:
    try:
        book = load_workbook(file, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError):
        yield Finding(Place(file.name), "unreadable")
        return
    for page in book.worksheets:
        rows = [
            (number, [_text(value) for value in values])
            for number, values in enumerate(page.iter_rows(values_only=True), start=1)
        ]
        # A workbook of one sheet may be named by its file: spreadsheets call every first sheet «Лист1».
        name = file.stem if len(book.worksheets) == 1 and sheet_named(page.title) is None else page.title
        yield from _sheet(name, Place(file.name, page.title), rows, lettered=True)


def _text(value: Any) -> str:
    """A cell of a spreadsheet as a person would type it; money keeps its kopecks (repr of a float is shortest)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat() if isinstance(value, date) else value.isoformat("minutes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _sheet(
    name: str, place: Place, rows: Sequence[tuple[int, list[str]]], *, lettered: bool = False
) -> Iterator[Sheet | Finding]:
    kind = sheet_named(name)
    if kind is None:
        yield Finding(place, "unknown_sheet", {"name": name})
        return
    filled = [(number, cells) for number, cells in rows if any(cell.strip() for cell in cells)]
    if not filled:
        yield Finding(place, "no_header")
        return
    (top, titles), body = filled[0], filled[1:]
    names: dict[int, str] = {}
    headers: dict[str, str] = {}
    known = columns_of(kind)
    for position, title in enumerate(titles):
        if not title.strip():
            continue
        at = Place(place.file, place.sheet, top, _header(title, position, lettered))
        field = known.find(title)
        if field is None:
            yield Finding(at, "unknown_column", {"expected": ", ".join(known.titles)})
        elif field in headers:
            yield Finding(at, "column_twice")
        else:
            names[position] = field
            headers[field] = _header(title, position, lettered)
    lines: list[Line] = []
    for number, cells in body:
        beyond = [cell for position, cell in enumerate(cells) if cell.strip() and position >= len(titles)]
        if beyond:
            yield Finding(Place(place.file, place.sheet, number), "extra_cell", {"value": beyond[0][:60]})
        lines.append(
            Line(number, {names[p]: cell.strip() for p, cell in enumerate(cells) if p in names and cell.strip()})
        )
    yield Sheet(kind, place, headers, tuple(lines))


def _header(title: str, position: int, lettered: bool) -> str:
    shown = " ".join(title.split())[:60]
    return f"«{shown}» ({get_column_letter(position + 1)})" if lettered else f"«{shown}»"


_READERS = {".csv": _csv, ".xlsx": _workbook}
