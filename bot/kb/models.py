"""Tables of the living knowledge base: articles, what people thought of them, what nobody answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.db.types import big_id, big_int, json_column, moment


class Article(SQLModel, table=True):
    """One article in one language, as its file has it; `content_hash` tells whether a sync changes it."""

    __table_args__ = (UniqueConstraint("language", "code", name="uq_article_code"),)
    id: int | None = big_id()
    language: str = Field(max_length=2)
    code: str = Field(max_length=80)
    title: str = Field(max_length=300)
    questions: list[str] = json_column(default_factory=list)
    tags: list[str] = json_column(default_factory=list)
    kinds: list[str] = json_column(default_factory=list)
    audience: list[str] = json_column(default_factory=list)
    actions: list[str] = json_column(default_factory=list)
    body: str = ""
    content_hash: str = Field(max_length=64)
    published: bool = True
    from_file: bool = True  # False: written or changed in the chat, a sync of files leaves it alone
    changed_by: int | None = big_int(default=None, nullable=True)
    changed_at: datetime = moment()


class ArticleFile(SQLModel, table=True):
    """A picture or document of an article, by the name that its Markdown has for it.

    From files: bytes in a blob. From the chat: what the messenger calls it (`file_id`), the bytes stay there.
    """

    __table_args__ = (UniqueConstraint("article_code", "language", "name", name="uq_article_file"),)
    id: int | None = big_id()
    article_code: str = Field(max_length=80)
    language: str = Field(max_length=2)
    name: str = Field(max_length=200)
    picture: bool = True  # shown as a picture; False: sent as a document
    content_hash: str = Field(default="", max_length=64)
    blob_id: int | None = big_int(default=None, nullable=True)
    file_id: str | None = Field(default=None, max_length=300)


class Calibration(SQLModel, table=True):
    """How the search's confidence is corrected, learnt from this installation's «Помогло» and «Не помогло».

    Append-only, the newest counts; `layer` holds `slope` and `shift` on the log odds; `answers`: learnt from so many.
    """

    id: int | None = big_id()
    layer: dict[str, float] = json_column()
    answers: int = 0
    fitted_at: datetime = moment()


class Phrasing(SQLModel, table=True):
    """A way to ask an article that an operator added from what clients wrote; survives a sync of files."""

    __table_args__ = (UniqueConstraint("article_code", "language", "text", name="uq_phrasing"),)
    id: int | None = big_id()
    article_code: str = Field(max_length=80, index=True)
    language: str = Field(max_length=2)
    text: str = Field(max_length=300)
    added_by: int | None = big_int(default=None, nullable=True)
    added_at: datetime = moment()


class BaseVersion(SQLModel, table=True):
    """One row: counts up with each change of the base, so that every process sees it is out of date."""

    id: int = Field(default=1, primary_key=True)
    version: int = 0


class Feedback(SQLModel, table=True):
    """«Помогло» or «Не помогло» to an article shown; at most one per showing."""

    id: int | None = big_id()
    language: str = Field(max_length=2)
    article_code: str = Field(max_length=80, index=True)
    person_id: int | None = big_int(default=None, nullable=True)
    appeal_id: int | None = big_int(default=None, nullable=True, index=True)
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
    id: int | None = big_id()
    language: str = Field(max_length=2)
    query: str
    person_id: int | None = big_int(default=None, nullable=True)
    reason: str = Field(default="none", max_length=20)  # none | not_helped | suggestions_ignored
    best: dict[str, Any] = json_column()
    missed_at: datetime = moment()
    resolved_at: datetime | None = moment(default=None, nullable=True)
    meaning: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
