"""Tables of terms beside plans and contracts: of a client category, and agreed within a contract for a time."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from bot.db.types import big_id, json_column, moment, ref


class ContractOverride(SQLModel, table=True):
    """What is agreed within one contract from one day to another (inclusive), by a clause of its own.

    `terms` (JSON) are keys of `PlanTerms` that replace the contract's, `exclusions` those that come on top.
    """

    id: int | None = big_id()
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
