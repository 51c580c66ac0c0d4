"""Tables of articles."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.db.types import big_id, big_int, json_column, moment


class Article(SQLModel, table=True):
    """One article in one language, as its file has it; `content_hash` tells whether a sync changes it."""

    __table_args__ = (UniqueConstraint("language", "code", name="uq_article_code"),)
    id: int = big_id()
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
    id: int = big_id()
    article_code: str = Field(max_length=80)
    language: str = Field(max_length=2)
    name: str = Field(max_length=200)
    picture: bool = True  # shown as a picture; False: sent as a document
    content_hash: str = Field(default="", max_length=64)
    blob_id: int | None = big_int(default=None, nullable=True)
    file_id: str | None = Field(default=None, max_length=300)


class Phrasing(SQLModel, table=True):
    """A way to ask an article that an operator added from what clients wrote; survives a sync of files."""

    __table_args__ = (UniqueConstraint("article_code", "language", "text", name="uq_phrasing"),)
    id: int = big_id()
    article_code: str = Field(max_length=80, index=True)
    language: str = Field(max_length=2)
    text: str = Field(max_length=300)
    added_by: int | None = big_int(default=None, nullable=True)
    added_at: datetime = moment()


class BaseVersion(SQLModel, table=True):
    """One row: counts up with each change of the base, so that every process sees it is out of date."""

    id: int = Field(default=1, primary_key=True)
    version: int = 0
