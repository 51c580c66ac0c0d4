"""Writing an article in the chat: title, text, pictures; seen as clients will see it; published, changed, taken out."""

from dataclasses import replace
from typing import Any

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.answers.asking import ArticleTitle, audience_of, titles
from bot.answers.writing import (
    ArticleDraft,
    article_card,
    begin_edit,
    begin_for_gap,
    begin_new,
    changed_lately,
    publish_draft,
    switch_article,
)
from bot.clients.models import StaffRole
from bot.db.errors import Outdated
from bot.handlers.client.questions.talk import person_of
from bot.handlers.common.article_view import ArticlePage, show_files, show_pictures
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Command, IsStaff, Label, Private, Speech
from bot.handlers.manager.articles.presses import (
    DraftPart,
    DropArticleDraft,
    EditArticle,
    NewArticle,
    OpenArticle,
    PublishDraft,
    SwitchArticle,
)
from bot.handlers.manager.articles.screens import BodyWanted, FoundArticles, PublishedDraft, TitleWanted
from bot.handlers.manager.gaps.presses import GapWrite
from bot.kb.articles.markdown import to_html
from bot.kb.articles.models import Article
from bot.kb.articles.sync import BadArticleTextError

FOUND = 6

router = Router(name="kb_write")


_STORED_AS = "Drafting"  # the name that dialogues under way know the states by


class ArticleWriting(StatesGroup):
    """What the author's next message is."""

    words = State(group_name=_STORED_AS)
    title = State(group_name=_STORED_AS)
    body = State(group_name=_STORED_AS)
    photo = State(group_name=_STORED_AS)
    ready = State(group_name=_STORED_AS)


