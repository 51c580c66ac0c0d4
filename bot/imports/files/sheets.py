"""Reading: a folder of CSV and XLSX files, one CSV or one workbook, as sheets of plain text cells."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl.utils import get_column_letter

from bot.imports.files.cells import Trouble, cleaned
from bot.imports.files.findings import FilePlace, Mistake
from bot.imports.files.headers import Columns, columns_of, counts_rows, is_total, sheet_named
from bot.imports.files.workbooks import BROKEN, Merged, pages

DELIMITERS = ";,\t"
OTHER_TABLES = frozenset({".xls", ".xlsb", ".xlsm", ".ods", ".tsv", ".numbers"})  # told of, not passed over in silence
ABOVE = 15  # filled rows in which the titles are looked for: reports have their own title and period above
_TOLD_DELIMITER = re.compile(r"\"?sep=([;,|\t])\"?\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One row: its number in the file and its cells by field name; empty cells are left out."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its kind (`companies`, …), where it came from, its headers by field name, its rows."""

    kind: str
    place: FilePlace
    headers: dict[str, str]
    lines: tuple[SheetLine, ...]

    def at(self, line: int | None = None, name: str | None = None) -> FilePlace:
        """The place of a cell or row of this sheet."""
        column = self.headers.get(name, name) if name else None
        return FilePlace(self.place.file, self.place.sheet, line, column)


def read_sheets(path: Path) -> tuple[list[Sheet], list[Mistake]]:
    """Read every table under `path`; what can't be read is a finding, the rest is read all the same."""
    if not path.exists():
        return [], [Mistake(FilePlace(str(path)), "no_file")]
    files = [path] if path.is_file() else sorted(each for each in path.iterdir() if _is_table(each))
    if not files:
        return [], [Mistake(FilePlace(str(path)), "empty_folder")]
    sheets: list[Sheet] = []
    findings: list[Mistake] = []
    for file in files:
        reader = _READERS.get(file.suffix.lower())
        if reader is None:
            findings.append(Mistake(FilePlace(file.name), "unknown_file"))
            continue
        for found in reader(file):
            if isinstance(found, Mistake):
                findings.append(found)
            elif any(sheet.kind == found.kind for sheet in sheets):
                findings.append(Mistake(found.place, "sheet_twice", {"kind": found.kind}))
            else:
                sheets.append(found)
    return sheets, findings


def _is_table(file: Path) -> bool:
    """Not what an open spreadsheet leaves beside itself (`~$clients.xlsx`, `._clients.csv`)."""
    return file.suffix.lower() in (*_READERS, *OTHER_TABLES) and not file.name.startswith(("~$", "."))


def _csv(file: Path) -> Iterator[Sheet | Mistake]:
    place = FilePlace(file.name)
    text = _decoded(file.read_bytes())
    if text is None:
        yield Mistake(place, "encoding")
        return
    told = _TOLD_DELIMITER.match(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=told[1] if told else _delimiter(text), strict=True)
    rows: list[tuple[int, list[str | Trouble]]] = []
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            yield Mistake(FilePlace(file.name, row=number), "broken_csv")
            return
        if not (told and number == 1):
            rows.append((number, list(cells)))
    yield from _sheet(file.stem, place, rows)


