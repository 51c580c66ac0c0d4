"""Health and metrics in trouble: how long people wait, wherever it is that they wait, and what is to be mended."""

import asyncio
import json
import logging
import math
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlmodel import select

from bot import logs
from bot.app import App, AskedToStopError
from bot.db import engine
from bot.db.engine import Database
from bot.db.unit_of_work import Office
from bot.messaging.incoming.inbox import Arrival, record
from bot.messaging.models import Alarm
from bot.sandbox.client import BotHandle, SandboxClient
from bot.sandbox.server import Sandbox, serve_in_thread
from bot.settings import Settings
from bot.telegram import ids, polling
from bot.web.app import create_app
from tests.conftest import NOON, TestOffice
from tests.messaging.conftest import Clock
from tests.messaging.outgoing.test_start_waits import ME, TOKEN, Rough, serving


@pytest.fixture(scope="module")
def server() -> Any:
    with serve_in_thread() as found:
        yield found


@pytest.fixture
async def sandbox(server: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(server.url) as client:
        yield client


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "LONGEST_PAUSE", 0.05)


@asynccontextmanager
async def taking_in(handle: BotHandle, url: str, database_url: str, clock: Clock) -> AsyncIterator[App]:
    settings = Settings(
        bot_token=handle.token, database_url=database_url, telegram_api_url=url, web_port=0, _env_file=None
    )
    app = App(settings, clock=clock)
    app._start_intake()
    try:
        yield app
    finally:
        await asyncio.to_thread(app.stop)


class Page:
    """What a scraper and a load balancer see of a process."""

    def __init__(self, office: Office, held: Any = None) -> None:
        transport = httpx.ASGITransport(create_app(office, None, held))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://bot")

    async def figure(self, name: str) -> float:
        answer = await self.http.get("/metrics")
        assert answer.status_code == 200
        return next(float(line.split()[1]) for line in answer.text.splitlines() if line.startswith(f"{name} "))

    async def ready(self) -> tuple[int, str]:
        answer = await self.http.get("/readyz")
        return answer.status_code, answer.json().get("reason", "")


async def until_held(app: App) -> None:
    for _ in range(200):
        if app.held.since is not None and app.held.pending:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nothing was noted")


def alarms(app: App) -> list[str]:
    with app.database.read() as session:
        return list(session.exec(select(Alarm.kind)).all())


@pytest.mark.parametrize(("code", "words"), [(409, "another process polls"), (401, "@BotFather")])
async def test_refused_updates_are_an_age_a_reason_and_one_alarm(
    sandbox: SandboxClient, server: Sandbox, database_url: str, code: int, words: str
) -> None:
    bot, anna = await sandbox.bot(), await sandbox.person("Анна")
    await bot.fails("refuse", method="getUpdates", code=code, description="No", count=None)
    for number in range(3):
        await anna.says(bot, f"не работает {number}")
    clock = Clock()
    async with taking_in(bot, server.url, database_url, clock) as app:
        page = Page(app.office, app.held)
        await until_held(app)
        assert alarms(app) == []
        clock.ahead = timedelta(minutes=30)
        for _ in range(100):
            if alarms(app):
                break
            await asyncio.sleep(0.05)
        assert await page.figure("firstline_telegram_pending") == 3
        assert 1_800 <= await page.figure("firstline_telegram_oldest_seconds") < 1_900
        status, reason = await page.ready()
        assert (status, words in reason) == (503, True)
        await asyncio.sleep(0.5)
        assert alarms(app) == ["intake_held"]
        await bot.recovers()
        for _ in range(100):
            if app.held.since is None:
                break
            await asyncio.sleep(0.05)
        assert await page.ready() == (200, "")
        assert await page.figure("firstline_telegram_oldest_seconds") == 0
        assert alarms(app) == ["intake_held"]


async def test_a_full_disk_is_an_age_a_reason_and_an_alarm_as_soon_as_it_can_be_written(
    sandbox: SandboxClient, server: Sandbox, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "TROUBLE_SECONDS", 2.0)
    base = shutil.copy(sqlite_template, tmp_path / "full.db")
    bot, anna = await sandbox.bot(), await sandbox.person("Анна")
    clock = Clock()
    async with taking_in(bot, server.url, f"sqlite:///{base}", clock) as app:
        full = True

        @event.listens_for(app.database.engine, "begin")
        def _no_room(connection: Any) -> None:
            # SQLite's own SQLITE_FULL: not one page more than there are, or all there may be.
            connection.exec_driver_sql(f"PRAGMA max_page_count={1 if full else 1_000_000}")

        page = Page(app.office, app.held)
        for number in range(160):
            await anna.says(bot, f"{'не работает ' * 300} {number}")
        await until_held(app)
        clock.ahead = timedelta(minutes=30)
        assert await page.figure("firstline_telegram_pending") > 0
        assert await page.figure("firstline_telegram_oldest_seconds") >= 1_800
        assert await page.figure("firstline_database_up") == 0
        status, reason = await page.ready()
        assert (status, "disk is full" in reason) == (503, True)
        full = False
        for _ in range(200):
            if app.held.since is None:
                break
            await asyncio.sleep(0.05)
        assert alarms(app) == ["intake_held"]
        await asyncio.sleep(2.0)
        assert await page.ready() == (200, "")
        assert await page.figure("firstline_database_up") == 1


