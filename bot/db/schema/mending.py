"""Bring a database of an earlier shape of its revision up to that revision, with its data."""

from dataclasses import dataclass

from alembic.autogenerate import produce_migrations
from alembic.operations import Operations
from alembic.operations.ops import (
    CreateForeignKeyOp,
    CreateIndexOp,
    CreateUniqueConstraintOp,
    MigrateOperation,
    ModifyTableOps,
    OpContainer,
)
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, MetaData, Table, text
from sqlalchemy.exc import IntegrityError

from bot.db.schema.comparing import OPTIONS, Differences, compare
from bot.db.schema.earlier_shapes import FILLS, ShapeStep, lacked_by
from bot.db.schema.recognising import SchemaError

RESTORE = "restore a backup of it, or go on with the version of the program that it was made by"
_BINDS = (CreateIndexOp, CreateUniqueConstraintOp, CreateForeignKeyOp)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a chain of revisions makes: `schema` as the database tells it, `tables` as the revisions declared them."""

    schema: MetaData
    tables: dict[str, Table]


def mend(connection: Connection, revision: str, shape: Shape) -> None:
    """Add what an earlier shape of the revision lacks. Raises SchemaError where that can't be done without loss."""
    found = compare(connection, shape.schema)
    if not found:
        return
    steps = lacked_by({each.thing for each in found.lacking})
    taken = {name for step in steps or () for name in step.taken}
    if steps is None or any(each.thing not in taken for each in found.strange):
        raise SchemaError(f"the database says it has schema {revision}, but {found.words()}", RESTORE)
    try:
        _add(connection, shape, steps)
        _bind(connection, shape.schema)
    except IntegrityError as error:
        raise SchemaError(
            f"the database can't be brought up to schema {revision}: its rows break a rule of it ({error.orig})",
            "nothing was changed; " + RESTORE,
        ) from error
    require_nothing_left(compare(connection, shape.schema), revision)


def require_nothing_left(left: Differences, revision: str) -> None:
    """Raises SchemaError where a schema is not what its revision says."""
    if left:
        raise SchemaError(f"the schema does not become {revision}: {left.words()}", "nothing was changed; " + RESTORE)


def _add(connection: Connection, shape: Shape, steps: tuple[ShapeStep, ...]) -> None:
    context = MigrationContext.configure(connection, opts=OPTIONS)
    ops = Operations(context)
    new = {name for step in steps for name in step.tables}
    for table in shape.schema.sorted_tables:
        if table.name in new:
            context.impl.create_table(shape.tables[table.name])
    for name in (name for step in steps for name in step.columns):
        table_name, column_name = name.split(".")
        column = shape.schema.tables[table_name].columns[column_name]
        with ops.batch_alter_table(table_name) as batch:
            batch.add_column(Column(column.name, column.type))
        fill = FILLS.get(name)
        if isinstance(fill, str):
            connection.execute(text(f"UPDATE {table_name} SET {column_name} = {fill}"))  # noqa: S608 - our own words
        elif fill is not None:
            fill(connection)
        if not column.nullable:
            with ops.batch_alter_table(table_name) as batch:
                batch.alter_column(column.name, existing_type=column.type, nullable=False)
    for name in (name for step in steps for name in step.taken):
        table_name, column_name = name.split(".")
        with ops.batch_alter_table(table_name) as batch:
            batch.drop_column(column_name)


def _bind(connection: Connection, schema: MetaData) -> None:
    """Make the indexes, keys and foreign keys that are missing."""
    context = MigrationContext.configure(connection, opts=OPTIONS)
    ops = Operations(context)
    wanted = produce_migrations(context, schema).upgrade_ops
    for each in wanted.ops if wanted else ():
        if not isinstance(each, ModifyTableOps):
            continue
        binds = [op for op in _flat(each) if isinstance(op, _BINDS)]
        if binds:
            with ops.batch_alter_table(each.table_name) as batch:
                for op in binds:
                    batch.invoke(op)


def _flat(container: OpContainer) -> list[MigrateOperation]:
    return list(container.ops)
