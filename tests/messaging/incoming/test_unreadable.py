"""Updates that can't be read: set aside with an apology, and the chat, the lane and the process go on."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from aiogram import Router
from aiogram.types import Message
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from bot.db.engine import Database
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Outbox
from bot.sandbox.client import Person, SandboxClient
from bot.telegram.arriving import DEEPEST, store
from bot.telegram.turns.dispatching import UpdateHandler
from tests.conftest import NOON
from tests.messaging.conftest import Planted, echo

Json = dict[str, Any]
SORRY = "пошло не так"


def message(person: Person, **content: Any) -> Json:
    user = {"id": person.id, "is_bot": False, "first_name": "Анна", "language_code": "ru"}
    chat = {"id": person.id, "type": "private", "first_name": "Анна"}
    return {"message": {"message_id": 900, "date": 1_790_000_000, "from": user, "chat": chat, **content}}


def deep(levels: int) -> Any:
    found: Any = 1
    for _ in range(levels):
        found = [found]
    return found


def quoted(person: Person, levels: int) -> Json:
    """A message in a message in a message …"""
    outer = inner = message(person, text="раз")["message"]
    for _ in range(levels):
        inner["reply_to_message"] = inner = message(person, text="раз")["message"]
    return {"message": outer}


UNREADABLE: dict[str, Callable[[Person], Json]] = {
    "an origin of a new kind": lambda who: message(who, text="раз", forward_origin={"type": "dream", "date": 1}),
    "a reaction of a new kind": lambda who: {
        "message_reaction": {
            "chat": message(who)["message"]["chat"],
            "user": message(who)["message"]["from"],
            "message_id": 1,
            "date": 1,
            "old_reaction": [],
            "new_reaction": [{"type": "smell", "smell": "кофе"}],
        }
    },
    "an update of a new kind": lambda who: {"telepathy": message(who)["message"]},
    "a press of no shape": lambda who: {
        "callback_query": {"id": [], "from": message(who)["message"]["from"], "chat_instance": {}, "data": 5}
    },
    "a text of a wrong type": lambda who: message(who, text={"a": 1}),
    "entities of a wrong type": lambda who: message(who, text="раз", entities="жирный"),
    "a date in no year": lambda who: message(who, text="раз", date=10**15),
    "a message id beyond 64 bits": lambda who: message(who, text="раз", message_id=2**63),
    "a sender beyond 64 bits": lambda who: message(who, text="раз", **{"from": {"id": 10**30, "is_bot": False}}),
    "a text nested deep": lambda who: message(who, text=deep(400)),
    "messages in messages": lambda who: quoted(who, DEEPEST + 5),
    "no number for a number": lambda who: message(who, text="раз", message_id="1e999"),
}


@pytest.mark.sampled(8)
@pytest.mark.parametrize("kind", UNREADABLE)
async def test_it_is_set_aside_at_once_with_an_apology_and_the_chat_goes_on(
    planted: Planted, sandbox: SandboxClient, kind: str
) -> None:
    anna = await sandbox.person("Анна", language_code="ru")
    await anna.says(planted.handle, "до")
    app = planted.start(echo)
    await anna.waits_for(planted.handle, "эхо: до", after=0)
    with app.database.read() as session:
        last = max(session.exec(select(Inbox.update_id)).all(), default=0)
    store(app.office, planted.handle.id, [{"update_id": (last or 0) + 1_000_000, **UNREADABLE[kind](anna)}])
    app.arrived.ring()
    await anna.waits_for(planted.handle, SORRY)
    await anna.says(planted.handle, "после")
    await anna.waits_for(planted.handle, "эхо: после")
    assert app.runner.failed is None
    with app.database.read() as session:
        row = session.exec(select(Inbox).where(Inbox.state == InboxState.POISON)).one()
        assert (row.chat_id, row.attempts) == (anna.id, 1)
        assert row.error is not None
        assert row.error.startswith("unreadable: ")
        assert "кофе" not in row.error
        assert session.exec(select(Alarm.kind)).all() == ["poison"]


async def test_what_the_base_itself_cannot_read_costs_only_itself(planted: Planted, sandbox: SandboxClient) -> None:
    """Rows of an earlier version, put off twice: the process starts over them, and whoever waits behind is answered."""
    anna, boris = await sandbox.person("Анна"), await sandbox.person("Борис")
    database = Database(planted.database_url)
    nested = "[" * 5_000 + "]" * 5_000 if database.is_sqlite else "[" * 1_500 + "]" * 1_500
    with database.write() as session:
        for number, chat in ((1_000_000, anna.id), (1_000_001, boris.id)):
            row = Inbox(bot_id=planted.handle.id, update_id=number, chat_id=chat, payload={}, received_at=NOON)
            row.attempts = 2
            session.add(row)
        session.flush()
        session.execute(text("UPDATE inbox SET payload = :deep WHERE update_id = 1000000"), {"deep": nested})
        unknown = {"update_id": 1, **message(boris, text="раз", forward_origin={"type": "dream"})}
        session.execute(text("UPDATE inbox SET payload = :odd WHERE update_id = 1000001"), {"odd": json.dumps(unknown)})
    database.dispose()
    await anna.says(planted.handle, "раз")
    await boris.says(planted.handle, "два")
    app = planted.start(echo)
    await anna.waits_for(planted.handle, "эхо: раз", after=0)
    await boris.waits_for(planted.handle, "эхо: два", after=0)
    for person in (anna, boris):
        assert SORRY in (await person.sees(planted.handle))[-2].text
    assert app.runner.failed is None


async def test_a_failed_turn_pauses_and_its_chat_waits_in_order(planted: Planted, sandbox: SandboxClient) -> None:
    anna, boris = await sandbox.person("Анна"), await sandbox.person("Борис")
    tried: list[str] = []

    def stumbling() -> Router:
        router = Router()

        @router.message()
        async def answer(said: Message) -> None:
            tried.append(said.text or "")
            if said.text == "раз" and tried.count("раз") < 3:
                raise ZeroDivisionError
            await said.answer(f"эхо: {said.text}")

        return router

    planted.pauses = (timedelta(milliseconds=200), timedelta(milliseconds=200))
    for word in ("раз", "два"):
        await anna.says(planted.handle, word)
    await boris.says(planted.handle, "три")
    app = planted.start(stumbling)
    await anna.waits_for(planted.handle, "эхо: два", after=0)
    await boris.waits_for(planted.handle, "эхо: три", after=0)
    assert [seen.text for seen in await anna.sees(planted.handle) if not seen.mine] == ["эхо: раз", "эхо: два"]
    assert [word for word in tried if word != "три"] == ["раз", "раз", "раз", "два"]
    assert tried.index("три") < 2  # another chat does not wait for the pause
    with app.database.read() as session:
        assert session.exec(select(Inbox.state).distinct()).all() == [InboxState.DONE]


async def test_a_pause_outlives_the_process(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")

    def failing() -> Router:
        router = Router()

        @router.message()
        async def answer(said: Message) -> None:
            raise ZeroDivisionError

        return router

    planted.pauses = (timedelta(hours=1), timedelta(hours=1))
    await anna.says(planted.handle, "раз")
    app = planted.start(failing)
    await planted.handle.settles()
    for _ in range(200):
        with app.database.read() as session:
            if held := session.exec(select(Inbox.held_until)).one_or_none():
                break
        await anna.looks(planted.handle)
    assert held is not None
    planted.stop()
    app = planted.start(echo)
    boris = await sandbox.person("Борис")
    await boris.says(planted.handle, "два")
    await boris.waits_for(planted.handle, "эхо: два")
    with app.database.read() as session:
        row = session.exec(select(Inbox).where(Inbox.chat_id == anna.id)).one()
        assert (row.state, row.attempts) == (InboxState.NEW, 1)


class Deadlock(Exception):
    """What PostgreSQL says to the one it gives up."""

    sqlstate = "40P01"


async def test_a_lost_race_is_no_try(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    tried: list[str] = []

    def unlucky() -> Router:
        router = Router()

        @router.message()
        async def answer(said: Message) -> None:
            tried.append(said.text or "")
            if len(tried) < 10:
                raise OperationalError("UPDATE ticket", {}, Deadlock("deadlock detected"))
            await said.answer(f"эхо: {said.text}")

        return router

    planted.pauses = (timedelta(milliseconds=50), timedelta(milliseconds=50))
    await anna.says(planted.handle, "раз")
    app = planted.start(unlucky)
    await anna.waits_for(planted.handle, "эхо: раз", after=0)
    assert len(tried) == 10
    with app.database.read() as session:
        row = session.exec(select(Inbox)).one()
        assert (row.state, row.attempts, row.error) == (InboxState.DONE, 0, None)
        assert session.exec(select(Alarm)).all() == []


async def test_an_apology_that_fails_sets_the_row_aside_all_the_same(
    planted: Planted, sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_template(*_: Any) -> None:
        raise LookupError

    monkeypatch.setattr(UpdateHandler, "apologise", no_template)
    anna = await sandbox.person("Анна")
    app = planted.start(echo)
    odd = UNREADABLE["an origin of a new kind"](anna)
    store(app.office, planted.handle.id, [{"update_id": 1_000_000, **odd}])
    await anna.says(planted.handle, "после")
    await anna.waits_for(planted.handle, "эхо: после", after=0)
    with app.database.read() as session:
        assert session.exec(select(Inbox.state).where(Inbox.update_id == 1_000_000)).one() is InboxState.POISON
        assert session.exec(select(Alarm.kind)).all() == ["poison"]


async def test_a_group_that_is_none_of_ours_hears_no_apology(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    group = await sandbox.group("Соседи", anna, planted.handle)
    app = planted.start(echo)
    odd = message(anna, text="раз", forward_origin={"type": "dream"}, chat={"id": group.id, "type": "group"})
    store(app.office, planted.handle.id, [{"update_id": 1_000_000, **odd}])
    # In the group itself: two chats have no order between them.
    await anna.says(group, f"@{planted.handle.username} после")
    await anna.waits_for(group, "эхо", after=0)
    with app.database.read() as session:
        assert session.exec(select(Inbox.state).where(Inbox.update_id == 1_000_000)).one() is InboxState.POISON
        said = session.exec(select(Outbox.params).where(col(Outbox.chat_id) < 0)).all()
        assert not [params for params in said if SORRY in params["text"]]
