"""What staff says on a ticket: to the client, or among themselves (R1.9)."""

from typing import Any

from aiogram import Router
from aiogram.filters import BaseFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.handlers.common.acting import actor
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import InDispatch, IsStaff, Private, Speech
from bot.handlers.common.recording import answer_waits, incoming, is_menu
from bot.handlers.common.speech import is_speech
from bot.handlers.engineer.figures.unbooked import turn_to
from bot.handlers.engineer.jobs.presses import JobWrite, NotePass
from bot.handlers.engineer.jobs.talk import to_private
from bot.handlers.engineer.writing.screens import WriteToClient
from bot.tickets.bill.card import reachable
from bot.tickets.intake.said import message_of_copy
from bot.tickets.intake.triage import answer_from_staff
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import locked_ticket
from bot.tickets.life.models import SHOT, Ticket
from bot.tickets.life.models import Message as Said
from bot.tickets.thread.asked_staff import StaysInside, inside, keep_part
from bot.tickets.thread.shots import Shot, name_shot
from bot.tickets.thread.whom_for import Answers, Goes, Spoken, whom_for
from bot.tickets.thread.writing import (
    album_begun,
    pass_note,
    staff_edits,
    staff_notes,
    staff_writes,
    ticket_of_message,
    ticket_of_topic,
)

router = Router(name="talk")
albums_router = Router(name="talk_albums")
texts_router = Router(name="talk_texts")
group_router = Router(name="talk_group")


class Writing(StatesGroup):
    """The next message of the private chat goes to the client of a ticket."""

    to_client = State()


class AlbumPart(BaseFilter):
    """A later part of an album whose first part staff has said: `begun` is that part."""

    async def __call__(self, message: Message, turn: Conversation) -> bool | dict[str, Any]:
        if message.media_group_id is None:
            return False
        begun = album_begun(turn.session, turn.chat, message.media_group_id)
        return {"begun": begun} if begun is not None else False


class ReplyOnJob(BaseFilter):
    """A reply to a message of the bot about a ticket: its card, a notice. `ticket_id` is the ticket.

    A line that a dialogue about the same ticket waits for, what follows «Клиенту» on it, and what is said by one who is
    of the client themselves is not one.
    """

    async def __call__(
        self, message: Message, turn: Conversation, state: FSMContext, raw_state: str | None = None
    ) -> bool | dict[str, Any]:
        ticket_id = _ticket_about(turn, message) if is_speech(message) else None
        if ticket_id is None or message.forward_origin is not None or is_menu(message.text):
            return False
        if turn.session.get_one(Ticket, ticket_id).company_id in turn.visitor.companies:
            return False
        on_it = raw_state is not None and (await state.get_data()).get("ticket") == ticket_id
        waits = on_it and (message.text is not None or raw_state == Writing.to_client.state)
        return False if waits else {"ticket_id": ticket_id}


class ReplyToClient(BaseFilter):
    """A reply to a message of the bot that carries what a client said on a ticket: `said` is that."""

    async def __call__(self, message: Message, turn: Conversation) -> bool | dict[str, Any]:
        said = said_by_client(turn, message)
        return {"said": said} if said is not None and not is_menu(message.text) else False


@albums_router.message(Private(), IsStaff(), AlbumPart())
async def next_part(message: Message, begun: Said, turn: Conversation) -> None:
    """Where the first part went."""
    if begun.ticket_id is not None and SHOT in begun.file:
        part = staff_notes(turn.uow, begun.ticket_id, incoming(message, turn), actor(turn))
        name_shot(turn.uow, part.id, Shot(begun.file[SHOT]), actor(turn))
    elif begun.ticket_id is not None:
        _say(message, turn, begun.ticket_id, Goes.INSIDE if begun.internal else Goes.CLIENT)
    elif begun.appeal_id is not None:
        answer_from_staff(turn.uow, begun.appeal_id, incoming(message, turn), actor(turn))
    else:
        keep_part(turn.uow, incoming(message, turn), actor(turn))


@albums_router.message(Private(), IsStaff(), ReplyToClient())
async def replied(message: Message, said: Said, turn: Conversation) -> None:
    """In private a reply to the client's words is for the client as well."""
    staff_writes(turn.uow, said.ticket_id or 0, incoming(message, turn), actor(turn))


@albums_router.message(Private(), IsStaff(), ReplyOnJob())
async def noted(message: Message, ticket_id: int, turn: Conversation) -> None:
    """A reply to the own card of a job is said on that job, among our own, until a press sends it on (R1.8, R1.9)."""
    note = staff_notes(turn.uow, ticket_id, incoming(message, turn), actor(turn))
    turn.say("ticket/stays_inside", inside(note, turn.session.get_one(Ticket, ticket_id)))


