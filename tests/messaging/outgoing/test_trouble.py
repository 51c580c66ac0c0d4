"""Dead networks, lean servers, refused tokens: what the frame does when Telegram does not play along."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiogram import Router
from aiogram.types import Message
from sqlmodel import col, select

from bot.app import App, NeedsPostgresError
from bot.jobs.ticker import Ticker
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.messaging.outgoing.outbox import move_chat, put
from bot.messaging.runner import Bell, Runner
from bot.sandbox.client import SandboxClient
from bot.sandbox.server import serve_in_thread
from bot.settings import BadSettingsError, Settings, load
from bot.telegram.ids import bot as telegram_bot
from bot.telegram.network.api import TelegramRefusedError
from tests.conftest import TestOffice
from tests.messaging.conftest import NothingToRead, Planted, echo


async def test_a_server_that_knows_three_methods_is_answered_all_the_same(database_url: str) -> None:
    """What the server doesn't know is set aside without an alarm; the answer comes."""

    def curious() -> Router:
        router = Router()

        @router.message()
        async def answer(message: Message) -> None:
            await message.react([])
            await message.answer("ответ")

        return router

    with serve_in_thread(only={"getMe", "getUpdates", "sendMessage"}, sparse_me=True) as lean:
        async with SandboxClient(lean.url) as sandbox:
            bot = Planted(lean.url, database_url, await sandbox.bot())
            anna = await sandbox.person("Анна")
            app = bot.start(curious)
            assert (await asyncio.to_thread(app.me)).id == bot.handle.id
            await anna.says(bot.handle, "вопрос")
            await anna.waits_for(bot.handle, "ответ")
            bot.stop()
            with app.database.read() as session:
                states = session.exec(select(Outbox.method, Outbox.state).order_by(col(Outbox.id))).all()
                assert states == [("setMessageReaction", OutboxState.REFUSED), ("sendMessage", OutboxState.SENT)]
                assert session.exec(select(Alarm)).all() == []


async def test_a_group_at_its_limit_does_not_hold_up_private_chats(planted: Planted, sandbox: SandboxClient) -> None:
    anna, boris = await sandbox.person("Анна"), await sandbox.person("Борис")
    group = await sandbox.group("Инженеры", boris, planted.handle)
    await planted.handle.fails(
        "refuse", chat_id=group.id, code=429, description="Too Many Requests: retry after 3", retry_after=3, count=1
    )
    planted.start(echo)
    await boris.says(group, "в группе")
    await planted.handle.makes_calls("sendMessage")
    await anna.says(planted.handle, "лично")
    await anna.waits_for(planted.handle, "эхо: лично", timeout=2)
    await boris.waits_for(group, "эхо: в группе", timeout=10)


async def test_a_group_that_becomes_a_supergroup_gets_what_waited(office: TestOffice) -> None:
    with office.work() as uow:
        put(uow.session, telegram_bot(1), "sendMessage", {"chat_id": -5, "text": "а"}, uow.now, chat_id=-5)
    with office.work() as uow:
        move_chat(uow.session, telegram_bot(1), -5, -1005)
    with office.database.read() as session:
        row = session.exec(select(Outbox)).one()
        assert (row.chat_id, row.params["chat_id"]) == (-1005, -1005)


@pytest.mark.parametrize(("drop", "copies"), [("drop_before", 1), ("timeout_after", 4)])
async def test_an_outage_loses_nothing_and_keeps_the_order(
    planted: Planted, sandbox: SandboxClient, drop: str, copies: int
) -> None:
    """Three sends in a row of unknown result, then a refusal: what took effect comes again, and nothing else."""
    anna = await sandbox.person("Анна")
    planted.read_timeout = 0.1
    await planted.handle.fails(drop, method="sendMessage", count=3)
    await planted.handle.fails("refuse", method="sendMessage", code=502, description="Bad Gateway", count=1)
    app = planted.start(echo)
    for number in range(4):
        await anna.says(planted.handle, f"{number}")
    await anna.waits_for(planted.handle, "эхо: 3", timeout=20)
    heard = [seen.text for seen in await anna.sees(planted.handle) if not seen.mine]
    assert heard == ["эхо: 0"] * copies + [f"эхо: {n}" for n in range(1, 4)]
    with app.database.read() as session:
        assert session.exec(select(Outbox.repeats).order_by(col(Outbox.id))).all() == [3, 0, 0, 0]
        assert session.exec(select(Alarm.kind)).all() == ["repeated_send"]


