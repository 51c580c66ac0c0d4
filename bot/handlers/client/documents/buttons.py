"""Buttons of documents."""

from collections.abc import Sequence
from typing import Any

from bot.billing.documents.models import Document
from bot.billing.statements.models import Statement, StatementLine
from bot.handlers.client.documents.presses import (
    DisputeDocumentLine,
    GetPdf,
    GetXlsx,
    ListDocuments,
    OpenLine,
    OpenStatement,
    PayInvoice,
    StatementLines,
)
from bot.handlers.common.company import CompanyChoice
from bot.messaging.notices.texts import money, month
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("documents/company")
def company(_lang: str, choice: CompanyChoice) -> Keyboard:
    return Keyboard([[Button(text=each.name, press=ListDocuments(company=each.id))] for each in choice.companies])


@buttons("documents/list")
def listed(
    lang: str, *, company_id: int, statements: Sequence[Statement], page: int, pages: int, **_values: Any
) -> Keyboard:
    rows = [
        [
            Button(
                text=f"{month(each.period_start, lang)}: {money(each.gross, lang)}",
                press=OpenStatement(statement=each.id),
            )
        ]
        for each in statements
    ]
    turns = []
    if page > 0:
        turns.append(Button("documents.newer", ListDocuments(company=company_id, page=page - 1)))
    if page < pages - 1:
        turns.append(Button("documents.older", ListDocuments(company=company_id, page=page + 1)))
    return Keyboard([*rows, turns])


@buttons("documents/statement")
def statement(
    _lang: str,
    *,
    statement_id: int,
    company_id: int,
    documents: Sequence[Document],
    payable: int | None,
    **_values: Any,
) -> Keyboard:
    files = [Button(f"documents.pdf_{each.kind}", GetPdf(document=each.id)) for each in documents]
    rows = [
        [Button("documents.lines", StatementLines(statement=statement_id))],
        files,
        [Button("documents.xlsx", GetXlsx(statement=statement_id))],
        [Button("documents.back", ListDocuments(company=company_id))],
    ]
    if payable is not None:
        rows.insert(0, [Button("documents.pay", PayInvoice(document=payable))])
    return Keyboard(rows)


@buttons("documents/lines")
def lines(
    _lang: str, *, statement_id: int, lines: Sequence[StatementLine], page: int, pages: int, **_values: Any
) -> Keyboard:
    numbers = [Button(text=str(line.position), press=OpenLine(line=line.id)) for line in lines]
    turns = []
    if page > 0:
        turns.append(Button("documents.earlier", StatementLines(statement=statement_id, page=page - 1)))
    if page < pages - 1:
        turns.append(Button("documents.further", StatementLines(statement=statement_id, page=page + 1)))
    back = [Button("documents.back", OpenStatement(statement=statement_id))]
    return Keyboard([numbers[:4], numbers[4:], turns, back])


@buttons("documents/line")
def line(_lang: str, *, line_id: int, statement_id: int, disputed: bool, credited: bool, **_values: Any) -> Keyboard:
    rows = [[Button("documents.back", StatementLines(statement=statement_id))]]
    if not disputed and not credited:
        rows.insert(0, [Button("documents.dispute", DisputeDocumentLine(line=line_id))])
    return Keyboard(rows)


@buttons("documents/ask_reason")
def ask_reason(_lang: str, *, statement_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("documents.back", StatementLines(statement=statement_id))]])


@buttons("documents/invoice", "documents/paid")
def invoice(_lang: str, *, statement_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("documents.open", OpenStatement(statement=statement_id))]])
