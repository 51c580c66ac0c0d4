"""Tables of works, price lists and their lines. Money in kopecks, time in minutes."""

from datetime import date

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from bot.db.keeping import kept
from bot.db.types import big_id, big_int, one_live, ref


@kept
class WorkItem(SQLModel, table=True):
    """A work or a part that can be sold (R5.1)."""

    id: int = big_id()
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=300)
    unit: str = Field(default="шт", max_length=20)
    kind: str = Field(default="work", max_length=10)  # work | part
    work_type: str = Field(default="repair", max_length=40)
    norm_minutes: int = 0
    mode: str = Field(default="fixed", max_length=12)  # fixed | norm | actual


class PriceList(SQLModel, table=True):
    """A list of prices for a client, a contract, a category, or all (R5.2). A changed list is a new version.

    A version prices work of its own days (inclusive): a new one ends the days of the one before, which stays for the
    work dated in them. `current` is the newest, which may begin in the future.
    """

    __table_args__ = (one_live("uq_pricelist_current", "code", where='"current"', sqlite_where='"current" = 1'),)
    id: int = big_id()
    code: str = Field(max_length=60)
    version: int = 1
    name: str = Field(max_length=200)
    scope: str = Field(max_length=10)  # client | contract | category | default
    company_id: int | None = ref("company.id", nullable=True)
    contract_id: int | None = ref("contract.id", nullable=True)
    category: str | None = Field(default=None, max_length=40)
    valid_from: date | None = None
    valid_to: date | None = None
    current: bool = True


class PriceLine(SQLModel, table=True):
    """One price: of a work item, or the hourly rate of a work type when `item_code` is `hour:<work type>`."""

    __table_args__ = (Index("ix_priceline_item", "list_id", "item_code"),)
    id: int = big_id()
    list_id: int = ref("pricelist.id")
    item_code: str = Field(max_length=40)
    model: str | None = Field(default=None, max_length=200)
    valid_from: date | None = None
    valid_to: date | None = None
    kopecks: int = big_int()
