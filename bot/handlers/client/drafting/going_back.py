"""«Назад» on every screen of a draft, and the words that were said before it (R1.11)."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from bot.clients.objects import companies_of, visible_objects
from bot.handlers.client.drafting.presses import DraftBack, DraftStep, TakeEarlier
from bot.handlers.client.drafting.screens import Drafting, next_step, show_objects
from bot.handlers.client.questions.screens import AppealGoesOn
from bot.handlers.client.questions.talk import person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private
from bot.tickets.intake.appeals import own, said, take_earlier
from bot.tickets.intake.drafts import forget_company, forget_object
from bot.tickets.life.models import Appeal

router = Router(name="going_back")
router.callback_query.filter(Private())


@router.callback_query(DraftBack.filter())
async def back(_press: CallbackQuery, callback_data: DraftBack, turn: Conversation, state: FSMContext) -> None:
    """The step before; before the first one the draft is left, and what was said stays."""
    appeal, step = own(turn.session, callback_data.appeal, person_of(turn)), callback_data.step
    await state.set_state(Drafting.collecting)
    await state.update_data(appeal=appeal.id, anyway=None)
    if step is DraftStep.WHEN:
        await next_step(turn, state, appeal, pressed=True)
    elif step in (DraftStep.SEARCH, DraftStep.JOIN, DraftStep.CONFIRM) and _chooses_object(turn, appeal):
        forget_object(turn.uow, appeal.id, person_of(turn))
        show_objects(turn, appeal, 0, pressed=True)
    elif step not in (DraftStep.DESCRIBE, DraftStep.COMPANY) and len(companies_of(turn.session, appeal.person_id)) > 1:
        forget_company(turn.uow, appeal.id, person_of(turn))
        await next_step(turn, state, appeal, pressed=True)
    else:
        await _leave(turn, state, appeal)


@router.callback_query(TakeEarlier.filter())
async def earlier(_press: CallbackQuery, callback_data: TakeEarlier, turn: Conversation, state: FSMContext) -> None:
    """«Добавить сказанное раньше» (R1.11)."""
    appeal = take_earlier(turn.uow, callback_data.appeal, person_of(turn))
    await next_step(turn, state, appeal, pressed=True)


def _chooses_object(turn: Conversation, appeal: Appeal) -> bool:
    return len(visible_objects(turn.session, appeal.person_id, appeal.company_id or 0)) > 1


async def _leave(turn: Conversation, state: FSMContext, appeal: Appeal) -> None:
    await state.clear()
    words = said(turn.session, appeal.id)
    if words.text or words.files:
        turn.show("draft/left", AppealGoesOn(appeal.id))
    else:
        turn.show("kb/ask")
