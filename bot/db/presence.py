"""Who has the database: a bot that runs says so by a lock that dies with it, and what must not meet one asks first."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from bot.db.engine import Database

_KEY = 7_264_912  # any number, the same in every process, and not the one of `migrating`
_PATIENCE_SECONDS = 3


class BusyDatabaseError(RuntimeError):
    """Somebody has the database who can't share it; the message says who and what to do."""


@contextmanager
def running(database: Database) -> Iterator[None]:
    """Hold the database as a running bot. Raises BusyDatabaseError.

    On SQLite there is one bot; on PostgreSQL any number of parts share it, each connection holding its share: one that
    breaks off is replaced by one that holds it too.
    """
    if database.is_sqlite:
        with _file_lock(
            database, "another bot runs on this database, or it is migrated or a backup is put back just now"
        ):
            yield
        return

    def share(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock_shared(%s)", (_KEY,))
            held = cursor.fetchone()[0]
        connection.commit()
        if not held:
            raise BusyDatabaseError("a backup is put back into this database just now: start again when it is done")

    database.engine.dispose()
    event.listen(database.engine, "connect", share)
    try:
        database.engine.connect().close()
        yield
    finally:
        event.remove(database.engine, "connect", share)
        database.engine.dispose()


def is_running(database: Database) -> bool:
    """Whether a bot, or a part of it, runs on the database."""
    if not database.is_sqlite:
        held = text(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND objid = :key AND granted"
        )
        with database.read() as session:
            return bool(session.connection().execute(held, {"key": _KEY}).scalar())
    if database.path is None or not lock_path(database.path).exists():
        return False
    try:
        with _file_lock(database, ""):
            return False
    except BusyDatabaseError:
        return True


@contextmanager
def stopped(database: Database) -> Iterator[None]:
    """No bot runs on the database, and none starts, until the end of the block. Raises BusyDatabaseError."""
    if database.is_sqlite:
        with _file_lock(database, "the bot runs on this database: stop it first"):
            yield
        return
    with database.engine.connect() as connection:
        # The server takes a moment to see that a bot has gone.
        connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE_SECONDS}s'"))
        try:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _KEY})
        except OperationalError as error:
            raise BusyDatabaseError(
                "the bot, or a part of it, runs on this database: stop all of them first"
            ) from error
        connection.commit()
        try:
            yield
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _KEY})
            connection.commit()


@contextmanager
def _file_lock(database: Database, said: str) -> Iterator[None]:
    if database.path is None:
        yield  # in memory: nobody else can have it
        return
    try:
        lock = FileLock(lock_path(database.path), timeout=0)
        with lock:
            yield
    except Timeout as error:
        raise BusyDatabaseError(said) from error


def lock_path(base: Path) -> Path:
    """The lock beside a base; one that is a link has the lock of what it points to."""
    real = base.resolve()
    return real.with_name(f"{real.name}.lock")
