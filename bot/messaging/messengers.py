"""Which messenger: its ids of people, chats, messages and bots are its own, and mean nothing in another."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from bot.db.types import enumerated


class Messenger(StrEnum):
    TELEGRAM = "telegram"


# What is meant where nothing says: rows and timers from when there was only one.
FIRST = Messenger.TELEGRAM


class BotId(NamedTuple):
    """A bot of ours: its number is unique within its messenger only."""

    messenger: Messenger
    number: int


class ChatId(NamedTuple):
    messenger: Messenger
    number: int


class AccountId(NamedTuple):
    """The account of a person; a private chat with them has the same number."""

    messenger: Messenger
    number: int


def chat_key(kind: str, chat: ChatId) -> str:
    """The key of a timer about a chat; those that wait since there was only one messenger keep theirs."""
    return f"{kind}:{chat.number}" if chat.messenger is FIRST else f"{kind}:{chat.messenger}:{chat.number}"


def messenger_in(payload: Mapping[str, Any]) -> Messenger:
    """Whose ids a timer names."""
    return Messenger(payload.get("messenger", FIRST))


def of_messenger(**more: Any) -> Any:
    """The column that makes an id of a messenger unique."""
    return enumerated(Messenger, default=FIRST, **more)


def no_messenger() -> Any:
    """The same beside an id that may be empty: empty where that is."""
    return enumerated(Messenger, default=None, nullable=True)
