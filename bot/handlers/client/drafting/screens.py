"""The next screen of a draft: what is still to be settled, in order, until it can be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup

from bot.billing.seller.particulars import seller_of
from bot.clients.models import Company, ServiceObject
from bot.clients.objects import ObjectLine, companies_of, object_lines, object_titles, visible_objects
from bot.handlers.common.company import NamedCompany
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.pages import page_of
from bot.messaging.notices.subjects import Subject
from bot.tickets.intake.appeals import said
from bot.tickets.intake.choosing_object import ObjectsFound, ranked
from bot.tickets.intake.drafts import let_go_of_lost, open_tickets_on, view
from bot.tickets.intake.preferred_time import HeardTime, Slot
from bot.tickets.intake.triage import pass_to_triage
from bot.tickets.life.at_work import Opening, opening
from bot.tickets.life.models import Appeal, TicketState
from bot.tickets.life.pre_authorised import PreAuthorised
from bot.tickets.life.rights import may_see

PAGE = 6


class Drafting(StatesGroup):
    """A draft is open: what is said belongs to it. `searching`: what is said is looked for among the objects;
    `preferring`: it is when the work should be done."""

    collecting = State()
    searching = State()
    preferring = State()


@dataclass(frozen=True, slots=True)
class DraftEmpty:
    """Nothing is said yet; `thing` is the equipment that was chosen already."""

    appeal_id: int
    thing: str | None


@dataclass(frozen=True, slots=True)
class DraftCompanies:
    """For which of their companies the ticket is."""

    appeal_id: int
    companies: Sequence[NamedCompany]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftObjects:
    """A page of the `count` objects of a company, or of those found, below what was said so far. `ranked`: those that
    fit what was said come first; `many`: more than a page, so that a search is offered first."""

    appeal_id: int
    things: Sequence[ObjectLine]
    page: int
    pages: int
    company: str
    count: int
    ranked: bool
    many: bool
    text: str
    files: int
    earlier: int


@dataclass(frozen=True, slots=True)
class DraftSearch:
    """A number or a model is looked for."""

    appeal_id: int


@dataclass(frozen=True, slots=True)
class DraftNotFound:
    """No object has these words."""

    appeal_id: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftTwin:
    """A ticket that is open on the object; of a colleague's only the state is told (R2.8): `number` is None then."""

    appeal_id: int
    ticket_id: int
    number: int | None
    description: str
    state: TicketState
    thing: ObjectLine


@dataclass(frozen=True, slots=True)
class DraftTimes:
    """When the work may begin, in a zone; `over`: a time that was said and is past."""

    appeal_id: int
    times: Sequence[Slot]
    zone: str
    over: HeardTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCard:
    """All that will be sent; `earlier`: so many messages of questions that were answered are left out (R1.11);
    `choice`: there are other objects, `asks_time`: the hour makes the price (R5.3), `heard`: what was understood of the
    time that was just said."""

    appeal_id: int
    thing: ObjectLine
    contract: str
    text: str
    files: int
    earlier: int
    emergency: bool
    sounds_urgent: bool
    preferred: Slot | None
    preferred_words: str | None
    heard: HeardTime | None
    asks_time: bool
    zone: str
    emergency_phone: str | None
    choice: bool
    pre_authorised: PreAuthorised | None


@dataclass(frozen=True, slots=True)
class DraftSent:
    """The ticket that a draft became."""

    ticket_id: int
    number: int
    hours: Opening


@dataclass(frozen=True, slots=True)
class DraftJoined:
    """The open ticket that what was said went to."""

    ticket_id: int
    number: int


@dataclass(frozen=True, slots=True)
class DraftPassedOn:
    """People have it, and why."""

    reason: str
    hours: Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAfterEnd:
    """What would be done on a day after the last one of its contract: urgent work is still done by it."""

    appeal_id: int
    thing: ObjectLine
    contract: str
    ends: date
    works: date
    emergency_phone: str | None


