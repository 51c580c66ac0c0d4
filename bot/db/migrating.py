"""Bringing the schema up to date, one process at a time."""

import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import text

from bot.db.engine import Database

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"
_LOCK_KEY = 7_264_911  # any number, the same in every process


class ForeignKeysBrokenError(RuntimeError):
    """A migration left rows that point nowhere; it was not committed."""


def config() -> Config:
    """Alembic's configuration without an ini file."""
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.set_main_option("path_separator", "os")
    return found


def upgrade(database: Database) -> str:
    """Upgrade to the newest revision under a lock; returns it. Raises ForeignKeysBrokenError."""
    if database.is_sqlite:
        with FileLock(f"{database.path}.migrate.lock"):
            return _upgrade_sqlite(database)
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        connection.commit()
        try:
            _run(connection)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
            connection.commit()
    return newest()


def _upgrade_sqlite(database: Database) -> str:
    """Batch mode copies tables; with foreign keys on that would silently empty cascading children (stack.md)."""
    raw = database.engine.raw_connection()
    raw.cursor().execute("PRAGMA foreign_keys=OFF")
    raw.close()
    with database.engine.connect() as connection:
        connection.rollback()
        _run(connection)
        if connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
            connection.rollback()
            raise ForeignKeysBrokenError("the migration would leave rows that point nowhere; nothing was changed")
        connection.commit()
    database.engine.dispose()  # connections with foreign keys off are thrown away
    return newest()


def _run(connection: object) -> None:
    prepared = config()
    prepared.attributes["connection"] = connection
    command.upgrade(prepared, "head")


def newest() -> str:
    """The newest revision of the code."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def current(database: Database) -> str | None:
    """The revision of the database, or None when it has none."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def draft(message: str) -> Path:
    """Write the revision that brings the schema to the models, from what they differ in; to be read before use."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/schema.db")
        upgrade(database)
        with database.engine.connect() as connection:
            prepared = config()
            prepared.attributes["connection"] = connection
            written = command.revision(prepared, message=message, autogenerate=True, rev_id=_next_number())
        database.dispose()
    found = written[0] if isinstance(written, list) else written
    if found is None:
        raise RuntimeError("alembic wrote nothing")
    return Path(found.path)


def _next_number() -> str:
    return f"{int(newest() or 0) + 1:04}"