def _delimiter(text: str) -> str:
    """What makes most columns of the first line that has any words; commas inside quotes make none."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda each: len(next(csv.reader([first], delimiter=each), ())))


def _decoded(raw: bytes) -> str | None:
    """UTF-8 with or without a mark, UTF-16 with one, else cp1251; nothing else, and no zero bytes."""
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1251"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _workbook(file: Path) -> Iterator[Sheet | Mistake]:
    try:
        there = list(pages(file))
    except BROKEN:
        yield Mistake(FilePlace(file.name), "unreadable")
        return
    # A new workbook has «Лист2» and «Лист3», with nothing in them.
    found = [page for page in there if sheet_named(page.title) is not None or page.is_filled] or there[:1]
    for page in found:
        # A workbook of one sheet may be named by its file: spreadsheets call every first sheet «Лист1».
        name = file.stem if len(found) == 1 and sheet_named(page.title) is None else page.title
        yield from _sheet(name, FilePlace(file.name, page.title), page.rows, page.merged, lettered=True)


def _sheet(
    name: str,
    place: FilePlace,
    raw: Sequence[tuple[int, list[str | Trouble]]],
    merged: Sequence[Merged] = (),
    *,
    lettered: bool = False,
) -> Iterator[Sheet | Mistake]:
    kind = sheet_named(name)
    if kind is None:
        yield Mistake(place, "unknown_sheet", {"name": name})
        return
    rows = [(number, [cleaned(cell) if isinstance(cell, str) else cell for cell in cells]) for number, cells in raw]
    filled = [(number, cells) for number, cells in rows if any(cells)]
    if not filled:
        yield Mistake(place, "no_header")
        return
    known = columns_of(kind)
    place_of_titles = _titles_at(filled, known)
    (top, titles), body = filled[place_of_titles], filled[place_of_titles + 1 :]
    for number, cells in filled[:place_of_titles]:
        if sum(map(bool, cells)) > 2:  # a title, or «Период» and what it is
            yield Mistake(FilePlace(place.file, place.sheet, number), "above_titles")
    totals = {number for number, cells in body if _adds_up(cells)}
    titled = _Titled(FilePlace(place.file, place.sheet, top), known, lettered)
    yield from titled.read(titles)
    for block in merged:
        if block.last_row > top and block.first_row not in totals:
            title = titles[block.first_column - 1] if block.first_column <= len(titles) else ""
            column = _header(title, block.first_column - 1, lettered)
            yield Mistake(FilePlace(place.file, place.sheet, max(block.first_row, top), column), "merged")
    lines: list[SheetLine] = []
    for number, cells in body:
        if number in totals:
            continue
        yield from _astray(place, number, titles, cells, lettered=lettered)
        known_cells = ((titled.names[p], cell) for p, cell in enumerate(cells) if p in titled.names)
        lines.append(SheetLine(number, {field: cell for field, cell in known_cells if cell and isinstance(cell, str)}))
    yield Sheet(kind, place, titled.headers, tuple(lines))


@dataclass(slots=True)
class _Titled:
    """The row of titles: field names by position, headers by field name."""

    place: FilePlace
    known: Columns
    lettered: bool
    names: dict[int, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def read(self, titles: Sequence[str | Trouble]) -> Iterator[Mistake]:
        """Take the titles in; what is none is told of."""
        for position, title in enumerate(titles):
            header = _header(title, position, self.lettered)
            at = FilePlace(self.place.file, self.place.sheet, self.place.row, header)
            if isinstance(title, Trouble):
                yield Mistake(at, title.key, {"value": title.shown})
                continue
            name = self.known.find(title) if title else None
            if name is None:
                if title and not counts_rows(title, position):
                    yield Mistake(at, "unknown_column", {"expected": ", ".join(self.known.titles)})
            elif name in self.headers:
                yield Mistake(at, "column_twice")
            else:
                self.names[position], self.headers[name] = name, header


def _titles_at(filled: Sequence[tuple[int, list[str | Trouble]]], known: Columns) -> int:
    """Which of the filled rows has the titles: the first that names two columns, else the first of all."""
    for place, (_number, cells) in enumerate(filled[:ABOVE]):
        if len({known.find(cell) for cell in cells if isinstance(cell, str)} - {None}) > 1:
            return place
    return 0


def _adds_up(cells: Sequence[str | Trouble]) -> bool:
    first = next((cell for cell in cells if cell), "")
    return isinstance(first, str) and is_total(first)


def _astray(
    place: FilePlace, number: int, titles: Sequence[str | Trouble], cells: Sequence[str | Trouble], *, lettered: bool
) -> Iterator[Mistake]:
    """Cells of a row that can't be taken: without a value to trust, or under no title."""
    for position, cell in enumerate(cells):
        title = titles[position] if position < len(titles) else ""
        at = FilePlace(place.file, place.sheet, number, _header(title, position, lettered))
        if isinstance(cell, Trouble):
            yield Mistake(at, cell.key, {"value": cell.shown})
        elif cell and not title:
            yield Mistake(at, "untitled_cell" if position < len(titles) else "extra_cell", {"value": cell[:60]})


def _header(title: str | Trouble, position: int, lettered: bool) -> str:
    shown = "" if isinstance(title, Trouble) else " ".join(title.split())[:60]
    place = get_column_letter(position + 1) if lettered else str(position + 1)
    if not shown:
        return place
    return f"«{shown}» ({place})" if lettered else f"«{shown}»"


_READERS = {".csv": _csv, ".xlsx": _workbook}