@router.message(Private(), Label("menu.articles"), IsStaff(StaffRole.DISPATCHER, StaffRole.MANAGER))
@router.message(Private(), Command("articles"), IsStaff(StaffRole.DISPATCHER, StaffRole.MANAGER))
async def articles(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """Articles written in the chat; words find any other."""
    rows = changed_lately(turn.session, person_of(turn))
    await state.set_state(ArticleWriting.words)
    await state.set_data({})
    found = [ArticleTitle(row.id, row.code, row.title) for row in rows]
    turn.say("kb/articles", FoundArticles(found, searched=False))


@router.message(Private(), ArticleWriting.words, F.text, Speech())
async def find(_message: Message, turn: Conversation) -> None:
    """Articles by words, searched as a client's line would be."""
    reading = turn.prepared.reading
    codes = [hit.id for hit in reading.hits[:FOUND]] if reading else []
    audience = audience_of(turn.session, person_of(turn), turn.now)
    found = titles(turn.session, codes, turn.lang, audience)
    turn.say("kb/articles", FoundArticles(found, searched=True))


@router.callback_query(OpenArticle.filter())
async def opened(_press: CallbackQuery, callback_data: OpenArticle, turn: Conversation, state: FSMContext) -> None:
    """One article: its text, what it did for people, and what can be done with it."""
    await state.clear()
    _show_card(turn, callback_data.article)


@router.callback_query(SwitchArticle.filter())
async def switched(_press: CallbackQuery, callback_data: SwitchArticle, turn: Conversation) -> None:
    """Out of the base, or back into it."""
    switch_article(turn.uow, callback_data.article, bool(callback_data.on), person_of(turn))
    _show_card(turn, callback_data.article)


@router.callback_query(GapWrite.filter())
async def write(_press: CallbackQuery, callback_data: GapWrite, turn: Conversation, state: FSMContext) -> None:
    """A new article for unanswered questions: first its title."""
    draft, question = begin_for_gap(turn.session, callback_data.miss, turn.now, person_of(turn))
    await _keep(state, draft, ArticleWriting.title, question=question)
    turn.show("kb/draft_title", TitleWanted(question))


@router.callback_query(NewArticle.filter())
async def write_new(_press: CallbackQuery, turn: Conversation, state: FSMContext) -> None:
    """A new article out of the author's own head."""
    await _keep(state, begin_new(turn.session, turn.lang, person_of(turn)), ArticleWriting.title)
    turn.show("kb/draft_title", TitleWanted())


@router.callback_query(EditArticle.filter())
async def edit(_press: CallbackQuery, callback_data: EditArticle, turn: Conversation, state: FSMContext) -> None:
    """The article as a draft: change what is wrong, publish."""
    await _proceed(turn, state, begin_edit(turn.session, callback_data.article, person_of(turn)))


@router.callback_query(DraftPart.filter())
async def part(_press: CallbackQuery, callback_data: DraftPart, turn: Conversation, state: FSMContext) -> None:
    """Write a part of the draft anew, or take the client's question as its title."""
    draft, more = await _held(state)
    match callback_data.part:
        case "question":
            await _proceed(turn, state, replace(draft, title=str(more.get("question") or draft.title)))
        case "title":
            await state.set_state(ArticleWriting.title)
            turn.say("kb/draft_title", TitleWanted(more.get("question")))
        case "body":
            await state.set_state(ArticleWriting.body)
            turn.say("kb/draft_body", BodyWanted(draft.body))
        case "photo":
            await state.set_state(ArticleWriting.photo)
            turn.say("kb/draft_photo")


@router.message(Private(), ArticleWriting.title, F.text, Speech())
async def title(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The title; then the text."""
    draft, _ = await _held(state)
    await _proceed(turn, state, replace(draft, title=" ".join((message.text or "").split())))


@router.message(Private(), ArticleWriting.body, F.text, Speech())
async def body(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The text; then the article as clients will see it."""
    draft, _ = await _held(state)
    await _proceed(turn, state, replace(draft, body=message.text or ""))


@router.message(Private(), StateFilter(ArticleWriting.body, ArticleWriting.photo, ArticleWriting.ready), F.photo)
async def photo(message: Message, turn: Conversation, state: FSMContext) -> None:
    """A picture, with its caption; where the text is still missing, the caption is the text."""
    draft, _ = await _held(state)
    caption, file_id = message.caption or "", (message.photo or [])[-1].file_id
    if not draft.body:
        draft, caption = replace(draft, body=caption), ""
    try:
        draft = draft.with_picture(file_id, caption)
    except BadArticleTextError:
        turn.say("kb/draft_bad")
        return
    await _proceed(turn, state, draft)


@router.callback_query(PublishDraft.filter())
async def publish(_press: CallbackQuery, turn: Conversation, state: FSMContext) -> None:
    """Into the base; every process answers with it within two seconds."""
    draft, _ = await _held(state)
    try:
        article = publish_draft(turn.uow, draft, person_of(turn))
    except BadArticleTextError:
        turn.say("kb/draft_bad")
        return
    await state.clear()
    turn.show("kb/draft_published", PublishedDraft(article, questions=draft.miss is not None))


@router.callback_query(DropArticleDraft.filter())
async def drop(_press: CallbackQuery, turn: Conversation, state: FSMContext) -> None:
    """Nothing is published, nothing changes."""
    await state.clear()
    turn.show("kb/draft_dropped")


def _show_card(turn: Conversation, article_id: int) -> None:
    card = article_card(turn.session, article_id, turn.now, person_of(turn))
    show_files(turn, card.article)
    turn.say("kb/card", card)


async def _proceed(turn: Conversation, state: FSMContext, draft: ArticleDraft) -> None:
    """Ask for what is missing, else show the draft as clients will see it."""
    if not draft.body.strip():
        await _keep(state, draft, ArticleWriting.body)
        turn.say("kb/draft_body", BodyWanted())
        return
    await _keep(state, draft, ArticleWriting.ready)
    if draft.article is not None and (stored := turn.session.get(Article, draft.article)) is not None:
        show_files(turn, stored)
    show_pictures(turn, draft.body, draft.pictures)
    turn.say("kb/draft", ArticlePage(draft.title, to_html(draft.body)))


async def _keep(state: FSMContext, draft: ArticleDraft, what: State, **more: Any) -> None:
    held = await state.get_data()
    await state.set_state(what)
    await state.set_data({"draft": draft.as_data(), "question": more.get("question", held.get("question"))})


async def _held(state: FSMContext) -> tuple[ArticleDraft, dict[str, Any]]:
    data = await state.get_data()
    if "draft" not in data:
        raise Outdated
    return ArticleDraft(**data["draft"]), data
