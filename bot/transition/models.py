"""Table of wishes."""

from datetime import datetime

from sqlmodel import SQLModel

from bot.db.types import big_id, moment, ref


class Wish(SQLModel, table=True):
    """«Хочу перейти»: a client's interest in a plan, for the manager."""

    id: int = big_id()
    company_id: int = ref("company.id")
    person_id: int = ref("person.id")
    plan_id: int = ref("plan.id")
    wished_at: datetime = moment()
    handled_at: datetime | None = moment(default=None, nullable=True)
