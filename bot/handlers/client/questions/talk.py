"""A client asks in their own words; the knowledge base answers, or leads on to a ticket or a person."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.answers.asking import (
    article_code,
    audience_of,
    leave_suggestions,
    missed,
    same_again,
    say_helped,
    show_article,
    shown_article,
    titles,
)
from bot.answers.hearing import hear
from bot.answers.quiet import closes, near_first, told_reading
from bot.clients.models import Person
from bot.clients.policy import policy
from bot.db.errors import NotFound, Outdated
from bot.handlers.client.questions.likely import likely_article, unknown_code
from bot.handlers.client.questions.presses import (
    ArticleStep,
    BringBack,
    Helped,
    NewQuestion,
    NotThese,
    ShowArticle,
    WantHuman,
)
from bot.handlers.client.questions.screens import (
    Answer,
    AnswerStep,
    AppealGoesOn,
    CodeUnknown,
    FileReceived,
    InHaste,
    NothingAsked,
    PassedOn,
    ProblemOfMessage,
    Suggestions,
)
from bot.handlers.client.several.screens import problem_of, say_rest, say_several
from bot.handlers.client.tickets.whose import HITS, ask_of_running, may_be_said_on_a_ticket, open_ones
from bot.handlers.common.article_view import ArticlePage, show_files
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Label, Private
from bot.handlers.common.menu_buttons import Menu, menu_of
from bot.handlers.common.recording import answer_waits, incoming, is_menu, recorded
from bot.handlers.engineer.writing.asking import ask_whose_job
from bot.kb.articles.markdown import steps, to_html
from bot.kb.articles.models import Article
from bot.kb.articles.sync import articles_for
from bot.kb.judging.calibration import engine_score
from bot.kb.judging.reading import Reading
from bot.kb.line.text import only_thanks, says_something
from bot.tickets.intake.appeals import split_off
from bot.tickets.intake.parting import tell_apart
from bot.tickets.intake.record import Recorded
from bot.tickets.intake.triage import ask_human, bring_back, pass_to_triage, show_in_triage
from bot.tickets.life.at_work import opening
from bot.tickets.life.models import Appeal, AppealEnd
from bot.tickets.life.models import Message as Said
from bot.tickets.life.parts import parts_of

SUGGESTED = 3

router = Router(name="questions")
human_router = Router(name="human")


@human_router.message(Private(), Label("menu.human"))
async def human(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Человек» below the input field (R1.7)."""
    await state.clear()
    ask_human(turn.uow, person_of(turn))
    say_passed(turn)


@human_router.callback_query(WantHuman.filter())
async def human_pressed(_press: CallbackQuery, callback_data: WantHuman, turn: Conversation, state: FSMContext) -> None:
    """«Человек» on a screen: its appeal goes to people with what was said and tried (R1.7)."""
    await state.clear()
    appeal = turn.session.get(Appeal, callback_data.appeal) if callback_data.appeal else None
    if appeal is not None and appeal.person_id != person_of(turn):
        raise NotFound
    if appeal is None or appeal.end in {AppealEnd.TICKET, AppealEnd.ATTACHED}:
        ask_human(turn.uow, person_of(turn))
    else:
        pass_to_triage(turn.uow, appeal.id, "human")
    say_passed(turn)


