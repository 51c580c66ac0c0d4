"""Unanswered questions in groups: answered by an article that is there, by a new one, or none of ours."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.answers.asking import article_code, audience_of, titles
from bot.answers.digest import answer_gap, dismiss_gap, gap_of, open_gaps
from bot.clients.models import StaffRole
from bot.db.errors import NotFound
from bot.handlers.client.questions.talk import person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Command, IsStaff, Label, Private, Speech
from bot.handlers.common.pages import page_of
from bot.handlers.manager.gaps.presses import GapArticle, GapDismiss, GapList, GapOpen
from bot.handlers.manager.gaps.screens import ArticleOfGap, GapCard, OpenGaps, QuestionsAdded

PAGE = 8

router = Router(name="kb_gaps")


class GapWriting(StatesGroup):
    """What the author's next line is."""

    which = State(group_name="Writing")  # the name that dialogues under way know it by


@router.message(Private(), Label("menu.gaps"), IsStaff(StaffRole.DISPATCHER, StaffRole.MANAGER))
@router.message(Private(), Command("gaps"), IsStaff(StaffRole.DISPATCHER, StaffRole.MANAGER))
async def listed(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """Unanswered questions in groups, the most asked first."""
    await state.clear()
    _show_gaps(turn, 0)


@router.callback_query(GapList.filter())
async def page(_press: CallbackQuery, callback_data: GapList, turn: Conversation, state: FSMContext) -> None:
    """Another page."""
    await state.clear()
    _show_gaps(turn, callback_data.page)


@router.callback_query(GapOpen.filter())
async def opened(_press: CallbackQuery, callback_data: GapOpen, turn: Conversation, state: FSMContext) -> None:
    """One group: in which words it was asked, and the nearest article."""
    await state.clear()
    gap = gap_of(turn.session, callback_data.miss, turn.now, person_of(turn))
    audience = audience_of(turn.session, person_of(turn), turn.now)
    nearest = titles(turn.session, [gap.best] if gap.best else [], gap.language, audience)
    turn.show("kb/gap", GapCard(gap, nearest[0] if nearest else None))


@router.callback_query(GapArticle.filter())
async def same_as(_press: CallbackQuery, callback_data: GapArticle, turn: Conversation, state: FSMContext) -> None:
    """These are ways to ask an article: asked which, or chosen."""
    if callback_data.article == 0:
        await _await_line(turn, state, callback_data.miss, GapWriting.which)
        turn.show("kb/gap_which", ArticleOfGap(callback_data.miss))
        return
    added = answer_gap(turn.uow, callback_data.miss, article_code(turn.session, callback_data.article), person_of(turn))
    await state.clear()
    turn.show("kb/gap_added", QuestionsAdded(added))


@router.message(Private(), GapWriting.which, F.text, Speech())
async def which(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """Words that find the article, searched as a client's line would be."""
    reading = turn.prepared.reading
    codes = [hit.id for hit in reading.hits[:5]] if reading else []
    audience = audience_of(turn.session, person_of(turn), turn.now)
    found = titles(turn.session, codes, turn.lang, audience)
    turn.say("kb/gap_articles", ArticleOfGap(await _miss(state), found))


@router.callback_query(GapDismiss.filter())
async def dismiss(_press: CallbackQuery, callback_data: GapDismiss, turn: Conversation, state: FSMContext) -> None:
    """Not a question for the base."""
    dismiss_gap(turn.uow, callback_data.miss, person_of(turn))
    await state.clear()
    _show_gaps(turn, 0)


def _show_gaps(turn: Conversation, number: int) -> None:
    found = open_gaps(turn.session, turn.now, person_of(turn))
    if not found:
        turn.show("kb/gaps_none")
        return
    page = page_of(found, number, PAGE)
    turn.show("kb/gaps", OpenGaps(page.rows, len(found), page.number, page.pages))


async def _await_line(turn: Conversation, state: FSMContext, miss: int, what: State) -> None:
    gap_of(turn.session, miss, turn.now, person_of(turn))
    await state.set_state(what)
    await state.set_data({"miss": miss})


async def _miss(state: FSMContext) -> int:
    found = (await state.get_data()).get("miss")
    if found is None:
        raise NotFound
    return int(found)
