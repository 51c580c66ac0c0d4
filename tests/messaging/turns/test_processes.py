"""The parts as processes of their own over PostgreSQL, webhook mode: one answer per update, whoever dies."""

import asyncio
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlmodel import col, func, select

from bench.soak.check import unanswered
from bench.soak.firm import furnish_firm, people_of
from bench.soak.nursery import Nursery
from bench.soak.stage import NOON, drained, noon_shift
from bot.db.engine import Database
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm, Timer
from bot.messaging.outgoing.models import Outbox
from bot.sandbox.client import SandboxClient
from bot.sandbox.server import Sandbox
from tests.spare_databases import SpareDatabases

SECRET = "a-secret-of-this-test-only"
WORDS = "тайна клиента Ёлкина"


@pytest.fixture
def postgres_url(spare_databases: SpareDatabases) -> Iterator[str]:
    with spare_databases.one() as url:
        yield url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answers(url: str) -> None:
    """Until the web part is up."""
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(600):
            try:
                if (await http.get(f"{url}/readyz")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError("the web part did not come up")


async def pushed(url: str, update_id: int, **headers: Any) -> int:
    message = {"message_id": 1, "date": 1, "chat": {"id": -77, "type": "group", "title": "x"}, "new_chat_title": "x"}
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.post(url, json={"update_id": update_id, "message": message}, headers=headers)).status_code


@pytest.mark.timeout(300)
async def test_parts_share_the_work_and_one_may_die(
    sandbox_server: Sandbox, postgres_url: str, nursery: Nursery
) -> None:
    furnish_firm(postgres_url)
    database = Database(postgres_url)
    port, health_port = free_port(), free_port()
    async with SandboxClient(sandbox_server.url) as sandbox:
        bot = await sandbox.bot()
        people = [await sandbox.person(f"Клиент {number}") for number in range(8)]
        group = await sandbox.group("Инженеры", people[0], bot)
        people_of(postgres_url, [person.id for person in people], [], group.id)
        with database.write() as session:
            session.add(Alarm(kind="poison", raised_at=NOON))
            for number in range(20):
                session.add(Timer(key=f"t{number}", kind="tell_alarms", due_at=NOON))
        env = {
            "BOT_TOKEN": bot.token,
            "DATABASE_URL": postgres_url,
            "TELEGRAM_API_URL": sandbox.url,
            "TELEGRAM_LIMITS": "off",
            "WEB_PORT": str(port),
            "WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
            "WEBHOOK_SECRET": SECRET,
            "KB_ENCODER": "off",
            "CLOCK_SHIFT": noon_shift(),
            "LOG_FORMAT": "json",
        }
        parts = ("web", "turns", "turns", "deliver", "ticker", "ticker")
        pids = [(part, await asyncio.to_thread(nursery.start, env, part)) for part in parts]
        health = {"HEALTH_PORT": str(health_port)}
        pids.append(("deliver", await asyncio.to_thread(nursery.start, env | health, "deliver")))
        await answers(f"http://127.0.0.1:{port}")
        pids.append(("intake", await asyncio.to_thread(nursery.start, env, "intake")))
        for number in range(10):
            for person in people:
                await person.says(bot, f"{WORDS} {number}, +7 901 555-44-33" if number % 2 else "💼 Тарифы")
            if number == 4:
                victim = next(pair for pair in pids if pair[0] == "turns")
                pids.remove(victim)
                assert await asyncio.to_thread(nursery.end, victim[1]) == -signal.SIGKILL
            if number == 7:  # told to go in the middle of it all, each part ends in order, and the next one goes on
                for part in ("intake", "turns", "deliver"):
                    told = next(pair for pair in pids if pair[0] == part)
                    pids.remove(told)
                    assert await asyncio.to_thread(nursery.end, told[1], signal.SIGTERM) == 0
                    if part != "deliver":  # there are two
                        pids.append((part, await asyncio.to_thread(nursery.start, env, part)))
        await people[0].waits_for(bot, after=0, timeout=60)
        await bot.settles(timeout=60)  # an update whose push failed comes again a moment later
        await drained(postgres_url)
        hook = env["WEBHOOK_URL"]
        assert await pushed(hook, 1_000_001) == 403
        assert await pushed(hook, 1_000_001, **{"X-Telegram-Bot-Api-Secret-Token": "ключ".encode()}) == 403
        assert await pushed(hook, 1_000_001, **{"X-Telegram-Bot-Api-Secret-Token": SECRET}) == 200
        with database.read() as session:
            assert session.exec(select(Inbox.id).where(Inbox.update_id == 1_000_001)).one()
        async with httpx.AsyncClient(trust_env=False) as http:
            figures = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
            sends = (await http.get(f"http://127.0.0.1:{health_port}/metrics")).text
        assert "firstline_outbox_oldest_seconds 0.0" in figures
        assert 'firstline_sends_total{method="sendMessage",outcome="sent"}' in sends
        await drained(postgres_url)
        for _, pid in pids:
            assert await asyncio.to_thread(nursery.end, pid, signal.SIGTERM) == 0
        token = bot.token
    with database.read() as session:
        rows = session.exec(select(Inbox).where(col(Inbox.chat_id).in_([person.id for person in people]))).all()
        assert Counter(row.state for row in rows) == {InboxState.DONE: 80}
        assert unanswered(session) == []
        for person in people:
            order = [row.update_id for row in rows if row.chat_id == person.id]
            done = sorted((row for row in rows if row.chat_id == person.id), key=lambda row: row.done_at)
            assert sorted(order) == [row.update_id for row in done]
        assert session.exec(select(func.sum(col(Outbox.repeats)))).one() == 0  # the killed part sends nothing
        said = session.exec(select(Outbox).where(Outbox.chat_id == group.id, col(Outbox.inbox_id).is_(None))).all()
        assert len([row for row in said if "Нужен взгляд" in row.params["text"]]) == 1
        ours = [f"t{number}" for number in range(20)]  # the last push may have raised an alarm of its own
        assert session.exec(select(Timer.key).where(col(Timer.key).in_(ours), col(Timer.done_at).is_(None))).all() == []
    database.dispose()
    log = nursery.log.read_text()
    assert "started" in log
    for secret in (token, token.split(":")[1], "Ёлкина", "555-44-33", "+7901", "Игрок", SECRET):
        assert secret not in log
