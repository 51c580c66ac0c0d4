"""Table of phone calls."""

from datetime import datetime

from sqlalchemy import ColumnElement, Index, literal_column, text
from sqlmodel import Field, SQLModel, col

from bot.billing.work.phone_calls import CallPurpose, CallState
from bot.db.types import big_id, big_int, enumerated, moment, ref

_UNTOLD = text("told_at IS NULL AND state IN ('draft', 'unclear')")


class PhoneCall(SQLModel, table=True):
    """A call as the telephony reports it, once by its id; what the engineer said of it (R5.8)."""

    __table_args__ = (Index("ix_phonecall_untold", "id", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),)
    id: int = big_id()
    code: str = Field(max_length=80, unique=True)
    phone: str = Field(max_length=20)
    engineer_id: int = ref("person.id")
    company_id: int | None = ref("company.id", nullable=True)
    started_at: datetime = moment()
    seconds: int
    purpose: CallPurpose = enumerated(CallPurpose)
    state: CallState = enumerated(CallState)
    told_at: datetime | None = moment(default=None, nullable=True)  # whoever has to say something of it was told
    ticket_id: int | None = big_int(default=None, nullable=True)
    decided_by: int | None = ref("person.id", nullable=True, index=False)
    decided_at: datetime | None = moment(default=None, nullable=True)
    recorded_at: datetime = moment()


def calls_to_tell() -> ColumnElement[bool]:
    """Calls that somebody has to hear of, in the words of their partial index: SQLite sees that an index serves a
    literal alone."""
    states: list[ColumnElement[str]] = [literal_column("'draft'"), literal_column("'unclear'")]
    return col(PhoneCall.told_at).is_(None) & col(PhoneCall.state).in_(states)
