"""A database's schema beside the one that it should have: what is missing or otherwise, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData

OPTIONS = {"compare_type": True}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing: `table.column`, a table, or an index or constraint by its name; and what is the matter with it."""

    thing: str
    said: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What keeps the code from working. What is there beside it and hinders nobody is not told.

    `lacking`: tables and columns; `unbound`: indexes and constraints that are missing; `strange`: what is of another
    kind than it should be, or must be filled and isn't known.
    """

    lacking: tuple[Difference, ...] = ()
    unbound: tuple[Difference, ...] = ()
    strange: tuple[Difference, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lacking or self.unbound or self.strange)

    def words(self, most: int = 6) -> str:
        """The first of them in one line."""
        every = [each.said for each in (*self.lacking, *self.unbound, *self.strange)]
        more = f" and {len(every) - most} more" if len(every) > most else ""
        return "; ".join(every[:most]) + more


def compare(connection: Connection, expected: MetaData) -> Differences:
    """How the schema behind a connection differs from the expected one."""
    context = MigrationContext.configure(connection, opts=OPTIONS)
    return sorted_out(compare_metadata(context, expected))


def sorted_out(changes: Iterable[Any]) -> Differences:
    """Alembic's changes (from the database to the expected schema) as differences."""
    kinds: dict[str, list[Difference]] = {"lacking": [], "unbound": [], "strange": []}
    for change in _flat(changes):
        found = _read(change)
        if found is not None:
            kinds[found[0]].append(found[1])
    return Differences(**{kind: tuple(each) for kind, each in kinds.items()})


def _flat(changes: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    for change in changes:
        if isinstance(change, list):
            yield from change
        else:
            yield change


def _read(change: tuple[Any, ...]) -> tuple[str, Difference] | None:  # noqa: PLR0911 - one for each kind of change
    match change:
        case ("add_table", table):
            return "lacking", Difference(table.name, f"table {table.name} is missing")
        case ("add_column", _, table, column):
            return "lacking", Difference(f"{table}.{column.name}", f"column {table}.{column.name} is missing")
        case ("add_index" | "add_constraint" | "add_fk", bound):
            return "unbound", _bound(bound, "is missing")
        case ("remove_column", _, table, column) if not column.nullable and column.server_default is None:
            name = f"{table}.{column.name}"
            return "strange", Difference(name, f"column {name} must be filled and is not known")
        case ("remove_index", bound) if bound.unique:
            return "strange", _bound(bound, "is not known")
        case ("remove_constraint", bound):
            return "strange", _bound(bound, "is not known")
        case ("modify_nullable", _, table, column, _, _, nullable):
            name = f"{table}.{column}"
            return "strange", Difference(name, f"column {name} should {'allow' if nullable else 'refuse'} empty values")
        case ("modify_type", _, table, column, _, present, wanted):
            name = f"{table}.{column}"
            return "strange", Difference(name, f"column {name} is {present!r} and should be {wanted!r}")
    return None


def _bound(bound: Any, said: str) -> Difference:
    kind = type(bound).__name__.removesuffix("Constraint").lower()
    kind = {"foreignkey": "foreign key", "unique": "unique key"}.get(kind, kind)
    return Difference(str(bound.name), f"{kind} {bound.name} of {bound.table.name} {said}")
