"""«Баланс»: pools with used, held and left, each operation with its ticket, and debts; for finance and owner (R2.3)."""

from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.billing.debts.handle import live_promise
from bot.billing.debts.owed import debt_state_of, debts_of
from bot.billing.debts.rights import may_see_money
from bot.billing.hours.balances import pool_history
from bot.billing.hours.models import Pool
from bot.billing.hours.plans import own_plans
from bot.billing.quotes.approvers import approves_for
from bot.billing.seller.particulars import seller_day
from bot.clients.models import Contract
from bot.db.errors import NotFound
from bot.handlers.client.balance import dispute as balance_dispute
from bot.handlers.client.balance.presses import PoolPage, ShowBalance
from bot.handlers.client.balance.screens import BalanceClosed
from bot.handlers.client.debts.presses import ShowDebts
from bot.handlers.common.company import companies, money_company, person_of, today_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Label, Private
from bot.handlers.common.menu_buttons import menu_of
from bot.tickets.life.numbers import ticket_numbers
from bot.tickets.work.dispute_entry import dispute_states

PAGE = 10

router = Router(name="balance")
router.include_router(balance_dispute.router)  # its settling is pressed in the dispatch chat: no filter here


@router.message(Private(), Label("menu.balance"))
async def balance(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Баланс» below the input field."""
    await state.clear()
    mine = companies(turn)
    seen = [each for each in mine if may_see_money(turn.session, each[0], person_of(turn))]
    if len(seen) > 1:
        turn.say("balance/company", companies=seen)
    elif seen:
        turn.say("balance/mine", **_mine(turn, seen[0][0]))
    elif mine:  # a button of before, or of a role that is gone
        turn.say("balance/closed", BalanceClosed(turn.visitor.approves, menu_of(turn.visitor)))
    else:
        turn.say("balance/nothing")


@router.callback_query(Private(), ShowBalance.filter())
async def shown(_press: CallbackQuery, callback_data: ShowBalance, turn: Conversation) -> None:
    """Pools of a company."""
    turn.show("balance/mine", **_mine(turn, callback_data.company))


@router.callback_query(Private(), PoolPage.filter())
async def entries(_press: CallbackQuery, callback_data: PoolPage, turn: Conversation) -> None:
    """What happened in a pool, the newest first, with the ticket of each operation."""
    company = money_company(turn, callback_data.company)
    pool = turn.session.get(Pool, callback_data.pool)
    contract = turn.session.get(Contract, pool.contract_id) if pool is not None else None
    if pool is None or contract is None or contract.company_id != company.id:
        raise NotFound
    lines = pool_history(turn.session, pool)[::-1]
    pages = max(1, -(-len(lines) // PAGE))
    page = min(max(callback_data.page, 0), pages - 1)
    present = lines[page * PAGE : (page + 1) * PAGE]
    numbers = ticket_numbers(turn.session, [line.ticket_id for line in present if line.ticket_id is not None])
    disputes = dispute_states(turn.session, [line.id for line in present])
    turn.show(
        "balance/entries",
        company_id=callback_data.company,
        pool_id=callback_data.pool,
        kind=pool.kind,
        unit=pool.unit,
        left=lines[0].balance if lines else 0,
        lines=[(line, numbers.get(line.ticket_id or 0)) for line in present],
        disputes=disputes,
        zone=company.timezone,
        page=page,
        pages=pages,
    )


@router.callback_query(Private(), ShowDebts.filter())
async def debts(_press: CallbackQuery, callback_data: ShowDebts, turn: Conversation) -> None:
    """Unpaid invoices: finance and owner only, in private only (R9.2)."""
    company = money_company(turn, callback_data.company)
    today = seller_day(turn.session, turn.now)  # an invoice is overdue by it (R3.5)
    owed = debts_of(turn.session, callback_data.company, today, person_of(turn))
    promise = live_promise(turn.session, callback_data.company, today_of(turn, company))
    turn.show(
        "balance/debts",
        company_id=callback_data.company,
        company=company.name,
        debts=owed,
        total=sum(debt.kopecks for debt in owed if not debt.disputed),
        level=debt_state_of(turn.session, callback_data.company, today).level.value,
        promised=promise.until if promise is not None else None,
    )


def _mine(turn: Conversation, company_id: int) -> dict[str, Any]:
    company = money_company(turn, company_id)
    return {
        "company_id": company_id,
        "company": company.name,
        "plans": own_plans(turn.session, company_id, today_of(turn, company)),
        "approves": approves_for(turn.session, person_of(turn), company_id),
    }
