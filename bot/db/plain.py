"""Columns without entities, past the ORM: what every turn asks, at a third of its cost (decision 9), and many rows at
once: asked for by many ids, ids taken beforehand, rows copied in or put by one statement."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    Table,
    any_,
    bindparam,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session, SQLModel

# Each database's own insert, by the name of its dialect: these know what to do about a row that is there already.
INSERTS: Mapping[str, Callable[[Any], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


def ask(session: Session, statement: Executable, **values: Any) -> CursorResult[Any]:
    """Run a statement of columns in the session's transaction, after what is pending there."""
    session.flush()
    return session.connection().execute(statement, values)


def put(session: Session, row: SQLModel) -> None:
    """Insert an object's row at once, past the unit of work, which costs as much again; it is the session's from then
    on. For what every turn writes: its defaults are Python's, and nothing hangs on it."""
    statement, columns = _insert_of(type(row))
    row.id = ask(session, statement, **{name: getattr(row, name) for name in columns}).scalar_one()
    make_transient_to_detached(row)
    if (gone := session.identity_map.get(inspect(row).key)) is not None:
        session.expunge(gone)  # of a savepoint that was rolled back: its id is given anew
    session.add(row)


@cache
def _insert_of(model: type[SQLModel]) -> tuple[Executable, tuple[str, ...]]:
    table = table_of(model)
    columns = tuple(column.name for column in table.columns if column.name != "id")
    return insert(table).values({name: bindparam(name) for name in columns}).returning(table.c.id), columns


_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder for each call


def table_of(model: Any) -> Table:
    """The table of a model: rows of plain columns are read several times faster than objects."""
    found: Table = model.__table__
    return found


def among(connection: Connection, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column is one of many values, as one parameter: thousands take longer to parse than to answer."""
    listed: ColumnElement[bool]
    if connection.dialect.name == "postgresql":
        listed = column == any_(literal(list(values), ARRAY(column.type)))
    else:
        listed = column.in_(select(func.json_each(json.dumps(list(values))).table_valued("value").c.value))
    return listed


def take_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Ids for rows that are about to be put, in ascending order; no other transaction gets them.

    On SQLite the writing transaction is the only one, so the highest id counts on.
    """
    if connection.dialect.name == "postgresql":
        sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
        return sorted(connection.execute(sequence, {"name": table.name, "count": count}).scalars())
    last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return list(range(last + 1, last + 1 + count))


def put_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Put rows that all have the same keys; what they leave out must have a default in the database."""
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), list(rows))
        return
    columns = ", ".join(f'"{name}"' for name in rows[0])
    documents = [name for name in rows[0] if isinstance(table.c[name].type, JSON)]
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            said = {name: _encode(row[name]) for name in documents}
            copy.write_row(list((row | said).values()) if said else list(row.values()))