@router.message(Private(), Label("menu.ask"))
async def invite(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Задать вопрос»: the next line is the question."""
    await state.clear()
    turn.say("kb/ask")


@router.message(Private(), F.text)
async def question(message: Message, turn: Conversation, state: FSMContext) -> None:
    """Any line that nothing else wanted."""
    found = recorded(turn)
    if turn.visitor.is_staff and found is None:
        answer_staff(turn, message)
    elif is_menu(message.text) or found is None or found.appeal is None:
        turn.say("kb/ask")
    elif not answer_waits(turn):
        await answer_line(turn, state, found, found.appeal, message.text or "")
        if found.appeal.ended_at is None and hear(message.text or "").haste:
            phone = opening(turn.session, turn.now).emergency_phone
            turn.say("kb/urgent", InHaste(found.appeal.id, phone), card_key=f"urgent:{found.appeal.id}")


@router.message(Private())
async def wordless(message: Message, turn: Conversation, state: FSMContext) -> None:
    """A photo, a voice message, a place: kept; a ticket or a person is offered."""
    found = recorded(turn)
    if answer_waits(turn):
        return
    staff_said = found is None and turn.visitor.is_staff and incoming(message, turn).kind != "other"
    if staff_said and not ask_whose_job(turn, message):
        turn.say("staff/nowhere")
    if found is None or found.appeal is None:
        return
    if found.message.ticket_id is not None:
        return
    if _with_people(found.appeal):
        await added(turn, state, found, found.appeal)
        return
    if ask_of_running(turn, found, found.appeal):
        return
    key = await offer_key(state, found)
    received = FileReceived(found.appeal.id, found.message.kind, open_ones(turn, found.appeal))
    turn.say("appeal/received", received, card_key=key)


async def answer_line(turn: Conversation, state: FSMContext, found: Recorded, appeal: Appeal, line: str) -> None:
    """Answer, suggest, or admit that nothing was found; after two misses a person is offered unasked (R1.7)."""
    if _with_people(appeal):
        await added(turn, state, found, appeal)
        return
    ending = closes(line)
    reading: Reading | None = turn.prepared.reading if turn.prepared else None
    asks = reading if reading is not None and says_something(reading.read_as or line) else None
    unknown = unknown_code(turn, appeal, line, asks) if asks is not None else None
    sure = (
        asks is not None and asks.decision == "answer" and not only_thanks(line) and unknown is None and ending is None
    )
    several = asks is not None and bool(asks.parts)
    if several and asks is not None:
        tell_apart(turn.uow, found.message, [(part.query, likely_article(turn, appeal, part)) for part in asks.parts])
    if sure and not several and asks is not None and present_article(turn, appeal, asks.hits[0].id, asks, line):
        return
    least = policy(turn.session, "suggestion_near_percent")
    likely = near_first(asks.hits[:SUGGESTED], least) if asks is not None and asks.decision != "none" else []
    near = [hit.id for hit in likely]
    surely_several = sure and several  # one answer at least is sure, which comes before a running ticket (R1.8)
    waits = ending is None and not surely_several and may_be_said_on_a_ticket(line)
    if waits and ask_of_running(turn, found, appeal, near):
        return
    if ending is not None or only_thanks(line) or asks is None:
        key = await offer_key(state, found)
        turn.say("kb/more", NothingAsked(appeal.id, only_thanks(line), ending), card_key=key)
        return
    await _offer(turn, state, found, appeal, asks, near, unknown)


async def _offer(
    turn: Conversation,
    state: FSMContext,
    found: Recorded,
    appeal: Appeal,
    reading: Reading,
    near: list[str],
    unknown: str | None,
) -> None:
    """Of a line that has no sure answer: its problems, what may be meant, or the ways on."""
    line = found.message.text
    if reading.parts:
        say_several(turn, appeal, found.message, await offer_key(state, found))
        return
    audience = audience_of(turn.session, appeal.person_id, turn.now)
    if unknown is not None:
        missed(turn.uow, appeal, line, turn.lang, "none", reading)
        told = CodeUnknown(appeal.id, unknown, open_ones(turn, appeal))
        turn.say("kb/code_unknown", told, card_key=await offer_key(state, found))
        return
    shown = titles(turn.session, near, turn.lang, audience)
    if shown:
        turn.say("kb/suggest", Suggestions(appeal.id, shown, told_reading(line, reading.read_as)))
        return
    offer = missed(turn.uow, appeal, line, turn.lang, "none", reading)
    template = "kb/offer_human" if offer else "kb/none"
    goes_on = AppealGoesOn(appeal.id, open_ones(turn, appeal))
    turn.say(template, goes_on, card_key=await offer_key(state, found))


async def answer_unsure(turn: Conversation, state: FSMContext, message: Said, appeal: Appeal) -> None:
    """What was asked to be about a ticket and is about none: what may be meant, or the ways on."""
    found = Recorded(message, appeal)
    if message.kind != "text":
        turn.say("appeal/received", FileReceived(appeal.id, message.kind), card_key=await offer_key(state, found))
        return
    if parts_of(message):
        say_several(turn, appeal, message, await offer_key(state, found))
        return
    audience = audience_of(turn.session, appeal.person_id, turn.now)
    shown = titles(turn.session, list(message.file.get(HITS, ())), turn.lang, audience)
    if shown:
        turn.say("kb/suggest", Suggestions(appeal.id, shown, None))
        return
    offer = missed(turn.uow, appeal, message.text, turn.lang, "none")
    template = "kb/offer_human" if offer else "kb/none"
    turn.say(template, AppealGoesOn(appeal.id), card_key=await offer_key(state, found))


def answer_staff(turn: Conversation, message: Message) -> None:
    """Staff may look into the base as well: the nearest article, with no appeal and no statistics. Of an engineer at
    work it is asked whether a line that finds none is about the job (R1.8)."""
    reading: Reading | None = turn.prepared.reading
    audience = audience_of(turn.session, person_of(turn), turn.now)
    near = reading.hits[:1] if reading is not None and reading.decision != "none" else ()
    found = articles_for(turn.session, [hit.id for hit in near], turn.lang, audience)
    if found:
        show_files(turn, found[0])
        turn.say("kb/for_staff", ArticlePage(found[0].title, to_html(found[0].body)))
    elif not ask_whose_job(turn, message):
        turn.say("kb/none_for_staff", Menu(menu_of(turn.visitor)))


def present_article(
    turn: Conversation, appeal: Appeal, code: str, reading: Reading | None, query: str, *, instead: bool = False
) -> bool:
    """Show an article in the appeal; False when it isn't there for this person any more."""
    score = engine_score(reading, code) if reading else 0.0
    said = recorded(turn)
    again = said is not None and same_again(turn.session, appeal, code, said.message.id)
    shown = show_article(turn.uow, appeal, code, turn.lang, query, score, said.message.id if said else None)
    if shown is None:
        return False
    article, feedback = shown
    read_as = told_reading(query, reading.read_as) if reading else None
    tell_article(turn, appeal, article, feedback, read_as=read_as, again=again, instead=instead)
    return True


def tell_article(
    turn: Conversation,
    appeal: Appeal,
    article: Article,
    feedback: int,
    *,
    read_as: str | None = None,
    again: bool = False,
    instead: bool = False,
    problem: ProblemOfMessage | None = None,
) -> None:
    """The article with its files; `instead` of the screen that was pressed."""
    show_files(turn, article)
    answer = Answer(
        title=article.title,
        body=to_html(article.body),
        read_as=read_as,
        feedback_id=feedback,
        appeal_id=appeal.id,
        actions=article.actions,
        steps=len(steps(article.body)),
        again=again,
        problem=problem,
    )
    if instead:
        turn.show("kb/article", answer)
    else:
        turn.say("kb/article", answer)


@router.callback_query(ShowArticle.filter())
async def chosen(_press: CallbackQuery, callback_data: ShowArticle, turn: Conversation) -> None:
    """One of the suggestions."""
    appeal = own_appeal(turn, callback_data.appeal)
    code = article_code(turn.session, callback_data.article)
    if not present_article(turn, appeal, code, None, appeal.summary):
        raise NotFound


@router.callback_query(ArticleStep.filter())
async def by_steps(_press: CallbackQuery, callback_data: ArticleStep, turn: Conversation) -> None:
    """One step of the article, below its pictures: done and helped, or done and on to the next."""
    article, feedback = shown_article(turn.session, callback_data.feedback, person_of(turn), turn.now)
    found = steps(article.body)
    if callback_data.number >= len(found):
        raise Outdated
    step = found[callback_data.number]
    if step.files and callback_data.number:
        turn.close_pressed()
    pictured = bool(step.files) and show_files(turn, article, step.files) > 0
    shown = AnswerStep(
        title=article.title,
        body=step.words,
        number=callback_data.number,
        steps=len(found),
        feedback_id=feedback.id,
        appeal_id=feedback.appeal_id or 0,
        problem=problem_of(turn, feedback),
    )
    if pictured:
        turn.say("kb/step", shown)
    else:
        turn.show("kb/step", shown)


@router.callback_query(NotThese.filter())
async def none_of_these(_press: CallbackQuery, callback_data: NotThese, turn: Conversation) -> None:
    """None of the suggestions fits: a miss."""
    appeal = own_appeal(turn, callback_data.appeal)
    offer = leave_suggestions(turn.uow, appeal, turn.lang)
    turn.show("kb/offer_human" if offer else "kb/none", AppealGoesOn(appeal.id))


@router.callback_query(Helped.filter())
async def opinion(_press: CallbackQuery, callback_data: Helped, turn: Conversation) -> None:
    """«Помогло» or «Не помогло» below an article."""
    said = say_helped(turn.uow, callback_data.feedback, bool(callback_data.yes), person_of(turn))
    turn.alert("kb.noted_before" if said.repeated else "kb.noted")
    if said.repeated:
        return
    appeal_id = said.feedback.appeal_id or 0
    if said.feedback.helped:
        turn.say("kb/helped")
        say_rest(turn, appeal_id)
    else:
        template = "kb/offer_human" if said.offer_human else "kb/not_helped"
        turn.say(template, AppealGoesOn(appeal_id, problem=problem_of(turn, said.feedback)))


@router.callback_query(BringBack.filter())
async def still_needed(_press: CallbackQuery, callback_data: BringBack, turn: Conversation) -> None:
    """The appeal was closed, its person disagrees."""
    bring_back(turn.uow, callback_data.appeal, person_of(turn))
    turn.show("appeal/passed", PassedOn(opening(turn.session, turn.now)))


@router.callback_query(NewQuestion.filter())
async def new_question(_press: CallbackQuery, callback_data: NewQuestion, turn: Conversation) -> None:
    """What is written next is about something else: the appeal that waits for a person is left alone."""
    split_off(turn.uow, callback_data.appeal, person_of(turn))
    turn.show("kb/ask")


def say_passed(turn: Conversation) -> None:
    """People have it; out of hours also when they are back, and the emergency way."""
    turn.say("appeal/passed", PassedOn(opening(turn.session, turn.now)))


async def added(turn: Conversation, state: FSMContext, found: Recorded, appeal: Appeal) -> None:
    """More words for an appeal that people have."""
    show_in_triage(turn.uow, appeal)
    turn.say("appeal/added", AppealGoesOn(appeal.id), card_key=await offer_key(state, found))


async def offer_key(state: FSMContext, found: Recorded) -> str:
    """One card for the answers to a burst, so that a hundred messages don't bring a hundred of ours (R1.4)."""
    data = await state.get_data()
    if not found.burst or "offer" not in data:
        data["offer"] = found.message.id
        await state.set_data(data)
    return f"offer:{data['offer']}"


def own_appeal(turn: Conversation, appeal_id: int) -> Appeal:
    """The speaker's appeal. Raises NotFound."""
    appeal = turn.session.get(Appeal, appeal_id)
    if appeal is None or appeal.person_id != person_of(turn):
        raise NotFound
    return appeal


def person_of(turn: Conversation) -> int:
    """The id of the speaker. Raises NotFound for an account never seen."""
    person: Person | None = turn.visitor.person
    if person is None:
        raise NotFound
    return person.id


def _with_people(appeal: Appeal) -> bool:
    return appeal.end is AppealEnd.TRIAGE
