"""«Купить часы»: the client's yes, and the manager's price where the list has none (R4.8)."""

from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.approve_quote import Press
from bot.billing.approvers import Scope, rights_of
from bot.billing.handle_debts import require_debt_speaker
from bot.billing.said_figures import said_sum
from bot.billing.top_up import approve_top_up, ask_top_up, offer_top_up, require_price
from bot.billing.top_up_models import TopUp, TopUpState
from bot.clients.audiences import Approvers, To
from bot.db.errors import NotFound, Outdated
from bot.handlers.acting import actor, attempt
from bot.handlers.client.recording import is_menu
from bot.handlers.client.top_up_presses import ApproveTopUp, AskTopUp, OfferTopUp, PriceTopUp
from bot.handlers.filters import IsStaff, Private
from bot.telegram.conversation import Conversation

router = Router(name="top_up")
router.callback_query.filter(Private())
texts_router = Router(name="top_up_texts")


class Pricing(StatesGroup):
    """The next line is a sum."""

    waiting = State()


@router.callback_query(AskTopUp.filter())
async def ask(_press: CallbackQuery, callback_data: AskTopUp, turn: Conversation) -> None:
    """So many hours, please."""
    top_up = ask_top_up(turn.uow, callback_data.contract, callback_data.minutes, actor(turn))
    if top_up.state is TopUpState.OFFERED:
        turn.say("top_up/card", **_values(top_up))
    else:
        turn.say("top_up/asked", minutes=top_up.minutes)


@router.callback_query(ApproveTopUp.filter())
async def approve(_press: CallbackQuery, callback_data: ApproveTopUp, turn: Conversation) -> None:
    """«Согласовать»: the hours are granted once."""
    by = actor(turn)
    press = Press(turn.user_id, turn.pressed_message_id, turn.lang, "top_up.approve", turn.account.messenger)
    if attempt(turn, lambda: approve_top_up(turn.uow, callback_data.top_up, by, press)) is not None:
        turn.alert("top_up.granted")
    top_up = turn.session.get(TopUp, callback_data.top_up)
    if top_up is None:
        raise NotFound
    turn.show("top_up/card", **_values(top_up))


@router.callback_query(PriceTopUp.filter(), IsStaff())
async def price(_press: CallbackQuery, callback_data: PriceTopUp, turn: Conversation, state: FSMContext) -> None:
    """A manager names a price: the next line."""
    require_debt_speaker(turn.session, actor(turn))
    await state.set_state(Pricing.waiting)
    await state.set_data({"top_up": callback_data.top_up})
    turn.say("top_up/price")


@texts_router.message(Private(), IsStaff(), Pricing.waiting, lambda message: not is_menu(message.text))
async def priced(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The sum in roubles: what it was read as, before anybody is offered it."""
    require_debt_speaker(turn.session, actor(turn))
    top_up_id = int((await state.get_data()).get("top_up", 0))
    found = said_sum(message.text or "")
    require_price(found.kopecks, found.rest)
    await state.update_data(said=message.message_id, kopecks=found.kopecks)
    turn.say("top_up/price_check", top_up_id=top_up_id, said=message.message_id, kopecks=found.kopecks)


@router.callback_query(OfferTopUp.filter(), IsStaff())
async def offer(_press: CallbackQuery, callback_data: OfferTopUp, turn: Conversation, state: FSMContext) -> None:
    """«Отправить»: the offer goes to whoever asked."""
    by, kept = actor(turn), await state.get_data()
    waits = await state.get_state() == Pricing.waiting.state
    if not waits or (kept.get("top_up"), kept.get("said")) != (callback_data.top_up, callback_data.said):
        raise Outdated
    top_up = offer_top_up(turn.uow, callback_data.top_up, kept["kopecks"], by)
    await state.clear()
    # Whoever asked, while they may buy hours; else who may.
    buys = rights_of(turn.session, top_up.asked_by, Scope(top_up.company_id))
    audience = To(top_up.asked_by) if buys else Approvers(top_up.company_id, site_id=None)
    turn.uow.tell(audience, "top_up/card", **_values(top_up))
    turn.show("top_up/offered", kopecks=top_up.kopecks)


def _values(top_up: TopUp) -> dict[str, Any]:
    return {"top_up_id": top_up.id, "texts": top_up.texts, "state": top_up.state.value}
