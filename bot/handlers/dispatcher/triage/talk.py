"""The dispatcher works through triage: link to a company and an object, open the ticket, answer, or close (R1.3)."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.clients.audiences import To
from bot.clients.models import Company, ServiceObject, StaffRole
from bot.clients.objects import object_lines, visible_objects
from bot.clients.rights import OFFICE, employed, require
from bot.clients.search import find_companies
from bot.db.errors import NotFound, Outdated
from bot.db.live import is_live
from bot.handlers.client.questions.talk import person_of
from bot.handlers.common.attachments import show_files
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Command, IsStaff, Label, Private, Speech
from bot.handlers.common.pages import nearest_page, page_of
from bot.handlers.common.recording import incoming
from bot.handlers.dispatcher.triage.presses import (
    TriageAnswer,
    TriageClose,
    TriageCompany,
    TriageFiles,
    TriageJoin,
    TriageList,
    TriageObject,
    TriageOpen,
    TriageTicket,
    TriageUnlink,
)
from bot.handlers.dispatcher.triage.screens import (
    ClientNamed,
    Linking,
    TicketOfAppeal,
    WaitingLine,
    WaitingPage,
    WhichObject,
    WhichTicket,
    WhoseAppeal,
)
from bot.tickets.dispatch.linking import is_of, link_company, live_link, unlink_company
from bot.tickets.intake.appeals import messages_of
from bot.tickets.intake.choosing_object import find_objects, ranked
from bot.tickets.intake.drafts import send_from_triage
from bot.tickets.intake.triage import (
    TriageCard,
    answer_from_staff,
    assign_company,
    assign_object,
    close_appeal,
    how_many_wait,
    in_triage,
    tickets_to_join,
    triage_card,
    triage_into_ticket,
    waiting,
)
from bot.tickets.life.models import Appeal, Ticket
from bot.tickets.life.numbers import to_choose

PAGE = 8
OBJECTS = 6

router = Router(name="triage")


class Triaging(StatesGroup):
    """What the dispatcher's next line is."""

    company = State()
    object = State()
    answer = State()
    reason = State()


