"""Staff forwards a client's message: it becomes an appeal of that client (R1.5)."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message, MessageOriginUser

from bot.clients.identity import visitor_of
from bot.clients.models import Person
from bot.handlers.client.questions import person_of
from bot.handlers.client.recording import hold_answer, incoming
from bot.handlers.dispatcher.triage_presses import ForwardedFrom
from bot.handlers.filters import IsStaff, Private, Speech
from bot.telegram.conversation import Conversation
from bot.tickets.record_message import loose_messages, record_loose
from bot.tickets.search_clients import find_people
from bot.tickets.triage import appeal_of_client, require_forwarder

router = Router(name="triage_forwarded")


class Forwarding(StatesGroup):
    """Forwarded messages wait for the name of their client."""

    whose = State()


@router.message(Private(), IsStaff(), F.forward_origin)
async def forwarded(message: Message, turn: Conversation, state: FSMContext) -> None:
    """Keep the message; a known author is the client, of an unknown one staff is asked."""
    kept = record_loose(turn.uow, incoming(message, turn), person_of(turn))
    data = await state.get_data() if await state.get_state() == Forwarding.whose.state else {}
    messages = [*data.get("messages", []), kept.id]
    origin = message.forward_origin
    author = visitor_of(turn.session, origin.sender_user.id).person if isinstance(origin, MessageOriginUser) else None
    await state.set_state(Forwarding.whose)
    await state.set_data({"messages": messages})
    if hold_answer(turn):
        return
    if author is not None and author.id is not None:
        await _record(turn, state, author.id)
    else:
        turn.say("triage/forwarded_from")


@router.message(Private(), Forwarding.whose, F.text, Speech())
async def whose(message: Message, turn: Conversation, state: FSMContext) -> None:
    """A part of the client's name, phone or company."""
    require_forwarder(turn.session, person_of(turn))
    found = find_people(turn.session, message.text or "")
    if not found:
        turn.say("triage/nothing_found")
    elif len(found) == 1:
        await _record(turn, state, found[0].id)
    else:
        turn.say("triage/people", found=[(row.id, row.title) for row in found])


@router.callback_query(ForwardedFrom.filter())
async def chosen(_press: CallbackQuery, callback_data: ForwardedFrom, turn: Conversation, state: FSMContext) -> None:
    """This client."""
    await _record(turn, state, callback_data.person)


async def _record(turn: Conversation, state: FSMContext, person_id: int) -> None:
    ids = (await state.get_data()).get("messages", [])
    messages = loose_messages(turn.session, ids)
    await state.clear()
    if not messages:
        turn.show("triage/empty")
        return
    appeal = appeal_of_client(turn.uow, person_id, messages, person_of(turn))
    person = turn.session.get(Person, appeal.person_id)
    turn.show("triage/forwarded", who=person.name if person else "")
