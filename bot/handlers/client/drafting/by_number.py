"""A serial or inventory number typed at any time opens the object (R1.3)."""

from collections.abc import Collection

from aiogram import F, Router
from aiogram.filters import BaseFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot.answers.skills.own_tickets import own_tickets
from bot.answers.skills.words import bare_number
from bot.handlers.client.drafting.talk import open_numbered
from bot.handlers.client.questions.talk import person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech
from bot.handlers.common.recording import answer_waits, recorded
from bot.tickets.intake.appeals import say_aside
from bot.tickets.intake.choosing_object import numbered
from bot.tickets.intake.numbers_said import numbers_alone, numbers_among
from bot.tickets.intake.record import Recorded
from bot.tickets.life.models import Appeal
from bot.tickets.thread.asked import whose_may_it_be

alone_router = Router(name="by_number_alone")
router = Router(name="by_number")


class IsNumber(BaseFilter):
    """A line that is the number of equipment of the client's, and not of a ticket of theirs."""

    async def __call__(self, message: Message, turn: Conversation) -> bool | dict[str, object]:
        found, line = recorded(turn), message.text or ""
        things = _numbered(turn, found, numbers_alone(line))
        if found is None or not things:
            return False
        number = bare_number(line)
        if number is not None and own_tickets(turn.session, person_of(turn), number):
            return False
        return {"found": found, "appeal": found.appeal, "things": things}


class HasNumber(BaseFilter):
    """A line with such a number among words that nothing in the base surely answers."""

    async def __call__(self, message: Message, turn: Conversation) -> bool | dict[str, object]:
        found, reading = recorded(turn), turn.prepared.reading if turn.prepared else None
        if reading is not None and reading.decision == "answer":
            return False
        things = _numbered(turn, found, numbers_among(message.text or ""))
        return {"appeal": found.appeal, "things": things} if found is not None and things else False


@alone_router.message(Private(), F.text, Speech(), IsNumber())
async def number_typed(
    _message: Message, turn: Conversation, state: FSMContext, found: Recorded, appeal: Appeal, things: list[int]
) -> None:
    """The draft about it; the number is no part of the description."""
    say_aside(turn.uow, found.message)
    await state.clear()
    await open_numbered(turn, state, appeal, things)


@router.message(Private(), F.text, Speech(), HasNumber())
async def number_named(
    _message: Message, turn: Conversation, state: FSMContext, appeal: Appeal, things: list[int]
) -> None:
    """The draft about it, with all that was said."""
    await state.clear()
    await open_numbered(turn, state, appeal, things)


def _numbered(turn: Conversation, found: Recorded | None, numbers: Collection[str]) -> list[int]:
    """The equipment that has one of these numbers; none for what is said to people, on a ticket or maybe on a running
    job (R1.8), and for what a later message is answered with (R1.4)."""
    if found is None or found.again or found.message.ticket_id is not None:
        return []
    if found.appeal is None or found.appeal.ended_at is not None:
        return []
    things = numbered(turn.session, found.appeal.person_id, numbers)
    if not things or whose_may_it_be(turn.session, found.appeal.person_id) or answer_waits(turn):
        return []
    return things
