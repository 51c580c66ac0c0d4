"""«Купить часы»: the client's yes, and the manager's price where the list has none (R4.8)."""

from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.approve_quote import Press
from bot.billing.handle_debts import require_debt_speaker
from bot.billing.top_up import BadSum, approve_top_up, ask_top_up, offer_top_up
from bot.billing.top_up_models import TopUp, TopUpState
from bot.clients.audiences import To
from bot.db.errors import NotFound
from bot.handlers.acting import actor, attempt
from bot.handlers.client.recording import is_menu
from bot.handlers.client.top_up_presses import ApproveTopUp, AskTopUp, PriceTopUp
from bot.handlers.filters import IsStaff, Private
from bot.telegram.conversation import Conversation

DIGITS = 9

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
    press = Press(turn.user_id, turn.pressed_message_id, turn.lang, "top_up.approve")
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
    """The sum in roubles; the offer goes to whoever asked."""
    roubles = "".join((message.text or "").split())
    if not (roubles.isascii() and roubles.isdigit()) or len(roubles) > DIGITS:
        raise BadSum
    top_up = offer_top_up(turn.uow, int((await state.get_data())["top_up"]), int(roubles) * 100, actor(turn))
    await state.clear()
    turn.uow.tell(To(top_up.asked_by), "top_up/card", **_values(top_up))
    turn.say("top_up/offered", kopecks=top_up.kopecks)


def _values(top_up: TopUp) -> dict[str, Any]:
    return {"top_up_id": top_up.id, "texts": top_up.texts, "state": top_up.state.value}
