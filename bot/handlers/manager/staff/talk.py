"""Letting people in and out: our staff by an admin, a client's people by their owner or our manager (R2.3, R2.7)."""

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.seller.particulars import seller_of
from bot.clients.access import OURS, fresh_link, insider, insiders, let_in, require_lets_in, roles_of, title_of
from bot.clients.identification.invitations import PREFIX
from bot.clients.models import Invitation, Person, StaffRole
from bot.clients.people import mute, muted_people
from bot.clients.rights import MANAGERS, employed, require
from bot.clients.search import find_companies
from bot.db.errors import NotFound
from bot.handlers.client.questions.talk import person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Command, IsStaff, Label, Private
from bot.handlers.common.pages import page_of
from bot.handlers.common.recording import is_menu
from bot.handlers.manager.staff.presses import (
    FindClients,
    FreshLink,
    InviteRole,
    LetOut,
    MutePerson,
    PeopleList,
    PersonCard,
)
from bot.handlers.manager.staff.screens import (
    ClosingAccess,
    CompaniesFound,
    InvitationText,
    Invited,
    Muting,
    NameWanted,
    People,
    PersonShown,
    RoleWanted,
)
from bot.tickets.dispatch.leaving import close_access

PAGE = 10

router = Router(name="staff")
texts_router = Router(name="staff_texts")
router.callback_query.filter(Private())


class LettingIn(StatesGroup):
    """What the next line is: who is let in, or whose people are wanted."""

    who = State()
    company = State()


