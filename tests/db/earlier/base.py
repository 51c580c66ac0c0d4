"""Databases as earlier commits left them, on both kinds: the tables by their own revision, the rows as they were."""

import base64
import importlib.util
import json
import lzma
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from bot.db.engine import Database

HERE = Path(__file__).parent
BASES = {0: "first_shape", 6: "two_hundred_ago", 9: "hundred_ago", 13: "last_shape"}
Rows = dict[str, list[dict[str, Any]]]


@cache
def dumped(name: str) -> dict[str, Any]:
    """A base of an earlier commit as it was written down."""
    found: dict[str, Any] = json.loads(lzma.decompress((HERE / f"{name}.json.xz").read_bytes()))
    return found


@cache
def shapes() -> tuple[str, ...]:
    """The first revision as it stood in each shape but the last, oldest first."""
    with tarfile.open(HERE / "shapes.tar.xz") as archive:
        return tuple(archive.extractfile(name).read().decode() for name in sorted(archive.getnames()))


def make(database: Database, shape: int, folder: Path) -> None:
    """Make an empty database what a commit with this shape left, with rows in it."""
    base = dumped(next(name for known, name in BASES.items() if known >= shape))
    with database.engine.connect() as connection:
        build(connection, shapes()[shape], folder)
        fill(connection, base["tables"])
        connection.commit()
    database.dispose()


def build(connection: Connection, revision: str, folder: Path) -> None:
    """Run the text of a first revision, and write down that it was run."""
    file = folder / "earlier_revision.py"
    file.write_text(revision, "utf-8")
    spec = importlib.util.spec_from_file_location("earlier_revision", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    context = MigrationContext.configure(connection, opts={"render_as_batch": True})
    with Operations.context(context):
        module.upgrade()
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))


def fill(connection: Connection, tables: dict[str, Any]) -> None:
    """Put rows in; what has no table or column is left out."""
    # Rows point at each other, also within a table.
    sqlite = connection.dialect.name == "sqlite"
    connection.execute(text("PRAGMA defer_foreign_keys=ON" if sqlite else "SET session_replication_role = replica"))
    schema = MetaData()
    schema.reflect(connection)
    for table in schema.sorted_tables:
        held = tables.get(table.name)
        if held is None or not held["rows"]:
            continue
        rows = [dict(zip(held["columns"], map(_value, row), strict=True)) for row in held["rows"]]
        if table.name == "outbox" and "repeated" in table.columns:
            for row in rows:
                row.setdefault("repeated", row.get("repeats", 0) > 0)
        names = [column.name for column in table.columns if column.name in rows[0]]
        kinds = {name: table.columns[name].type.compile(connection.dialect) for name in names}
        plain = [name for name in names if sqlite or kinds[name] == "BYTEA"]
        values = ", ".join(f":{name}" if name in plain else f"CAST(:{name} AS {kinds[name]})" for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        if not sqlite:  # SQLite's own way of writing a value is text that PostgreSQL reads
            rows = [
                {key: str(value) if isinstance(value, int) else value for key, value in row.items()} for row in rows
            ]
        connection.execute(
            text(f'INSERT INTO "{table.name}" ({columns}) VALUES ({values})'),
            [{name: row[name] for name in names} for row in rows],
        )
        if not sqlite and "id" in names and table.columns["id"].server_default is not None:
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), max(id)) FROM \"{table.name}\"")
            )


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) else value


def _value(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


def read(connection: Connection) -> Rows:
    """Every row of every table, as the driver gives it."""
    schema = MetaData()
    schema.reflect(connection)
    return {
        table.name: [dict(row) for row in connection.execute(text(f'SELECT * FROM "{table.name}"')).mappings().all()]
        for table in schema.sorted_tables
    }
