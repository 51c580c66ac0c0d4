"""The table of skills."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.answers.skills.acts import SkillAct
from bot.db.types import big_id, enumerated, json_column


class Skill(SQLModel, table=True):
    """One skill in one language, as its file has it; `content_hash` tells whether a sync changes it.

    `before`: articles on its subject, which it comes before. Beginnings of words: one of `needs` is there whenever it
    is meant (empty: nothing need be), one of `unless` speaks of something else, with one of `surely` it comes before
    every article. `words`: Markdown with placeholders, or empty.
    """

    __table_args__ = (UniqueConstraint("language", "code", name="uq_skill_code"),)
    id: int = big_id()
    language: str = Field(max_length=2)
    code: str = Field(max_length=64)
    title: str = Field(max_length=300)
    questions: list[str] = json_column(default_factory=list)
    audience: list[str] = json_column(default_factory=list)
    before: list[str] = json_column(default_factory=list)
    needs: list[str] = json_column(default_factory=list)
    unless: list[str] = json_column(default_factory=list)
    surely: list[str] = json_column(default_factory=list)
    act: SkillAct = enumerated(SkillAct)
    words: str = ""
    content_hash: str = Field(max_length=64)
