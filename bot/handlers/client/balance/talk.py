"""«Баланс»: pools with used, held and left, each operation with its ticket, and debts; for finance and owner (R2.3)."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.billing.debts.rights import may_see_money
from bot.billing.hours.balances import pool_for
from bot.handlers.client.balance import dispute as balance_dispute
from bot.handlers.client.balance.presses import PoolPage, ShowBalance
from bot.handlers.client.balance.screens import BalanceClosed, balance_for, debts_for, operations_on
from bot.handlers.client.debts.presses import ShowDebts
from bot.handlers.common.company import CompanyChoice, companies, money_company, person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Label, Private
from bot.handlers.common.menu_buttons import menu_of

router = Router(name="balance")
router.include_router(balance_dispute.router)  # its settling is pressed in the dispatch chat: no filter here


@router.message(Private(), Label("menu.balance"))
async def balance(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Баланс» below the input field."""
    await state.clear()
    mine = companies(turn)
    seen = [each for each in mine if may_see_money(turn.session, each.id, person_of(turn))]
    if len(seen) > 1:
        turn.say("balance/company", CompanyChoice(seen))
    elif seen:
        turn.say("balance/mine", balance_for(turn, seen[0].id))
    elif mine:  # a button of before, or of a role that is gone
        turn.say("balance/closed", BalanceClosed(turn.visitor.approves, menu_of(turn.visitor)))
    else:
        turn.say("balance/nothing")


@router.callback_query(Private(), ShowBalance.filter())
async def shown(_press: CallbackQuery, callback_data: ShowBalance, turn: Conversation) -> None:
    """Pools of a company."""
    turn.show("balance/mine", balance_for(turn, callback_data.company))


@router.callback_query(Private(), PoolPage.filter())
async def entries(_press: CallbackQuery, callback_data: PoolPage, turn: Conversation) -> None:
    """What happened in a pool, the newest first, with the ticket of each operation."""
    company = money_company(turn, callback_data.company)
    pool = pool_for(turn.session, company.id, callback_data.pool, person_of(turn))
    turn.show("balance/entries", operations_on(turn, company, pool, callback_data.page))


@router.callback_query(Private(), ShowDebts.filter())
async def debts(_press: CallbackQuery, callback_data: ShowDebts, turn: Conversation) -> None:
    """Unpaid invoices: finance and owner only, in private only (R9.2)."""
    turn.show("balance/debts", debts_for(turn, money_company(turn, callback_data.company)))
