"""Tables of time entries and of the lines of a ticket's specification."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from bot.billing.work.rounding import Way
from bot.db.types import big_id, big_int, moment, ref


class LineCoverage(StrEnum):
    """What pays a line of a specification: the fee, the hours of a pool, a quote, the warranty, nobody."""

    COVERED = "covered"
    HOURS = "hours"
    QUOTE = "quote"
    WARRANTY = "warranty"
    FREE = "free"


class TimeEntry(SQLModel, table=True):
    """Minutes an engineer spent; raw and billed are both kept (R5.5). Corrections point at what they replace."""

    id: int = big_id()
    ticket_id: int = big_int(index=True)
    engineer_id: int = ref("person.id")
    way: str = Field(default=Way.VISIT.value, max_length=10, sa_column_kwargs={"name": "channel"})  # Way
    started_at: datetime | None = moment(default=None, nullable=True)
    ended_at: datetime | None = moment(default=None, nullable=True)
    minutes: int
    billed_minutes: int | None = None
    work_date: date
    reason: str | None = Field(default=None, max_length=300)  # why it differs from «начал — закончил» (R10.3)
    replaces_id: int | None = ref("timeentry.id", nullable=True, index=False)
    disputed_at: datetime | None = moment(default=None, nullable=True)  # frozen until it is settled (R10.4)
    settled_at: datetime | None = moment(default=None, nullable=True)  # accepted, its hours drawn
    struck_at: datetime | None = moment(default=None, nullable=True)  # a granted dispute took it off: it bills nothing
    call_id: int | None = big_int(default=None, nullable=True, unique=True)  # the phone call it was (R5.8)
    made_at: datetime = moment()


class WorkLine(SQLModel, table=True):
    """One line of a ticket's specification: a work or part, with price and coverage (R10.1)."""

    id: int = big_id()
    ticket_id: int = big_int(index=True)
    item_code: str = Field(max_length=40)
    name: str = Field(max_length=300)
    unit: str = Field(max_length=20)
    quantity: int = 1
    price: int | None = big_int(default=None, nullable=True, sa_column_kwargs={"name": "unit_price"})  # of one
    coverage: str = Field(default=LineCoverage.COVERED.value, max_length=20)  # LineCoverage
    quote_id: int | None = ref("quote.id", nullable=True)
    added_by: int | None = ref("person.id", nullable=True, index=False)
    added_at: datetime = moment()
    removed_at: datetime | None = moment(default=None, nullable=True)
    disputed_at: datetime | None = moment(default=None, nullable=True)  # frozen until it is settled (R10.4)
    struck_at: datetime | None = moment(default=None, nullable=True)  # a granted dispute took it off: it bills nothing
