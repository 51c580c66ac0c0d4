"""Every command, against every trouble of settings and database: one line that says what to do, and an exit code."""

import shutil
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from bot.cli import commands
from bot.db.engine import Database
from bot.db.trouble import storage_trouble
from tests.cli.conftest import Call

ROOT = Path(__file__).resolve().parents[2]

# Everything that opens the database, with words enough to get there.
WORDS: dict[str, tuple[str, ...]] = {
    "run": (),
    "intake": (),
    "turns": (),
    "deliver": (),
    "ticker": (),
    "web": (),
    "migrate": (),
    "doctor": (),
    "backup": ("copy.db",),
    "restore": ("a-copy.db",),
    "init": ("--no-input", "--name", "X", "--inn", "7707083893", "--phone", "+7 495 123-45-67"),
    "import": (str(ROOT / "demo"),),
    "policy": (),
    "kb sync": (str(ROOT / "content/faq"),),
    "kb export": ("articles",),
    "kb gaps": (),
    "kb stats": (),
    "kb refit": (),
    "bill explain": ("1",),
    "bill prices": (),
    "bill proof": ("1",),
    "bill close": ("2026-10",),
    "bill export": ("2026-10", "accounts"),
}
NO_DATABASE = {"calc", "sandbox", "demo", "kb search", "kb rank", "kb check"}


def is_told_in_one_line(code: int, said: str, words: str, mend: str) -> None:
    assert mend in said, words
    assert "Traceback" not in said, words
    if words == "doctor":
        assert code == 1
    else:
        assert (code, len(said.strip().splitlines())) == (2, 1), (words, said)


def test_no_command_is_forgotten() -> None:
    named = {each.name or each.callback.__name__ for each in commands.registered_commands if each.callback}
    for group in commands.registered_groups:
        inner = group.typer_instance
        assert inner is not None
        named |= {
            f"{group.name} {each.name or each.callback.__name__}" for each in inner.registered_commands if each.callback
        }
    assert {name.rstrip("_") for name in named} == set(WORDS) | NO_DATABASE


@pytest.fixture(scope="module")
def troubled(postgres_server: str) -> dict[str, tuple[str, str]]:
    """Addresses of PostgreSQL that nobody gets in by, and the mend each must be told with."""
    there = make_url(postgres_server)

    def address(**changes: str) -> str:
        return there.set(**changes).render_as_string(hide_password=False)

    return {
        "down": ("postgresql://u:p@127.0.0.1:1/x", "check that PostgreSQL runs"),
        "no such host": ("postgresql://u:p@no-such-host.invalid/x", "check that PostgreSQL runs"),
        "no such database": (address(database="nowhere"), "no such database"),
        "no such user": (address(username="stranger"), "no such user"),
    }


@pytest.mark.parametrize("words", WORDS)
def test_a_postgres_that_lets_nobody_in_is_told_by_its_own_mend(
    call: Call, words: str, troubled: dict[str, tuple[str, str]]
) -> None:
    for url, mend in troubled.values():
        code, said = call(*words.split(), *WORDS[words], DATABASE_URL=url)
        is_told_in_one_line(code, said, words, mend)


@pytest.mark.parametrize("words", ["policy", "migrate", "run", "doctor"])
def test_a_postgres_with_no_free_connection_is_not_called_dead(call: Call, words: str, postgres_server: str) -> None:
    admin = make_url(postgres_server).set(drivername="postgresql").render_as_string(hide_password=False)
    with ExitStack() as held:
        taken = False
        while not taken:
            try:
                held.enter_context(psycopg.connect(admin))
            except psycopg.OperationalError:
                taken = True
        code, said = call(words, DATABASE_URL=postgres_server)
    is_told_in_one_line(code, said, words, "no free connection: raise its max_connections")


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ('FATAL:  password authentication failed for user "firstline"', "refuses the user or the password"),
        ('ВАЖНО:  пользователь "x" не прошёл проверку подлинности (по паролю)', "refuses the user or the password"),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4"', "pg_hba.conf"),
        ('ВАЖНО:  база данных "x" не существует', "no such database"),
        ("FATAL:  the database system is starting up", "wait a moment"),
        ("FATAL:  remaining connection slots are reserved for roles with SUPERUSER", "no free connection"),
        ("server closed the connection unexpectedly", "does not answer"),
    ],
)
def test_what_postgres_says_at_the_door_has_its_own_mend(said: str, mend: str) -> None:
    assert mend in (storage_trouble(OperationalError(None, None, psycopg.OperationalError(said))) or "")


@pytest.mark.parametrize("words", sorted(set(WORDS) - {"intake", "turns", "deliver", "ticker", "web"}))
def test_a_base_that_is_no_file_of_ours_is_one_line(call: Call, words: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.txt").write_text("no base")
    for path, mend in {
        "/proc/nowhere/x.db": "name another path",
        f"{tmp_path}/text.txt/x.db": "name another path",
        f"{tmp_path}/folder": "",
        f"{tmp_path}/text.txt": "",
    }.items():
        code, said = call(*words.split(), *WORDS[words], DATABASE_URL=f"sqlite:///{path}")
        is_told_in_one_line(code, said, words, mend)


@pytest.mark.parametrize("letters", ["utf-16", "cp1251"])
@pytest.mark.parametrize("words", ["run", "policy", "doctor", "migrate", "kb stats"])
def test_settings_in_letters_that_are_no_utf8_are_named_with_the_file(
    call: Call, words: str, letters: str, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("# настройки\nWEB_PORT=8080\n", letters)
    code, said = call(*words.split())
    assert code == 2
    assert f"{tmp_path}/.env: its letters can't be read: save it as UTF-8" in said
    assert len(said.strip().splitlines()) == 1


def test_settings_that_are_a_folder_are_named(call: Call, tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    code, said = call("policy")
    assert (code, "must be a file" in said) == (2, True)


def test_settings_with_a_mark_of_byte_order_are_read(call: Call, tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "x.db")
    (tmp_path / ".env").write_text("KB_ENCODER=off\n", "utf-8-sig")
    assert call("policy", "kb_gaps_days", DATABASE_URL=f"sqlite:///{tmp_path}/x.db")[0] == 0


def test_a_base_that_another_program_holds_is_told_of_soon(call: Call, tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "x.db")
    holder = Database(f"sqlite:///{tmp_path}/x.db")
    with holder.write() as session:
        session.connection()  # BEGIN IMMEDIATE
        code, said = call("policy", "kb_gaps_days", "30", DATABASE_URL=f"sqlite:///{tmp_path}/x.db")
    holder.dispose()
    is_told_in_one_line(code, said, "policy", "another process holds the database")
