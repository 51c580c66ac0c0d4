"""Alembic's environment: the same migrations for SQLite and PostgreSQL."""

from typing import Any

from alembic import context
from sqlmodel import SQLModel

import bot.tables  # noqa: F401 - fills the metadata


def run(connection: Any) -> None:
    """Upgrade over the connection that `bot.db.schema.migrating` opened."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
