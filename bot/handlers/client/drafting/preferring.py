"""The client chooses when the work should be done, with the price of the hour beside each time."""

from datetime import UTC, datetime

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from bot.handlers.client.drafting.presses import AskTime, PickTime
from bot.handlers.client.drafting.screens import DraftTimes, next_step
from bot.handlers.client.questions.talk import person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private
from bot.tickets.intake.appeals import own
from bot.tickets.intake.drafts import offered_times
from bot.tickets.intake.preferred_time import prefer_time

MINUTE = 60

router = Router(name="preferring")
router.callback_query.filter(Private())


@router.callback_query(AskTime.filter())
async def ask(_press: CallbackQuery, callback_data: AskTime, turn: Conversation) -> None:
    """The times there are."""
    appeal = own(turn.session, callback_data.appeal, person_of(turn))
    times, zone = offered_times(turn.uow, appeal)
    turn.show("draft/when", DraftTimes(appeal.id, times, zone))


@router.callback_query(PickTime.filter())
async def pick(_press: CallbackQuery, callback_data: PickTime, turn: Conversation, state: FSMContext) -> None:
    """One of them, or any; the draft goes on."""
    at = datetime.fromtimestamp(callback_data.at * MINUTE, UTC) if callback_data.at else None
    appeal = prefer_time(turn.uow, callback_data.appeal, at, person_of(turn))
    await next_step(turn, state, appeal, pressed=True)
