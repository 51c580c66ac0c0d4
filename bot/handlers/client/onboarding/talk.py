"""Getting acquainted: consent, the own number, who it is; the menu, its language, and the settings (R2)."""

from aiogram import F, Router
from aiogram.filters import BaseFilter, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.seller.particulars import seller_of
from bot.clients.access import owned_companies, share_tickets
from bot.clients.consent import live_consent
from bot.clients.identification.identity import visitor_of
from bot.clients.identification.invitations import PREFIX, invited
from bot.clients.identification.recognise import Recognised
from bot.clients.identification.strangers import person_for
from bot.clients.models import ClientRole, Person, StaffRole
from bot.clients.people import switch_language
from bot.clients.rights import MANAGERS, OFFICE
from bot.handlers.client.drafting import talk as drafting
from bot.handlers.client.onboarding.presses import Agree, BackToSettings, ShareTickets, SwitchLanguage, WithdrawConsent
from bot.handlers.client.onboarding.screens import (
    ConsentAsked,
    Help,
    OwnSettings,
    StrangerHeard,
    UnknownCommand,
    Welcome,
    WithoutConsent,
)
from bot.handlers.client.questions.talk import person_of, say_passed
from bot.handlers.common.commands import read_command
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Command, CommandStart, Label, Private
from bot.handlers.common.menu_buttons import Menu, menu_of
from bot.handlers.common.recording import answer_waits, is_menu, recorded
from bot.tickets.dispatch.come_in import agree, come_in_by_invitation, come_in_by_phone, step_back
from bot.tickets.intake.triage import ask_human, pass_to_triage
from bot.tickets.life.at_work import opening

router = Router(name="onboarding")
texts_router = Router(name="onboarding_texts")
late_router = Router(name="menu_leftovers")
last_router = Router(name="presses_nobody_knows")
router.callback_query.filter(Private())


class Onboarding(StatesGroup):
    """`introducing`: the next line says who the stranger is. `link` in the data is what they came with."""

    introducing = State()


class OwnContact(BaseFilter):
    """A contact of the sender, or any contact from someone who is still to be recognised."""

    async def __call__(self, message: Message, turn: Conversation) -> bool:
        if message.contact is None:
            return False
        return message.contact.user_id == turn.user_id or not turn.visitor.is_client


class MenuText(BaseFilter):
    """A command or a label of the menu, whoever may still see it."""

    async def __call__(self, message: Message) -> bool:
        return is_menu(message.text)


@router.message(Private(), CommandStart(deep_link=True, magic=F.args.startswith(PREFIX)))
async def by_invitation(_message: Message, command: CommandObject, turn: Conversation, state: FSMContext) -> None:
    """An invitation link: staff comes in at once, a client agrees to the text first (R2.2, R2.5)."""
    await state.clear()
    link = command.args or ""
    guest = invited(turn.uow, link.removeprefix(PREFIX), turn.account)
    me = turn.visitor.person
    if guest.staff or _agreed(turn, guest.person) or _agreed(turn, me):
        await _enter(turn, state, link)
    else:
        await state.update_data(link=link)
        _ask_consent(turn)


@router.message(Private(), CommandStart())
async def start(_message: Message, command: CommandObject, turn: Conversation, state: FSMContext) -> None:
    """/start: the menu for those we know, acquaintance for all others."""
    await state.clear()
    if command.args:
        await state.update_data(link=command.args)
    await _go_on(turn, state)


@router.callback_query(Agree.filter())
async def consented(press: CallbackQuery, callback_data: Agree, turn: Conversation, state: FSMContext) -> None:
    """The answer to the text (R2.5)."""
    me = turn.visitor.person or person_for(
        turn.uow, turn.account, press.from_user.full_name, press.from_user.language_code
    )
    if callback_data.yes:
        agree(turn.uow, me, turn.account, turn.pressed_message_id)
        turn.visitor = visitor_of(turn.session, turn.account, turn.visitor.hint)
        await _go_on(turn, state)
    elif _agreed(turn, me):
        _show_settings(turn)
    else:
        await state.clear()
        turn.say("onboarding/no_consent", WithoutConsent(seller_of(turn.session), menu_of(turn.visitor)))


