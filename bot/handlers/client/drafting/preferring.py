"""The client says when the work should be done: in words, or from a list with the price of the hour."""

from datetime import UTC, datetime

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.handlers.client.drafting.presses import AskTime, PickTime
from bot.handlers.client.drafting.screens import Drafting, DraftTimes, next_step
from bot.handlers.client.drafting.talk import collect
from bot.handlers.client.questions.talk import offer_key, person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech
from bot.handlers.common.recording import answer_waits, recorded
from bot.tickets.intake.appeals import own
from bot.tickets.intake.drafts import offered_times
from bot.tickets.intake.preferred_time import WORDS, prefer_time, say_time

MINUTE = 60

router = Router(name="preferring")
router.callback_query.filter(Private())
texts_router = Router(name="preferring_texts")


@router.callback_query(AskTime.filter())
async def ask(_press: CallbackQuery, callback_data: AskTime, turn: Conversation, state: FSMContext) -> None:
    """The times there are; the next line says one in words."""
    appeal = own(turn.session, callback_data.appeal, person_of(turn))
    times, zone = offered_times(turn.uow, appeal)
    await state.set_state(Drafting.preferring)
    await state.update_data(appeal=appeal.id)
    turn.show("draft/when", DraftTimes(appeal.id, times, zone))


@router.callback_query(PickTime.filter())
async def pick(_press: CallbackQuery, callback_data: PickTime, turn: Conversation, state: FSMContext) -> None:
    """One of them, or any; the draft goes on."""
    at = datetime.fromtimestamp(callback_data.at * MINUTE, UTC) if callback_data.at else None
    appeal = prefer_time(turn.uow, callback_data.appeal, at, person_of(turn))
    await next_step(turn, state, appeal, pressed=True)


@texts_router.message(Drafting.preferring, Private(), F.text.len() <= WORDS, Speech())
async def in_words(message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Завтра после обеда»: what was understood is said back (R3.5)."""
    found = recorded(turn)
    data = await state.get_data()
    if found is None or found.appeal is None or data.get("appeal") != found.appeal.id or found.appeal.ended_at:
        await collect(message, turn, state)
        return
    appeal = found.appeal
    heard = say_time(turn.uow, appeal.id, found.message, person_of(turn))
    if heard.over:
        times, zone = offered_times(turn.uow, appeal)
        turn.say("draft/when", DraftTimes(appeal.id, times, zone, heard))
    elif not answer_waits(turn):  # the next line of a burst goes on with the wish
        await next_step(turn, state, appeal, pressed=False, card_key=await offer_key(state, found), heard=heard)


@texts_router.message(Drafting.preferring, Private(), Speech())
async def something_else(message: Message, turn: Conversation, state: FSMContext) -> None:
    """A photo, a voice, a long tale: part of the description."""
    await collect(message, turn, state)
