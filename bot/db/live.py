"""Which rows of what begins and ends, or is switched off, hold now, in one home (R2.7).

A model says by `ending()` which of its columns is the moment of a row's end (a role, an account, a consent, a ceiling,
…), or by `lasting()` which says whether it counts still (a person, a company, a contract, an object); who wants what
holds asks `live(Model)`, and of a row that is at hand already `is_live(row)`.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, inspect
from sqlmodel import SQLModel, col

from bot.db.types import ENDING, LASTING


def live(row: Any) -> ColumnElement[bool]:
    """The condition that a row of the model, or of an alias of it, holds. Raises TypeError for what can't end."""
    end, lasts = _says(inspect(row).mapper.class_)
    return col(getattr(row, end)).is_(None) if end else col(getattr(row, lasts)).is_(True)


def is_live(row: SQLModel) -> bool:
    """Whether a row that was read holds. Raises TypeError for what can't end."""
    end, lasts = _says(type(row))
    return getattr(row, end) is None if end else bool(getattr(row, lasts))


def end_of(model: type[SQLModel]) -> str | None:
    """The name of the column that is the moment of a row's end; None for what doesn't end."""
    return _marked(model, ENDING)


def lasting_of(model: type[SQLModel]) -> str | None:
    """The name of the column that says whether a row counts still; None where none does."""
    return _marked(model, LASTING)


@lru_cache(maxsize=64)
def _says(model: type[SQLModel]) -> tuple[str, str]:
    """The column of its end, or of whether it lasts; the other is empty."""
    end, lasts = end_of(model), lasting_of(model)
    if end is None and lasts is None:
        raise TypeError(model.__name__)
    return end or "", lasts or ""


def _marked(model: type[SQLModel], mark: str) -> str | None:
    return next((str(column.key) for column in inspect(model).columns if column.info.get(mark)), None)