@router.message(Private(), Label("menu.people"), IsStaff(StaffRole.MANAGER))
@router.message(Private(), Command("people"), IsStaff(StaffRole.MANAGER))
async def people(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Сотрудники»: our own; an admin lets them in and out."""
    await state.clear()
    show_people(turn, OURS, 0)


@router.message(Private(), Label("menu.clients"), IsStaff(StaffRole.MANAGER))
async def client_people(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Люди клиентов»: of which one?"""
    await _ask_company(turn, state)


@router.callback_query(PeopleList.filter())
async def page(_press: CallbackQuery, callback_data: PeopleList, turn: Conversation, state: FSMContext) -> None:
    """A page of people."""
    await state.clear()
    show_people(turn, callback_data.company, callback_data.page)


@router.callback_query(FindClients.filter())
async def clients(_press: CallbackQuery, turn: Conversation, state: FSMContext) -> None:
    """People of a client: of which one?"""
    require(turn.session, employed, MANAGERS, person=person_of(turn))
    await _ask_company(turn, state)


@texts_router.message(Private(), LettingIn.company, F.text)
async def company_words(message: Message, turn: Conversation) -> None:
    """A part of the company's name, INN or code."""
    require(turn.session, employed, MANAGERS, person=person_of(turn))
    found = find_companies(turn.session, message.text or "")
    if found:
        turn.say("people/companies", CompaniesFound(found))
    else:
        turn.say("triage/nothing_found")


@router.callback_query(PersonCard.filter())
async def card(_press: CallbackQuery, callback_data: PersonCard, turn: Conversation, state: FSMContext) -> None:
    """One person: roles, a fresh link, out."""
    await state.clear()
    by = person_of(turn)
    found = insider(turn.session, callback_data.company, callback_data.person, by)
    turn.show(
        "people/person",
        PersonShown(callback_data.company, found, found.id == by, _lets_in(turn, callback_data.company)),
    )


@router.callback_query(InviteRole.filter())
async def role(_press: CallbackQuery, callback_data: InviteRole, turn: Conversation, state: FSMContext) -> None:
    """In which role; then who: the next line."""
    require_lets_in(turn.session, callback_data.company, person_of(turn))
    roles = roles_of(callback_data.company)
    if not 0 <= callback_data.role < len(roles):
        company = title_of(turn.session, callback_data.company)
        turn.show("people/role", RoleWanted(callback_data.company, company, roles))
        return
    await state.set_state(LettingIn.who)
    await state.set_data({"company": callback_data.company, "role": roles[callback_data.role]})
    turn.say("people/ask_phone", NameWanted(f"people.{roles[callback_data.role]}"))


@texts_router.message(Private(), LettingIn.who, F.text)
async def who(message: Message, turn: Conversation, state: FSMContext, bot: Bot) -> None:
    """Name and phone: the link to be passed on."""
    if is_menu(message.text):
        return
    data = await state.get_data()
    invitation = let_in(turn.uow, int(data["company"]), message.text or "", data["role"], person_of(turn))
    await state.clear()
    await _show_link(turn, bot, invitation, int(data["company"]))


@router.callback_query(FreshLink.filter())
async def link(_press: CallbackQuery, callback_data: FreshLink, turn: Conversation, bot: Bot) -> None:
    """Another link for the same person; earlier ones stop working."""
    company = callback_data.company
    await _show_link(turn, bot, fresh_link(turn.uow, company, callback_data.person, person_of(turn)), company)


@router.callback_query(LetOut.filter())
async def out(_press: CallbackQuery, callback_data: LetOut, turn: Conversation) -> None:
    """Close the access, asked once more."""
    by = person_of(turn)
    require_lets_in(turn.session, callback_data.company, by)
    found = insider(turn.session, callback_data.company, callback_data.person, by)
    closing = ClosingAccess(callback_data.company, found.id, found.name)
    if not callback_data.sure:
        turn.show("people/sure", closing)
        return
    close_access(turn.uow, callback_data.company, callback_data.person, by)
    turn.say("people/closed", closing)
    show_people(turn, callback_data.company, 0)


@router.callback_query(MutePerson.filter())
async def muted(_press: CallbackQuery, callback_data: MutePerson, turn: Conversation) -> None:
    """A spammer is recorded and not answered, or answered again."""
    person = mute(turn.uow, callback_data.person, person_of(turn), muted=bool(callback_data.on))
    turn.show("people/muting", Muting(person.id, person.name, muted=person.muted_at is not None))


@router.message(Private(), Command("muted"), IsStaff(StaffRole.DISPATCHER, StaffRole.MANAGER))
async def silenced(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """Who is recorded and not answered: each may be let speak again."""
    await state.clear()
    found = muted_people(turn.session, person_of(turn))
    for person in found:
        turn.say("people/muting", Muting(person.id, person.name, muted=True))
    if not found:
        turn.say("people/nobody_muted")


def show_people(turn: Conversation, company_id: int, number: int) -> None:
    """A page of those who are in."""
    found = insiders(turn.session, company_id, person_of(turn))
    page = page_of(found, number, PAGE)
    shown = People(
        company_id=company_id,
        company=title_of(turn.session, company_id),
        people=page.rows,
        page=page.number,
        pages=page.pages,
        lets_in=_lets_in(turn, company_id),
    )
    turn.show("people/list", shown)


def _lets_in(turn: Conversation, company_id: int) -> bool:
    return company_id != OURS or StaffRole.ADMIN in turn.visitor.staff_roles


async def _ask_company(turn: Conversation, state: FSMContext) -> None:
    await state.set_state(LettingIn.company)
    turn.say("triage/find_company")


async def _show_link(turn: Conversation, bot: Bot, invitation: Invitation, company_id: int) -> None:
    """A word to the one who invites, and below it the message to be passed on, written to who gets it."""
    person = turn.session.get(Person, invitation.person_id)
    if person is None:
        raise NotFound
    username = (await bot.me()).username
    command = f"{PREFIX}{invitation.code}"
    link = f"https://t.me/{username}?start={command}" if username else f"/start {command}"
    seller = seller_of(turn.session)
    ours = seller.name if seller is not None else None
    turn.say("people/invited", Invited(person.name, invitation.expires_at))
    turn.say(
        "people/invitation",
        InvitationText(person.name, invitation.expires_at, link, ours, title_of(turn.session, company_id)),
    )
