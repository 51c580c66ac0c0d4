"""Rows of which one may hold what no reader takes, a document cut off or a word that no enum knows: the others are
read."""

from typing import Any

import structlog
from sqlalchemy import Select
from sqlmodel import Session

log = structlog.get_logger()

UNREADABLE = (ValueError, LookupError, RecursionError)  # what reading such a row raises


def readable(session: Session, query: Any, key: Any) -> tuple[list[Any], list[int]]:
    """What a query finds, and the keys of what it finds that can't be read; `key` is the column of the rows' ids.

    One statement while all can be read. What can't is logged: whoever asks does without it, or sets it aside.
    """
    try:
        return list(session.exec(query).all()), []
    except UNREADABLE:
        found: list[Any] = []
        bad: list[int] = []
        for row_id in session.execute(_keys(query, key)).scalars().all():
            try:
                found += session.exec(query.where(key == row_id)).all()
            except UNREADABLE as error:
                log.error("row_unreadable", table=key.table.name, row=row_id, error=type(error).__name__)
                bad.append(int(row_id))
        return found, bad


def _keys(query: Select[Any], key: Any) -> Select[Any]:
    return query.with_only_columns(key)
