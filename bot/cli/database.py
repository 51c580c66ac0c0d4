"""`migrate`, `backup`, `restore`."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli.failing import CommandError
from bot.settings import load

if TYPE_CHECKING:
    from bot.db.engine import Database


BUSY_SECONDS = 5  # a running bot holds its base for milliseconds; whoever waits at a terminal is told soon


def open_database() -> "Database":
    """The database of the settings, for a short command."""
    import bot.tables  # noqa: F401 - every table, as they refer to each other
    from bot.db.engine import Database

    return Database(load().database_url, busy_seconds=BUSY_SECONDS)


def require_schema(database: "Database") -> None:
    """Raises SchemaError unless the schema, its revision and every table, is the code's own."""
    from bot.db.schema.migrating import is_blank, require_present, upgrade

    if database.is_sqlite and is_blank(database):
        upgrade(database)  # a first start on the embedded database needs no ceremony
    require_present(database)


def migrate() -> None:
    """Bring the schema up to date; safe to repeat and to run from several processes at once.

    A SQLite base is changed only while no bot runs on it.
    """
    from bot.db.presence import BusyDatabaseError
    from bot.db.schema.migrating import upgrade

    try:
        typer.echo(f"schema {upgrade(open_database())}")
    except BusyDatabaseError as error:
        raise CommandError(str(error)) from error


def backup(file: Path) -> None:
    """Write a consistent copy while the bot runs (SQLite: its backup API; PostgreSQL: pg_dump).

    It gets its name only when it is whole.
    """
    from bot.db.copies import postgres as postgres_copies
    from bot.db.copies import sqlite as copies

    database = open_database()
    try:
        if database.path is not None:
            copies.make_copy(database.path, file)
        else:
            postgres_copies.make_copy(database, file)
    except copies.CopyError as error:
        raise CommandError(str(error)) from error
    finally:
        database.dispose()
    typer.echo(f"saved to {file}")


def restore(file: Path) -> None:
    """Put a copy back; the bot must be stopped. The present SQLite file is kept beside it as `.before`."""
    from bot.db.copies import postgres as postgres_copies
    from bot.db.copies import sqlite as copies
    from bot.db.presence import BusyDatabaseError, stopped

    database = open_database()
    try:
        with stopped(database):
            before: Path | None = None
            if database.path is not None:
                done = copies.put_back(file, database.path)
                revision, before = done.revision, done.before
            else:
                revision = postgres_copies.put_back(database, file)
        typer.echo(f"restored from {file}, schema {revision}")
        if before is not None:
            typer.echo(f"what was there before is kept as {before}")
        _advise(database)
    except (copies.CopyError, BusyDatabaseError) as error:
        raise CommandError(str(error)) from error
    finally:
        database.dispose()


def _advise(database: "Database") -> None:
    """What is left to do before a start."""
    from bot.db.schema.migrating import require_present
    from bot.db.schema.recognising import SchemaError

    try:
        require_present(database)
    except SchemaError as error:
        typer.echo(str(error), err=True)
