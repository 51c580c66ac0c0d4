"""Staff forwards clients' messages: each author gets an appeal of their own (R1.5)."""

from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import (
    CallbackQuery,
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from bot.clients.identification.identity import visitor_of
from bot.clients.models import Person
from bot.clients.rights import employed, require
from bot.clients.search import find_people
from bot.db.errors import Outdated
from bot.handlers.client.questions.talk import person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import IsStaff, Private, Speech
from bot.handlers.common.recording import answer_waits, incoming
from bot.handlers.dispatcher.triage.presses import ForwardedFrom
from bot.handlers.dispatcher.triage.screens import ClientNamed, Unowned, WhoOfThem
from bot.messaging.messengers import AccountId
from bot.tickets.intake.record import loose_messages, record_loose
from bot.tickets.intake.triage import appeal_of_client

router = Router(name="triage_forwarded")


class Forwarding(StatesGroup):
    """Forwarded messages wait for the names of their clients, one author after another."""

    whose = State()


@router.message(Private(), IsStaff(), F.forward_origin)
async def forwarded(message: Message, turn: Conversation, state: FSMContext) -> None:
    """Keep the message with those of its author; a known author is the client, of another one staff is asked."""
    kept = record_loose(turn.uow, incoming(message, turn), person_of(turn))
    authors = await _authors(state)
    key, name, person_id = _author(turn, message)
    mine = next((each for each in authors if each["key"] == key), None)
    if mine is None:
        authors.append(mine := {"key": key, "name": name, "person": person_id, "messages": []})
    mine["messages"] = [*mine["messages"], kept.id]
    await _keep(state, authors)
    if not answer_waits(turn):
        await _settle(turn, state, authors)


@router.message(Private(), Forwarding.whose, F.text, Speech())
async def whose(message: Message, turn: Conversation, state: FSMContext) -> None:
    """A part of the client's name, phone or company, of the author who is asked about."""
    require(turn.session, employed, person=person_of(turn))
    authors = _recorded_if_known(turn, await _authors(state))
    await _keep(state, authors)
    found = find_people(turn.session, message.text or "")
    if not found or not authors:
        turn.say("triage/nothing_found")
    else:
        about = authors[0]["messages"][0]
        turn.say("triage/people", WhoOfThem(about, [(row.id, row.title) for row in found]))


@router.callback_query(ForwardedFrom.filter())
async def chosen(_press: CallbackQuery, callback_data: ForwardedFrom, turn: Conversation, state: FSMContext) -> None:
    """This client wrote them. Raises Outdated for messages that nobody is asked about any more."""
    require(turn.session, employed, person=person_of(turn))
    authors = await _authors(state)
    about = next((each for each in authors if callback_data.message in each["messages"]), None)
    if about is None:
        raise Outdated
    about["person"] = callback_data.person
    await _settle(turn, state, authors)


async def _settle(turn: Conversation, state: FSMContext, authors: list[dict[str, Any]]) -> None:
    """An appeal for each author who is known by now; of the first of the others it is asked whose words they are."""
    waiting = _recorded_if_known(turn, authors)
    await _keep(state, waiting)
    if waiting:
        words = loose_messages(turn.session, waiting[0]["messages"])
        turn.say("triage/forwarded_from", Unowned(waiting[0]["name"], [each.text or each.kind for each in words]))


def _recorded_if_known(turn: Conversation, authors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    waiting = []
    for each in authors:
        if each["person"] is None:
            waiting.append(each)
            continue
        messages = loose_messages(turn.session, each["messages"])
        if messages:
            appeal = appeal_of_client(turn.uow, each["person"], messages, person_of(turn))
            person = turn.session.get(Person, appeal.person_id)
            turn.say("triage/forwarded", ClientNamed(person.name if person else ""))
    return waiting


def _author(turn: Conversation, message: Message) -> tuple[str, str, int | None]:
    """What tells the author from others, how they are called, and their person if their account is a client's."""
    match message.forward_origin:
        case MessageOriginUser(sender_user=user):
            known = visitor_of(turn.session, AccountId(turn.account.messenger, user.id))
            ours = known.is_staff and not known.is_client  # a colleague's words are a client's that they passed on
            return f"user {user.id}", user.full_name, known.person.id if known.person and not ours else None
        case MessageOriginHiddenUser(sender_user_name=name):
            return f"name {name}", name, None
        case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
            return f"chat {chat.id}", chat.title or "", None
    return "", "", None


async def _authors(state: FSMContext) -> list[dict[str, Any]]:
    asked = await state.get_state() == Forwarding.whose.state
    kept = (await state.get_data()).get("authors", []) if asked else []
    return [{**each} for each in kept]  # copies: what is kept is compared with what was


async def _keep(state: FSMContext, authors: list[dict[str, Any]]) -> None:
    if not authors:
        await state.clear()
        return
    await state.set_state(Forwarding.whose)
    await state.set_data({"authors": authors})
