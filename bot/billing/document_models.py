"""Tables of statements, documents and payments. Money in kopecks, time in minutes, rates in basis points.

All of them are only ever added to: a mistake is mended by a credit note, never by a change (R6.2, R11.1).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.db.types import BigId, big_id, big_int, json_column, moment, ref


class TaxRegime(SQLModel, table=True):
    """The seller's tax regime from a day on (R6.1); before the first one `Seller.vat_bp` holds.

    `rate_bp` None is «без НДС», which is not 0 %. `inclusive`: price lists and monthly fees are
    given with VAT inside.
    """

    __table_args__ = (UniqueConstraint("seller_id", "since", name="uq_regime_day"),)
    id: int | None = big_id()
    seller_id: int = ref("seller.id")
    since: date
    rate_bp: int | None = None
    inclusive: bool = True


class Statement(SQLModel, table=True):
    """What one contract is billed for one month (R11.1); its existence locks the month (R4.4).

    `left_out` says what was not billed and why: `{"ticket", "name", "reason"}`; `ticket` None for bought hours.
    """

    __table_args__ = (UniqueConstraint("contract_id", "period_start", name="uq_statement_period"),)
    id: int | None = big_id()
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
    quote (approved paid work), hours (from a pool), covered (in the fee), warranty, free. `kopecks` has VAT inside, for
    lines that are covered it is zero. `draws` (hours only): `[{"kind", "amount", "unit"}]` by pool. `late`: «за прошлый
    период».
    """

    __table_args__ = (Index("ix_statementline_order", "statement_id", "position"),)
    id: int | None = big_id()
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
    kopecks: int = big_int()
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


class Document(SQLModel, table=True):
    """An invoice (счёт), an act (акт) or a credit note, with everything that is printed on it.

    `code` is its stable external id (R11.3). `parties` keeps the requisites as they were at issue.
    Numbers are gap-free per seller, kind and year (R11.1).
    """

    __table_args__ = (
        UniqueConstraint("seller_id", "kind", "year", "number", name="uq_document_number"),
        UniqueConstraint("statement_id", "kind", name="uq_document_of_statement"),
    )
    id: int | None = big_id()
    code: str = Field(max_length=60, unique=True)
    kind: str = Field(max_length=10)  # invoice | act | credit
    seller_id: int = ref("seller.id", index=False)
    company_id: int = ref("company.id")
    contract_id: int = ref("contract.id", index=False)
    statement_id: int | None = ref("statement.id", nullable=True, index=False)
    reverses_id: int | None = ref("document.id", nullable=True)
    year: int
    number: int
    issued_on: date
    due: date | None = None
    vat_bp: int | None = None
    net: int = big_int()
    vat: int = big_int()
    gross: int = big_int()
    parties: dict[str, Any] = json_column()
    reason: str | None = Field(default=None, max_length=600)
    made_by: int | None = ref("person.id", nullable=True, index=False)
    made_at: datetime = moment()


class CreditedLine(SQLModel, table=True):
    """A statement line that a credit note takes back, once and whole."""

    line_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="statementline.id")
    document_id: int = ref("document.id")


class LineDispute(SQLModel, table=True):
    """A client's objection to one line of an issued statement (R10.4); `settled` says how it ended."""

    id: int | None = big_id()
    line_id: int = ref("statementline.id", unique=True)
    person_id: int = ref("person.id", index=False)
    reason: str = Field(max_length=600)
    disputed_at: datetime = moment()
    settled: str | None = Field(default=None, max_length=10)  # credited | kept
    settled_by: int | None = ref("person.id", nullable=True, index=False)
    settled_at: datetime | None = moment(default=None, nullable=True)


class Sending(SQLModel, table=True):
    """An invoice that was sent to the client's finance contacts, once."""

    document_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="document.id")
    sent_by: int | None = ref("person.id", nullable=True, index=False)
    sent_at: datetime = moment()


class Payment(SQLModel, table=True):
    """Money that came for an invoice; unique by the charge's id, so a repeated message pays nothing twice."""

    id: int | None = big_id()
    document_id: int = ref("document.id")
    charge_id: str = Field(max_length=200, unique=True)
    provider_charge_id: str = Field(default="", max_length=200)
    kopecks: int = big_int()
    person_id: int | None = ref("person.id", nullable=True, index=False)
    paid_at: datetime = moment()
