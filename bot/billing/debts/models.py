"""Tables of debts, and what a manager and the client's finance say about them (R9.1). Only added; ended by a date."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from bot.billing.debts.rule import DebtLevel, DebtSource
from bot.db.types import big_id, big_int, ending, enumerated, json_column, moment, one_live, ref


class DebtReport(SQLModel, table=True):
    """Accounting said who owes what: all of it, as of a day; also that nobody owes anything (R9.3). Only added."""

    id: int = big_id()
    as_of: date
    brought_at: datetime = moment()


_LIVE = "ended_at IS NULL"


class Debt(SQLModel, table=True):
    """An unpaid invoice by one source (R9.3): as accounting reported it, or our own with what is left of it.

    Ended when a later report leaves it out, or when nothing is left to pay. `paid_on`: the seller's day of the last
    payment that we know of.
    """

    __table_args__ = (
        one_live("uq_debt_dated", "company_id", "source", "invoice", "issued_on", where=_LIVE),
        one_live("uq_debt_undated", "company_id", "source", "invoice", where=f"{_LIVE} AND issued_on IS NULL"),
    )

    id: int = big_id()
    company_id: int = ref("company.id")
    source: DebtSource = enumerated(DebtSource, default=DebtSource.ACCOUNTING)
    invoice: str = Field(max_length=60)
    issued_on: date | None = None
    kopecks: int = big_int()
    due: date
    disputed: bool = False
    reported_at: datetime = moment()
    paid_on: date | None = None
    ended_at: datetime | None = ending()


class DebtExemption(SQLModel, table=True):
    """A manager's word on a company's level, with reason, until a day inclusive."""

    __table_args__ = (one_live("uq_debtexemption_live", "company_id", where=_LIVE),)
    id: int = big_id()
    company_id: int = ref("company.id")
    level: DebtLevel = enumerated(DebtLevel)
    reason: str = Field(max_length=300)
    until: date
    given_by: int = ref("person.id", index=False)
    given_at: datetime = moment()
    ended_at: datetime | None = ending()


class PaymentPromise(SQLModel, table=True):
    """«Обещаю оплатить до…»: until then the company isn't reminded.

    `invoices` are those it was given for: it is kept once they are paid. Told broken at most once (R9.3).
    """

    id: int = big_id()
    company_id: int = ref("company.id")
    until: date
    kopecks: int = big_int()  # what was overdue when it was promised
    person_id: int = ref("person.id", index=False)
    made_at: datetime = moment()
    invoices: list[str] = json_column(default_factory=list)
    broken_told_at: datetime | None = moment(default=None, nullable=True)


class InvoiceDispute(SQLModel, table=True):
    """An invoice the client disputes: it doesn't count until staff settles it, or accounting says so itself."""

    __table_args__ = (one_live("uq_invoicedispute_live", "company_id", "invoice", where="settled_at IS NULL"),)
    id: int = big_id()
    company_id: int = ref("company.id")
    invoice: str = Field(max_length=60)
    person_id: int = ref("person.id", index=False)
    reason: str = Field(max_length=600)
    made_at: datetime = moment()
    settled_by: int | None = ref("person.id", nullable=True, index=False)
    settled_at: datetime | None = ending()


class DebtReminder(SQLModel, table=True):
    """The finance contacts were reminded; not `reached`: nobody could be, and managers were told so. Only added."""

    id: int = big_id()
    company_id: int = ref("company.id")
    level: DebtLevel = enumerated(DebtLevel)
    kopecks: int = big_int()
    told_at: datetime = moment()
    reached: bool = True
