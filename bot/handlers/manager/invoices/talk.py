"""The manager's side of documents: closed months, sending invoices, settling disputed lines."""

from datetime import date

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.billing.documents.dispute_line import settle_line_dispute
from bot.billing.documents.issued import months_with_documents
from bot.billing.documents.send import send_invoices
from bot.calendar.periods import month_of
from bot.clients.models import StaffRole
from bot.clients.rights import MANAGERS, employed, require
from bot.db.errors import NotFound
from bot.handlers.common.acting import actor
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Command, IsStaff, Label, Private
from bot.handlers.manager.invoices.presses import SendMonth, SettleLine
from bot.handlers.manager.invoices.screens import ClosedMonths, LineDecided, MonthSending

router = Router(name="invoices")


@router.message(Private(), Label("menu.invoices"), IsStaff(StaffRole.MANAGER))
@router.message(Private(), Command("invoices"), IsStaff(StaffRole.MANAGER))
async def months(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """Closed months and how many invoices wait."""
    await state.clear()
    turn.say("documents/months", ClosedMonths(months_with_documents(turn.session)))


@router.callback_query(SendMonth.filter())
async def sent(_press: CallbackQuery, callback_data: SendMonth, turn: Conversation) -> None:
    """Send what was not sent yet."""
    try:
        period = month_of(date.fromisoformat(f"{callback_data.period}-01"))
    except ValueError:
        raise NotFound from None
    count = send_invoices(turn.uow, period, actor(turn))
    turn.show("documents/sending", MonthSending(period.start, count))


@router.callback_query(SettleLine.filter())
async def settled(_press: CallbackQuery, callback_data: SettleLine, turn: Conversation) -> None:
    """Take a disputed line back, or keep it."""
    require(turn.session, employed, MANAGERS, person=actor(turn))
    note = settle_line_dispute(turn.uow, callback_data.line, callback_data.credit, actor(turn))
    turn.show(
        "documents/settled",
        LineDecided(
            callback_data.credit,
            note.number if note is not None else None,
            note.gross if note is not None else 0,
        ),
    )
