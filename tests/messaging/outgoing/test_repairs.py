"""What is edited, answered or filed under a topic may be gone: delivery finds the next best way, and never loops."""

from typing import Any

import pytest
from aiogram import Router
from aiogram.types import Message
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bot.clients.models import StaffChat
from bot.clients.staff_chats import follow_move
from bot.db.trouble import storage_trouble
from bot.jobs.housekeeping import forget
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm, Timer
from bot.messaging.outgoing.models import Card, Outbox, OutboxState, Topic
from bot.messaging.outgoing.outbox import put
from bot.sandbox.client import SandboxClient
from bot.telegram.ids import bot as telegram_bot
from bot.tickets.dispatch.alarms import AlarmLine, tell_alarms
from tests.conftest import NOON, TestOffice
from tests.messaging.conftest import Planted, echo


def silent() -> Router:
    """Says nothing by itself."""
    router = Router()

    @router.message()
    async def nothing(_message: Message) -> None:
        return

    return router


async def queued(planted: Planted, method: str, chat: int, **params: Any) -> int:
    """Put one call into the outbox as a notice would; waits until it is settled."""
    app = planted.apps[-1]
    card = params.pop("card_key", None)
    with app.office.work() as uow:
        row_id = put(
            uow.session,
            telegram_bot(planted.handle.id),
            method,
            {"chat_id": chat, **params},
            uow.now,
            chat_id=chat,
            card_key=card,
        )
    app.outgoing.ring()
    await planted.sends_all()
    return row_id


def state_of(planted: Planted, row_id: int) -> OutboxState:
    with planted.apps[-1].database.read() as session:
        return session.get_one(Outbox, row_id).state


