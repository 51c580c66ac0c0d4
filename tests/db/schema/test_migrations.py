"""The schema that migrations make is the one the models describe, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

import bot.tables  # noqa: F401 - fills the metadata
from bot.db.engine import Database
from bot.db.schema.migrating import current, newest, upgrade
from bot.messaging.models import Alarm
from tests.conftest import NOON


def test_migrations_make_what_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_an_upgrade_may_be_repeated(database: Database) -> None:
    assert current(database) == newest() == upgrade(database)


def test_rows_survive_a_repeated_upgrade(database: Database) -> None:
    with database.write() as session:
        session.add(Alarm(kind="test", details={}, raised_at=NOON))
    upgrade(database)
    with database.read() as session:
        assert session.get(Alarm, 1) is not None
