"""Export for accounting: documents and their lines by stable ids; the same data make the same bytes (R11.3)."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from sqlmodel import Session, col, select

from bot.billing.documents.issued import lines_of_document
from bot.billing.documents.models import Document
from bot.billing.documents.printing.line import printed_line
from bot.billing.documents.printing.pdf import LANGUAGE
from bot.billing.documents.printing.workbook import Cell, exact, roubles, text_cell, workbook
from bot.billing.statements.models import Statement
from bot.calendar.periods import Period

DOCUMENTS = (
    *("id", "kind", "number", "date", "due", "period", "client", "client_name", "client_inn", "contract"),
    *("vat_percent", "net", "vat", "gross", "reverses"),
)
LINES = (
    *("id", "document", "position", "name", "unit", "okei", "quantity", "price", "net", "vat", "gross"),
    *("ticket", "approval", "work_date", "late"),
)


def write_export(session: Session, period: Period, folder: Path) -> int:
    """Write `documents.csv`, `lines.csv` and `documents.xlsx` of a month's statements; returns the documents' count.

    Sums are roubles with two decimals; `vat_percent` is empty for «без НДС», which is not 0. Quantity ×
    price is the line's gross; a credit note's quantities have a minus (R11.4).
    """
    documents, lines = export_rows(session, period)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "documents.csv").write_bytes(_csv(DOCUMENTS, documents))
    (folder / "lines.csv").write_bytes(_csv(LINES, lines))
    sheets = (("documents", DOCUMENTS, documents), ("lines", LINES, lines))
    (folder / "documents.xlsx").write_bytes(workbook(sheets))
    return len(documents)


def export_rows(session: Session, period: Period) -> tuple[list[list[Cell]], list[list[Cell]]]:
    """Rows of documents and of lines, in the order of their ids."""
    documents: list[list[Cell]] = []
    lines: list[list[Cell]] = []
    codes: dict[int | None, str] = {}
    for document in _documents(session, period):
        codes[document.id] = document.code
        documents.append(_document(document, codes.get(document.reverses_id, ""), f"{period.start:%Y-%m}"))
        for position, line in enumerate(lines_of_document(session, document), 1):
            sign = -1 if document.kind == "credit" else 1
            printed = printed_line(line.name, line.unit, line.quantity, line.price, line.kopecks, LANGUAGE)
            lines.append(
                [
                    f"{document.code}-{line.position:03}",
                    document.code,
                    position,
                    printed.name,
                    printed.unit,
                    printed.code,
                    exact(sign * printed.quantity),
                    roubles(printed.price),
                    roubles(sign * line.net),
                    roubles(sign * line.vat),
                    roubles(sign * line.kopecks),
                    line.ticket_number,
                    line.approval_id,
                    line.work_date,
                    int(line.late),
                ]
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


def _document(document: Document, reverses: str, period: str) -> list[Cell]:
    sign = -1 if document.kind == "credit" else 1
    buyer = document.parties["buyer"]
    return [
        document.code,
        document.kind,
        document.number,
        document.issued_on,
        document.due,
        period,
        buyer["code"],
        buyer["name"],
        buyer["inn"],
        document.parties["contract"]["number"],
        document.vat_bp // 100 if document.vat_bp is not None else None,
        roubles(sign * document.net),
        roubles(sign * document.vat),
        roubles(sign * document.gross),
        reverses,
    ]


def _csv(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headers)
    for row in rows:
        writer.writerow([text_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")  # the mark lets a Russian Excel read it