async def under_way(app: App) -> None:
    """Until a send has left that has no answer yet."""
    for _ in range(200):
        with app.database.read() as session:
            if session.exec(select(Outbox.id).where(Outbox.state == OutboxState.SENDING)).first():
                return
        await asyncio.sleep(0.02)
    raise AssertionError("nothing is being sent")


async def test_a_stop_while_telegram_gives_no_answer_keeps_the_message_for_the_next_start(
    planted: Planted, sandbox: SandboxClient
) -> None:
    anna = await sandbox.person("Анна")
    await planted.handle.fails("timeout_before", method="sendMessage", count=1)
    app = planted.start(echo)
    await anna.says(planted.handle, "раз")
    await under_way(app)
    assert await asyncio.to_thread(app.stop) == 0
    planted.start(echo)
    await anna.waits_for(planted.handle, "эхо: раз")


async def test_a_stop_in_a_long_wait_for_telegram_is_heeded(planted: Planted) -> None:
    await planted.handle.fails("refuse", method="getUpdates", code=429, retry_after=60, count=None)
    app = planted.start(echo, only=("intake",))
    await planted.handle.makes_calls("getUpdates")
    assert await asyncio.to_thread(app.stop) == 0


@pytest.mark.parametrize("stopped_first", [True, False])
def test_the_ticker_heeds_a_stop_before_its_first_beat(office: TestOffice, stopped_first: bool) -> None:
    runner = Runner()
    acts = [lambda: Ticker(office, {}, telegram_bot(1), Bell(), Bell()).start(runner), runner.stop]
    for act in reversed(acts) if stopped_first else acts:
        act()
    assert runner.join(5.0) == []


async def test_a_revoked_token_stops_the_start_with_its_mend(planted: Planted) -> None:
    await planted.handle.revokes()
    app = planted.start(echo, only=())
    with pytest.raises(TelegramRefusedError) as refused:
        await asyncio.to_thread(app.me)
    assert refused.value.code == 401


async def test_a_second_poller_is_named_and_waited_out(
    planted: Planted, sandbox: SandboxClient, capsys: pytest.CaptureFixture[str]
) -> None:
    anna = await sandbox.person("Анна")
    await planted.handle.fails(
        "refuse", method="getUpdates", code=409, description="Conflict: terminated by other", count=1
    )
    planted.start(echo)
    await anna.says(planted.handle, "раз")
    await anna.waits_for(planted.handle, "эхо: раз", timeout=15)
    said = capsys.readouterr()
    assert "another process polls with this token" in said.out + said.err


class Stumbling(NothingToRead):
    """What it is given to read ahead makes it fail."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def ahead(self, texts: Sequence[str]) -> None:
        self.given += texts
        raise ValueError(texts)


async def test_lines_that_wait_are_read_ahead_and_a_failure_there_costs_nothing(
    planted: Planted, sandbox: SandboxClient, capsys: pytest.CaptureFixture[str]
) -> None:
    planted.reads = reads = Stumbling()
    people = [await sandbox.person(name) for name in ("Анна", "Борис", "Вера")]
    for person in people:
        await person.says(planted.handle, f"где {person.first_name}?")
    await people[0].says(planted.handle, "/start")
    planted.start(echo)
    for person in people:
        await person.waits_for(planted.handle, f"эхо: где {person.first_name}?", after=0)
    assert sorted(reads.given) == ["где Анна?", "где Борис?", "где Вера?"]
    said = capsys.readouterr()
    assert "not_foreseen" in said.out + said.err
    assert "Анна" not in said.out + said.err


def test_parts_apart_need_postgres(tmp_path: Path) -> None:
    settings = Settings(bot_token="1:" + "a" * 30, database_url=f"sqlite:///{tmp_path}/x.db", _env_file=None)
    with pytest.raises(NeedsPostgresError, match="DATABASE_URL=postgresql"):
        App(settings, ("web",))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("BOT_TOKEN", "nonsense", "BotFather"),
        ("WEB_PORT", "eighty", "WEB_PORT"),
        ("TELEGRAM_API_URL", "api.telegram.org", "http"),
        ("TELEGRAM_PROXY", "socks5://x", "no such setting"),
        ("TELEGRAM_PROXIES", "socks5://one:1080, two:1080", "write each as socks5://host:port"),
        ("WEBHOOK_URL", "https://x/hook", "WEBHOOK_SECRET"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT"),
    ],
)
def test_a_bad_setting_is_named_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettingsError, match=told):
        load()
