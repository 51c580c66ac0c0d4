"""`python -m bot` as a process: what goes wrong is named with its mend, and it ends when it is told to."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel, col, func, select

from bot.clients.models import Company
from bot.db.engine import Database
from bot.kb.articles.models import Article
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.sandbox.client import BotHandle, SandboxClient
from bot.sandbox.server import Sandbox, serve_in_thread
from tests.kb.articles.test_sync import write

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "123456789:" + "a" * 35


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with serve_in_thread() as found:
        yield found


@pytest.fixture
async def sandbox(server: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(server.url) as client:
        yield client


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    return tmp_path


def environment(home: Path, **settings: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": f"sqlite:///{home}/firstline.db",
        "WEB_PORT": "0",
        "KB_ENCODER": "off",
        **settings,
    }


def start(home: Path, *words: str, **settings: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *words],
        cwd=home,
        env=environment(home, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ends(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=60)
    return process.returncode, said


def run_by(home: Path, bot: BotHandle, url: str, **settings: str) -> subprocess.Popen[str]:
    return start(home, "run", BOT_TOKEN=bot.token, TELEGRAM_API_URL=url, TELEGRAM_LIMITS="off", **settings)


def rows_of(home: Path, table: type[SQLModel]) -> int:
    database = Database(f"sqlite:///{home}/firstline.db")
    with database.read() as session:
        found = session.exec(select(func.count()).select_from(table)).one()
    database.dispose()
    return found


def wait_until_said(process: subprocess.Popen[str], words: str) -> str:
    """Read the process's lines up to one with these words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"{words!r} was not said:\n{said}")


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"BOT_TOKEN": "nonsense"}, "BotFather"),
        ({}, "BOT_TOKEN"),
        ({"BOT_TOKEN": TOKEN, "WEB_PORT": "eighty"}, "WEB_PORT"),
        ({"BOT_TOKEN": TOKEN, "DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
    ],
)
def test_a_bad_setting_stops_the_start_in_one_line(home: Path, settings: dict[str, str], told: str) -> None:
    code, said = ends(start(home, "run", **settings))
    assert code == 2
    assert told in said
    assert "Traceback" not in said


def test_an_unknown_setting_in_the_file_is_named(home: Path) -> None:
    (home / ".env").write_text(f"BOT_TOKEN={TOKEN}\nTELEGRAM_PROXY=socks5://x\n")
    code, said = ends(start(home, "run"))
    assert code == 2
    assert "TELEGRAM_PROXY" in said
    assert "no such setting" in said


def test_a_bad_article_is_named_with_its_line_and_nothing_is_written(home: Path) -> None:
    write(home / "articles", "good", "Принтер не печатает")
    (home / "articles/ru/bad.md").write_text("---\ntitle: x\n---\nтекст\n\n![нет](no.png)\n", "utf-8")
    code, said = ends(start(home, "kb", "sync", str(home / "articles")))
    assert code == 2
    assert "bad.md:6: picture 'no.png' is not there" in said
    assert "nothing was changed" in said
    assert "Traceback" not in said
    assert rows_of(home, Article) == 0


def test_a_bad_table_is_named_with_its_row_and_nothing_is_written(home: Path) -> None:
    (home / "tables").mkdir()
    (home / "tables/companies.csv").write_text("code;name\nshop;Магазин\ncafe;Кафе\nshop;Другой\n", "utf-8")
    code, said = ends(start(home, "import", str(home / "tables")))
    assert code == 2
    for words in ("companies.csv", "строка 4", "«shop» уже есть в строке 2"):
        assert words in said
    assert "Traceback" not in said
    assert rows_of(home, Company) == 0


