"""Export for accounting: documents and their lines by stable ids; the same data make the same bytes (R11.3)."""

import csv
import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlmodel import Session, col, select

from bot.billing.documents.issued import lines_of_document
from bot.billing.documents.models import Document
from bot.billing.documents.printing.line import printed_line
from bot.billing.documents.printing.pdf import LANGUAGE
from bot.billing.documents.printing.workbook import (
    Cell,
    Table,
    cells_of,
    columns_of,
    exact,
    roubles,
    text_cell,
    workbook,
)
from bot.billing.statements.models import Statement
from bot.calendar.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedDocument:
    """A document as a row: sums in roubles, `vat_percent` empty for «без НДС»; dates as they stand on it."""

    id: str
    kind: str
    number: int
    date: datetime.date
    due: datetime.date | None
    period: str
    client: str
    client_name: str
    client_inn: str | None
    contract: str
    vat_percent: int | None
    net: Decimal
    vat: Decimal
    gross: Decimal
    reverses: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedLine:
    """A line of a document as a row: sums in roubles, `late` 1 for a past period."""

    id: str
    document: str
    position: int
    name: str
    unit: str
    okei: str
    quantity: Decimal | int
    price: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    ticket: int | None
    approval: int | None
    work_date: datetime.date
    late: int


def write_export(session: Session, period: Period, folder: Path) -> int:
    """Write `documents.csv`, `lines.csv` and `documents.xlsx` of a month's statements; returns the documents' count.

    Sums are roubles with two decimals; `vat_percent` is empty for «без НДС», which is not 0. Quantity ×
    price is the line's gross; a credit note's quantities have a minus (R11.4).
    """
    documents, lines = export_rows(session, period)
    folder.mkdir(parents=True, exist_ok=True)
    sheets = (
        Table("documents", columns_of(ExportedDocument), [cells_of(each) for each in documents]),
        Table("lines", columns_of(ExportedLine), [cells_of(each) for each in lines]),
    )
    for table in sheets:
        (folder / f"{table.title}.csv").write_bytes(_csv(table.headers, table.rows))
    (folder / "documents.xlsx").write_bytes(workbook(sheets))
    return len(documents)


def export_rows(session: Session, period: Period) -> tuple[list[ExportedDocument], list[ExportedLine]]:
    """Rows of documents and of lines, in the order of their ids."""
    documents: list[ExportedDocument] = []
    lines: list[ExportedLine] = []
    codes: dict[int | None, str] = {}
    for document in _documents(session, period):
        codes[document.id] = document.code
        documents.append(_document(document, codes.get(document.reverses_id, ""), f"{period.start:%Y-%m}"))
        for position, line in enumerate(lines_of_document(session, document), 1):
            sign = -1 if document.kind == "credit" else 1
            printed = printed_line(line.name, line.unit, line.quantity, line.price, line.gross, LANGUAGE)
            lines.append(
                ExportedLine(
                    id=f"{document.code}-{line.position:03}",
                    document=document.code,
                    position=position,
                    name=printed.name,
                    unit=printed.unit,
                    okei=printed.code,
                    quantity=exact(sign * printed.quantity),
                    price=roubles(printed.price),
                    net=roubles(sign * line.net),
                    vat=roubles(sign * line.vat),
                    gross=roubles(sign * line.gross),
                    ticket=line.ticket_number,
                    approval=line.approval_id,
                    work_date=line.work_date,
                    late=int(line.late),
                )
            )
    return documents, lines


def _documents(session: Session, period: Period) -> list[Document]:
    """Documents of the month's statements, then credit notes on them."""
    own = list(
        session.exec(
            select(Document)
            .join(Statement, col(Statement.id) == col(Document.statement_id))
            .where(Statement.period_start == period.start)
            .order_by(col(Document.id))
        ).all()
    )
    ids = [document.id for document in own]
    credits = session.exec(select(Document).where(col(Document.reverses_id).in_(ids)).order_by(col(Document.id))).all()
    return [*own, *credits]


def _document(document: Document, reverses: str, period: str) -> ExportedDocument:
    sign = -1 if document.kind == "credit" else 1
    buyer = document.parties["buyer"]
    return ExportedDocument(
        id=document.code,
        kind=document.kind,
        number=document.number,
        date=document.issued_on,
        due=document.due,
        period=period,
        client=buyer["code"],
        client_name=buyer["name"],
        client_inn=buyer["inn"],
        contract=document.parties["contract"]["number"],
        vat_percent=document.vat_bp // 100 if document.vat_bp is not None else None,
        net=roubles(sign * document.net),
        vat=roubles(sign * document.vat),
        gross=roubles(sign * document.gross),
        reverses=reverses,
    )


def _csv(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headers)
    for row in rows:
        writer.writerow([text_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")  # the mark lets a Russian Excel read it
