"""Every revision is run over rows in every table that was there before it, on both kinds of database.

One base goes up the chain. Before each revision all its tables get rows made for their columns; after it every value
of before, those of earlier revisions too, must be there. So rows made at any revision are followed to the newest.
A revision that changes, moves or drops an old value on purpose says so in `CHANGED`; a new one needs nothing else.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Column, Connection, Enum, MetaData, Table, create_engine, text
from sqlalchemy import types as kinds
from sqlmodel import SQLModel

import bot.tables  # noqa: F401 - fills the metadata
from bot.db.engine import Database
from bot.db.schema.migrating import config, newest, require_present, script
from tests.db.earlier.base import Rows

Row = dict[str, Any]
Follows = Callable[[Row, Row], bool]  # the row before and the row after: whether the second follows from the first

# By revision: columns whose old values it changes on purpose, how, and why.
CHANGED: dict[str, dict[str, Follows]] = {
    # A work that a dispute took off has a mark of its own since, and is no longer disputed.
    "0010": {
        "workline.disputed_at": lambda before, after: (
            after["disputed_at"] == (None if before["removed_at"] else before["disputed_at"])
        )
    },
}

# Rows that each revision finds in each table: all columns filled; what may be empty left empty; filled to the brim.
FULL, BARE, BRIM = "full", "bare", "brim"
# Columns that a revision reads as more than text.
WORDS = {"timezone": "Asia/Vladivostok"}


class Filler:
    """Values for the columns of one schema: the same number gives rows that point at each other."""

    def __init__(self, schema: MetaData) -> None:
        self.tables = [table for table in schema.sorted_tables if table.name != "alembic_version"]

    def row(self, table: Table, number: int, form: str) -> Row:
        """One row; `number` is in no other row."""
        bare = form == BARE
        return {
            column.name: None if bare and column.nullable else self._value(column, number, form)
            for column in table.columns
        }

    def _value(self, column: Column[Any], number: int, form: str) -> Any:
        if column.foreign_keys:
            (key, *_more) = column.foreign_keys
            return number if key.column is column else self._value(key.column, number, form)
        return _plain(column, number, form)


def _plain(column: Column[Any], number: int, form: str) -> Any:
    kind, brim = column.type, form == BRIM and not column.primary_key
    match kind:
        case kinds.Boolean():
            return number % 2 == 0
        case kinds.BigInteger():
            return number + (2**53 if brim else 0)
        case kinds.Integer():
            return 2**31 - 1 - number if brim and column.name != "id" else number
        case kinds.DateTime():
            at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC) + timedelta(minutes=number, microseconds=brim)
            return at if kind.timezone else at.replace(tzinfo=None)
        case kinds.Date():
            return date(2026, 1, 31) + timedelta(days=number)
        case kinds.JSON():
            return {"номер": number, "строки": ["«ё»", None, 10**15]} if brim else {"n": number}
        case kinds.LargeBinary():
            return bytes([0, 255]) + str(number).encode()
        case kinds.String():
            return _words(column, number, brim=brim)
    raise AssertionError(f"say what a value of {column} is: {kind!r}")


def _words(column: Column[Any], number: int, *, brim: bool) -> str:
    if column.name in WORDS:
        return WORDS[column.name]
    if members := _members().get((column.table.name, column.name)):
        return members[number % len(members)]
    length = column.type.length or 1_000
    said = str(number)
    return said + "Ё" * (length - len(said)) if brim else said


@cache
def _members() -> dict[tuple[str, str], list[str]]:
    """What the code's own enums allow, by table and column."""
    return {
        (table.name, column.name): list(column.type.enums)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enum)
    }


def fill(connection: Connection, schema: MetaData, first: int) -> int:
    """Put a row of each form into every table; returns the next free number."""
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:  # rows point at each other; SQLite has its foreign keys off here, as when it migrates
        connection.execute(text("SET session_replication_role = replica"))
    filler, forms = Filler(schema), (FULL, BARE, BRIM)
    for table in filler.tables:
        rows = [filler.row(table, first + place, form) for place, form in enumerate(forms)]
        connection.execute(table.insert(), rows)
        if not sqlite and "id" in table.columns and table.columns["id"].server_default is not None:
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), max(id)) FROM \"{table.name}\"")
            )
    if not sqlite:
        connection.execute(text("SET session_replication_role = DEFAULT"))
    return first + len(forms)


def require_kept(revision: str, before: Rows, after: Rows, keys: dict[str, tuple[str, ...]]) -> None:
    """Every value of before is there after, or what the revision is said to make of it."""
    changed = CHANGED.get(revision, {})
    for table, rows in before.items():
        if table == "alembic_version":
            continue
        there = {tuple(row[name] for name in keys[table]): row for row in after.get(table, [])}
        for row in rows:
            now = there.get(tuple(row[name] for name in keys[table]))
            assert now is not None, f"{revision} loses a row of {table}"
            for name, value in row.items():
                follows = changed.get(f"{table}.{name}")
                kept = follows(row, now) if follows else name in now and now[name] == value
                assert kept, f"{revision}: {table}.{name} was {value!r}, is {now.get(name, 'gone')!r}"


def rows_of(connection: Connection, schema: MetaData) -> Rows:
    """Every row of every table, as the driver gives it."""
    return {
        name: [dict(row) for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings().all()]
        for name in schema.tables
    }


def keys_of(schema: MetaData) -> dict[str, tuple[str, ...]]:
    return {name: tuple(column.name for column in table.primary_key) for name, table in schema.tables.items()}


@pytest.mark.parametrize("empty", ["sqlite", "postgres"], indirect=True)
def test_every_revision_keeps_every_value_of_every_table(empty: Database) -> None:
    engine = create_engine(empty.url)
    chain = [revision.revision for revision in reversed(list(script().walk_revisions()))]
    number = 1
    before: Rows = {}
    keys: dict[str, tuple[str, ...]] = {}
    prepared = config()
    for revision in chain:
        with engine.begin() as connection:
            prepared.attributes["connection"] = connection
            command.upgrade(prepared, revision)
        with engine.begin() as connection:
            schema = MetaData()
            schema.reflect(connection)
            require_kept(revision, before, rows_of(connection, schema), keys)
            number = fill(connection, schema, number)
            before, keys = rows_of(connection, schema), keys_of(schema)
        assert all(before.values()), "a table without rows shows nothing"
    engine.dispose()
    assert CHANGED.keys() <= set(chain)
    assert require_present(empty) == newest()
