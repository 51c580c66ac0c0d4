"""Columns without entities: what every turn asks, past the ORM, at a third of its cost (decision 9)."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

# Each database's own insert, by the name of its dialect: these know what to do about a row that is there already.
INSERTS: Mapping[str, Callable[[Any], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


def ask(session: Session, statement: Executable, **values: Any) -> CursorResult[Any]:
    """Run a statement of columns in the session's transaction, after what is pending there."""
    session.flush()
    return session.connection().execute(statement, values)
