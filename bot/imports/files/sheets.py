"""Reading: a folder of CSV and XLSX files, one CSV or one workbook, as sheets of plain text cells."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl.utils import get_column_letter

from bot.imports.files.cells import Trouble, cleaned
from bot.imports.files.findings import FilePlace, Mistake
from bot.imports.files.headers import columns_of, sheet_named
from bot.imports.files.workbooks import BROKEN, Merged, pages

DELIMITERS = ";,\t"
OTHER_TABLES = frozenset({".xls", ".xlsb", ".xlsm", ".ods", ".tsv", ".numbers"})  # told of, not passed over in silence
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
        found = list(pages(file))
    except BROKEN:
        yield Mistake(FilePlace(file.name), "unreadable")
        return
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
    (top, titles), body = filled[0], filled[1:]
    names: dict[int, str] = {}
    headers: dict[str, str] = {}
    known = columns_of(kind)
    for position, title in enumerate(titles):
        at = FilePlace(place.file, place.sheet, top, _header(title, position, lettered))
        if isinstance(title, Trouble):
            yield Mistake(at, title.key, {"value": title.shown})
        elif title:
            field = known.find(title)
            if field is None:
                yield Mistake(at, "unknown_column", {"expected": ", ".join(known.titles)})
            elif field in headers:
                yield Mistake(at, "column_twice")
            else:
                names[position] = field
                headers[field] = _header(title, position, lettered)
    for block in merged:
        if block.last_row > top:
            title = titles[block.first_column - 1] if block.first_column <= len(titles) else ""
            column = _header(title, block.first_column - 1, lettered)
            yield Mistake(FilePlace(place.file, place.sheet, max(block.first_row, top), column), "merged")
    lines: list[SheetLine] = []
    for number, cells in body:
        yield from _astray(place, number, titles, cells, lettered=lettered)
        known_cells = ((names[p], cell) for p, cell in enumerate(cells) if p in names)
        lines.append(SheetLine(number, {field: cell for field, cell in known_cells if cell and isinstance(cell, str)}))
    yield Sheet(kind, place, headers, tuple(lines))


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
