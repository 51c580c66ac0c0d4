"""«Обещаю оплатить», «Спорный счёт» for the client's finance; exemptions for the manager. Private chats only (R9.2)."""

from datetime import timedelta

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.debt import DebtLevel
from bot.billing.debts import debts_of
from bot.billing.handle_debts import (
    dispute_invoice,
    exempt_debtor,
    promise_payment,
    require_debt_speaker,
    settle_invoice,
)
from bot.clients.models import Company
from bot.db.errors import NotFound
from bot.handlers.acting import actor
from bot.handlers.client.debts_presses import DisputeInvoice, ExemptDebtor, PromisePay, SettleInvoice
from bot.handlers.client.recording import is_menu
from bot.handlers.client.tariffs_company import company_for, today_of
from bot.handlers.filters import Private
from bot.telegram.conversation import Conversation

PROMISES = (3, 7, 14)  # days on the buttons

router = Router(name="debts")
router.callback_query.filter(Private())
texts_router = Router(name="debts_texts")


class OnDebt(StatesGroup):
    """The next line is a reason."""

    disputing = State()
    exempting = State()


@router.callback_query(PromisePay.filter())
async def promise(_press: CallbackQuery, callback_data: PromisePay, turn: Conversation) -> None:
    """«Обещаю оплатить до…»."""
    company = company_for(turn, callback_data.company)
    by = actor(turn)
    if callback_data.days:
        made = promise_payment(turn.uow, callback_data.company, callback_data.days, by)
        turn.show("debts/promised", company_id=company.id, until=made.until, invoices=made.invoices)
        return
    today = today_of(turn, company)
    debts_of(turn.session, callback_data.company, today, by)  # raises for whoever may not see them
    days = [(count, today + timedelta(days=count)) for count in PROMISES]
    turn.show("debts/promise", company_id=company.id, company=company.name, days=days)


@router.callback_query(DisputeInvoice.filter())
async def dispute(_press: CallbackQuery, callback_data: DisputeInvoice, turn: Conversation, state: FSMContext) -> None:
    """«Спорный счёт»: which one, then why."""
    company = company_for(turn, callback_data.company)
    owed = debts_of(turn.session, callback_data.company, today_of(turn, company), actor(turn))
    if not callback_data.debt:
        turn.show("debts/which", company_id=company.id, company=company.name, debts=owed)
        return
    debt = next((each for each in owed if each.id == callback_data.debt), None)
    if debt is None:
        raise NotFound
    await state.set_state(OnDebt.disputing)
    await state.set_data({"company": company.id, "debt": debt.id})
    turn.say("debts/why", invoice=debt.invoice)


@router.callback_query(ExemptDebtor.filter())
async def exempt(_press: CallbackQuery, callback_data: ExemptDebtor, turn: Conversation, state: FSMContext) -> None:
    """A manager lifts the limits: the next line is why."""
    require_debt_speaker(turn.session, actor(turn))
    company = turn.session.get(Company, callback_data.company)
    if company is None:
        raise NotFound
    await state.set_state(OnDebt.exempting)
    await state.set_data({"company": company.id, "days": callback_data.days})
    turn.say("debts/exempt_why", company=company.name, days=callback_data.days)


@router.callback_query(SettleInvoice.filter())
async def settle(_press: CallbackQuery, callback_data: SettleInvoice, turn: Conversation) -> None:
    """A manager closes a dispute."""
    settle_invoice(turn.uow, callback_data.dispute, actor(turn))
    turn.alert("debts.settled")


@texts_router.message(Private(), OnDebt.disputing, lambda message: not is_menu(message.text))
async def disputed(message: Message, turn: Conversation, state: FSMContext) -> None:
    """What is wrong with the invoice."""
    kept = await state.get_data()
    made = dispute_invoice(turn.uow, int(kept["company"]), int(kept["debt"]), message.text or "", actor(turn))
    await state.clear()
    turn.say("debts/disputed", company_id=made.company_id, invoice=made.invoice)


@texts_router.message(Private(), OnDebt.exempting, lambda message: not is_menu(message.text))
async def exempted(message: Message, turn: Conversation, state: FSMContext) -> None:
    """Why the limits are lifted."""
    kept = await state.get_data()
    company_id, days = int(kept["company"]), int(kept["days"])
    made = exempt_debtor(turn.uow, company_id, DebtLevel.D0, message.text or "", days, actor(turn))
    await state.clear()
    turn.say("debts/exempted", company=turn.session.get_one(Company, company_id).name, until=made.until)
