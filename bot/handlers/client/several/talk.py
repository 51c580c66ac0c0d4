"""One of several problems of a message is pressed: its article is shown, or a draft of it alone begins."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from bot.answers.asking import show_article
from bot.db.errors import NotFound
from bot.handlers.client.drafting.screens import next_step
from bot.handlers.client.questions.screens import ProblemOfMessage
from bot.handlers.client.questions.talk import person_of, tell_article
from bot.handlers.client.several.presses import AnswerProblem, DraftProblem
from bot.handlers.common.conversation import Conversation
from bot.tickets.intake.drafts import begin_draft
from bot.tickets.intake.parting import part_of_own, shown_for, take_part

router = Router(name="several")


@router.callback_query(AnswerProblem.filter())
async def answer(_press: CallbackQuery, callback_data: AnswerProblem, turn: Conversation) -> None:
    """The likely article, for this problem: the others stay as they are."""
    message, part, appeal = part_of_own(turn.session, callback_data.said, callback_data.part, person_of(turn))
    code = part.article or ""
    shown = show_article(turn.uow, appeal, code, turn.lang, part.words, 0.0, one_of_several=True)
    if shown is None:
        raise NotFound
    article, feedback = shown
    shown_for(turn.uow, message, part, feedback)
    tell_article(turn, appeal, article, feedback, problem=ProblemOfMessage(message.id, part.number))


@router.callback_query(DraftProblem.filter())
async def draft(_press: CallbackQuery, callback_data: DraftProblem, turn: Conversation, state: FSMContext) -> None:
    """A ticket of this problem alone; the screen of all of them stays."""
    appeal = take_part(turn.uow, callback_data.said, callback_data.part, person_of(turn))
    begin_draft(turn.uow, appeal.id, person_of(turn))
    await state.clear()
    await next_step(turn, state, appeal, pressed=False)