async def test_a_card_whose_message_was_deleted_is_sent_anew(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    await anna.says(planted.handle, "здравствуйте")
    app = planted.start(silent, only=("deliver",))
    await queued(planted, "sendMessage", anna.id, text="карточка", card_key="ticket:1")
    await anna.deletes(planted.handle, (await anna.waits_for(planted.handle, "карточка", after=0)))
    row = await queued(planted, "sendMessage", anna.id, text="карточка, новая", card_key="ticket:1")
    assert state_of(planted, row) is OutboxState.SENT
    shown = await anna.waits_for(planted.handle, "карточка, новая", after=0)
    with app.database.read() as session:
        assert session.exec(select(Card.message_id)).one() == shown.message_id


async def test_an_edit_finds_the_message_that_its_row_became(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    await anna.says(planted.handle, "здравствуйте")
    planted.start(silent, only=("deliver",))
    row = await queued(planted, "sendMessage", anna.id, text="в три")
    assert state_of(planted, await queued(planted, "editMessageText", anna.id, text="в пять", _corrects=row)) == "sent"
    said = [message.text for message in await anna.sees(planted.handle) if not message.mine]
    assert said == ["в пять"]
    await anna.deletes(planted.handle, (await anna.waits_for(planted.handle, "в пять", after=0)))
    late = await queued(planted, "editMessageText", anna.id, text="в шесть", _corrects=row)
    assert state_of(planted, late) is OutboxState.REFUSED
    lost = await queued(planted, "editMessageText", anna.id, text="в семь", _corrects=late)
    assert state_of(planted, lost) is OutboxState.EXPIRED
    assert [message.text for message in await anna.sees(planted.handle) if not message.mine] == []


@pytest.mark.parametrize("method", ["editMessageReplyMarkup", "editMessageCaption"])
async def test_a_markup_with_nothing_to_hang_on_is_dropped_once(
    planted: Planted, sandbox: SandboxClient, method: str
) -> None:
    anna = await sandbox.person("Анна")
    await anna.says(planted.handle, "здравствуйте")
    planted.start(silent, only=("deliver",))
    row = await queued(planted, method, anna.id, message_id=999)
    assert state_of(planted, row) is OutboxState.REFUSED
    assert len(await planted.handle.calls(method)) == 1


async def test_a_late_callback_answer_is_no_alarm(planted: Planted) -> None:
    app = planted.start(silent, only=("deliver",))
    with app.office.work() as uow:
        bot = telegram_bot(planted.handle.id)
        put(uow.session, bot, "answerCallbackQuery", {"callback_query_id": "old"}, uow.now, chat_id=None)
    app.outgoing.ring()
    await planted.sends_all()
    with app.database.read() as session:
        assert session.exec(select(Outbox.state)).one() is OutboxState.REFUSED
        assert session.exec(select(Alarm)).all() == []


async def test_a_topic_is_made_for_its_first_message_and_again_when_it_was_deleted(
    planted: Planted, sandbox: SandboxClient
) -> None:
    boris = await sandbox.person("Борис")
    forum = await sandbox.group("Инженеры", boris, planted.handle, forum=True)
    app = planted.start(silent, only=("deliver",))
    await queued(planted, "sendMessage", forum.id, text="раз", _topic="ticket:1", _topic_name="№1 · Ромашка")
    first = (await boris.waits_for(forum, "раз", after=0)).thread
    assert first is not None
    await forum.loses_topic(first)
    await queued(planted, "sendMessage", forum.id, text="два", _topic="ticket:1", _topic_name="№1 · Ромашка")
    second = (await boris.waits_for(forum, "два", after=0)).thread
    assert second not in (None, first)
    with app.database.read() as session:
        assert session.exec(select(Topic.thread_id)).one() == second


async def test_a_group_without_topics_gets_the_message_all_the_same(planted: Planted, sandbox: SandboxClient) -> None:
    boris = await sandbox.person("Борис")
    group = await sandbox.group("Инженеры", boris, planted.handle)
    planted.start(silent, only=("deliver",))
    await queued(planted, "sendMessage", group.id, text="раз", _topic="ticket:1")
    assert (await boris.waits_for(group, "раз", after=0)).thread is None


async def test_a_send_to_a_group_that_moved_follows_it(planted: Planted, sandbox: SandboxClient) -> None:
    boris = await sandbox.person("Борис")
    group = await sandbox.group("Инженеры", boris, planted.handle, kind="group")
    new = await group.upgrades(boris)
    app = planted.start(silent, only=("deliver",))
    row = await queued(planted, "sendMessage", group.id, text="раз")
    assert state_of(planted, row) is OutboxState.SENT
    await boris.waits_for(new, "раз", after=0)
    with app.database.read() as session:
        moved = session.exec(select(Timer).where(Timer.kind == "chat_moved")).one()
        assert moved.payload == {"messenger": "telegram", "old": group.id, "new": new.id}


async def test_two_private_chats_limited_at_once_hold_everything(planted: Planted, sandbox: SandboxClient) -> None:
    people = [await sandbox.person(name) for name in ("Анна", "Борис", "Вера")]
    await planted.handle.fails("refuse", method="sendMessage", code=429, retry_after=2, count=2)
    for person in people:
        await person.says(planted.handle, "раз")
    planted.start(echo)
    for person in people:
        await person.waits_for(planted.handle, "эхо: раз", after=0, timeout=20)


async def test_the_link_of_a_moved_group_follows(office: TestOffice) -> None:
    with office.work() as uow:
        uow.session.add(StaffChat(chat_id=-5, title="Инженеры", linked_at=NOON))
    for _ in range(2):  # the service message and the refusal both tell of it
        with office.work() as uow:
            follow_move(uow, {"old": -5, "new": -1005})
    with office.database.read() as session:
        assert session.exec(select(StaffChat.chat_id)).all() == [-1005]


async def test_staff_is_told_of_alarms_once_and_together(office: TestOffice) -> None:
    with office.work() as uow:
        uow.session.add_all([Alarm(kind="unreachable", raised_at=NOON), Alarm(kind="unreachable", raised_at=NOON)])
    for _ in range(2):
        with office.work() as uow:
            tell_alarms(uow, {})
    assert [(notice.template, notice.values["alarms"]) for notice in office.told] == [
        ("staff/alarms", [AlarmLine("unreachable", "", 2)])
    ]


async def test_old_rows_go_and_what_waits_or_is_poison_stays(office: TestOffice) -> None:
    with office.work() as uow:
        for number, state in enumerate((InboxState.DONE, InboxState.POISON, InboxState.NEW)):
            row = Inbox(bot_id=1, update_id=number, chat_id=1, state=state, received_at=NOON, done_at=NOON)
            uow.session.add(row)
        for state in (OutboxState.SENT, OutboxState.REFUSED, OutboxState.NEW, OutboxState.SENDING):
            uow.session.add(Outbox(bot_id=1, chat_id=1, method="sendMessage", state=state, created_at=NOON))
    with office.work() as uow:
        assert forget(uow.session, NOON.replace(year=2027)) is False
    with office.database.read() as session:
        assert set(session.exec(select(Inbox.state)).all()) == {InboxState.POISON, InboxState.NEW}
        assert set(session.exec(select(Outbox.state)).all()) == {OutboxState.NEW, OutboxState.SENDING}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("database or disk is full", "free space"),
        ("attempt to write a readonly database", "read-only"),
        ("unable to open database file", "DATABASE_URL"),
        ("UNIQUE constraint failed: x.y", None),
    ],
)
def test_a_database_that_fails_is_told_from_a_row_that_does(said: str, told: str | None) -> None:
    import sqlite3

    mend = storage_trouble(OperationalError("INSERT", {}, sqlite3.OperationalError(said)))
    assert (told in mend) if told and mend else mend is told
