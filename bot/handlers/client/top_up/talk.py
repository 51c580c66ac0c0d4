"""«Купить часы»: the client's yes (R4.8)."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.billing.quotes.approve import Press
from bot.billing.quotes.models import TopUp, TopUpState
from bot.billing.quotes.top_up import approve_top_up, ask_top_up, top_up_card
from bot.db.errors import NotFound
from bot.handlers.client.top_up.presses import ApproveTopUp, AskTopUp
from bot.handlers.client.top_up.screens import AskedTopUp
from bot.handlers.common.acting import actor, attempt
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private

router = Router(name="top_up")
router.callback_query.filter(Private())


@router.callback_query(AskTopUp.filter())
async def ask(_press: CallbackQuery, callback_data: AskTopUp, turn: Conversation) -> None:
    """So many hours, please."""
    top_up = ask_top_up(turn.uow, callback_data.contract, callback_data.minutes, actor(turn))
    if top_up.state is TopUpState.OFFERED:
        turn.say("top_up/card", top_up_card(top_up))
    else:
        turn.say("top_up/asked", AskedTopUp(top_up.minutes))


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
    turn.show("top_up/card", top_up_card(top_up))
