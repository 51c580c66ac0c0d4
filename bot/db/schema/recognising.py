"""Whose database is it, and of which version: told before anything is read from it or written to it."""

from collections.abc import Sequence

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

# Tables that every version had and no other program has all of.
CORE = frozenset({"inbox", "outbox", "dialogue", "ticket", "seller"})
VERSION_TABLE = "alembic_version"
NAMED = 5  # tables of another program that are named

_OF_EXTENSIONS = text(
    "SELECT relname FROM pg_class JOIN pg_depend ON objid = pg_class.oid AND deptype = 'e' "
    "WHERE classid = 'pg_class'::regclass"
)


class SchemaError(RuntimeError):
    """The database is not one that this version can work with: why (`said`), and what to do about it (`mend`)."""

    def __init__(self, said: str, mend: str) -> None:
        super().__init__(f"{said}: {mend}")
        self.said = said
        self.mend = mend


def recognise(connection: Connection, script: ScriptDirectory) -> str | None:
    """The revision of a database of ours, None for an empty one.

    Raises SchemaError for another program's database, one of a newer version, and half a one.
    """
    tables = tables_of(connection)
    heads = MigrationContext.configure(connection).get_current_heads()
    if not heads and not tables:
        return None
    if not tables >= CORE:
        raise _foreign(tables, heads)
    if len(heads) != 1:
        raise SchemaError(
            "the database has Firstline's tables, but it is not written down of which version they are",
            "it was put back in part or changed by hand; restore a whole backup (`python -m bot restore FILE`)",
        )
    known = [revision.revision for revision in script.walk_revisions()]
    if heads[0] not in known:
        raise SchemaError(
            f"the database was made by a newer version of Firstline (schema {heads[0]}; this one knows {known[0]})",
            "update the program, or restore a backup that was made before the update",
        )
    return heads[0]


def tables_of(connection: Connection) -> set[str]:
    """The tables that programs made, without Alembic's own and those of the server's extensions."""
    found = set(inspect(connection).get_table_names()) - {VERSION_TABLE}
    if connection.dialect.name == "postgresql":
        found -= set(connection.execute(_OF_EXTENSIONS).scalars())
    return found


def _foreign(tables: set[str], heads: Sequence[str]) -> SchemaError:
    some = sorted(tables)
    if not some:
        return SchemaError(
            f"the database says it has schema {', '.join(heads)}, and has no tables",
            "restore a backup, or name an empty database in DATABASE_URL",
        )
    named = ", ".join(some[:NAMED]) + (" …" if len(some) > NAMED else "")
    return SchemaError(
        f"the database belongs to another program, or is only a part of ours (its tables: {named})",
        "name a database of Firstline's own in DATABASE_URL; nothing was changed in this one",
    )
