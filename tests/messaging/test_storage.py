"""A full disk, a taken port, a copy made while the bot runs and put back: clear words, nothing lost."""

import asyncio
import socket
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.app import App, BusyPortError
from bot.cli.database import backup, restore
from bot.cli.failing import CommandError
from bot.db.engine import Database
from bot.messaging.models import Alarm, Inbox, InboxState
from bot.sandbox.client import SandboxClient
from bot.settings import Settings
from tests.messaging.conftest import Planted, echo

UNLIMITED = 1_073_741_823


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # a PostgreSQL server's disk is not ours to fill
async def test_a_full_disk_is_named_and_waited_out(
    planted: Planted, sandbox: SandboxClient, capsys: pytest.CaptureFixture[str]
) -> None:
    anna = await sandbox.person("Анна")
    pages = [1]  # SQLite takes the present size for the least limit: nothing more fits
    app = planted.start(echo, only=())

    @event.listens_for(app.database.engine, "checkout")
    def fill(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages[0]}")

    for number in range(30):
        await anna.says(planted.handle, f"{number} " + "ы" * 3000)
    app._start_intake()
    said = ""
    for _ in range(100):
        await asyncio.sleep(0.1)
        read = capsys.readouterr()
        said += read.out + read.err
        if "free space" in said:
            break
    assert "the disk is full or failing: free space on it" in said
    pages[0] = UNLIMITED
    planted.start(echo, only=("turns", "deliver"))
    await anna.waits_for(planted.handle, "эхо: 29 ", after=0, timeout=30)
    with app.database.read() as session:
        assert set(session.exec(select(Inbox.state)).all()) == {InboxState.DONE}
        assert len(session.exec(select(Inbox.id)).all()) == 30
        assert session.exec(select(Alarm)).all() == []


async def test_a_busy_port_stops_the_start_and_is_named(planted: Planted) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = Settings(
            bot_token=planted.handle.token,
            database_url=planted.database_url,
            telegram_api_url=planted.url,
            web_port=taken.getsockname()[1],
            _env_file=None,
        )
        app = App(settings)
        app._start_web()
        assert await asyncio.to_thread(app.runner.stopping.wait, 10)
        assert app.stop() == 1
    assert isinstance(app.runner.failed, BusyPortError)
    assert "set WEB_PORT" in str(app.runner.failed)


# pg_dump of the server's own version is not in the wheel: PostgreSQL's way is two calls of its programs.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_copy_made_while_the_bot_runs_is_whole_and_can_be_put_back(
    planted: Planted, sandbox: SandboxClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", planted.database_url)
    anna = await sandbox.person("Анна")
    planted.start(echo)
    await anna.says(planted.handle, "до копии")
    await anna.waits_for(planted.handle, "эхо: до копии")
    for number in range(10):
        await anna.says(planted.handle, f"{number}")
    await asyncio.to_thread(backup, tmp_path / "copy.db")
    await anna.waits_for(planted.handle, "эхо: 9", after=0, timeout=20)
    with pytest.raises(CommandError, match="exists already"):
        backup(tmp_path / "copy.db")
    planted.stop()
    restore(tmp_path / "copy.db")
    database = Database(planted.database_url)
    with database.read() as session:
        assert session.exec(select(Inbox.payload).order_by(Inbox.id)).first()["message"]["text"] == "до копии"
    database.dispose()
    planted.start(echo)
    await anna.says(planted.handle, "после")
    await anna.waits_for(planted.handle, "эхо: после")
    (tmp_path / "no.db").write_text("это не копия")
    with pytest.raises(CommandError, match="no backup of ours"):
        restore(tmp_path / "no.db")
