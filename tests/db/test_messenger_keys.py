"""After the update what was there is Telegram's, and the same ids of a second messenger fit beside it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, insert, select
from sqlalchemy.exc import IntegrityError

from bot.db.engine import Database
from bot.db.schema.migrating import upgrade
from tests.db.earlier.base import make
from tests.db.schema.test_filled_revisions import fill

# What is unique within a messenger only, by table.
NUMBERED = {
    "account": ("user_id",),
    "staffchat": ("chat_id",),
    "card": ("bot_id", "chat_id", "card_key"),
    "topic": ("bot_id", "chat_id", "topic_key"),
    "sent_copy": ("bot_id", "chat_id", "message_id"),
    "dialogue": ("bot_id", "chat_id", "user_id", "thread_id"),
    "reach": ("bot_id", "chat_id"),
    "upload": ("bot_id", "blob_id"),
    "inbox": ("bot_id", "update_id"),
    "message": ("chat_id", "message_id"),
}
BESIDE = {"message": "chat_id", "approval": "user_id", "topup": "user_id", "invitation": "used_by"}


def schema_of(connection: Connection) -> MetaData:
    schema = MetaData()
    schema.reflect(connection)
    return schema


def twin(connection: Connection, schema: MetaData, name: str, **changed: Any) -> None:
    """A second row with all that the first says, but for its own number and what is changed."""
    table = schema.tables[name]
    row = connection.execute(select(table).where(table.c[NUMBERED[name][-1]].is_not(None)).limit(1)).mappings().one()
    connection.execute(insert(table).values({**{key: row[key] for key in row if key != "id"}, **changed}))


@pytest.mark.parametrize("empty", ["sqlite", "postgres"], indirect=True)
def test_a_second_messenger_fits_beside_the_first(empty: Database) -> None:
    upgrade(empty)
    with empty.engine.begin() as connection:
        fill(connection, schema_of(connection), 1)
    with empty.engine.begin() as connection:
        schema = schema_of(connection)
        for name in NUMBERED:
            twin(connection, schema, name, messenger="max")
        for name in NUMBERED:
            with pytest.raises(IntegrityError), connection.begin_nested():
                twin(connection, schema, name, messenger="telegram")


@pytest.mark.parametrize("empty", ["sqlite", "postgres"], indirect=True)
def test_what_was_there_is_telegram_s(empty: Database, tmp_path: Path) -> None:
    make(empty, 13, tmp_path)
    with empty.engine.connect() as connection:
        tables = schema_of(connection).tables
        before = {name: len(connection.execute(select(table)).all()) for name, table in tables.items()}
    upgrade(empty)
    with empty.engine.connect() as connection:
        schema = schema_of(connection)
        named = [table for table in schema.tables.values() if "messenger" in table.columns]
        assert {*NUMBERED, *BESIDE, "outbox", "consent"} == {table.name for table in named}
        for table in named:
            rows = connection.execute(select(table)).mappings().all()
            assert len(rows) == before.get(table.name, 0), table.name
            beside = BESIDE.get(table.name)
            for row in rows:
                assert row["messenger"] == (None if beside and row[beside] is None else "telegram"), table.name
        assert all(before[name] for name in ("account", "approval", "card", "inbox", "message", "outbox")), (
            "an empty base shows nothing"
        )
