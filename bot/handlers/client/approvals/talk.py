"""«Согласования»: what a person decides for a company: ceilings, hours to buy; no figure of the company (R2.3)."""

from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.billing.debts.rights import may_see_money
from bot.billing.quotes.approvers import approves_for, own_rights
from bot.billing.quotes.top_up import may_be_topped_up, sizes
from bot.clients.models import Company
from bot.db.errors import NotAllowed
from bot.handlers.client.approvals.presses import ShowApprovals
from bot.handlers.common.company import companies, company_for, person_of, today_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Label, Private
from bot.handlers.common.menu_buttons import Menu, menu_of

router = Router(name="approvals")


@router.message(Private(), Label("menu.approvals"))
async def approvals(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Согласования» below the input field; who approves nothing any more gets the menu as it is now."""
    await state.clear()
    mine = [each for each in companies(turn) if approves_for(turn.session, person_of(turn), each[0])]
    if len(mine) > 1:
        turn.say("approvals/company", companies=mine)
    elif mine:
        turn.say("approvals/mine", **_mine(turn, company_for(turn, mine[0][0])))
    else:
        turn.say("menu/home", Menu(menu_of(turn.visitor)))


@router.callback_query(Private(), ShowApprovals.filter())
async def shown(_press: CallbackQuery, callback_data: ShowApprovals, turn: Conversation) -> None:
    """What the person decides for one company."""
    company = company_for(turn, callback_data.company)
    if not approves_for(turn.session, person_of(turn), callback_data.company):
        raise NotAllowed
    turn.show("approvals/mine", **_mine(turn, company))


def _mine(turn: Conversation, company: Company) -> dict[str, Any]:
    by, company_id = person_of(turn), company.id
    contracts = may_be_topped_up(turn.session, company_id, today_of(turn, company), by)
    return {
        "company_id": company_id,
        "company": company.name,
        "rights": own_rights(turn.session, by, company_id),
        "contracts": [(contract.id, contract.number) for contract in contracts],
        "sizes": sizes(turn.session),
        "sees_money": may_see_money(turn.session, company_id, by),
    }
