"""Many rows at once: ids taken beforehand, rows copied in (PostgreSQL) or inserted by one statement (SQLite)."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, Connection, Table, func, insert, select, text


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
    names = list(rows[0])
    documents = {name for name in names if isinstance(table.c[name].type, JSON)}
    columns = ", ".join(f'"{name}"' for name in names)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(
                [json.dumps(row[name], ensure_ascii=False) if name in documents else row[name] for name in names]
            )
