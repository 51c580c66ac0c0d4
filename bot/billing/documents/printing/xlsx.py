"""A statement as XLSX: every line with its ticket, approval and time entries (R11.1)."""

from sqlmodel import Session

from bot.billing.documents.issued import LineYes, StatementView, drawn_for, entries_of_line, yes_of_line
from bot.billing.documents.printing.line import printed_line
from bot.billing.documents.printing.workbook import Cell, exact, roubles, workbook
from bot.messaging.notices.texts import amount, label, month

_LINES = (
    *(
        "position",
        "name",
        "kind",
        "ticket",
        "work_date",
        "late",
        "quantity",
        "unit",
        "okei",
        "price",
        "net",
        "vat",
        "gross",
    ),
    *("raw", "billed", "pools", "approved_by", "approved_at", "state"),
)
_TIMES = ("position", "ticket", "work_date", "channel", "raw", "billed", "reason")
_LEFT = ("ticket", "name", "reason")


def statement_xlsx(session: Session, view: StatementView, lang: str) -> tuple[str, bytes]:
    """File name and bytes: sheets of lines, of time entries, and of what was left out."""
    lines: list[list[Cell]] = []
    times: list[list[Cell]] = []
    for line in view.lines:
        yes = yes_of_line(session, line)
        drawn = ", ".join(
            f"{label(f'pool.{each.kind}', lang)}: {amount(each.amount, each.unit, lang)}" for each in drawn_for(line)
        )
        printed = printed_line(line.name, line.unit, line.quantity, line.price, line.kopecks, lang)
        state = view.state_of(line)
        lines.append(
            [
                line.position,
                printed.name,
                label(f"statement_kind.{line.kind}", lang),
                line.ticket_number,
                line.work_date,
                label("paper.note_late", lang) if line.late else "",
                exact(printed.quantity),
                printed.unit,
                printed.code,
                roubles(printed.price),
                roubles(line.net),
                roubles(line.vat),
                roubles(line.kopecks),
                line.raw_minutes,
                line.billed_minutes,
                drawn,
                _who(yes, lang),
                f"{yes.decided_at:%d.%m.%Y %H:%M} UTC" if yes is not None else "",
                label(f"statement_state.{state}", lang) if state else "",
            ]
        )
        times += [
            [
                line.position,
                line.ticket_number,
                entry.work_date,
                label(f"statement.time_{entry.way}", lang),
                entry.minutes,
                entry.billed_minutes or 0,
                entry.reason or "",
            ]
            for entry in entries_of_line(session, line.id)
        ]
    left: list[list[Cell]] = [
        [each.ticket, each.name, label(f"left_out.{each.reason}", lang)] for each in view.left_out
    ]
    name = label(
        "paper.file_statement", lang, contract=view.contract.number, month=month(view.statement.period_start, lang)
    )
    sheets = [
        (label(f"sheet.{title}", lang), [label(f"column.{header}", lang) for header in headers], rows)
        for title, headers, rows in (("lines", _LINES, lines), ("times", _TIMES, times), ("left_out", _LEFT, left))
    ]
    return name, workbook(sheets)


def _who(yes: LineYes | None, lang: str) -> str:
    if yes is None:
        return ""
    return yes.person or label("statement.by_ceiling", lang)
