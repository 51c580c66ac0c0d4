"""A database of each earlier shape of the first revision is recognised and brought up, with every value it had."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.db.engine import Database
from bot.db.schema.earlier_shapes import FILLS, STEPS
from bot.db.schema.migrating import newest, require_present, upgrade
from bot.db.schema.recognising import SchemaError
from tests.db.earlier.base import make, read, shapes

EVERY = range(len(STEPS))
# Some of those filled by their own commits, and another one each day; EVERY_SHAPE=1 takes all on both kinds.
TODAY = datetime.now(UTC).toordinal() % len(EVERY)
SOME = [("sqlite", 0), ("sqlite", 9), ("sqlite", TODAY), ("postgres", 6), ("postgres", TODAY)]
ALL = [(kind, shape) for kind in ("sqlite", "postgres") for shape in EVERY]


def test_every_shape_that_landed_is_known() -> None:
    assert len(shapes()) == len(STEPS)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("empty", "shape"), ALL if os.environ.get("EVERY_SHAPE") else SOME, indirect=["empty"])
def test_a_base_of_an_earlier_shape_is_brought_up_with_its_data(empty: Database, shape: int, tmp_path: Path) -> None:
    make(empty, shape, tmp_path)
    with empty.engine.connect() as connection:
        before = read(connection)
    assert sum(map(len, before.values())) > 500
    with pytest.raises(SchemaError, match=r"schema 0001.*bot migrate"):
        require_present(empty)
    assert upgrade(empty) == newest() == require_present(empty)
    with empty.engine.connect() as connection:
        after = read(connection)
        foreign_keys = connection.execute(text("PRAGMA foreign_key_check")).all() if empty.is_sqlite else []
    taken = {name for step in STEPS for name in step.taken}
    for table, rows in before.items():
        if table == "alembic_version":
            continue
        names = [name for name in (rows[0] if rows else {}) if f"{table}.{name}" not in taken]
        assert _values(after[table], names) == _values(rows, names), table
    assert foreign_keys == []
    assert upgrade(empty) == newest()
    _filled(after, shape)


def _values(rows: list[dict[str, Any]], names: list[str]) -> list[list[Any]]:
    return sorted(([row[name] for name in names] for row in rows), key=repr)


def _filled(after: dict[str, list[dict[str, Any]]], shape: int) -> None:
    """What had to be filled in means what it meant before."""
    new = {name for step in STEPS[shape:] for name in step.columns}
    if "quoteversion.offer" in new:
        sites = {row["id"]: row["site_id"] for row in after["quote"]}
        assert all(row["offer"] for row in after["quoteversion"])
        assert any(sites.values())
    for name in new & FILLS.keys():
        table, column = name.split(".")
        if column not in {"site_id", "told_at"}:
            assert all(row[column] is not None for row in after[table]), name
