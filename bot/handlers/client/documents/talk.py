"""«Документы»: statements with every line explained, invoices and acts as files; for finance and owner, in private."""

from typing import Any

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.debts.rights import may_see_money
from bot.billing.documents.dispute_line import dispute_line, line_for
from bot.billing.documents.issued import (
    StatementView,
    approval_of_line,
    document_for,
    entries_of_line,
    left_to_pay,
    statement_for,
    statements_of,
    top_up_of_line,
)
from bot.billing.documents.printing.xlsx import statement_xlsx
from bot.billing.documents.send import stored, stored_pdf
from bot.db.errors import NotAllowed
from bot.handlers.client.documents.presses import (
    DisputeDocumentLine,
    GetPdf,
    GetXlsx,
    ListDocuments,
    OpenLine,
    OpenStatement,
    StatementLines,
)
from bot.handlers.common.company import CompanyChoice, companies, company_for, person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Command, IsClient, Private
from bot.handlers.common.recording import is_menu

PAGE = 8

router = Router(name="documents")
router.callback_query.filter(Private())
texts_router = Router(name="documents_texts")


class Disputing(StatesGroup):
    """What the client's next line is."""

    reason = State()


@router.message(Private(), Command("documents"), IsClient())
async def begun(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """Documents of the companies that the person may see them of."""
    await state.clear()
    mine = [each for each in companies(turn) if may_see_money(turn.session, each.id, person_of(turn))]
    if not mine:
        raise NotAllowed
    if len(mine) > 1:
        turn.say("documents/company", CompanyChoice(mine))
    else:
        turn.say("documents/list", **_listed(turn, mine[0].id, 0))


@router.callback_query(ListDocuments.filter())
async def listed(_press: CallbackQuery, callback_data: ListDocuments, turn: Conversation, state: FSMContext) -> None:
    """Statements of a company, the newest first."""
    await state.clear()
    turn.show("documents/list", **_listed(turn, callback_data.company, callback_data.page))


@router.callback_query(OpenStatement.filter())
async def opened(
    _press: CallbackQuery, callback_data: OpenStatement, turn: Conversation, provider_token: str = ""
) -> None:
    """A statement in short, and what can be had of it."""
    view = statement_for(turn.session, callback_data.statement, person_of(turn))
    turn.show("documents/statement", **_summary(turn, view, provider_token))


@router.callback_query(StatementLines.filter())
async def lines(_press: CallbackQuery, callback_data: StatementLines, turn: Conversation, state: FSMContext) -> None:
    """Lines of a statement; each can be opened."""
    await state.clear()
    view = statement_for(turn.session, callback_data.statement, person_of(turn))
    pages = max(1, -(-len(view.lines) // PAGE))
    page = min(max(callback_data.page, 0), pages - 1)
    turn.show(
        "documents/lines",
        statement_id=view.statement.id,
        month=view.statement.period_start,
        contract=view.contract.number,
        lines=view.lines[page * PAGE : (page + 1) * PAGE],
        disputed=view.disputed,
        credited=view.credited,
        page=page,
        pages=pages,
    )


@router.callback_query(OpenLine.filter())
async def line_opened(_press: CallbackQuery, callback_data: OpenLine, turn: Conversation, state: FSMContext) -> None:
    """One line: its ticket, its approval, its time entries (R11.1)."""
    await state.clear()
    _show_line(turn, callback_data.line)


@router.callback_query(DisputeDocumentLine.filter())
async def objecting(
    _press: CallbackQuery, callback_data: DisputeDocumentLine, turn: Conversation, state: FSMContext
) -> None:
    """The next line says what is wrong."""
    line = line_for(turn.uow, callback_data.line, person_of(turn))
    await state.set_state(Disputing.reason)
    await state.set_data({"line": line.id})
    turn.show("documents/ask_reason", name=line.name, statement_id=line.statement_id)


@texts_router.message(Private(), StateFilter(Disputing.reason), lambda message: not is_menu(message.text))
async def objected(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The objection is kept, managers are told."""
    line_id = int((await state.get_data())["line"])
    dispute_line(turn.uow, line_id, message.text or message.caption or "", person_of(turn))
    await state.clear()
    turn.say("documents/dispute_kept")
    _show_line(turn, line_id)


@router.callback_query(GetPdf.filter())
async def pdf(_press: CallbackQuery, callback_data: GetPdf, turn: Conversation) -> None:
    """Invoice or act as a file."""
    document = document_for(turn.session, callback_data.document, person_of(turn))
    blob = stored_pdf(turn.uow, document)
    turn.send_file("documents/file", blob, kind=document.kind, number=document.number, issued=document.issued_on)


@router.callback_query(GetXlsx.filter())
async def xlsx(_press: CallbackQuery, callback_data: GetXlsx, turn: Conversation) -> None:
    """The statement as a spreadsheet."""
    view = statement_for(turn.session, callback_data.statement, person_of(turn))
    name, content = statement_xlsx(turn.session, view, turn.lang)
    turn.send_file(
        "documents/details",
        stored(turn.uow, name, content),
        contract=view.contract.number,
        month=view.statement.period_start,
    )


def _listed(turn: Conversation, company_id: int, page: int) -> dict[str, Any]:
    company = company_for(turn, company_id)
    if not turn.is_private:
        raise NotAllowed
    found = statements_of(turn.session, company_id, person_of(turn))
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(page, 0), pages - 1)
    return {
        "company_id": company_id,
        "company": company.name,
        "statements": found[page * PAGE : (page + 1) * PAGE],
        "page": page,
        "pages": pages,
    }


def _summary(turn: Conversation, view: StatementView, provider_token: str) -> dict[str, Any]:
    invoice = view.invoice
    left = left_to_pay(turn.session, invoice) if invoice is not None else 0
    return {
        "statement_id": view.statement.id,
        "company_id": view.company.id,
        "company": view.company.name,
        "contract": view.contract.number,
        "month": view.statement.period_start,
        "gross": view.statement.gross,
        "vat": view.statement.vat if view.statement.vat_bp is not None else None,
        "count": len(view.lines),
        "fee": sum(line.kopecks for line in view.lines if line.kind == "fee"),
        "bought": sum(line.kopecks for line in view.lines if line.kind == "top_up"),
        "paid_work": sum(line.kopecks for line in view.lines if line.kind == "quote"),
        "covered": view.covered_minutes,
        "raw": sum(line.raw_minutes for line in view.lines),
        "billed": sum(line.billed_minutes for line in view.lines),
        "late": sum(line.late for line in view.lines),
        "left_out": view.statement.left_out,
        "disputed": len(view.disputed),
        "documents": view.documents,
        "left": left,
        "due": invoice.due if invoice is not None else None,
        "payable": invoice.id if invoice is not None and left > 0 and provider_token else None,
    }


def _show_line(turn: Conversation, line_id: int) -> None:
    line = line_for(turn.uow, line_id, person_of(turn))
    view = statement_for(turn.session, line.statement_id, person_of(turn))
    approval = approval_of_line(turn.session, line)
    turn.show(
        "documents/line",
        line_id=line_id,
        statement_id=line.statement_id,
        line=line,
        entries=entries_of_line(turn.session, line_id),
        approval=approval,
        top_up=top_up_of_line(turn.session, line),
        zone=view.company.timezone,
        disputed=line.id in view.disputed,
        credited=line.id in view.credited,
    )
