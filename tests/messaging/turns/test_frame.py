"""The four promises of the way of a message, held against a real Bot API server."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from aiogram import Router
from aiogram.types import Message, Update
from sqlmodel import col, select

from bot.db.errors import NotAllowed
from bot.handlers.common.conversation import Conversation
from bot.jobs.ticker import Ticker
from bot.jobs.timers import TIMERS
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm
from bot.messaging.notices.texts import label
from bot.messaging.outgoing.models import Outbox, OutboxState, Reach
from bot.sandbox.client import SandboxClient
from bot.telegram.ids import bot as telegram_bot
from tests.conftest import NOON
from tests.messaging.conftest import Clock, Planted, echo, link


async def test_a_message_is_answered(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    app = planted.start(echo)
    await anna.says(planted.handle, "привет")
    seen = await anna.waits_for(planted.handle, "эхо: привет")
    assert seen.text == "эхо: привет"
    await planted.sends_all()
    with app.database.read() as session:
        sent = session.exec(select(Outbox)).one()
        assert (sent.state, sent.attempts, sent.repeats, sent.message_id) == (OutboxState.SENT, 1, 0, seen.message_id)


async def test_a_refusal_undoes_what_was_done_and_keeps_the_contact(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")

    def kept(turn: Conversation, _update: Update) -> bool:
        turn.session.add(Alarm(kind="contact", raised_at=turn.now))
        return True

    def refusing() -> Router:
        router = Router()

        @router.message()
        async def refuse(message: Message, turn: Conversation) -> None:
            await message.answer("этого никто не увидит")
            turn.session.add(Alarm(kind="undone", raised_at=turn.now))
            turn.session.flush()
            raise NotAllowed

        return router

    planted.record = kept
    app = planted.start(refusing)
    await anna.says(planted.handle, "можно?")
    said = await anna.waits_for(planted.handle)
    assert said.text == label(NotAllowed.key, "ru")
    await planted.sends_all()
    assert [seen.text for seen in await anna.sees(planted.handle) if not seen.mine] == [said.text]
    with app.database.read() as session:
        assert session.exec(select(Alarm.kind)).all() == ["contact"]
        assert session.exec(select(Inbox.state)).all() == [InboxState.DONE]


async def test_a_hundred_messages_in_a_second_are_answered_in_order(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    for number in range(100):
        await anna.says(planted.handle, f"строка {number}")
    planted.start(echo)
    await anna.waits_for(planted.handle, "эхо: строка 99", after=0, timeout=30)
    heard = [seen.text for seen in await anna.sees(planted.handle) if not seen.mine]
    assert heard == [f"эхо: строка {number}" for number in range(100)]


async def test_the_same_update_given_twice_is_answered_once(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    app = planted.start(echo)
    await anna.says(planted.handle, "раз")
    await anna.waits_for(planted.handle, "эхо: раз")
    with app.database.read() as session:
        update_id = session.exec(select(Inbox.update_id)).one()
    assert update_id is not None
    await planted.handle.gets_again(update_id)
    await anna.says(planted.handle, "два")
    await anna.waits_for(planted.handle, "эхо: два")
    assert [seen.text for seen in await anna.sees(planted.handle) if not seen.mine] == ["эхо: раз", "эхо: два"]


async def test_a_poison_update_is_set_aside_with_an_apology_and_the_chat_goes_on(
    planted: Planted, sandbox: SandboxClient
) -> None:
    anna = await sandbox.person("Анна", language_code="ru")

    def planted_bug() -> Router:
        router = Router()

        @router.message()
        async def answer(message: Message) -> None:
            if message.text == "яд":
                await message.answer("этого никто не увидит")
                raise ZeroDivisionError
            await message.answer("жив")

        return router

    app = planted.start(planted_bug)
    await anna.says(planted.handle, "яд")
    await anna.waits_for(planted.handle, "пошло не так")
    await anna.says(planted.handle, "а теперь")
    await anna.waits_for(planted.handle, "жив")
    with app.database.read() as session:
        row = session.exec(select(Inbox).where(Inbox.state == InboxState.POISON)).one()
        assert row.attempts == 3
        assert row.error is not None
        assert row.error.startswith("ZeroDivisionError")
        assert session.exec(select(Alarm.kind)).all() == ["poison"]
    assert "этого никто не увидит" not in [seen.text for seen in await anna.sees(planted.handle)]


async def test_a_blocked_bot_is_told_to_staff_and_marks_the_person_until_they_write_again(
    planted: Planted, sandbox: SandboxClient
) -> None:
    planted.clock = clock = Clock()
    anna, boris = await sandbox.person("Анна"), await sandbox.person("Борис")
    group = await sandbox.group("Инженеры", boris, planted.handle)
    await anna.says(planted.handle, "раз")
    await anna.blocks(planted.handle)
    app = planted.start(echo)
    link(app, group)
    await planted.handle.makes_calls("sendMessage", count=2)
    await planted.sends_all()
    with app.database.read() as session:
        assert session.exec(select(Outbox.state).where(Outbox.chat_id == anna.id)).all() == [OutboxState.REFUSED]
        assert session.exec(select(Reach.chat_id)).all() == [anna.id]
    clock.ahead += timedelta(minutes=1)
    Ticker(app.office, TIMERS, telegram_bot(planted.handle.id), app.arrived, app.outgoing).tick()
    await boris.waits_for(group, "бот заблокирован", after=0)
    await anna.unblocks(planted.handle)
    await anna.says(planted.handle, "два")
    await anna.waits_for(planted.handle, "эхо: два")
    with app.database.read() as session:
        assert session.exec(select(Reach)).all() == []


async def test_the_news_of_a_block_is_no_sign_of_life(planted: Planted, sandbox: SandboxClient) -> None:
    """Telegram tells of it after a send was refused; the mark stays."""
    anna = await sandbox.person("Анна")
    await anna.says(planted.handle, "раз")
    app = planted.start(echo)
    await anna.waits_for(planted.handle, "эхо: раз", after=0)
    with app.office.work() as uow:
        uow.session.add(Reach(bot_id=planted.handle.id, chat_id=anna.id, since=NOON, reason="Forbidden"))
    await anna.blocks(planted.handle)
    states: list[InboxState] = []
    while states != [InboxState.DONE, InboxState.DONE]:
        await asyncio.sleep(0.02)
        with app.database.read() as session:
            states = list(session.exec(select(Inbox.state)).all())
    with app.database.read() as session:
        assert session.exec(select(Reach.chat_id)).all() == [anna.id]


async def test_a_send_that_did_not_leave_is_repeated_in_order(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    await planted.handle.fails("refuse", method="sendMessage", code=502, description="Bad Gateway", count=2)
    await planted.handle.fails(
        "refuse", method="sendMessage", code=429, description="Too Many Requests: retry after 1", retry_after=1, count=1
    )
    planted.start(echo)
    for number in range(5):
        await anna.says(planted.handle, f"{number}")
    await anna.waits_for(planted.handle, "эхо: 4", timeout=30)
    assert [seen.text for seen in await anna.sees(planted.handle) if not seen.mine] == [f"эхо: {n}" for n in range(5)]


async def test_a_send_with_unknown_result_is_repeated_and_marked(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    planted.read_timeout = 0.5
    await planted.handle.fails("timeout_after", method="sendMessage", count=1)
    app = planted.start(echo)
    await anna.says(planted.handle, "раз")
    await planted.handle.makes_calls("sendMessage", count=2, timeout=15)
    await anna.says(planted.handle, "два")
    await anna.waits_for(planted.handle, "эхо: два")
    heard = [seen.text for seen in await anna.sees(planted.handle) if not seen.mine]
    assert heard == ["эхо: раз", "эхо: раз", "эхо: два"]
    with app.database.read() as session:
        assert session.exec(select(Outbox.repeats).order_by(col(Outbox.id))).all() == [1, 0]
        assert session.exec(select(Alarm.kind)).all() == ["repeated_send"]


async def test_what_stays_unknown_is_told_to_a_person_and_the_chat_goes_on_without_losing_it(
    planted: Planted, sandbox: SandboxClient
) -> None:
    anna = await sandbox.person("Анна")
    planted.read_timeout = 0.1
    planted.patience = replace(planted.patience, alarm_repeats=2, hold=timedelta(0))
    await planted.handle.fails("timeout_before", method="sendMessage", text="раз", count=5)
    app = planted.start(echo)
    await anna.says(planted.handle, "раз")
    await anna.says(planted.handle, "два")
    await anna.waits_for(planted.handle, "эхо: два", timeout=20)
    await anna.waits_for(planted.handle, "эхо: раз", after=0, timeout=20)
    await planted.sends_all()
    with app.database.read() as session:
        rows = session.exec(select(Outbox.state, Outbox.repeats).order_by(col(Outbox.id))).all()
        assert rows == [(OutboxState.SENT, 5), (OutboxState.SENT, 0)]
        kinds = session.exec(select(Alarm.kind).order_by(col(Alarm.id))).all()
        assert kinds == ["repeated_send", "unknown_send", "passed_send"]


async def test_after_a_restart_the_dialogue_goes_on(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    planted.start(echo, only=("intake",))
    await anna.says(planted.handle, "пока никого нет")
    await planted.handle.settles()
    planted.stop()
    planted.start(echo)
    await anna.waits_for(planted.handle, "эхо: пока никого нет", after=0)
