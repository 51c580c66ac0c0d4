"""A client puts a ticket together: said already, about what, send."""

from collections.abc import Sequence

from aiogram import F, Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.clients.models import ServiceObject
from bot.clients.objects import object_by_qr, visible_objects
from bot.db.keeping import rows_of
from bot.handlers.client.drafting.presses import (
    DropDraft,
    FindObject,
    JoinTicket,
    NewAnyway,
    NotListed,
    ObjectPage,
    PickCompany,
    PickObject,
    SayAnew,
    SayUrgent,
    SendDraft,
    StartDraft,
    StartUrgent,
)
from bot.handlers.client.drafting.screens import (
    Drafting,
    DraftJoined,
    DraftNotFound,
    DraftSearch,
    DraftSent,
    next_step,
    show_objects,
    to_triage,
)
from bot.handlers.client.questions.talk import answer_line, offer_key, own_appeal, person_of
from bot.handlers.client.several.screens import say_rest
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import CommandStart, IsClient, Label, Private, Speech
from bot.handlers.common.recording import answer_waits, recorded
from bot.tickets.intake.appeals import drop_appeal, own, say_anew, say_aside, settle_asked
from bot.tickets.intake.choosing_object import ObjectsFound, find_objects, numbered
from bot.tickets.intake.drafts import (
    begin_draft,
    choose_company,
    choose_object,
    join_ticket,
    let_go_of_lost,
    not_in_list,
    send_draft,
    set_emergency,
)
from bot.tickets.intake.numbers_said import numbers_alone
from bot.tickets.intake.preferred_time import time_beside
from bot.tickets.intake.record import open_appeal, present_appeal
from bot.tickets.life.at_work import opening
from bot.tickets.life.deadlines import zone_of
from bot.tickets.life.models import Appeal
from bot.tickets.life.parts import whole_of

QR = "o_"
SEARCH_WORDS = 4

router = Router(name="drafting")
texts_router = Router(name="drafting_texts")


@router.message(Private(), IsClient(), CommandStart(deep_link=True, magic=F.args.startswith(QR)))
async def by_sticker(_message: Message, command: CommandObject, turn: Conversation, state: FSMContext) -> None:
    """A QR sticker on the equipment: the object is chosen, if it is theirs (R2.2)."""
    await by_code(turn, state, (command.args or "").removeprefix(QR))


