"""What a handler holds: the turn, who is speaking, and ways to answer with templates."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bot.clients.identification.identity import Visitor, visitor_of
from bot.clients.models import StaffChat
from bot.messaging.messengers import ChatId
from bot.messaging.turns.turn import Turn
from bot.telegram import ids
from bot.telegram.turns.answering import Answering


@dataclass(slots=True)
class Conversation(Answering):
    """Injected into every handler as `turn`. Nothing here touches the network."""

    visitor: Visitor


def begin(turn: Turn, user_id: int, language_code: str | None = None, **place: Any) -> Conversation:
    """Whoever speaks in this turn, with the rights that they have at this moment (R2.4)."""
    visitor = visitor_of(turn.uow.session, ids.account(user_id), language_code)
    return Conversation(turn, visitor, user_id=user_id, **place)


def language_in(session: Session, chat: ChatId) -> str | None:
    """The language in which a chat is told of a failure; None for a group that is none of ours."""
    if chat.number < 0 and session.get(StaffChat, chat) is None:
        return None
    return visitor_of(session, ids.account(max(chat.number, 0))).language
