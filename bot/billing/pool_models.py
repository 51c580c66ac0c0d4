"""Tables of what happens around pools: alerts told, locked periods, disputed entries."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.db.types import big_id, big_int, enumerated, moment, ref


class PoolAlert(SQLModel, table=True):
    """A threshold of a pool that was told: each once (R4.8)."""

    __table_args__ = (UniqueConstraint("pool_id", "kind", "threshold", name="uq_pool_alert"),)
    id: int | None = big_id()
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

    id: int | None = big_id()
    entry_id: int = ref("poolentry.id", unique=True)
    company_id: int = ref("company.id")
    person_id: int = ref("person.id", index=False)
    reason: str = Field(max_length=600)
    state: EntryDisputeState = enumerated(EntryDisputeState, default=EntryDisputeState.OPEN)
    settled_by: int | None = ref("person.id", nullable=True, index=False)
    opened_at: datetime = moment()
    settled_at: datetime | None = moment(default=None, nullable=True)
