"""Which rows of what begins and ends (a role, an account, a consent, a ceiling, …) hold now, in one home (R2.7).

A model says by `ending()` which of its columns is the moment of a row's end; who wants what holds asks `live(Model)`.
"""

from typing import Any

from sqlalchemy import ColumnElement, inspect
from sqlmodel import SQLModel, col

from bot.db.types import ENDING


def live(row: Any) -> ColumnElement[bool]:
    """The condition that a row of the model, or of an alias of it, hasn't ended. Raises TypeError for what can't."""
    model = inspect(row).mapper.class_
    end = end_of(model)
    if end is None:
        raise TypeError(model.__name__)
    return col(getattr(row, end)).is_(None)


def end_of(model: type[SQLModel]) -> str | None:
    """The name of the column that is the moment of a row's end; None for what doesn't end."""
    return next((str(column.key) for column in inspect(model).columns if column.info.get(ENDING)), None)