@pytest.mark.sampled(2, of="troubles of a run")
async def test_a_busy_port_names_the_setting(home: Path, sandbox: SandboxClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = run_by(home, await sandbox.bot(), sandbox.url, WEB_PORT=str(taken.getsockname()[1]))
        code, said = ends(process)
    assert code == 2
    assert "set WEB_PORT" in said
    assert "Traceback" not in said


@pytest.mark.sampled(2, of="troubles of a run")
async def test_a_revoked_token_names_who_gives_a_new_one(home: Path, sandbox: SandboxClient) -> None:
    bot = await sandbox.bot()
    await bot.revokes()
    code, said = ends(run_by(home, bot, sandbox.url))
    assert code == 2
    assert "401" in said
    assert "@BotFather" in said
    assert bot.token not in said


@pytest.mark.sampled(2, of="troubles of a run")
async def test_a_server_that_knows_three_methods_gets_a_question_answered(home: Path) -> None:
    """getMe lacks fields, getUpdates and sendMessage work, the rest is 404; the second poller is named meanwhile."""
    with serve_in_thread(only={"getMe", "getUpdates", "sendMessage"}, sparse_me=True) as lean:
        async with SandboxClient(lean.url) as sandbox:
            bot, anna = await sandbox.bot(), await sandbox.person("Анна")
            await bot.fails("refuse", method="getUpdates", code=409, description="Conflict", count=1)
            process = run_by(home, bot, lean.url)
            try:
                await anna.says(bot, "принтер не печатает чек")
                await anna.waits_for(bot, timeout=60)
            finally:
                process.send_signal(signal.SIGTERM)
            code, said = ends(process)
    assert code == 0, said
    assert "another process polls with this token" in said
    assert "Traceback" not in said


@pytest.mark.sampled(2, of="troubles of a run")
async def test_a_signal_in_the_middle_of_work_loses_nothing(home: Path, sandbox: SandboxClient) -> None:
    bot = await sandbox.bot()
    people = [await sandbox.person(f"Клиент {number}") for number in range(10)]
    for person in people:
        for number in range(5):
            await person.says(bot, f"вопрос {number}")
    process = run_by(home, bot, sandbox.url)
    await bot.makes_calls("sendMessage", timeout=60)
    process.send_signal(signal.SIGTERM)
    code, said = ends(process)
    assert code == 0, said
    assert "did_not_drain" not in said
    starts = len(await bot.makes_calls("getMe"))
    again = run_by(home, bot, sandbox.url)
    await bot.makes_calls("getMe", starts + 1, timeout=60)  # it may have nothing left to answer
    for person in people:
        await person.waits_for(bot, after=0, timeout=60)
    await bot.settles(timeout=60)
    database = Database(f"sqlite:///{home}/firstline.db")
    for _ in range(300):
        with database.read() as session:
            if (
                not session.exec(select(Inbox.id).where(Inbox.state == InboxState.NEW)).first()
                and not session.exec(select(Outbox.id).where(Outbox.state != OutboxState.SENT)).first()
            ):
                break
        await asyncio.sleep(0.1)
    again.send_signal(signal.SIGTERM)
    code, said = ends(again)
    assert code == 0, said
    with database.read() as session:
        assert session.exec(select(Inbox.state)).all() == [InboxState.DONE] * 50
        rows = session.exec(select(Outbox)).all()
        assert {row.state for row in rows} == {OutboxState.SENT}
        assert not [row for row in rows if row.repeats]
        last = session.exec(select(func.max(Inbox.id)).group_by(col(Inbox.chat_id))).all()
        assert set(last) <= {row.inbox_id for row in rows}  # a burst is answered once, after its last line (R1.4)
    database.dispose()


@pytest.mark.sampled(2, of="troubles of a run")
async def test_a_stop_while_the_encoder_loads_is_no_error(home: Path, sandbox: SandboxClient) -> None:
    process = run_by(home, await sandbox.bot(), sandbox.url, KB_ENCODER="on")
    said = wait_until_said(process, "started")
    process.send_signal(signal.SIGTERM)
    code, rest = ends(process)
    assert code == 0, said + rest
    assert "did_not_drain" not in rest


@pytest.mark.sampled(2, of="troubles of a run")
def test_a_stop_while_telegram_is_unreachable_is_no_error(home: Path) -> None:
    process = start(home, "run", BOT_TOKEN=TOKEN, TELEGRAM_API_URL="http://127.0.0.1:9")
    wait_until_said(process, "telegram_unreachable")
    process.send_signal(signal.SIGTERM)
    assert ends(process)[0] == 0


@pytest.mark.sampled(1, of="second copies")
@pytest.mark.parametrize("way", ["the same path", "a link"])
async def test_a_second_copy_on_one_file_is_refused_at_once_on_any_port(
    home: Path, sandbox: SandboxClient, way: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bot = await sandbox.bot()
    first = run_by(home, bot, sandbox.url)
    try:
        wait_until_said(first, "started")
        other = home
        if way == "a link":
            other = tmp_path_factory.mktemp("other")
            (other / "firstline.db").symlink_to(home / "firstline.db")
        code, said = ends(run_by(other, await sandbox.bot(), sandbox.url))
        assert code == 2
        assert said.strip().startswith("another bot runs on this database")
        assert len(said.strip().splitlines()) == 1
        for words in (("policy",), ("backup", "beside.db"), ("import", str(ROOT / "demo"))):
            code, said = ends(start(home, *words))
            assert code == 0, said
    finally:
        first.kill()
    first.communicate()
    again = run_by(home, bot, sandbox.url)
    wait_until_said(again, "started")
    again.send_signal(signal.SIGTERM)
    assert ends(again)[0] == 0
