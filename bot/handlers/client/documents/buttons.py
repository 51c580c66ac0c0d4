"""Buttons of documents."""

from bot.billing.documents.send import IssuedInvoice
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
from bot.handlers.client.documents.screens import (
    LineCard,
    LineQuestion,
    PaidInvoice,
    StatementCard,
    StatementLinesPage,
    StatementList,
)
from bot.handlers.common.company import CompanyChoice
from bot.messaging.notices.texts import money, month
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("documents/company")
def company(_lang: str, choice: CompanyChoice) -> Keyboard:
    return Keyboard([[Button(text=each.name, press=ListDocuments(company=each.id))] for each in choice.companies])


@buttons("documents/list")
def listed(lang: str, shown: StatementList) -> Keyboard:
    rows = [
        [
            Button(
                text=f"{month(each.month, lang)}: {money(each.gross, lang)}",
                press=OpenStatement(statement=each.id),
            )
        ]
        for each in shown.statements
    ]
    company_id, page = shown.company_id, shown.page
    turns = []
    if page > 0:
        turns.append(Button("documents.newer", ListDocuments(company=company_id, page=page - 1)))
    if page < shown.pages - 1:
        turns.append(Button("documents.older", ListDocuments(company=company_id, page=page + 1)))
    return Keyboard([*rows, turns])


@buttons("documents/statement")
def statement(_lang: str, card: StatementCard) -> Keyboard:
    files = [Button(f"documents.pdf_{each.kind}", GetPdf(document=each.id)) for each in card.papers]
    rows = [
        [Button("documents.lines", StatementLines(statement=card.statement_id))],
        files,
        [Button("documents.xlsx", GetXlsx(statement=card.statement_id))],
        [Button("documents.back", ListDocuments(company=card.company_id))],
    ]
    if card.payable is not None:
        rows.insert(0, [Button("documents.pay", PayInvoice(document=card.payable))])
    return Keyboard(rows)


@buttons("documents/lines")
def lines(_lang: str, shown: StatementLinesPage) -> Keyboard:
    numbers = [Button(text=str(line.position), press=OpenLine(line=line.id)) for line in shown.lines]
    statement_id, page = shown.statement_id, shown.page
    turns = []
    if page > 0:
        turns.append(Button("documents.earlier", StatementLines(statement=statement_id, page=page - 1)))
    if page < shown.pages - 1:
        turns.append(Button("documents.further", StatementLines(statement=statement_id, page=page + 1)))
    back = [Button("documents.back", OpenStatement(statement=statement_id))]
    return Keyboard([numbers[:4], numbers[4:], turns, back])


@buttons("documents/line")
def line(_lang: str, card: LineCard) -> Keyboard:
    rows = [[Button("documents.back", StatementLines(statement=card.statement_id))]]
    if card.line.state is None:
        rows.insert(0, [Button("documents.dispute", DisputeDocumentLine(line=card.line.id))])
    return Keyboard(rows)


@buttons("documents/ask_reason")
def ask_reason(_lang: str, question: LineQuestion) -> Keyboard:
    return Keyboard([[Button("documents.back", StatementLines(statement=question.statement_id))]])


@buttons("documents/invoice", "documents/paid")
def invoice(_lang: str, about: IssuedInvoice | PaidInvoice) -> Keyboard | None:
    if about.statement_id is None:
        return None
    return Keyboard([[Button("documents.open", OpenStatement(statement=about.statement_id))]])
