"""A base in which two rows of one thing are live is brought up: the newest stays, the others end and are noted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, MetaData, create_engine, select, text, update

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


@contextmanager
def at_revision(empty: Database, revision: str) -> Iterator[tuple[Engine, Callable[[str], None]]]:
    """A base of an earlier revision, and what brings it up to another."""
    engine, prepared = create_engine(empty.url), config()

    def upgrade_to(wanted: str) -> None:
        with engine.begin() as connection:
            prepared.attributes["connection"] = connection
            command.upgrade(prepared, wanted)

    upgrade_to(revision)
    yield engine, upgrade_to
    engine.dispose()


@pytest.mark.parametrize("empty", ["sqlite", "postgres"], indirect=True)
def test_of_two_live_rows_the_newest_stays_and_doctor_lists_the_other(empty: Database) -> None:
    with at_revision(empty, "0016") as (engine, upgrade_to):
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
    with empty.read() as session:
        found = _doubles(session)
    assert found.fine
    assert found.said.startswith(f"{len(TABLES)} ended")
    assert all(f"{name} " in found.said for name in TABLES)


@pytest.mark.parametrize("empty", ["sqlite", "postgres"], indirect=True)
def test_a_role_at_a_site_and_one_at_the_company_are_two_things_and_of_three_the_newest_stays(empty: Database) -> None:
    with at_revision(empty, "0016") as (engine, upgrade_to):
        schema = MetaData()
        with engine.begin() as connection:
            schema.reflect(connection)
            fill(connection, schema, 1)
            table = schema.tables["membership"]
            first = dict(connection.execute(select(table).order_by(table.c.id).limit(1)).mappings().one())
            connection.execute(update(table).values(ended_at=first["granted_at"]))
            for number, (days, site) in enumerate([(2, None), (3, None), (1, None), (3, 1), (2, 1)]):
                granted = first["granted_at"] + timedelta(days=days)
                more = {"id": NEW + number, "site_id": site, "granted_at": granted, "ended_at": None}
                connection.execute(table.insert(), {**first, **more})
        upgrade_to("0017")
        with engine.begin() as connection:
            assert live(connection, schema, "membership") == [NEW + 1, NEW + 3]


@pytest.mark.parametrize("empty", ["sqlite", "postgres"], indirect=True)
def test_a_debt_that_stood_twice_is_owed_once_and_no_row_of_money_is_dropped(empty: Database) -> None:
    with at_revision(empty, "0014") as (engine, upgrade_to):
        schema = MetaData()
        with engine.begin() as connection:
            schema.reflect(connection)
            fill(connection, schema, 1)
            table = schema.tables["debt"]
            first = dict(connection.execute(select(table).order_by(table.c.id).limit(1)).mappings().one())
            for number in range(2):
                later = first["reported_at"] + timedelta(days=number + 1)
                connection.execute(table.insert(), {**first, "id": NEW + number, "kopecks": 7, "reported_at": later})
            before = connection.execute(select(table.c.id, table.c.kopecks).order_by(table.c.id)).all()
        upgrade_to("head")
        schema = MetaData()
        with engine.begin() as connection:
            schema.reflect(connection)
            table = schema.tables["debt"]
            rows = select(table.c.id, table.c.kopecks).order_by(table.c.id)
            assert connection.execute(rows).all() == before
            same = table.c.company_id == first["company_id"], table.c.invoice == first["invoice"]
            alive = connection.execute(rows.where(*same, table.c.ended_at.is_(None))).all()
            assert alive == [(NEW + 1, 7)]
            ended = select(table.c.ended_at).where(*same, table.c.ended_at.is_not(None))
            assert len(connection.execute(ended).all()) == 2
