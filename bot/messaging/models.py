"""Tables of timers and alarms."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from bot.db.types import big_id, json_column, moment


class Timer(SQLModel, table=True):
    """Something due at a moment; unique by key so that it is set once and moved, not doubled."""

    __table_args__ = (
        Index("ix_timer_due", "due_at", sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL")),
    )
    id: int = big_id()
    key: str = Field(max_length=120, unique=True)
    kind: str = Field(max_length=60)
    payload: dict[str, Any] = json_column()
    due_at: datetime = moment()
    attempts: int = 0
    asked: int = Field(default=0, sa_type=BigInteger)  # how often it was set, wanted or dropped
    error: str | None = None
    done_at: datetime | None = moment(default=None, nullable=True)


class Alarm(SQLModel, table=True):
    """Something staff must look at: a poison update, a refused message, a repeated send."""

    __table_args__ = (
        Index(
            "ix_alarm_untold",
            "id",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )
    id: int = big_id()
    kind: str = Field(max_length=60)
    details: dict[str, Any] = json_column()
    raised_at: datetime = moment()
    told_at: datetime | None = moment(default=None, nullable=True)
    seen_at: datetime | None = moment(default=None, nullable=True)
