"""Tables of plans and of terms beside them: of a client category, and agreed within a contract for a time."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from bot.db.keeping import kept
from bot.db.types import big_id, big_int, json_column, moment, ref


@kept
class Plan(SQLModel, table=True):
    """A tariff. `terms` (JSON): reaction and resolution minutes by priority, exclusions with clause, covered
    work types, rates; the shape is `bot.billing.terms.shape.PlanTerms`."""

    id: int = big_id()
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=120)
    summary: str = Field(default="", max_length=600)
    monthly_fee: int = big_int(default=0)
    included_minutes: int = 0
    included_visits: int = 0
    unlimited: bool = False
    sla_tier: str = Field(default="standard", max_length=30)
    terms: dict[str, Any] = json_column()
    offered: bool = True  # False: an old plan that nobody new can choose
    sort: int = 0


class ContractOverride(SQLModel, table=True):
    """What is agreed within one contract from one day to another (inclusive), by a clause of its own.

    `terms` (JSON) are keys of `PlanTerms` that replace the contract's, `exclusions` those that come on top.
    """

    id: int = big_id()
    contract_id: int = ref("contract.id")
    clause: str = Field(max_length=200)
    starts: date
    ends: date | None = None
    terms: dict[str, Any] = json_column()
    exclusions: list[dict[str, Any]] = json_column(default_factory=list)
    created_at: datetime = moment()

    def in_force(self, on: date) -> bool:
        """Whether a day lies in its days."""
        return self.starts <= on and (self.ends is None or on <= self.ends)


class CategoryTerms(SQLModel, table=True):
    """What holds for all clients of a category (R10.2): keys of `PlanTerms` between the plan's and the contract's."""

    category: str = Field(primary_key=True, max_length=40)
    terms: dict[str, Any] = json_column()
