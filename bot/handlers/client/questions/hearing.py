"""What a line asks for is heard before anything waits for it: danger, then a person (R1.8, R1.10, R1.12)."""

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import BaseFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot.answers.hearing import LineWish, hear
from bot.handlers.client.questions.screens import InDanger
from bot.handlers.client.questions.talk import person_of, say_passed
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech
from bot.handlers.common.recording import recorded
from bot.tickets.intake.triage import ask_human, call_person
from bot.tickets.life.at_work import opening
from bot.tickets.life.models import AppealEnd
from bot.tickets.thread.writing import ticket_of_message

SHORT = 4  # words: a longer line in a dialogue or on a ticket belongs there, whatever it asks for besides

DRAFT = "Drafting"  # the dialogue's name: in a draft a person comes first

router = Router(name="hearing")


class Hears(BaseFilter):
    """A client's or a stranger's line that speaks of danger or asks for a person."""

    async def __call__(
        self, message: Message, turn: Conversation, raw_state: str | None = None
    ) -> bool | dict[str, object]:
        found, line = recorded(turn), message.text or ""
        if found is None or found.again:
            return False
        heard = hear(line)
        dialogue = (raw_state or "").partition(":")[0]
        elsewhere = dialogue not in {"", DRAFT} or found.message.ticket_id is not None or _on_ticket(turn, message)
        asks = heard.wish == "human" and len(line.split()) <= SHORT if elsewhere else heard.wish is not None
        heard = LineWish(heard.danger, heard.wish if asks else None, heard.haste)
        return {"heard": heard} if heard.danger or heard.wish else False


def _on_ticket(turn: Conversation, message: Message) -> bool:
    replied = message.reply_to_message
    return replied is not None and ticket_of_message(turn.session, turn.chat, replied.message_id) is not None


@router.message(F.text, Private(), Speech(), Hears())
async def heard_first(_message: Message, turn: Conversation, state: FSMContext, heard: LineWish) -> None:
    """What to do at once; then a person, else the line goes on to whatever waits for it."""
    found = recorded(turn)
    appeal = found.appeal if found is not None and found.message.ticket_id is None else None
    is_open = appeal is not None and appeal.ended_at is None
    if heard.danger:
        phone = opening(turn.session, turn.now).emergency_phone
        turn.say("kb/danger", InDanger(appeal.id if appeal is not None and is_open else 0, phone))
    if heard.wish is not None:
        await state.clear()
        if appeal is None or appeal.end in {AppealEnd.TICKET, AppealEnd.ATTACHED}:
            appeal = ask_human(turn.uow, person_of(turn))
        call_person(turn.uow, appeal.id, heard.wish)
        say_passed(turn)
    else:
        raise SkipHandler