@router.message(Private(), Label("menu.triage"), IsStaff(StaffRole.DISPATCHER, StaffRole.MANAGER))
@router.message(Private(), Command("triage"), IsStaff(StaffRole.DISPATCHER, StaffRole.MANAGER))
async def triage(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """What waits, oldest first."""
    await state.clear()
    show_waiting(turn, 0)


@router.callback_query(TriageList.filter())
async def page(_press: CallbackQuery, callback_data: TriageList, turn: Conversation, state: FSMContext) -> None:
    """Another page of what waits."""
    await state.clear()
    show_waiting(turn, callback_data.page)


@router.callback_query(TriageOpen.filter())
async def opened(_press: CallbackQuery, callback_data: TriageOpen, turn: Conversation, state: FSMContext) -> None:
    """One appeal with all that was said; from the group it opens in the presser's own chat."""
    appeal = in_triage(turn.session, callback_data.appeal, person_of(turn))
    if turn.is_private:
        await state.clear()
        show_card(turn, appeal)
    else:
        turn.uow.tell(To(person_of(turn)), "triage/card", _own(turn, appeal))
        turn.alert("triage.sent_to_private")


@router.callback_query(TriageCompany.filter())
async def company(_press: CallbackQuery, callback_data: TriageCompany, turn: Conversation, state: FSMContext) -> None:
    """Whose appeal it is: asked, or chosen."""
    if callback_data.company == 0:
        await _await_line(turn, state, callback_data.appeal, Triaging.company)
        turn.say("triage/find_company")
        return
    await state.clear()
    by = person_of(turn)
    appeal = in_triage(turn.session, callback_data.appeal, by)
    if is_of(turn.session, appeal, callback_data.company):
        show_card(turn, assign_company(turn.uow, callback_data.appeal, callback_data.company, by))
    elif callback_data.sure:
        show_card(turn, link_company(turn.uow, callback_data.appeal, callback_data.company, by))
    else:
        named = turn.session.get(Company, callback_data.company)
        if named is None or not is_live(named):
            raise NotFound
        shown = triage_card(turn.session, appeal)
        turn.show("triage/link_sure", Linking(appeal.id, named.id, named.name, shown.who, shown.phones, shown.talk))


@router.callback_query(TriageUnlink.filter())
async def unlink(_press: CallbackQuery, callback_data: TriageUnlink, turn: Conversation, state: FSMContext) -> None:
    """Not this company after all: back to triage with all that came of it."""
    await state.clear()
    show_card(turn, unlink_company(turn.uow, callback_data.appeal, person_of(turn)))


@router.message(Private(), Triaging.company, F.text, Speech())
async def company_words(message: Message, turn: Conversation, state: FSMContext) -> None:
    """A part of the company's name, INN or code."""
    require(turn.session, employed, OFFICE, person=person_of(turn))
    found = find_companies(turn.session, message.text or "")
    if not found:
        turn.say("triage/nothing_found")
        return
    listed = [(row.id, row.name) for row in found]
    turn.say("triage/companies", WhoseAppeal(await _appeal(state), listed))


@router.callback_query(TriageObject.filter())
async def thing(_press: CallbackQuery, callback_data: TriageObject, turn: Conversation, state: FSMContext) -> None:
    """What it is about: a page of the company's objects, or one of them."""
    if callback_data.object:
        await state.clear()
        by = person_of(turn)
        thing = turn.session.get(ServiceObject, callback_data.object)
        appeal = in_triage(turn.session, callback_data.appeal, by)
        if thing is not None and thing.company_id != appeal.company_id:
            raise Outdated  # the list was of another company
        show_card(turn, assign_object(turn.uow, callback_data.appeal, callback_data.object, by))
        return
    appeal = await _await_line(turn, state, callback_data.appeal, Triaging.object)
    _show_objects(turn, appeal, callback_data.page, "")


@router.message(Private(), Triaging.object, F.text, Speech())
async def thing_words(message: Message, turn: Conversation, state: FSMContext) -> None:
    """A part of a number or a model."""
    appeal = in_triage(turn.session, await _appeal(state), person_of(turn))
    _show_objects(turn, appeal, 0, message.text or "")


@router.callback_query(TriageTicket.filter())
async def ticket(_press: CallbackQuery, callback_data: TriageTicket, turn: Conversation, state: FSMContext) -> None:
    """Open the ticket for the client."""
    await state.clear()
    made = send_from_triage(turn.uow, callback_data.appeal, person_of(turn))
    _show_done(turn, "triage/opened", callback_data.appeal, made)


@router.callback_query(TriageJoin.filter())
async def join(_press: CallbackQuery, callback_data: TriageJoin, turn: Conversation, state: FSMContext) -> None:
    """Attach it to a ticket that is there: which, then done."""
    await state.clear()
    if callback_data.ticket:
        triage_into_ticket(turn.uow, callback_data.appeal, callback_data.ticket, person_of(turn))
        its = turn.session.get_one(Ticket, callback_data.ticket)
        _show_done(turn, "triage/joined", callback_data.appeal, its)
        return
    appeal = in_triage(turn.session, callback_data.appeal, person_of(turn))
    found = [to_choose(each) for each in tickets_to_join(turn.session, appeal)]
    turn.show("triage/tickets", WhichTicket(appeal.id, found))


@router.callback_query(TriageAnswer.filter())
async def answer(_press: CallbackQuery, callback_data: TriageAnswer, turn: Conversation, state: FSMContext) -> None:
    """Answer the client in words: the next line is the answer."""
    appeal = await _await_line(turn, state, callback_data.appeal, Triaging.answer)
    turn.say("triage/answer", ClientNamed(triage_card(turn.session, appeal).who))


@router.message(Private(), Triaging.answer, ~F.forward_origin, Speech())
async def answer_words(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The answer itself: words or files; what becomes of it is told as it becomes known."""
    answer_from_staff(turn.uow, await _appeal(state), incoming(message, turn), person_of(turn))
    await state.clear()


@router.callback_query(TriageFiles.filter())
async def files(_press: CallbackQuery, callback_data: TriageFiles, turn: Conversation) -> None:
    """Photos and files of the appeal, shown to staff in private."""
    appeal = in_triage(turn.session, callback_data.appeal, person_of(turn))
    show_files(turn, messages_of(turn.session, appeal.id), turn.user_id)


@router.callback_query(TriageClose.filter())
async def close(_press: CallbackQuery, callback_data: TriageClose, turn: Conversation, state: FSMContext) -> None:
    """Close it: the next line is the reason."""
    await _await_line(turn, state, callback_data.appeal, Triaging.reason)
    turn.say("triage/reason")


@router.message(Private(), Triaging.reason, F.text, Speech())
async def reason_words(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The reason itself, which the client sees."""
    appeal = in_triage(turn.session, await _appeal(state), person_of(turn))
    close_appeal(turn.uow, appeal.id, (message.text or "")[:300], person_of(turn))
    await state.clear()
    turn.say("triage/closed")


def show_waiting(turn: Conversation, number: int) -> None:
    """A page of the appeals that wait, each with its age, who and what."""
    count = how_many_wait(turn.session, person_of(turn))
    if not count:
        turn.show("triage/empty")
        return
    number, pages = nearest_page(count, number, PAGE)
    rows = [
        WaitingLine(
            each.appeal_id,
            each.who,
            each.company,
            each.wants_human,
            int((turn.now - each.since).total_seconds() // 60),
            each.summary,
        )
        for each in waiting(turn.session, person_of(turn), number * PAGE, PAGE)
    ]
    turn.show("triage/list", WaitingPage(rows, number, pages, count))


def show_card(turn: Conversation, appeal: Appeal) -> None:
    """The appeal with all that can be done with it."""
    turn.show("triage/card", _own(turn, appeal))


def _own(turn: Conversation, appeal: Appeal) -> TriageCard:
    return replace(triage_card(turn.session, appeal), private=True)


def _show_done(turn: Conversation, template: str, appeal_id: int, its: Ticket) -> None:
    linked = live_link(turn.session, appeal_id) is not None
    turn.show(template, TicketOfAppeal(appeal_id, its.id, its.number, linked=linked))


def _show_objects(turn: Conversation, appeal: Appeal, number: int, words: str) -> None:
    objects = visible_objects(turn.session, person_of(turn), appeal.company_id or 0)
    choice = find_objects(turn.session, objects, words) if words else ranked(turn.session, objects, appeal.summary)
    if not choice.objects:
        turn.say("triage/nothing_found")
        return
    page = page_of(choice.objects, number, OBJECTS)
    turn.show(
        "triage/objects",
        WhichObject(
            appeal.id,
            triage_card(turn.session, appeal).company or "",
            object_lines(turn.session, page.rows, objects, choice.sites),
            page.number,
            1 if words else page.pages,
        ),
    )


async def _await_line(turn: Conversation, state: FSMContext, appeal_id: int, what: State) -> Appeal:
    appeal = in_triage(turn.session, appeal_id, person_of(turn))
    await state.set_state(what)
    await state.set_data({"appeal": appeal_id})
    return appeal


async def _appeal(state: FSMContext) -> int:
    found = (await state.get_data()).get("appeal")
    if found is None:
        raise NotFound
    return int(found)
