"""A manager exempts a debtor, and closes a dispute of an invoice. Private chats only (R9.1, R9.2)."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.billing.debts.handle import exempt_debtor, settle_invoice
from bot.billing.debts.rule import DebtLevel
from bot.clients.models import Company
from bot.clients.rights import MANAGERS, employed, require
from bot.db.errors import NotFound
from bot.handlers.client.debts.talk import OnDebt
from bot.handlers.common.acting import actor
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech
from bot.handlers.manager.debts.presses import ExemptDebtor, SettleInvoice
from bot.handlers.manager.debts.screens import ExemptionAsked, ExemptionMade

router = Router(name="manager_debts")
router.callback_query.filter(Private())
texts_router = Router(name="manager_debts_texts")


@router.callback_query(ExemptDebtor.filter())
async def exempt(_press: CallbackQuery, callback_data: ExemptDebtor, turn: Conversation, state: FSMContext) -> None:
    """A manager lifts the limits: the next line is why."""
    require(turn.session, employed, MANAGERS, person=actor(turn))
    company = turn.session.get(Company, callback_data.company)
    if company is None:
        raise NotFound
    await state.set_state(OnDebt.exempting)
    await state.set_data({"company": company.id, "days": callback_data.days})
    turn.say("debts/exempt_why", ExemptionAsked(company.name, callback_data.days))


@router.callback_query(SettleInvoice.filter())
async def settle(_press: CallbackQuery, callback_data: SettleInvoice, turn: Conversation) -> None:
    """A manager closes a dispute."""
    settle_invoice(turn.uow, callback_data.dispute, actor(turn))
    turn.alert("debts.settled")


@texts_router.message(Private(), OnDebt.exempting, Speech())
async def exempted(message: Message, turn: Conversation, state: FSMContext) -> None:
    """Why the limits are lifted."""
    kept = await state.get_data()
    company_id, days = int(kept["company"]), int(kept["days"])
    made = exempt_debtor(turn.uow, company_id, DebtLevel.D0, message.text or "", days, actor(turn))
    await state.clear()
    turn.say("debts/exempted", ExemptionMade(turn.session.get_one(Company, company_id).name, made.until))
