"""Tables around quotes: ceilings that approve by themselves, oral approvals that the client disputes (R7.6, R7.7)."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from bot.db.types import big_id, big_int, moment, ref


class Ceiling(SQLModel, table=True):
    """«До 5 000 ₽ без звонка» for one object, given by the client's owner; a new one ends the earlier one (R7.6)."""

    id: int | None = big_id()
    company_id: int = ref("company.id")
    object_id: int = ref("serviceobject.id")
    kopecks: int = big_int()  # for all quotes of one ticket together
    granted_by: int = ref("person.id", index=False)
    granted_at: datetime = moment()
    ended_at: datetime | None = moment(default=None, nullable=True)


class ApprovalDispute(SQLModel, table=True):
    """«Я этого не согласовывал»: the client disputes an oral approval within its time (R7.7). Only added."""

    id: int | None = big_id()
    approval_id: int = ref("approval.id", unique=True)
    person_id: int = ref("person.id", index=False)
    reason: str = Field(default="", max_length=600)
    disputed_at: datetime = moment()
