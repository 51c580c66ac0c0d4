"""Nobody waits for a lock or a statement for ever on PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.db.engine import Database
from bot.db.presence import BusyDatabaseError
from bot.db.schema import migrating
from bot.db.trouble import lost_race, passing, storage_trouble
from tests.conftest import bare_postgres


@pytest.fixture
def url(postgres_server: str) -> Iterator[str]:
    with bare_postgres(postgres_server) as found:
        yield found


def test_a_wait_for_a_lock_ends_and_the_turn_is_taken_again(url: str) -> None:
    holder, waiter = Database(url), Database(url, lock_seconds=1)
    with holder.write() as session:
        session.connection().execute(text("CREATE TABLE thing (id int); INSERT INTO thing VALUES (1)"))
    with holder.write() as held:
        held.connection().execute(text("UPDATE thing SET id = 2"))
        with pytest.raises(DBAPIError) as failed, waiter.write() as session:
            session.connection().execute(text("UPDATE thing SET id = 3"))
    assert passing(failed.value)
    assert lost_race(failed.value)
    assert storage_trouble(failed.value) is None
    for each in (holder, waiter):
        each.dispose()


def test_a_statement_that_takes_too_long_is_a_fault_of_what_was_asked(url: str) -> None:
    """Not of the database: it is counted and at last set aside, or it would be asked for ever."""
    database = Database(url, statement_seconds=1)
    with pytest.raises(DBAPIError) as failed, database.write() as session:
        session.connection().execute(text("SELECT pg_sleep(20)"))
    assert storage_trouble(failed.value) is None
    assert not lost_race(failed.value)
    database.dispose()


def test_options_of_the_address_stay(url: str) -> None:
    database = Database(f"{url}{'&' if '?' in url else '?'}options=-c%20TimeZone%3DAsia/Tokyo", lock_seconds=7)
    with database.read() as session:
        shown = [session.connection().execute(text(f"SHOW {name}")).scalar() for name in ("TimeZone", "lock_timeout")]
    assert shown == ["Asia/Tokyo", "7s"]
    database.dispose()


def test_a_migration_that_would_wait_for_a_table_says_so_and_changes_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 1)
    database = Database(url)
    with database.engine.connect() as connection:
        migrating._upgrade(connection, "0013")
        connection.commit()
    with database.write() as held:
        held.connection().execute(text("SELECT * FROM account"))
        with pytest.raises(BusyDatabaseError, match="stop the bots"):
            migrating.upgrade(database)
        assert held.connection().execute(text("SELECT version_num FROM alembic_version")).scalar() == "0013"
    assert migrating.upgrade(database) == migrating.newest()
    database.dispose()