async def next_step(
    turn: Conversation,
    state: FSMContext,
    appeal: Appeal,
    *,
    pressed: bool,
    card_key: str | None = None,
    heard: HeardTime | None = None,
) -> None:
    """Show what the draft needs next; `pressed` replaces the screen that was pressed, `heard` is said back.

    What can't be linked goes to triage with what was said (R1.3).
    """
    appeal_id, person_id = appeal.id, appeal.person_id
    let_go_of_lost(turn.uow, appeal)
    data = await state.get_data()
    anyway = data.get("anyway") if data.get("appeal") == appeal_id else None
    await state.set_state(Drafting.collecting)
    await state.set_data({**data, "appeal": appeal_id})
    words = said(turn.session, appeal_id)
    if not words.text and not words.files:
        chosen = object_titles(turn.session, [appeal.object_id] if appeal.object_id else [])
        empty = DraftEmpty(appeal_id, next(iter(chosen.values()), None))
        _screen(turn, "draft/describe", empty, pressed=pressed, card_key=card_key)
    elif appeal.company_id is None:
        companies = companies_of(turn.session, person_id)
        if not companies:
            await to_triage(turn, state, appeal_id, "stranger", pressed=pressed)
            return
        listed = DraftCompanies(appeal_id, [NamedCompany(company.id, company.name) for company in companies])
        _screen(turn, "draft/company", listed, pressed=pressed, card_key=card_key)
    elif appeal.object_id is None:
        if visible_objects(turn.session, person_id, appeal.company_id):
            show_objects(turn, appeal, 0, pressed=pressed, card_key=card_key)
        else:
            await to_triage(turn, state, appeal_id, "no_objects", pressed=pressed)
    elif anyway != appeal.object_id and (open_ones := open_tickets_on(turn.session, appeal.object_id)):
        ticket = open_ones[0]
        seen = may_see(turn.session, ticket, person_id)  # a colleague's: object and state only (R2.8)
        twin = DraftTwin(
            appeal_id=appeal_id,
            ticket_id=ticket.id,
            number=ticket.number if seen else None,
            description=ticket.description if seen else "",
            state=ticket.state,
            thing=view(turn.uow, appeal).thing,
        )
        _screen(turn, "draft/join", twin, pressed=pressed, card_key=card_key)
    else:
        await _confirm(turn, state, appeal, pressed=pressed, card_key=card_key, heard=heard)


def show_objects(
    turn: Conversation,
    appeal: Appeal,
    page: int,
    *,
    pressed: bool,
    found: list[ServiceObject] | None = None,
    card_key: str | None = None,
) -> None:
    """A page of the company's objects, those that what was said names first, or of those found."""
    words = said(turn.session, appeal.id)
    if found is None:
        visible = visible_objects(turn.session, appeal.person_id, appeal.company_id or 0)
        choice = ranked(turn.session, visible, words.text)
    else:
        choice = ObjectsFound(found, surely=False)
    objects = choice.objects
    present = page_of(objects, page, PAGE)
    company = turn.session.get(Company, appeal.company_id) if appeal.company_id else None
    shown = DraftObjects(
        appeal_id=appeal.id,
        things=object_lines(turn.session, present.rows, objects, choice.sites),
        page=present.number,
        pages=1 if found is not None else present.pages,
        company=company.name if company else "",
        count=len(objects),
        ranked=choice.surely,
        many=len(objects) > PAGE,
        text=words.text,
        files=words.files,
        earlier=words.earlier,
    )
    _screen(turn, "draft/objects" if found is None else "draft/found", shown, pressed=pressed, card_key=card_key)


async def to_triage(turn: Conversation, state: FSMContext, appeal_id: int, reason: str, *, pressed: bool) -> None:
    """Pass on to people, and say so."""
    await state.clear()
    pass_to_triage(turn.uow, appeal_id, reason)
    _screen(turn, "draft/to_triage", DraftPassedOn(reason, opening(turn.session, turn.now)), pressed=pressed)


async def _confirm(
    turn: Conversation,
    state: FSMContext,
    appeal: Appeal,
    *,
    pressed: bool,
    card_key: str | None,
    heard: HeardTime | None,
) -> None:
    draft = view(turn.uow, appeal)
    seller = seller_of(turn.session)
    phone = seller.emergency_phone if seller else None
    if draft.ending is not None and draft.ending.contract.ends is not None:
        over = DraftAfterEnd(
            appeal_id=appeal.id,
            thing=draft.thing,
            contract=draft.ending.contract.number,
            ends=draft.ending.contract.ends,
            works=draft.ending.works,
            emergency_phone=phone,
        )
        _screen(turn, "draft/after_end", over, pressed=pressed, card_key=card_key)
        return
    if draft.contract is None:
        await to_triage(turn, state, appeal.id, "no_contract", pressed=pressed)
        return
    card = DraftCard(
        pre_authorised=draft.pre_authorised,
        appeal_id=appeal.id,
        thing=draft.thing,
        contract=draft.contract.number,
        text=draft.said.text,
        files=draft.said.files,
        earlier=draft.said.earlier,
        emergency=appeal.emergency,
        sounds_urgent=draft.sounds_urgent,
        preferred=draft.preferred,
        preferred_words=draft.preferred_words,
        heard=heard,
        asks_time=draft.asks_time,
        zone=draft.timezone,
        emergency_phone=phone,
        choice=len(visible_objects(turn.session, appeal.person_id, appeal.company_id or 0)) > 1,
    )
    _screen(turn, "draft/confirm", card, pressed=pressed, card_key=card_key)


def _screen(turn: Conversation, template: str, subject: Subject, *, pressed: bool, card_key: str | None = None) -> None:
    if pressed:
        turn.show(template, subject)
    else:
        turn.say(template, subject, card_key=card_key)
