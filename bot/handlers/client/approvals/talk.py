"""«Согласования»: what a person decides for a company: ceilings, hours to buy; no figure of the company (R2.3)."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.billing.quotes.approvers import approves_for
from bot.db.errors import NotAllowed
from bot.handlers.client.approvals.presses import ShowApprovals
from bot.handlers.client.approvals.screens import own_approvals
from bot.handlers.common.company import CompanyChoice, companies, company_for, person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Label, Private
from bot.handlers.common.menu_buttons import Menu, menu_of

router = Router(name="approvals")


@router.message(Private(), Label("menu.approvals"))
async def approvals(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Согласования» below the input field; who approves nothing any more gets the menu as it is now."""
    await state.clear()
    mine = [each for each in companies(turn) if approves_for(turn.session, person_of(turn), each.id)]
    if len(mine) > 1:
        turn.say("approvals/company", CompanyChoice(mine))
    elif mine:
        turn.say("approvals/mine", own_approvals(turn, company_for(turn, mine[0].id)))
    else:
        turn.say("menu/home", Menu(menu_of(turn.visitor)))


@router.callback_query(Private(), ShowApprovals.filter())
async def shown(_press: CallbackQuery, callback_data: ShowApprovals, turn: Conversation) -> None:
    """What the person decides for one company."""
    company = company_for(turn, callback_data.company)
    if not approves_for(turn.session, person_of(turn), callback_data.company):
        raise NotAllowed
    turn.show("approvals/mine", own_approvals(turn, company))
