"""«Обещаю оплатить», «Спорный счёт» for the client's finance. Private chats only (R9.2)."""

from datetime import timedelta

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.debts.handle import InvoiceInQuestion, dispute_invoice, promise_payment, promises_offered
from bot.billing.debts.owed import debts_of
from bot.db.errors import NotFound
from bot.handlers.client.debts.presses import DisputeInvoice, PromisePay
from bot.handlers.client.debts.screens import DayOffered, InvoiceChoice, PromiseChoice, PromiseNoted
from bot.handlers.common.acting import actor
from bot.handlers.common.company import company_for, today_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech

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
        turn.show("debts/promised", PromiseNoted(company.id, made.until, made.invoices))
        return
    today = today_of(turn, company)
    debts_of(turn.session, callback_data.company, today, by)  # raises for whoever may not see them
    offered = [DayOffered(days, today + timedelta(days=days)) for days in promises_offered(turn.session)]
    turn.show("debts/promise", PromiseChoice(company.id, company.name, offered))


@router.callback_query(DisputeInvoice.filter())
async def dispute(_press: CallbackQuery, callback_data: DisputeInvoice, turn: Conversation, state: FSMContext) -> None:
    """«Спорный счёт»: which one, then why."""
    company = company_for(turn, callback_data.company)
    owed = debts_of(turn.session, callback_data.company, today_of(turn, company), actor(turn))
    if not callback_data.debt:
        turn.show("debts/which", InvoiceChoice(company.id, company.name, owed))
        return
    debt = next((each for each in owed if each.id == callback_data.debt), None)
    if debt is None:
        raise NotFound
    await state.set_state(OnDebt.disputing)
    await state.set_data({"company": company.id, "debt": debt.id})
    turn.say("debts/why", InvoiceInQuestion(company.id, debt.invoice))


@texts_router.message(Private(), OnDebt.disputing, Speech())
async def disputed(message: Message, turn: Conversation, state: FSMContext) -> None:
    """What is wrong with the invoice."""
    kept = await state.get_data()
    made = dispute_invoice(turn.uow, int(kept["company"]), int(kept["debt"]), message.text or "", actor(turn))
    await state.clear()
    turn.say("debts/disputed", InvoiceInQuestion(made.company_id, made.invoice))
