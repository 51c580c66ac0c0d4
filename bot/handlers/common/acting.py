"""Acting on a press: who presses, and what they see when the button is outdated (R2.4, R2.6)."""

from collections.abc import Callable
from typing import TypeVar

from bot.db.errors import NotAllowed, Outdated, Refusal
from bot.db.last import savepoint
from bot.db.live import is_live
from bot.handlers.common.conversation import Conversation

ANONYMOUS_ADMIN = 1087968824  # GroupAnonymousBot: the account behind every anonymous administrator
SHOWN = "refusal.outdated_shown"  # promises the present state, which only a caller of `attempt` shows
T = TypeVar("T")


class Anonymous(Refusal):
    """Nobody knows who an anonymous administrator is (R2.6)."""

    key = "refusal.anonymous"


def actor(turn: Conversation) -> int:
    """The id of the person who acts. Raises Anonymous, NotAllowed for an account without a person."""
    if turn.user_id == ANONYMOUS_ADMIN or turn.user_id < 0:
        raise Anonymous
    person = turn.visitor.person
    if person is None or not is_live(person):
        raise NotAllowed
    return person.id


def attempt(turn: Conversation, act: Callable[[], T]) -> T | None:
    """Run an act; when its button is outdated, say so, undo, and let the caller show the present state."""
    try:
        with savepoint(turn.session):
            return act()
    except Outdated as outdated:
        key = SHOWN if outdated.key == Outdated.key else outdated.key
        turn.alert(key, popup=True, **outdated.values)
        return None
