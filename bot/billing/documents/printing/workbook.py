"""XLSX whose bytes depend on its cells only: the same rows make the same file, whenever it is written."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal

from bot.messaging.notices.subjects import Subject

Cell = str | int | Decimal | date | None
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # openpyxl wants no zone
_ZIP_EPOCH = (2000, 1, 1, 0, 0, 0)
_WIDEST = 60
_DAY = "DD.MM.YYYY"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: a row of headers to filter by, the rows, and where sums add up a last row of totals."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()


def roubles(kopecks: int) -> Decimal:
    """Kopecks as an exact number of roubles with two decimals."""
    return Decimal(kopecks).scaleb(-2)


def exact(quantity: Decimal) -> Decimal | int:
    """A quantity as a cell: whole numbers stay whole, decimals are all shown."""
    return int(quantity) if quantity == quantity.to_integral_value() else quantity.normalize()


def columns_of(row: type[Subject]) -> list[str]:
    """The columns of a table, named by the fields of its rows."""
    return [field.name for field in fields(row)]


def cells_of(row: Subject) -> list[Cell]:
    """A row's cells in the order of its columns."""
    return [getattr(row, field.name) for field in fields(row)]


def workbook(tables: Sequence[Table]) -> bytes:
    """A sheet a table; sums are given by `roubles` and shown with two decimals."""
    # Here, as a bot that starts makes no file yet: a quarter of a second.
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    del book["Sheet"]
    book.properties.created = book.properties.modified = _EPOCH
    for table in tables:
        sheet = book.create_sheet(table.title[:31])
        sheet.append(list(table.headers))
        for row in table.rows:
            sheet.append([text_cell(cell) if isinstance(cell, str) else cell for cell in row])
        sheet.auto_filter.ref = sheet.dimensions  # without the totals, which would be sorted among the rows
        if table.total:
            sheet.append(list(table.total))
        for cell in (*sheet[1], *(sheet[sheet.max_row] if table.total else ())):
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
        for column in range(1, len(table.headers) + 1):
            cells = [sheet.cell(line, column) for line in range(1, sheet.max_row + 1)]
            width = max(len(str(cell.value or "")) for cell in cells) + 2
            sheet.column_dimensions[get_column_letter(column)].width = min(width, _WIDEST)
            for cell in cells[1:]:
                if isinstance(cell.value, Decimal):
                    cell.number_format = _number_format(cell.value)
                elif isinstance(cell.value, date):
                    cell.number_format = _DAY
                elif isinstance(cell.value, str) and width > _WIDEST:
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
    packed = io.BytesIO()
    book.save(packed)
    return _stable(packed.getvalue())


def _number_format(value: Decimal) -> str:
    """Sums with two decimals; a quantity with as many as it has."""
    decimals = -int(value.as_tuple().exponent)
    return "#,##0." + "0" * max(decimals, 2)


def text_cell(text: str) -> str:
    """Text that a spreadsheet never runs as a formula: names come from outside."""
    clean = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    return f"'{clean}" if clean.startswith(_FORMULA) else clean


def _stable(content: bytes) -> bytes:
    """The archive again with fixed times: openpyxl stamps the moment into it."""
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _without_moment(data)
            new.writestr(zipfile.ZipInfo(name, _ZIP_EPOCH), data, zipfile.ZIP_DEFLATED)
    return again.getvalue()


def _without_moment(core: bytes) -> bytes:
    head, _, rest = core.partition(b"<dcterms:modified")
    _, _, tail = rest.partition(b"</dcterms:modified>")
    return head + tail if tail else core
