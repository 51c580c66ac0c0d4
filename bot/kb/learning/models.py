"""Tables of what people thought of answers and what nobody answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from bot.db.types import big_id, big_int, json_column, moment


class Calibration(SQLModel, table=True):
    """How the search's confidence is corrected, learnt from this installation's «Помогло» and «Не помогло».

    Append-only, the newest counts; `layer` holds `slope` and `shift` on the log odds; `answers`: learnt from so many.
    """

    id: int = big_id()
    layer: dict[str, float] = json_column()
    answers: int = 0
    fitted_at: datetime = moment()


class Feedback(SQLModel, table=True):
    """«Помогло» or «Не помогло» to an article shown; at most one per showing."""

    id: int = big_id()
    language: str = Field(max_length=2)
    article_code: str = Field(max_length=80, index=True)
    person_id: int | None = big_int(default=None, nullable=True)
    appeal_id: int | None = big_int(default=None, nullable=True, index=True)
    message_id: int | None = big_int(default=None, nullable=True)  # the last one of the question that it answers
    query: str = ""
    score_bp: int = 0
    helped: bool | None = None
    asked_at: datetime = moment()
    answered_at: datetime | None = moment(default=None, nullable=True)


_NOT_UNDERSTOOD = text("meaning IS NULL AND resolved_at IS NULL")


class Miss(SQLModel, table=True):
    """A line that the base did not answer. `meaning`: its vector, a byte a number; None until it is made."""

    __table_args__ = (
        Index("ix_miss_not_understood", "id", sqlite_where=_NOT_UNDERSTOOD, postgresql_where=_NOT_UNDERSTOOD),
    )
    id: int = big_id()
    language: str = Field(max_length=2)
    query: str
    person_id: int | None = big_int(default=None, nullable=True)
    reason: str = Field(default="none", max_length=20)  # none | not_helped | suggestions_ignored
    best: dict[str, Any] = json_column()
    missed_at: datetime = moment()
    resolved_at: datetime | None = moment(default=None, nullable=True)
    meaning: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
