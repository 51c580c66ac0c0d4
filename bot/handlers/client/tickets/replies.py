"""What a client says about a ticket without being in it: a reply to whatever tells of it, an answer to whose words
they are (R1.8)."""

from typing import Any

from aiogram import Router
from aiogram.filters import BaseFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.handlers.client.questions.talk import answer_unsure, own_appeal
from bot.handlers.client.tickets.presses import AboutNone, SayInto
from bot.handlers.client.tickets.whose import ask_whose
from bot.handlers.common.acting import actor, attempt
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech
from bot.handlers.common.recording import recorded
from bot.tickets.intake.appeals import attach_message, leave_appeal, say_aside
from bot.tickets.life.acts import OVER, READERS
from bot.tickets.life.leave import who_is
from bot.tickets.life.models import Appeal, Ticket
from bot.tickets.thread.asked import Said, about_none, answer_in, say_into
from bot.tickets.thread.writing import client_writes, ticket_of_message

router = Router(name="replies")
presses_router = Router(name="whose")


class ReplyOnTicket(BaseFilter):
    """A client's reply to a message that tells of a ticket of theirs: `ticket_id`. What a dialogue about that ticket
    waits for is the dialogue's."""

    async def __call__(self, message: Message, turn: Conversation, state: FSMContext) -> bool | dict[str, Any]:
        found, replied = recorded(turn), message.reply_to_message
        if found is None or found.again or replied is None or message.forward_origin is not None:
            return False
        ticket_id = ticket_of_message(turn.session, turn.chat, replied.message_id)
        ticket = turn.session.get(Ticket, ticket_id) if ticket_id is not None else None
        if ticket is None or not who_is(turn.session, ticket, actor(turn), READERS):
            return False
        if (await state.get_data()).get("ticket") == ticket.id:
            return False
        return {"ticket": ticket}


class AnswersWhose(BaseFilter):
    """«Да», «нет», «49»: an answer in words to whose the last words are: `said`."""

    async def __call__(self, message: Message, turn: Conversation) -> bool | dict[str, Any]:
        found = recorded(turn)
        if found is None or found.again or not message.text:
            return False
        said = answer_in(turn.uow, found.message)
        return {"said": said} if said is not None else False


@router.message(Private(), Speech(), AnswersWhose())
async def answered(_message: Message, turn: Conversation, state: FSMContext, said: Said) -> None:
    """The word itself is of no use to anybody."""
    found = recorded(turn)
    if found is None or found.appeal is None:
        return
    say_aside(turn.uow, found.message)
    if said.ticket_id is None:
        await _not_about(turn, state, found.appeal)
        return
    say_into(turn.uow, found.appeal.id, said.ticket_id, actor(turn))
    attach_message(turn.uow, found.message, said.ticket_id)


@router.message(Private(), Speech(), ReplyOnTicket())
async def replied(
    _message: Message, turn: Conversation, ticket: Ticket, state: FSMContext, raw_state: str | None = None
) -> None:
    """It goes into the ticket with its files, past a draft that is open; after its end the client is asked first."""
    found = recorded(turn)
    if found is None or found.message.ticket_id is not None:
        return  # a part of an album that is there already
    if ticket.state not in OVER:
        if raw_state is not None and (await state.get_data()).get("appeal") == found.message.appeal_id:
            leave_appeal(turn.uow, found.message)
        client_writes(turn.uow, ticket.id, found.message, actor(turn))
    elif found.appeal is not None:
        ask_whose(turn, found, found.appeal, [ticket])


@presses_router.callback_query(SayInto.filter())
async def into(_press: CallbackQuery, callback_data: SayInto, turn: Conversation) -> None:
    """«Да, к заявке №…»: what becomes of it is told in place of the question."""
    appeal_id, by = callback_data.appeal, actor(turn)
    if attempt(turn, lambda: say_into(turn.uow, appeal_id, callback_data.ticket, by)) is None:
        turn.close_pressed()


@presses_router.callback_query(AboutNone.filter())
async def none_of_them(_press: CallbackQuery, callback_data: AboutNone, turn: Conversation, state: FSMContext) -> None:
    """«Другой вопрос»."""
    appeal = own_appeal(turn, callback_data.appeal)
    turn.close_pressed()
    await _not_about(turn, state, appeal)


async def _not_about(turn: Conversation, state: FSMContext, appeal: Appeal) -> None:
    message = attempt(turn, lambda: about_none(turn.uow, appeal.id, actor(turn)))
    if message is not None:
        await answer_unsure(turn, state, message, appeal)
