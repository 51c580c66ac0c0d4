"""«Тарифы»: the client's own plan with what is used and left, all plans beside it, and «хочу перейти»."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.handlers.client.tariffs.presses import ComparePlans, OwnPlans, ShowPlan, WishPlan
from bot.handlers.client.tariffs.screens import WishedPlan, plan_for, plans_for, plans_of
from bot.handlers.common.company import CompanyChoice, companies, person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Label, Private
from bot.transition.wish_plan import wish_plan

router = Router(name="tariffs")
router.callback_query.filter(Private())


@router.message(Private(), Label("menu.tariffs"))
async def tariffs(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Тарифы» below the input field: the own plan, of the one company or of the one chosen."""
    await state.clear()
    mine = companies(turn)
    if len(mine) > 1:
        turn.say("tariff/company", CompanyChoice(mine))
    elif mine:
        turn.say("tariff/mine", plans_of(turn, mine[0].id))
    else:
        turn.say("tariff/all", plans_for(turn, 0))


@router.callback_query(OwnPlans.filter())
async def own(_press: CallbackQuery, callback_data: OwnPlans, turn: Conversation) -> None:
    """The plan of a company."""
    turn.show("tariff/mine", plans_of(turn, callback_data.company))


@router.callback_query(ComparePlans.filter())
async def compare(_press: CallbackQuery, callback_data: ComparePlans, turn: Conversation) -> None:
    """All plans side by side."""
    turn.show("tariff/all", plans_for(turn, callback_data.company))


@router.callback_query(ShowPlan.filter())
async def plan(_press: CallbackQuery, callback_data: ShowPlan, turn: Conversation) -> None:
    """One plan in full."""
    turn.show("tariff/plan", plan_for(turn, callback_data.company, callback_data.plan))


@router.callback_query(WishPlan.filter())
async def wish(_press: CallbackQuery, callback_data: WishPlan, turn: Conversation) -> None:
    """«Хочу перейти»: the manager is told."""
    _, new = wish_plan(turn.uow, callback_data.company, callback_data.plan, person_of(turn))
    turn.alert("tariff.wish_sent" if new else "tariff.wish_known")
    turn.show("tariff/wished", WishedPlan(callback_data.company))
