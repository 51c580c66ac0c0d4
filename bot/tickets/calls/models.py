"""Table of phone calls."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.billing.work.phone_calls import CallPurpose, CallState
from bot.db.types import big_id, big_int, enumerated, moment, ref


class PhoneCall(SQLModel, table=True):
    """A call as the telephony reports it, once by its id; what the engineer said of it (R5.8)."""

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