@router.callback_query(Private(), NotePass.filter())
async def passed_on(_press: CallbackQuery, callback_data: NotePass, turn: Conversation) -> None:
    """«Отправить это клиенту»; what becomes of it is told as it becomes known."""
    pass_note(turn.uow, callback_data.message, actor(turn))
    turn.close_pressed()


@router.callback_query(JobWrite.filter())
async def write(_press: CallbackQuery, callback_data: JobWrite, turn: Conversation, state: FSMContext) -> None:
    """«Клиенту»: the next message goes to the client; in a group it would be lost among others."""
    ticket = locked_ticket(turn.session, callback_data.ticket)
    require_act(turn.session, ticket, Act.TELL_CLIENT, actor(turn))
    if not turn.is_private:
        to_private(turn, callback_data.ticket)
        return
    await turn_to(state, Writing.to_client, ticket=ticket.id)
    able = reachable(turn.session, ticket.requester_id)
    turn.say("ticket/staff_write", WriteToClient(ticket.id, ticket.number, able))


@texts_router.message(Private(), IsStaff(), Writing.to_client, Speech())
async def written(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The words or files for the client; what becomes of them is told as it becomes known."""
    ticket_id = int((await state.get_data()).get("ticket", 0))
    staff_writes(turn.uow, ticket_id, incoming(message, turn), actor(turn))
    await turn_to(state)


@texts_router.edited_message(Private(), IsStaff())
@group_router.edited_message(InDispatch())
async def edited(message: Message, turn: Conversation) -> None:
    """What the client got follows."""
    person = turn.visitor.person if message.sender_chat is None else None
    by = person.id if person is not None else None
    staff_edits(turn.uow, turn.chat, message.message_id, incoming(message, turn).text, by)


@group_router.message(InDispatch(), is_speech)
async def in_dispatch(message: Message, turn: Conversation) -> None:
    """A reply to the client's words goes to the client; all other words stay inside."""
    begun = album_begun(turn.session, turn.chat, message.media_group_id or "")
    if begun is not None and begun.ticket_id is not None:
        _say(message, turn, begun.ticket_id, Goes.INSIDE if begun.internal else Goes.CLIENT)
        return
    said = said_by_client(turn, message)
    ticket_id = said.ticket_id if said is not None else _ticket_about(turn, message)
    answers = Answers.CLIENT if said is not None else (Answers.BOT if _to_bot(message) else Answers.NOTHING)
    verdict = whom_for(
        Spoken(answers, ticket_id is not None, message.forward_origin is not None, is_menu(message.text))
    )
    if ticket_id is not None:
        _say(message, turn, ticket_id, verdict.goes)
    if verdict.tell and not answer_waits(turn):
        _tell_inside(turn, ticket_id)


def said_by_client(turn: Conversation, message: Message) -> Said | None:
    """What the client said on a ticket, if the message replies to a copy of it."""
    if message.reply_to_message is None or message.forward_origin is not None:
        return None
    said = message_of_copy(turn.session, turn.chat, message.reply_to_message.message_id)
    return said if said is not None and said.ticket_id is not None and not said.from_staff else None


def _tell_inside(turn: Conversation, ticket_id: int | None) -> None:
    """The client does not see it; and the way by which they would."""
    ticket = turn.session.get(Ticket, ticket_id) if ticket_id is not None else None
    number = ticket.number if ticket is not None else None
    turn.say("ticket/stays_inside", StaysInside(ticket_id, number, None))


def _say(message: Message, turn: Conversation, ticket_id: int, goes: Goes) -> None:
    if goes is Goes.CLIENT:
        staff_writes(turn.uow, ticket_id, incoming(message, turn), actor(turn))
    elif goes is Goes.INSIDE:
        person = turn.visitor.person if message.sender_chat is None else None
        staff_notes(turn.uow, ticket_id, incoming(message, turn), person.id if person is not None else None)


def _ticket_about(turn: Conversation, message: Message) -> int | None:
    replied = message.reply_to_message
    found = ticket_of_message(turn.session, turn.chat, replied.message_id) if replied is not None else None
    if found is None and turn.thread_id is not None:
        found = ticket_of_topic(turn.session, turn.chat, turn.thread_id)
    return found


def _to_bot(message: Message) -> bool:
    """A reply to the bot. In a topic what replies to nothing is a reply to the topic's first message."""
    replied = message.reply_to_message
    by_bot = replied is not None and replied.from_user is not None and replied.from_user.is_bot
    return by_bot and replied is not None and replied.sender_chat is None and replied.forum_topic_created is None
