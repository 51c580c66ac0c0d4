"""Tables of pools, their operations, and what happens around them. Entries are only ever added."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.db.types import big_id, big_int, enumerated, json_column, moment, ref


class Pool(SQLModel, table=True):
    """Hours (or another unit) of a contract (R4.1); its balance is the sum of its entries, nothing else."""

    id: int = big_id()
    code: str | None = Field(default=None, max_length=60, unique=True)  # stable: the same grant is made once
    contract_id: int = ref("contract.id")
    kind: str = Field(max_length=10)  # included | gift | prepaid
    unit: str = Field(default="minutes", max_length=10)
    starts: date
    ends: date | None = None
    scope: dict[str, Any] = json_column()  # {"objects": […], "work_types": […]}; empty: all
    overrun_bp: int = 0
    reason: str | None = Field(default=None, max_length=300)
    granted_by: int | None = ref("person.id", nullable=True, index=False)
    created_at: datetime = moment()


class EntryKind(StrEnum):
    GRANT = "grant"
    HOLD = "hold"
    CONSUME = "consume"
    RELEASE = "release"
    EXPIRE = "expire"
    REVERSE = "reverse"


class PoolEntry(SQLModel, table=True):
    """One operation on a pool (R4.3); only ever added. `amount` is positive, its sign follows the kind."""

    id: int = big_id()
    pool_id: int = ref("pool.id")
    kind: EntryKind = enumerated(EntryKind)
    amount: int
    ticket_id: int | None = big_int(default=None, nullable=True, index=True)
    quote_id: int | None = ref("quote.id", nullable=True)
    reverses_id: int | None = ref("poolentry.id", nullable=True, index=False)
    time_entry_id: int | None = ref("timeentry.id", nullable=True)  # the time that a CONSUME was drawn for (R4.10)
    work_line_id: int | None = ref("workline.id", nullable=True)  # the work added on site that a HOLD or CONSUME is for
    work_date: date | None = None
    late: bool = False  # «за прошлый период»: drawn after its period was locked (R4.4)
    by_person: int | None = ref("person.id", nullable=True, index=False)
    note: str | None = Field(default=None, max_length=300)
    made_at: datetime = moment()


class PoolAlert(SQLModel, table=True):
    """A threshold of a pool that was told: each once (R4.8)."""

    __table_args__ = (UniqueConstraint("pool_id", "kind", "threshold", name="uq_pool_alert"),)
    id: int = big_id()
    pool_id: int = ref("pool.id", index=False)
    kind: str = Field(max_length=10)  # used: basis points; ends: days before the last day
    threshold: int
    told_at: datetime = moment()


class PeriodLock(SQLModel, table=True):
    """Days of a contract whose statement is issued: nothing is drawn on them any more (R4.4)."""

    contract_id: int = big_int(primary_key=True, foreign_key="contract.id")
    locked_until: date
    locked_at: datetime = moment()


class EntryDisputeState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    REVERSED = "reversed"


class EntryDispute(SQLModel, table=True):
    """A client's objection to one drawing from a pool; one for each entry."""

    id: int = big_id()
    entry_id: int = ref("poolentry.id", unique=True)
    company_id: int = ref("company.id")
    person_id: int = ref("person.id", index=False)
    reason: str = Field(max_length=600)
    state: EntryDisputeState = enumerated(EntryDisputeState, default=EntryDisputeState.OPEN)
    settled_by: int | None = ref("person.id", nullable=True, index=False)
    opened_at: datetime = moment()
    settled_at: datetime | None = moment(default=None, nullable=True)
