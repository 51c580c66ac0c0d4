"""In a group of staff talk waits for cards; a private chat keeps strictly first in, first out (decision 11)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.db.engine import Database
from bot.messaging.messengers import Messenger
from bot.messaging.outgoing import outbox
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.messaging.outgoing.outbox import Priority
from bot.telegram.ids import bot as telegram_bot
from tests.conftest import NOON

GROUP, PRIVATE = -1001, 1001


def put(session: Session, chat_id: int, text: str, priority: Priority) -> int:
    return outbox.put(session, telegram_bot(1), "sendMessage", {"text": text}, NOON, chat_id=chat_id, priority=priority)


def claimed(session: Session) -> list[str]:
    return [row.params["text"] for row in outbox.due(session, Messenger.TELEGRAM, NOON, [], 10)]


def settle(session: Session, text: str, **how: Any) -> None:
    for row in session.exec(select(Outbox)).all():
        if row.params["text"] == text:
            for name, value in how.items():
                setattr(row, name, value)
    session.flush()


@pytest.mark.parametrize(
    ("chat_id", "order"),
    [(GROUP, ["card", "answer", "words", "more words"]), (PRIVATE, ["words", "card", "more words", "answer"])],
)
def test_cards_go_before_talk_in_a_group_only(database: Database, chat_id: int, order: list[str]) -> None:
    with database.write() as session:
        put(session, chat_id, "words", Priority.TALK)
        put(session, chat_id, "card", Priority.NOTICE)
        put(session, chat_id, "more words", Priority.TALK)
        put(session, chat_id, "answer", Priority.REPLY)
        for text in order:
            assert claimed(session) == [text]
            settle(session, text, state=OutboxState.SENT)
        assert claimed(session) == []


def test_two_calls_never_go_to_one_group_at_once(database: Database) -> None:
    with database.write() as session:
        put(session, GROUP, "words", Priority.TALK)
        settle(session, "words", state=OutboxState.SENDING, leased_until=NOON + timedelta(seconds=90))
        put(session, GROUP, "card", Priority.NOTICE)
        put(session, -1002, "elsewhere", Priority.TALK)
        assert claimed(session) == ["elsewhere"]
        settle(session, "words", state=OutboxState.SENT)
        assert claimed(session) == ["card", "elsewhere"]


def test_a_limit_that_holds_talk_holds_the_group(database: Database) -> None:
    with database.write() as session:
        put(session, GROUP, "words", Priority.TALK)
        settle(session, "words", held_until=NOON + timedelta(seconds=30))
        put(session, GROUP, "card", Priority.NOTICE)
        assert claimed(session) == []
        settle(session, "words", held_until=NOON)
        assert claimed(session) == ["card"]
