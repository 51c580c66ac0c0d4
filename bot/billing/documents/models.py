"""Tables of documents and payments. Money in kopecks, rates in basis points.

All of them are only ever added to: a mistake is mended by a credit note, never by a change (R6.2, R11.1).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.db.types import BigId, big_id, big_int, json_column, moment, ref


class Document(SQLModel, table=True):
    """An invoice (счёт), an act (акт) or a credit note, with everything that is printed on it.

    `code` is its stable external id (R11.3). `parties` keeps the requisites as they were at issue.
    Numbers are gap-free per seller, kind and year (R11.1).
    """

    __table_args__ = (
        UniqueConstraint("seller_id", "kind", "year", "number", name="uq_document_number"),
        UniqueConstraint("statement_id", "kind", name="uq_document_of_statement"),
    )
    id: int = big_id()
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

    id: int = big_id()
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

    id: int = big_id()
    document_id: int = ref("document.id")
    charge_id: str = Field(max_length=200, unique=True)
    provider_charge_id: str = Field(default="", max_length=200)
    kopecks: int = big_int()
    person_id: int | None = ref("person.id", nullable=True, index=False)
    paid_at: datetime = moment()