async def test_a_database_that_is_down_costs_one_line_of_json_a_scrape(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json")
    try:
        database = Database("postgresql://u:p@127.0.0.1:1/x")
        page = Page(TestOffice(database))
        capsys.readouterr()
        assert await page.figure("firstline_database_up") == 0
        assert math.isnan(await page.figure("firstline_inbox_oldest_seconds"))
        (one, two) = capsys.readouterr().err.strip().splitlines()
        for line in (one, two):
            assert json.loads(line)["mend"].startswith("the database does not answer")
        status, reason = await page.ready()
        assert (status, "check that PostgreSQL runs" in reason) == (503, True)
    finally:
        logs.set_up("console")


def _spoil(base: Path) -> None:
    """What a disk that dies may leave."""
    for tail in ("-wal", "-shm"):
        Path(f"{base}{tail}").unlink(missing_ok=True)
    base.write_bytes(b"no database at all" * 1_000)


async def test_what_waited_when_the_database_went_goes_on_ageing(tmp_path: Path, sqlite_template: Path) -> None:
    base = shutil.copy(sqlite_template, tmp_path / "gone.db")
    office = TestOffice(Database(f"sqlite:///{base}"))
    with office.work() as uow:
        record(uow.session, [Arrival(ids.bot(1), 1, 7, {})], NOON)
    page = Page(office)
    office.moment = NOON + timedelta(seconds=40)
    assert await page.figure("firstline_inbox_oldest_seconds") == 40
    office.database.dispose()
    _spoil(base)
    office.moment = NOON + timedelta(seconds=90)
    assert await page.figure("firstline_inbox_oldest_seconds") == 90
    assert await page.figure("firstline_database_up") == 0


def test_lines_of_others_are_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json")
    try:
        capsys.readouterr()
        try:
            raise RuntimeError("the text of a client")
        except RuntimeError:
            logging.getLogger("a.library").exception("Exception in ASGI application\n")
        (line,) = capsys.readouterr().err.strip().splitlines()
    finally:
        logs.set_up("console")
    said = json.loads(line)
    assert (said["level"], said["error"]) == ("error", "RuntimeError")
    assert "client" not in line


async def test_a_webhook_that_telegram_can_not_reach_is_an_age_a_reason_and_one_alarm(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "WATCH_SECONDS", 0.1)
    clock = Clock()
    since = int(clock().timestamp()) - 1_800
    told = b'{"ok":true,"result":{"pending_update_count":%d,"last_error_message":"Timed out","last_error_date":%d}}'
    stuck, well = told % (7, since), told % (0, since)
    rough = Rough(getMe=[(200, ME)], setWebhook=[(200, b'{"ok":true,"result":true}')], getWebhookInfo=[(200, stuck)])
    async with serving(rough) as url:
        hook = {"webhook_url": "https://x.example/hook", "webhook_secret": "s" * 20}
        app = App(
            Settings(bot_token=TOKEN, database_url=database_url, telegram_api_url=url, _env_file=None, **hook),
            clock=clock,
        )
        page = Page(app.office, app.held)
        app._start_intake()
        try:
            await until_held(app)
            await asyncio.sleep(0.5)
            assert await page.figure("firstline_telegram_pending") == 7
            assert await page.figure("firstline_telegram_oldest_seconds") >= 1_800
            status, reason = await page.ready()
            assert (status, "Timed out" in reason) == (503, True)
            assert alarms(app) == ["intake_held"]
            rough.answers["getWebhookInfo"] = [(200, well)]
            await asyncio.sleep(0.5)
            assert await page.ready() == (200, "")
            assert alarms(app) == ["intake_held"]
        finally:
            await asyncio.to_thread(app.stop)


async def test_a_start_that_waits_for_telegram_is_not_ready_and_says_why(database_url: str) -> None:
    clock = Clock()
    app = App(
        Settings(bot_token=TOKEN, database_url=database_url, telegram_api_url="http://127.0.0.1:9", _env_file=None),
        clock=clock,
    )
    page = Page(app.office, app.held)
    waiting = asyncio.ensure_future(asyncio.to_thread(app.me))
    for _ in range(100):
        if app.held.since is not None:
            break
        await asyncio.sleep(0.05)
    clock.ahead = timedelta(minutes=1)
    status, reason = await page.ready()
    assert (status, "is not reachable" in reason) == (503, True)
    assert await page.figure("firstline_telegram_oldest_seconds") >= 60
    app.asked_to_stop.append(15)
    with pytest.raises(AskedToStopError):
        await waiting
    app.database.dispose()
