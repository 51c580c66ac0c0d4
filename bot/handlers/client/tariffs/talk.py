"""«Тарифы»: the client's own plan with what is used and left, all plans beside it, and «хочу перейти»."""

from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.billing.debts.rights import may_see_money
from bot.billing.hours.plans import offered_plans, own_plans
from bot.db.errors import NotFound
from bot.handlers.client.tariffs.presses import ComparePlans, OwnPlans, ShowPlan, WishPlan
from bot.handlers.common.company import companies, company_for, person_of, today_of
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
        turn.say("tariff/company", companies=mine)
    elif mine:
        turn.say("tariff/mine", **_mine(turn, mine[0][0]))
    else:
        turn.say("tariff/all", **_all(turn, 0))


@router.callback_query(OwnPlans.filter())
async def own(_press: CallbackQuery, callback_data: OwnPlans, turn: Conversation) -> None:
    """The plan of a company."""
    turn.show("tariff/mine", **_mine(turn, callback_data.company))


@router.callback_query(ComparePlans.filter())
async def compare(_press: CallbackQuery, callback_data: ComparePlans, turn: Conversation) -> None:
    """All plans side by side."""
    turn.show("tariff/all", **_all(turn, callback_data.company))


@router.callback_query(ShowPlan.filter())
async def plan(_press: CallbackQuery, callback_data: ShowPlan, turn: Conversation) -> None:
    """One plan in full."""
    values = _all(turn, callback_data.company)
    chosen = next((each for each in values["plans"] if each.id == callback_data.plan), None)
    if chosen is None:
        raise NotFound
    turn.show("tariff/plan", company_id=callback_data.company, plan=chosen, own=chosen.id in values["own"])


@router.callback_query(WishPlan.filter())
async def wish(_press: CallbackQuery, callback_data: WishPlan, turn: Conversation) -> None:
    """«Хочу перейти»: the manager is told."""
    _, new = wish_plan(turn.uow, callback_data.company, callback_data.plan, person_of(turn))
    turn.alert("tariff.wish_sent" if new else "tariff.wish_known")
    turn.show("tariff/wished", company_id=callback_data.company)


def _mine(turn: Conversation, company_id: int) -> dict[str, Any]:
    company = company_for(turn, company_id)
    plans = own_plans(turn.session, company_id, today_of(turn, company))
    return {
        "company_id": company_id,
        "company": company.name,
        "plans": plans,
        "sees_money": may_see_money(turn.session, company_id, person_of(turn)),
    }


def _all(turn: Conversation, company_id: int) -> dict[str, Any]:
    own_ids: list[int] = []
    company = company_for(turn, company_id) if company_id else None
    today = today_of(turn, company)
    if company_id:
        own_ids = [each.plan.id for each in own_plans(turn.session, company_id, today)]
    return {"company_id": company_id, "plans": offered_plans(turn.session, today), "own": own_ids}