@router.message(Private(), Label("menu.share_phone"))
async def share(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """The button came as words: some apps can't send a contact, some keyboards are old."""
    await _go_on(turn, state)


@router.message(Private(), OwnContact())
async def contact(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The shared number (R2.1)."""
    me = turn.visitor.person
    if me is None or message.contact is None:
        return
    if not turn.visitor.is_staff and not _agreed(turn, me) and not turn.visitor.is_client:
        _ask_consent(turn)
        return
    found = come_in_by_phone(
        turn.uow,
        me,
        turn.account,
        message.contact.phone_number,
        message.contact.user_id,
        forwarded=message.forward_origin is not None,
    )
    await _welcome(turn, state, found)


@router.message(Private(), Command("menu"))
@router.message(Private(), Label("menu.home"))
async def home(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """The menu, and out of whatever was going on."""
    await state.clear()
    turn.say("menu/home", Menu(menu_of(turn.visitor)))


@router.message(Private(), Command("help"))
async def help_(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """What the bot can do, and how to reach people without it."""
    await state.clear()
    shown = Help(
        seller=seller_of(turn.session),
        staff=turn.visitor.is_staff,
        office=bool(OFFICE & turn.visitor.staff_roles),
        manager=bool(MANAGERS & turn.visitor.staff_roles),
        admin=StaffRole.ADMIN in turn.visitor.staff_roles,
        client=turn.visitor.is_client,
        money=turn.visitor.sees_money,
        approves=turn.visitor.approves,
        owner=any(each.role is ClientRole.OWNER for each in turn.visitor.memberships),
        menu=menu_of(turn.visitor),
    )
    turn.say("menu/help", shown)


@router.message(Private(), Command("human"))
async def human(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Человек» as a command (R1.7)."""
    await state.clear()
    me = turn.visitor.person
    if me is not None:
        ask_human(turn.uow, me.id)
        say_passed(turn)


@router.message(Private(), Command("settings"))
@router.message(Private(), Label("menu.settings"))
async def settings(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """Language, consent, people of the own company."""
    await state.clear()
    _show_settings(turn)


@router.callback_query(BackToSettings.filter())
async def settings_again(_press: CallbackQuery, turn: Conversation) -> None:
    """Back to the settings."""
    _show_settings(turn)


@router.callback_query(SwitchLanguage.filter())
async def language(_press: CallbackQuery, turn: Conversation) -> None:
    """The other language: the screen, and the menu below."""
    if turn.visitor.person is not None:
        switch_language(turn.uow, turn.visitor.person)
        _show_settings(turn)
        turn.say("menu/home", Menu(menu_of(turn.visitor)))


@router.callback_query(ShareTickets.filter())
async def sharing(_press: CallbackQuery, callback_data: ShareTickets, turn: Conversation) -> None:
    """The owner says whether colleagues see each other's tickets (R2.8)."""
    share_tickets(turn.uow, callback_data.company, person_of(turn), shared=bool(callback_data.on))
    _show_settings(turn)


@router.callback_query(WithdrawConsent.filter())
async def withdraw(
    _press: CallbackQuery, callback_data: WithdrawConsent, turn: Conversation, state: FSMContext
) -> None:
    """Take the consent back (R2.5): asked once more, then the account speaks for nobody."""
    me = turn.visitor.person
    if me is None or turn.visitor.is_staff or not _agreed(turn, me):
        _show_settings(turn)
    elif not callback_data.sure:
        turn.show("settings/withdraw_sure")
    else:
        await state.clear()
        lang = me.language
        step_back(turn.uow, me, turn.account)
        turn.visitor = visitor_of(turn.session, turn.account, lang)
        turn.say("settings/withdrawn", WithoutConsent(seller_of(turn.session), menu_of(turn.visitor)))


@texts_router.message(Private(), Onboarding.introducing, ~MenuText())
async def introduced(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """What the stranger says about themselves goes to triage with their number (R2.1)."""
    found = recorded(turn)
    if found is None or found.appeal is None or answer_waits(turn):
        return
    await state.clear()
    appeal = pass_to_triage(turn.uow, found.appeal.id, "stranger")
    turn.say("onboarding/stranger_thanks", StrangerHeard(appeal.id, opening(turn.session, turn.now)))


@late_router.message(Private(), MenuText(), ~Label("menu.ask"))
async def leftover(message: Message, turn: Conversation, state: FSMContext) -> None:
    """A command that we don't have (what was going on goes on), or a button that is no longer this person's: the menu
    as it is now."""
    if read_command(message.text) is not None:
        typed = (message.text or "").split()[0]  # with the name of the bot that it is for: «/start@other» is not ours
        turn.say("menu/unknown_command", UnknownCommand(typed, menu_of(turn.visitor)))
        return
    await state.clear()
    turn.say("menu/home", Menu(menu_of(turn.visitor)))


@last_router.callback_query()
async def unknown_press(_press: CallbackQuery, turn: Conversation) -> None:
    """A press that no screen of ours makes (any more): refused politely, with the present state (R2.4)."""
    turn.alert("refusal.outdated", popup=True)
    if turn.is_private:
        turn.say("menu/home", Menu(menu_of(turn.visitor)))


async def _go_on(turn: Conversation, state: FSMContext) -> None:
    """The next thing that is still missing: consent, number, who they are; or the menu."""
    me, link = turn.visitor.person, (await state.get_data()).get("link", "")
    if link.startswith(PREFIX) and _agreed(turn, me):
        await _enter(turn, state, link)
    elif turn.visitor.is_client or turn.visitor.is_staff:
        await _go_in(turn, state, link)
        turn.say("menu/home", Menu(menu_of(turn.visitor)))
    elif not _agreed(turn, me):
        _ask_consent(turn)
    elif me is None or me.phone is None:
        turn.say("onboarding/phone")
    else:
        await _ask_who(turn, state)


async def _enter(turn: Conversation, state: FSMContext, link: str) -> None:
    await state.update_data(link="")
    found = come_in_by_invitation(turn.uow, turn.visitor.person, turn.account, link.removeprefix(PREFIX))
    await _welcome(turn, state, found)


async def _welcome(turn: Conversation, state: FSMContext, found: Recognised) -> None:
    turn.visitor = visitor_of(turn.session, turn.account, turn.visitor.hint)
    link = (await state.get_data()).get("link", "")
    if not found.known:
        await _ask_who(turn, state)
        return
    turn.say("onboarding/welcome", welcome(turn, found))
    await _go_in(turn, state, link)


async def _go_in(turn: Conversation, state: FSMContext, link: str) -> None:
    """On to the equipment whose sticker brought them here (R2.2)."""
    await state.clear()
    if link.startswith(drafting.QR) and turn.visitor.is_client:
        await drafting.by_code(turn, state, link.removeprefix(drafting.QR))


async def _ask_who(turn: Conversation, state: FSMContext) -> None:
    await state.set_state(Onboarding.introducing)
    turn.say("onboarding/stranger", Menu(menu_of(turn.visitor)))


def welcome(turn: Conversation, found: Recognised) -> Welcome:
    """What one who has just been recognised reads."""
    return Welcome(found.person.name, found.companies, found.staff, menu_of(turn.visitor))


def _ask_consent(turn: Conversation) -> None:
    turn.say("onboarding/consent", ConsentAsked(seller_of(turn.session)))


def _show_settings(turn: Conversation) -> None:
    me = turn.visitor.person
    companies = owned_companies(turn.session, me.id) if me else []
    turn.show("settings/home", OwnSettings(_agreed(turn, me), turn.visitor.is_staff, companies))


def _agreed(turn: Conversation, person: Person | None) -> bool:
    return person is not None and live_consent(turn.session, person.id) is not None
