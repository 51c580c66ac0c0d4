"""Rows that were live twice before the database forbade it: which were ended, for `doctor` to list."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from bot.db.types import big_id, moment


class EndedDouble(SQLModel, table=True):
    """A row that a migration ended because a newer one of the same thing was live beside it. Only added."""

    id: int = big_id()
    of_table: str = Field(max_length=60)
    row: str = Field(max_length=120)  # its key
    kept: str = Field(max_length=120)  # the key of the one that stayed
    ended_at: datetime = moment()


def ended_doubles(session: Session) -> list[EndedDouble]:
    """All of them, by table."""
    return list(session.exec(select(EndedDouble).order_by(col(EndedDouble.of_table), col(EndedDouble.id))).all())
