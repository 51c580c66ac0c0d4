"""A statement as XLSX: every line with its ticket, approval and time entries (R11.1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from bot.billing.documents.issued import LineYes, StatementView, drawn_for, entries_of_line, yes_of_line
from bot.billing.documents.printing.line import printed_line
from bot.billing.documents.printing.workbook import Cell, Table, cells_of, columns_of, exact, roubles, workbook
from bot.billing.statements.rule import LeftOut
from bot.messaging.notices.subjects import Subject
from bot.messaging.notices.texts import amount, label, month


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCells:
    """A line of a statement as a row: sums in roubles, time in minutes."""

    position: int
    name: str
    kind: str
    ticket: int | None
    work_date: date
    late: str
    quantity: Decimal | int
    unit: str
    okei: str
    price: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    raw: int
    billed: int
    pools: str
    approved_by: str
    approved_at: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCells:
    """A time entry of a line as a row, in minutes."""

    position: int
    ticket: int | None
    work_date: date
    channel: str
    raw: int
    billed: int
    reason: str


def statement_xlsx(session: Session, view: StatementView, lang: str) -> tuple[str, bytes]:
    """File name and bytes: sheets of lines, of time entries, and of what was left out."""
    lines: list[LineCells] = []
    times: list[TimeCells] = []
    for line in view.lines:
        yes = yes_of_line(session, line)
        drawn = ", ".join(
            f"{label(f'pool.{each.kind}', lang)}: {amount(each.amount, each.unit, lang)}" for each in drawn_for(line)
        )
        printed = printed_line(line.name, line.unit, line.quantity, line.price, line.gross, lang)
        state = view.state_of(line)
        lines.append(
            LineCells(
                position=line.position,
                name=printed.name,
                kind=label(f"statement_kind.{line.kind}", lang),
                ticket=line.ticket_number,
                work_date=line.work_date,
                late=label("paper.note_late", lang) if line.late else "",
                quantity=exact(printed.quantity),
                unit=printed.unit,
                okei=printed.code,
                price=roubles(printed.price),
                net=roubles(line.net),
                vat=roubles(line.vat),
                gross=roubles(line.gross),
                raw=line.raw_minutes,
                billed=line.billed_minutes,
                pools=drawn,
                approved_by=_who(yes, lang),
                approved_at=f"{yes.decided_at:%d.%m.%Y %H:%M} UTC" if yes is not None else "",
                state=label(f"statement_state.{state}", lang) if state else "",
            )
        )
        times += [
            TimeCells(
                position=line.position,
                ticket=line.ticket_number,
                work_date=entry.work_date,
                channel=label(f"statement.time_{entry.way}", lang),
                raw=entry.minutes,
                billed=entry.billed_minutes or 0,
                reason=entry.reason or "",
            )
            for entry in entries_of_line(session, line.id)
        ]
    left = [replace(each, reason=label(f"left_out.{each.reason}", lang)) for each in view.left_out]
    name = label(
        "paper.file_statement", lang, contract=view.contract.number, month=month(view.statement.period_start, lang)
    )
    sheets = [
        replace(_sheet("lines", LineCells, lines, lang), total=_total(view, lang)),
        _sheet("times", TimeCells, times, lang),
        _sheet("left_out", LeftOut, left, lang),
    ]
    return name, workbook(sheets)


def _sheet(title: str, kind: type[Subject], rows: Sequence[Subject], lang: str) -> Table:
    heads = [label(f"column.{column}", lang) for column in columns_of(kind)]
    return Table(label(f"sheet.{title}", lang), heads, [cells_of(row) for row in rows])


def _total(view: StatementView, lang: str) -> list[Cell]:
    """The stored sums of the statement, never added up anew (R6.2), and its minutes."""
    found: dict[str, Cell] = {
        "name": label("sheet.total", lang),
        "net": roubles(view.statement.net),
        "vat": roubles(view.statement.vat),
        "gross": roubles(view.statement.gross),
        "raw": sum(line.raw_minutes for line in view.lines),
        "billed": sum(line.billed_minutes for line in view.lines),
    }
    return [found.get(column) for column in columns_of(LineCells)]


def _who(yes: LineYes | None, lang: str) -> str:
    if yes is None:
        return ""
    return yes.person or label("statement.by_ceiling", lang)
