"""A base in which two rows of one thing are live is brought up: the newest stays, the others end and are noted."""

from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, create_engine, select, text, update

from bot.cli.doctor import _doubles
from bot.db.engine import Database
from bot.db.schema.migrating import config
from tests.db.schema.test_filled_revisions import fill

# By table: what ends a row, and when it began.
TABLES = {
    "employment": ("ended_at", "granted_at"),
    "membership": ("ended_at", "granted_at"),
    "consent": ("withdrawn_at", "given_at"),
    "account": ("unlinked_at", "linked_at"),
    "ceiling": ("ended_at", "granted_at"),
    "debtexemption": ("ended_at", "given_at"),
    "invoicedispute": ("settled_at", "made_at"),
    "pricelist": ("current", None),
}
NEW = 9_000


def live(connection: Connection, schema: MetaData, name: str) -> list[Any]:
    """Live rows of the first thing, by their keys."""
    table = schema.tables[name]
    ends = table.c[TABLES[name][0]]
    alive = ends.is_(True) if name == "pricelist" else ends.is_(None)
    key = table.c["user_id"] if name == "account" else table.c["id"]
    return list(connection.execute(select(key).where(alive).order_by(key)).scalars())


def double(connection: Connection, schema: MetaData, name: str) -> None:
    """Make the first row live, and put a newer one of the same thing beside it."""
    table = schema.tables[name]
    ends, begins = TABLES[name]
    key = "user_id" if name == "account" else "id"
    connection.execute(update(table).values({ends: False if name == "pricelist" else text("'2026-05-05'")}))
    first = dict(connection.execute(select(table).order_by(table.c[key]).limit(1)).mappings().one())
    first[ends] = True if name == "pricelist" else None
    connection.execute(update(table).where(table.c[key] == first[key]).values({ends: first[ends]}))
    newer = {**first, key: NEW}
    if begins is None:
        newer["version"] = first["version"] + 1
    else:
        newer[begins] = first[begins] + timedelta(days=1)
    connection.execute(table.insert(), newer)


@pytest.mark.parametrize("empty", ["sqlite", "postgres"], indirect=True)
def test_of_two_live_rows_the_newest_stays_and_doctor_lists_the_other(empty: Database) -> None:
    engine, prepared = create_engine(empty.url), config()

    def upgrade_to(revision: str) -> None:
        with engine.begin() as connection:
            prepared.attributes["connection"] = connection
            command.upgrade(prepared, revision)

    upgrade_to("0016")
    schema = MetaData()
    with engine.begin() as connection:
        schema.reflect(connection)
        fill(connection, schema, 1)
        for name in TABLES:
            double(connection, schema, name)
        counted = {name: len(connection.execute(select(schema.tables[name])).all()) for name in TABLES}
        assert all(len(live(connection, schema, name)) == 2 for name in TABLES)
    upgrade_to("0017")
    with engine.begin() as connection:
        for name in TABLES:
            assert live(connection, schema, name) == [NEW], name
            assert len(connection.execute(select(schema.tables[name])).all()) == counted[name], "no row is dropped"
    engine.dispose()
    with empty.read() as session:
        found = _doubles(session)
    assert found.fine
    assert found.said.startswith(f"{len(TABLES)} ended")
    assert all(f"{name} " in found.said for name in TABLES)
