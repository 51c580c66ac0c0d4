"""Tables of statements. Money in kopecks, time in minutes, rates in basis points.

All of them are only ever added to: a mistake is mended by a credit note, never by a change (R6.2, R11.1).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.db.types import BigId, big_id, big_int, json_column, moment, ref


class Statement(SQLModel, table=True):
    """What one contract is billed for one month (R11.1); its existence locks the month (R4.4).

    `left_out` says what was not billed and why: `{"ticket", "name", "reason"}`; `ticket` None for bought hours.
    """

    __table_args__ = (UniqueConstraint("contract_id", "period_start", name="uq_statement_period"),)
    id: int = big_id()
    contract_id: int = ref("contract.id")
    company_id: int = ref("company.id")
    period_start: date = Field(index=True)
    period_end: date
    vat_bp: int | None = None
    net: int = big_int()
    vat: int = big_int()
    gross: int = big_int()
    left_out: list[dict[str, Any]] = json_column(default_factory=list)
    issued_at: datetime = moment()


class StatementLine(SQLModel, table=True):
    """One line: what, for which ticket, by which approval, at which sum.

    `source` names what is billed and is unique: nothing is billed twice. `kind`: fee, top_up (bought hours),
    quote (approved paid work), hours (from a pool), covered (in the fee), warranty, free. `gross` of lines that
    are covered is zero. `draws` (hours only): `[{"kind", "amount", "unit"}]` by pool. `late`: «за прошлый
    период».
    """

    __table_args__ = (Index("ix_statementline_order", "statement_id", "position"),)
    id: int = big_id()
    statement_id: int = ref("statement.id", index=False)
    position: int
    kind: str = Field(max_length=10)
    source: str = Field(max_length=60, unique=True)
    ticket_id: int | None = big_int(default=None, nullable=True)
    ticket_number: int | None = None
    quote_id: int | None = ref("quote.id", nullable=True, index=False)
    approval_id: int | None = ref("approval.id", nullable=True, index=False)
    name: str = Field(max_length=600)
    unit: str = Field(max_length=20)
    quantity: int
    price: int = big_int(default=0)
    gross: int = big_int(sa_column_kwargs={"name": "kopecks"})
    net: int = big_int()
    vat: int = big_int()
    raw_minutes: int = 0
    billed_minutes: int = 0
    work_date: date
    late: bool = False
    draws: list[dict[str, Any]] = json_column(default_factory=list)


class StatedEntry(SQLModel, table=True):
    """Which line a time entry went into; a time entry is stated once."""

    entry_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="timeentry.id")
    line_id: int = ref("statementline.id")
