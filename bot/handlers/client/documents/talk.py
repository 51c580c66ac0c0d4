"""«Документы»: statements with every line explained, invoices and acts as files; for finance and owner, in private."""

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.debts.rights import may_see_money
from bot.billing.documents.dispute_line import dispute_line, line_for
from bot.billing.documents.issued import document_for, statement_for
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
from bot.handlers.client.documents.screens import (
    DetailsFile,
    LineQuestion,
    PaperFile,
    line_card,
    lines_page,
    statement_card,
    statement_list,
)
from bot.handlers.common.company import CompanyChoice, companies, person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Command, IsClient, Label, Private, Speech

router = Router(name="documents")
router.callback_query.filter(Private())
texts_router = Router(name="documents_texts")


class Disputing(StatesGroup):
    """What the client's next line is."""

    reason = State()


@router.message(Private(), Label("menu.documents"), IsClient())
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
        turn.say("documents/list", statement_list(turn, mine[0].id, 0))


@router.callback_query(ListDocuments.filter())
async def listed(_press: CallbackQuery, callback_data: ListDocuments, turn: Conversation, state: FSMContext) -> None:
    """Statements of a company, the newest first."""
    await state.clear()
    turn.show("documents/list", statement_list(turn, callback_data.company, callback_data.page))


@router.callback_query(OpenStatement.filter())
async def opened(
    _press: CallbackQuery, callback_data: OpenStatement, turn: Conversation, provider_token: str = ""
) -> None:
    """A statement in short, and what can be had of it."""
    view = statement_for(turn.session, callback_data.statement, person_of(turn))
    turn.show("documents/statement", statement_card(turn, view, provider_token))


@router.callback_query(StatementLines.filter())
async def lines(_press: CallbackQuery, callback_data: StatementLines, turn: Conversation, state: FSMContext) -> None:
    """Lines of a statement; each can be opened."""
    await state.clear()
    view = statement_for(turn.session, callback_data.statement, person_of(turn))
    turn.show("documents/lines", lines_page(view, callback_data.page))


@router.callback_query(OpenLine.filter())
async def line_opened(_press: CallbackQuery, callback_data: OpenLine, turn: Conversation, state: FSMContext) -> None:
    """One line: its ticket, its approval, its time entries (R11.1)."""
    await state.clear()
    turn.show("documents/line", line_card(turn, callback_data.line))


@router.callback_query(DisputeDocumentLine.filter())
async def objecting(
    _press: CallbackQuery, callback_data: DisputeDocumentLine, turn: Conversation, state: FSMContext
) -> None:
    """The next line says what is wrong."""
    line = line_for(turn.uow, callback_data.line, person_of(turn))
    await state.set_state(Disputing.reason)
    await state.set_data({"line": line.id})
    turn.show("documents/ask_reason", LineQuestion(line.statement_id, line.name))


@texts_router.message(Private(), StateFilter(Disputing.reason), Speech())
async def objected(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The objection is kept, managers are told."""
    line_id = int((await state.get_data())["line"])
    dispute_line(turn.uow, line_id, message.text or message.caption or "", person_of(turn))
    await state.clear()
    turn.say("documents/dispute_kept")
    turn.show("documents/line", line_card(turn, line_id))


@router.callback_query(GetPdf.filter())
async def pdf(_press: CallbackQuery, callback_data: GetPdf, turn: Conversation) -> None:
    """Invoice or act as a file."""
    document = document_for(turn.session, callback_data.document, person_of(turn))
    blob = stored_pdf(turn.uow, document)
    turn.send_file("documents/file", blob, PaperFile(document.kind, document.number, document.issued_on))


@router.callback_query(GetXlsx.filter())
async def xlsx(_press: CallbackQuery, callback_data: GetXlsx, turn: Conversation) -> None:
    """The statement as a spreadsheet."""
    view = statement_for(turn.session, callback_data.statement, person_of(turn))
    name, content = statement_xlsx(turn.session, view, turn.lang)
    turn.send_file(
        "documents/details",
        stored(turn.uow, name, content),
        DetailsFile(view.contract.number, view.statement.period_start),
    )