@router.message(Private(), Label("menu.new_ticket"))
async def new_ticket(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Новая заявка»: from what was said already, or from what is said next."""
    await _start(turn, state, _draft_appeal(turn), pressed=False)


@router.callback_query(StartDraft.filter())
async def start(_press: CallbackQuery, callback_data: StartDraft, turn: Conversation, state: FSMContext) -> None:
    """«Оформить заявку» on a screen: the conversation so far is the description."""
    found = own_appeal(turn, callback_data.appeal) if callback_data.appeal else None
    await _start(turn, state, found if found and found.ended_at is None else _draft_appeal(turn), pressed=False)


@router.callback_query(StartUrgent.filter())
async def start_urgent(
    _press: CallbackQuery, callback_data: StartUrgent, turn: Conversation, state: FSMContext
) -> None:
    """«Срочная заявка»: the same with haste already said (R1.12)."""
    found = own_appeal(turn, callback_data.appeal)
    appeal = found if found.ended_at is None else _draft_appeal(turn)
    set_emergency(turn.uow, appeal.id, True, person_of(turn))
    await _start(turn, state, appeal, pressed=False)


@router.callback_query(PickCompany.filter())
async def pick_company(
    _press: CallbackQuery, callback_data: PickCompany, turn: Conversation, state: FSMContext
) -> None:
    """For which of their companies."""
    appeal = choose_company(turn.uow, callback_data.appeal, callback_data.company, person_of(turn))
    await next_step(turn, state, appeal, pressed=True)


@router.callback_query(ObjectPage.filter())
async def object_page(_press: CallbackQuery, callback_data: ObjectPage, turn: Conversation, state: FSMContext) -> None:
    """Another page of objects."""
    appeal = own(turn.session, callback_data.appeal, person_of(turn))
    await state.set_state(Drafting.collecting)
    await state.update_data(appeal=appeal.id)
    let_go_of_lost(turn.uow, appeal)
    if appeal.company_id is None:
        await next_step(turn, state, appeal, pressed=True)
    else:
        show_objects(turn, appeal, callback_data.page, pressed=True)


@router.callback_query(PickObject.filter())
async def pick_object(_press: CallbackQuery, callback_data: PickObject, turn: Conversation, state: FSMContext) -> None:
    """About which object."""
    appeal = choose_object(turn.uow, callback_data.appeal, callback_data.object, person_of(turn))
    await next_step(turn, state, appeal, pressed=True)


@router.callback_query(FindObject.filter())
async def find_object(_press: CallbackQuery, callback_data: FindObject, turn: Conversation, state: FSMContext) -> None:
    """Search by serial number, inventory number or model: the next line is what to look for."""
    appeal = own(turn.session, callback_data.appeal, person_of(turn))
    await state.set_state(Drafting.searching)
    await state.update_data(appeal=appeal.id)
    turn.show("draft/search", DraftSearch(appeal.id))


@router.callback_query(NotListed.filter())
async def not_listed(_press: CallbackQuery, callback_data: NotListed, turn: Conversation, state: FSMContext) -> None:
    """The object is not in the list: to triage with what was said (R1.3)."""
    not_in_list(turn.uow, callback_data.appeal, person_of(turn))
    await to_triage(turn, state, callback_data.appeal, "not_in_list", pressed=True)


@router.callback_query(NewAnyway.filter())
async def new_anyway(_press: CallbackQuery, callback_data: NewAnyway, turn: Conversation, state: FSMContext) -> None:
    """An open ticket on the object is about something else."""
    appeal = own(turn.session, callback_data.appeal, person_of(turn))
    await state.update_data(appeal=appeal.id, anyway=appeal.object_id)
    await next_step(turn, state, appeal, pressed=True)


@router.callback_query(JoinTicket.filter())
async def join(_press: CallbackQuery, callback_data: JoinTicket, turn: Conversation, state: FSMContext) -> None:
    """It is about the same: what was said goes to the open ticket (R1.4)."""
    ticket = join_ticket(turn.uow, callback_data.appeal, callback_data.ticket, person_of(turn))
    await state.clear()
    turn.show("draft/joined", DraftJoined(ticket.id, ticket.number))
    _say_other_problems(turn, callback_data.appeal)


@router.callback_query(SayUrgent.filter())
async def urgent(_press: CallbackQuery, callback_data: SayUrgent, turn: Conversation, state: FSMContext) -> None:
    """«Срочно, всё стоит», or not after all."""
    appeal = set_emergency(turn.uow, callback_data.appeal, bool(callback_data.yes), person_of(turn))
    await next_step(turn, state, appeal, pressed=True)


@router.callback_query(SayAnew.filter())
async def anew(_press: CallbackQuery, callback_data: SayAnew, turn: Conversation, state: FSMContext) -> None:
    """Describe it again: what was said stays recorded, but not in the description."""
    appeal = say_anew(turn.uow, callback_data.appeal, person_of(turn))
    await next_step(turn, state, appeal, pressed=True)


@router.callback_query(DropDraft.filter())
async def drop(_press: CallbackQuery, callback_data: DropDraft, turn: Conversation, state: FSMContext) -> None:
    """Not needed any more."""
    drop_appeal(turn.uow, callback_data.appeal, person_of(turn))
    await state.clear()
    turn.show("draft/dropped")


@router.callback_query(SendDraft.filter())
async def send(_press: CallbackQuery, callback_data: SendDraft, turn: Conversation, state: FSMContext) -> None:
    """«Отправить»: the ticket is opened, once however often it is pressed."""
    ticket = send_draft(turn.uow, callback_data.appeal, person_of(turn))
    await state.clear()
    if ticket is None:
        await to_triage(turn, state, callback_data.appeal, "no_contract", pressed=True)
    else:
        hours = opening(turn.session, turn.now, zone_of(turn.session, ticket))
        turn.show("draft/sent", DraftSent(ticket.id, ticket.number, hours))
        _say_other_problems(turn, callback_data.appeal)


@texts_router.message(Drafting.searching, F.text, Speech())
async def look_for(message: Message, turn: Conversation, state: FSMContext) -> None:
    """What to look for among the objects."""
    found = recorded(turn)
    if found is None or found.appeal is None or not await _is_drafts(state, found.appeal):
        await collect(message, turn, state)
        return
    say_aside(turn.uow, found.message)
    await _look(turn, state, found.appeal, message.text or "")


@texts_router.message(Drafting.collecting, Speech())
@texts_router.message(Drafting.searching, Speech())
async def collect(message: Message, turn: Conversation, state: FSMContext) -> None:
    """Words, photos, voice while the draft is open belong to it (R1.4)."""
    found = recorded(turn)
    if found is None or found.appeal is None:
        return
    appeal = found.appeal
    if not await _is_drafts(state, appeal):
        await state.clear()  # the draft's appeal has ended: this is something new
        if message.text and not answer_waits(turn):
            await answer_line(turn, state, found, appeal, message.text)
        return
    if answer_waits(turn):
        return
    line = message.text or ""
    things = numbered(turn.session, appeal.person_id, numbers_alone(line))
    if things:
        say_aside(turn.uow, found.message)
        await open_numbered(turn, state, appeal, things)
        return
    if appeal.object_id is None and _sounds_like_a_number(line) and _find(turn, appeal, line).surely:
        say_aside(turn.uow, found.message)
        await _look(turn, state, appeal, line)
        return
    heard = time_beside(turn.uow, appeal, found.message)
    begin_draft(turn.uow, appeal.id, person_of(turn), line)
    await next_step(turn, state, appeal, pressed=False, card_key=await offer_key(state, found), heard=heard)


def _say_other_problems(turn: Conversation, appeal_id: int) -> None:
    """What is left of the message that a ticket was one problem of."""
    message = whole_of(turn.session, appeal_id)
    if message is not None and message.appeal_id is not None:
        say_rest(turn, message.appeal_id)


async def by_code(turn: Conversation, state: FSMContext, code: str) -> None:
    """Begin a draft about the equipment with this sticker."""
    thing = object_by_qr(turn.session, code, person_of(turn))
    if thing is None:
        turn.say("draft/sticker_unknown")
        return
    appeal = _draft_appeal(turn)
    settle_asked(turn.uow, appeal.id)
    choose_object(turn.uow, appeal.id, thing.id, person_of(turn))
    await state.clear()
    await next_step(turn, state, appeal, pressed=False)


async def open_numbered(turn: Conversation, state: FSMContext, appeal: Appeal, things: Sequence[int]) -> None:
    """The draft about the object whose number was typed; of several, which."""
    if len(things) == 1:
        choose_object(turn.uow, appeal.id, things[0], appeal.person_id)
        await next_step(turn, state, appeal, pressed=False)
        return
    await state.set_state(Drafting.collecting)
    await state.update_data(appeal=appeal.id)
    rows = rows_of(turn.session, ServiceObject, things)
    show_objects(turn, appeal, 0, pressed=False, found=[rows[each] for each in things])


async def _look(turn: Conversation, state: FSMContext, appeal: Appeal, words: str) -> None:
    found = _find(turn, appeal, words)
    if not found.objects:
        turn.say("draft/search_none", DraftNotFound(appeal.id, words))
        return
    await state.set_state(Drafting.collecting)
    if found.surely and len(found.objects) == 1:
        choose_object(turn.uow, appeal.id, found.objects[0].id, appeal.person_id)
        await next_step(turn, state, appeal, pressed=False)
    else:
        show_objects(turn, appeal, 0, pressed=False, found=found.objects)


def _find(turn: Conversation, appeal: Appeal, words: str) -> ObjectsFound:
    visible = visible_objects(turn.session, appeal.person_id, appeal.company_id or 0)
    return find_objects(turn.session, visible, words)


async def _start(turn: Conversation, state: FSMContext, appeal: Appeal, *, pressed: bool) -> None:
    settle_asked(turn.uow, appeal.id)
    begin_draft(turn.uow, appeal.id, person_of(turn))
    await state.clear()
    await next_step(turn, state, appeal, pressed=pressed)


def _draft_appeal(turn: Conversation) -> Appeal:
    """The person's open appeal, or a new one; what people have already is left to them."""
    appeal = present_appeal(turn.session, person_of(turn), turn.now)
    return appeal if appeal is not None and appeal.ended_at is None else open_appeal(turn.uow, person_of(turn))


async def _is_drafts(state: FSMContext, appeal: Appeal) -> bool:
    return appeal.ended_at is None and (await state.get_data()).get("appeal") == appeal.id


def _sounds_like_a_number(text: str) -> bool:
    return any(char.isdigit() for char in text) and len(text.split()) < SEARCH_WORDS
