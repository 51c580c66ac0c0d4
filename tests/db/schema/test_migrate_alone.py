"""`migrate` changes a SQLite base only while no bot has it: a bot of the old code can't go on with the new tables."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bot.cli.database import migrate, require_schema
from bot.cli.failing import CommandError
from bot.db.engine import Database
from bot.db.presence import BusyDatabaseError, running
from bot.db.schema.mending import mend
from bot.db.schema.migrating import current, newest, upgrade
from tests.db.earlier.base import build, shapes


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A base of an earlier commit, which is the one of the settings."""
    url = f"sqlite:///{tmp_path}/firstline.db"
    engine = create_engine(url)
    with engine.begin() as connection:
        build(connection, shapes()[-1], tmp_path)
    engine.dispose()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    return Database(url)


def test_a_base_that_a_bot_runs_on_is_left_as_it_is_until_the_bot_is_stopped(
    old: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(old), pytest.raises(CommandError, match="the bot runs on this database: stop it first"):
        migrate()
    assert current(old) == "0001"
    with old.read() as session:
        assert session.connection().execute(text("SELECT count(*) FROM inbox")).scalar_one() == 0
    migrate()
    assert capsys.readouterr().out == f"schema {newest()}\n"
    with running(old):
        migrate()  # there is nothing to change: a script may call it at any time
    old.dispose()


def test_no_bot_starts_while_a_base_is_migrated(old: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[str] = []

    def meanwhile(*told: Any) -> None:
        with pytest.raises(BusyDatabaseError) as refused, running(old):
            pass
        met.append(str(refused.value))
        mend(*told)

    monkeypatch.setattr("bot.db.schema.migrating.mend", meanwhile)
    upgrade(old)
    assert met == ["another bot runs on this database, or it is migrated or a backup is put back just now"]
    old.dispose()


def test_a_first_start_makes_the_tables_of_an_empty_base_while_it_has_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new.db")
    with running(database):
        require_schema(database)
    assert current(database) == newest()
    database.dispose()
