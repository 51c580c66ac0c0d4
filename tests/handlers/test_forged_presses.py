"""Presses with a payload that no button of ours has: each is answered, whoever presses, and nothing is poison."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlmodel import select

from bot.clients.models import Account, Person
from bot.db.engine import Database
from bot.demo.furnish import furnish
from bot.messaging.incoming.models import Inbox
from bot.messaging.outgoing.models import Outbox
from bot.messaging.turns.lanes import try_turn
from tests.builders.talk import BOT_ID, Talk, talking
from tests.conftest import NOON
from tests.handlers.walking import GROUP, STRANGER, move_in, presses

EDGES = ("0", "-1", "1", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "9" * 30)
ODD = ("", "x", "1e9", "NaN", "1_000", "٣", "½", " 7", "\0", "<b>", "{{7*7}}", "true", "ы" * 9)
WHOLE = ("", ":", "v1", "\0", "v1cj", "v1cj:", "v1cj:1:2:3:4", "::::", "{}", "ы" * 30, "v1cj:" + "9" * 55)
PRESSERS = ("gusev", "eng-1", "disp", "mgr")


def payloads(kind: type[CallbackData], rng: random.Random) -> Iterator[str]:
    """A number of no row in one field, an edge in each, and a mixture."""
    fields = len(kind.model_fields)
    for values in (
        [rng.choice(("9223372036854775807", "-1", "0")) if place == fields - 1 else "1" for place in range(fields)],
        [rng.choice(EDGES) for _ in range(fields)],
        [rng.choice(EDGES + ODD) for _ in range(fields)],
    ):
        yield ":".join([kind.__prefix__, *values])


@pytest.fixture
def peopled(database: Database) -> Iterator[Talk]:
    furnish(database, lambda: NOON)
    move_in(database)
    with talking(database) as talk:
        yield talk


async def pressed(talk: Talk, user_id: int, data: Any, chat_id: int | None = None) -> None:
    """Take the turn of such a press; whatever goes wrong comes through."""
    chat = {"id": chat_id or user_id, "type": "private" if chat_id is None else "supergroup", "title": "x"}
    message = {"message_id": 5, "date": 1_790_000_000, "chat": chat, "text": "x"}
    user = {"id": user_id, "is_bot": False, "first_name": "Имя"}
    number = next(talk._ids)
    press = {"id": str(number), "from": user, "chat_instance": "1", "data": data, "message": message}
    payload = {"update_id": number, "callback_query": press}
    with talk.office.work() as uow:
        row = Inbox(bot_id=BOT_ID, update_id=number, chat_id=chat["id"], payload=payload, received_at=uow.now)
        uow.session.add(row)
    await try_turn(talk.office, talk.handler, row)
    with talk.database.read() as session:
        answers = session.exec(select(Outbox.method).where(Outbox.inbox_id == row.id)).all()
    assert answers.count("answerCallbackQuery") == 1, data


async def test_every_kind_of_press_with_any_numbers_is_answered(peopled: Talk) -> None:
    rng = random.Random(12)
    with peopled.database.read() as session:
        known = {
            person.code: session.exec(select(Account.user_id).where(Account.person_id == person.id)).one()
            for person in session.exec(select(Person)).all()
            if person.code in PRESSERS
        }
    assert len(known) == len(PRESSERS)
    people = [*known.values(), STRANGER]
    failed: list[str] = []
    for kind in presses().values():
        for data in payloads(kind, rng):
            chat = GROUP if rng.random() < 0.2 else None
            try:
                await pressed(peopled, rng.choice(people), data, chat)
            except Exception as error:
                failed.append(f"{kind.__name__} {data!r}: {error!r}"[:200])
    assert failed == []


@pytest.mark.sampled(6)
@pytest.mark.parametrize("data", WHOLE)
async def test_a_payload_of_any_shape_is_answered(peopled: Talk, data: str) -> None:
    for user_id in (STRANGER, 700_100):
        await pressed(peopled, user_id, data)
