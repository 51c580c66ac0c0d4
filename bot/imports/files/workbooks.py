"""Workbooks of Excel, LibreOffice and 1C: their pages as rows of text cells, with what is merged in them."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from bot.imports.files.cells import Trouble, native_text

BROKEN = (
    *(InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError),
    *(KeyError, ValueError, TypeError, IndexError, OSError, EOFError),
)


@dataclass(frozen=True, slots=True)
class Merged:
    """Cells that a sheet shows as one, counted from 1; only the first of them has a value."""

    first_row: int
    last_row: int
    first_column: int


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet: its title, its rows with their numbers, its merged cells that hold a value."""

    title: str
    rows: list[tuple[int, list[str | Trouble]]]
    merged: tuple[Merged, ...]

    @property
    def is_filled(self) -> bool:
        """Whether any cell has a value."""
        return any(any(cells) for _number, cells in self.rows)


def pages(file: Path) -> Iterator[Page]:
    """Every sheet, hidden ones too. Raises one of BROKEN for what is no workbook."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a sheet has beside its cells; a date out of range becomes an error
        book = load_workbook(file, data_only=True)
        unknown = _without_result(file, book)
    for page in book.worksheets:
        rows = []
        for number, cells in enumerate(_filled(page), start=1):
            texts = [
                Trouble("no_result")
                if (page.title, number, column) in unknown
                else Trouble("excel_error", str(cell.value))
                if cell.data_type == "e"
                else native_text(cell.value, cell.number_format or "")
                for column, cell in enumerate(cells, start=1)
            ]
            rows.append((number, texts))
        merged = tuple(
            Merged(block.min_row, block.max_row, block.min_col)
            for block in page.merged_cells.ranges
            if page.cell(block.min_row, block.min_col).value is not None
        )
        yield Page(page.title, rows, merged)


def _filled(page: Worksheet) -> Iterator[tuple[Any, ...]]:
    """Rows down to the last cell with a value: whole columns may be formatted down to the millionth row."""
    places = [place for place, cell in page._cells.items() if cell.value is not None]
    last_row, last_column = (max((place[axis] for place in places), default=1) for axis in (0, 1))
    return page.iter_rows(max_row=last_row, max_col=last_column)


def _without_result(file: Path, book: Workbook) -> set[tuple[str, int, int]]:
    """Places of formulas that were never counted: their cells look empty. An empty text is a result."""
    with zipfile.ZipFile(file) as packed:
        names = [name for name in packed.namelist() if name.startswith("xl/worksheets/")]
        if not any(b"<f" in packed.read(name) for name in names):
            return set()
    found: set[tuple[str, int, int]] = set()
    for page in load_workbook(file).worksheets:
        for number, row in enumerate(_filled(page), start=1):
            for column, cell in enumerate(row, start=1):
                counted = book[page.title].cell(number, column)
                if cell.data_type == "f" and counted.value is None and counted.data_type == "n":
                    found.add((page.title, number, column))
    return found
