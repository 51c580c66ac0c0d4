"""Bringing the schema up to date, one process at a time."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Connection, MetaData, Table, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from bot.db.engine import Database
from bot.db.presence import BusyDatabaseError, stopped
from bot.db.schema.comparing import Differences, sorted_out
from bot.db.schema.mending import Shape, mend, require_nothing_left
from bot.db.schema.recognising import SchemaError, recognise
from bot.db.trouble import passing

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
MIGRATE = "run `python -m bot migrate`"
_LOCK_KEY = 7_264_911  # any number, the same in every process
LOCK_SECONDS = 10  # for a table that somebody uses; meanwhile whoever wants it waits behind us
STATEMENT_SECONDS = 1_800
_SCRATCH = "firstline_scratch"

T = TypeVar("T")


class ForeignKeysBrokenError(RuntimeError):
    """A migration left rows that point nowhere; it was not committed."""


def config() -> Config:
    """Alembic's configuration without an ini file."""
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.set_main_option("path_separator", "os")
    return found


def upgrade(database: Database) -> str:
    """Upgrade to the newest revision under a lock, all or nothing; returns it.

    A database of an earlier shape of its revision is brought up with its data. Raises SchemaError where it is another
    program's, of a newer version, or can't be brought up without loss, ForeignKeysBrokenError, and BusyDatabaseError
    where a bot runs on a SQLite base that has to be changed, or somebody holds a table of PostgreSQL for long.
    """
    try:
        with _only_one(database) as connection:
            _run(database, connection)
            require_nothing_left(_differences(connection), newest())
    except OperationalError as error:
        if not passing(error):
            raise
        raise BusyDatabaseError(
            "somebody holds a table that has to be changed, so nothing was changed: stop the bots and whoever else "
            "works in the database, then repeat"
        ) from error
    return newest()


@contextmanager
def _only_one(database: Database) -> Iterator[Connection]:
    """A connection whose transaction commits at the end; no other process migrates meanwhile."""
    if database.is_sqlite:
        with FileLock(f"{database.path}.migrate.lock"), _without_foreign_keys(database) as connection:
            yield connection
        return
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        connection.commit()
        try:
            # A change of a table waits for all who use it, and whoever comes after waits for the change.
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"))
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
            connection.commit()


@contextmanager
def _without_foreign_keys(database: Database) -> Iterator[Connection]:
    """Batch mode copies tables; with foreign keys on that would silently empty cascading children (stack.md)."""
    raw = database.engine.raw_connection()
    raw.cursor().execute("PRAGMA foreign_keys=OFF")
    raw.close()
    try:
        with database.engine.connect() as connection:
            connection.rollback()
            yield connection
            if connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                connection.rollback()
                raise ForeignKeysBrokenError("the migration would leave rows that point nowhere; nothing was changed")
            connection.commit()
    finally:
        database.engine.dispose()  # connections with foreign keys off are thrown away


def _run(database: Database, connection: Connection) -> None:
    revision = recognise(connection, script())
    if revision == newest() and not _differences(connection):
        return
    if revision is None:
        _upgrade(connection, "head")  # the first start makes its own tables
        return
    with stopped(database) if database.is_sqlite else nullcontext():
        mend(connection, revision, _shape_of(database, revision))
        _upgrade(connection, "head")


def _upgrade(connection: Connection, revision: str) -> None:
    prepared = config()
    prepared.attributes["connection"] = connection
    command.upgrade(prepared, revision)


def _shape_of(database: Database, revision: str) -> Shape:
    """What the revisions up to this one make on a database of this kind: they are run, and what they made is read."""
    declared: dict[str, Table] = {}

    def note(table: Table, _connection: Connection, **_more: Any) -> None:
        declared[table.name] = table

    schema = MetaData()
    event.listen(Table, "after_create", note)
    try:
        with _scratch(database) as connection:
            _upgrade(connection, revision)
            schema.reflect(connection)
    finally:
        event.remove(Table, "after_create", note)
    return Shape(schema, declared)


@contextmanager
def _scratch(database: Database) -> Iterator[Connection]:
    """An empty database of the same kind, gone afterwards: in memory, or a schema that is never committed."""
    if database.is_sqlite:
        engine = create_engine("sqlite://", poolclass=StaticPool)
        with engine.connect() as connection:
            yield connection
        engine.dispose()
        return
    with database.engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {_SCRATCH}"))
        connection.execute(text(f"SET LOCAL search_path TO {_SCRATCH}"))
        try:
            yield connection
        finally:
            connection.rollback()


def is_blank(database: Database) -> bool:
    """Whether nobody has written to the database yet. Raises SchemaError where it is not ours."""
    with database.read() as session:
        return recognise(session.connection(), script()) is None


def require_present(database: Database) -> str:
    """The revision, where the schema is the one that this code works with. Raises SchemaError."""
    with database.read() as session:
        connection = session.connection()
        revision = recognise(connection, script())
        if revision is None:
            raise SchemaError("the database is empty", MIGRATE)
        if revision != newest():
            raise SchemaError(f"the database has schema {revision}, this version needs {newest()}", MIGRATE)
        if found := _differences(connection):
            raise SchemaError(f"the database says it has schema {revision}, but {found.words()}", MIGRATE)
    return revision


def _differences(connection: Connection) -> Differences:
    """How the database differs from the models of the code, which only Alembic's environment knows."""

    def look(_revision: object, context: MigrationContext) -> Differences:
        return sorted_out(compare_metadata(context, context.opts["target_metadata"]))

    return _in_environment(connection, look)


def table_names(connection: Connection) -> set[str]:
    """The tables of the code's own models."""
    return _in_environment(connection, lambda _revision, context: set(context.opts["target_metadata"].tables))


def _in_environment(connection: Connection, look: Callable[[object, MigrationContext], T]) -> T:
    found: list[T] = []

    def note(revision: object, context: MigrationContext) -> Sequence[object]:
        found.append(look(revision, context))
        return ()

    prepared = config()
    prepared.attributes["connection"] = connection
    with EnvironmentContext(prepared, script(), fn=note, dont_mutate=True):
        script().run_env()
    return found[0]


def script() -> ScriptDirectory:
    """The revisions of the code."""
    return ScriptDirectory.from_config(config())


def newest() -> str:
    """The newest revision of the code."""
    return script().get_current_head() or ""


def current(database: Database) -> str | None:
    """The revision that is written in the database, or None when there is none."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def draft(message: str) -> Path:
    """Write the revision that brings the schema to the models, from what they differ in; to be read before use."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/schema.db")
        with _only_one(database) as connection:
            _run(database, connection)
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
