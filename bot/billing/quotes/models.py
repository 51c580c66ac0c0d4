"""Tables of quotes, approvals, ceilings and top-ups. Quote versions once sent and approvals are only ever added."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.billing.quotes.rule import ApprovalWay
from bot.db.types import big_id, big_int, ending, enumerated, json_column, moment, one_live, ref
from bot.messaging.messengers import Messenger, no_messenger


class QuoteState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    VIEWED = "viewed"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    IN_WORK = "in_work"
    DONE = "done"
    ACCEPTED = "accepted"
    INVOICED = "invoiced"
    PAID = "paid"


class Quote(SQLModel, table=True):
    """An offer of paid work on a ticket; its current version carries lines and totals (R7)."""

    id: int = big_id()
    ticket_id: int = big_int(index=True)
    company_id: int = ref("company.id")
    contract_id: int = ref("contract.id")
    site_id: int | None = ref("site.id", nullable=True, index=False)  # of the work: rights may be for one site
    number: int
    version: int = 1
    state: QuoteState = enumerated(QuoteState, default=QuoteState.DRAFT)
    requested_by: int | None = ref("person.id", nullable=True, index=False)
    prepayment: bool = False  # a debtor at D2 (R9.1)
    prepaid_at: datetime | None = moment(default=None, nullable=True)  # no longer waits for it: paid, or let go on
    created_at: datetime = moment()


class QuoteVersion(SQLModel, table=True):
    """One version of a quote, frozen when sent: lines, totals, the exact text in each language and its hash."""

    __table_args__ = (UniqueConstraint("quote_id", "version", name="uq_quote_version"),)
    id: int = big_id()
    quote_id: int = ref("quote.id")
    version: int
    lines: list[dict[str, Any]] = json_column(default_factory=list)
    net: int = big_int()
    vat: int = big_int()
    gross: int = big_int()
    vat_bp: int | None = None
    up_to: bool = False  # «до N»: bills the fact up to the total (R7.8)
    texts: dict[str, str] = json_column()
    lines_hash: str = Field(max_length=64)
    why: str = Field(default="", max_length=300)
    offer: dict[str, Any] = json_column()  # all it was made of, lines not chosen too: the next version starts here
    valid_until: datetime = moment()
    sent_at: datetime | None = moment(default=None, nullable=True)


class Approval(SQLModel, table=True):
    """The one decision, yes or no, on one version of a quote (R7.4, R7.5). Only added."""

    __table_args__ = (UniqueConstraint("quote_id", "version", name="uq_one_decision"),)
    id: int = big_id()
    quote_id: int = ref("quote.id")
    version: int
    approved: bool
    person_id: int | None = ref("person.id", nullable=True)
    person_name: str = Field(default="", max_length=200)
    phone: str | None = Field(default=None, max_length=20)
    messenger: Messenger | None = no_messenger()
    user_id: int | None = big_int(default=None, nullable=True)
    way: str = Field(default=ApprovalWay.BUTTON.value, max_length=20)  # ApprovalWay
    text: str
    text_hash: str = Field(max_length=64)
    gross: int = big_int()
    message_id: int | None = big_int(default=None, nullable=True)
    button: str = Field(default="", max_length=40)
    reason: str | None = Field(default=None, max_length=600)
    evidence: str | None = Field(default=None, max_length=600)
    recorded_by: int | None = ref("person.id", nullable=True, index=False)
    disputable_until: datetime | None = moment(default=None, nullable=True)  # an oral yes, by the client (R7.7)
    decided_at: datetime = moment()


class Ceiling(SQLModel, table=True):
    """«До 5 000 ₽ без звонка» for one object, given by the client's owner; a new one ends the earlier one (R7.6)."""

    __table_args__ = (one_live("uq_ceiling_live", "company_id", "object_id", where="ended_at IS NULL"),)
    id: int = big_id()
    company_id: int = ref("company.id")
    object_id: int = ref("serviceobject.id")
    kopecks: int = big_int()  # for all quotes of one ticket together
    granted_by: int = ref("person.id", index=False)
    granted_at: datetime = moment()
    ended_at: datetime | None = ending()


class ApprovalDispute(SQLModel, table=True):
    """«Я этого не согласовывал»: the client disputes an oral approval within its time (R7.7). Only added."""

    id: int = big_id()
    approval_id: int = ref("approval.id", unique=True)
    person_id: int = ref("person.id", index=False)
    reason: str = Field(default="", max_length=600)
    disputed_at: datetime = moment()


class TopUpState(StrEnum):
    """Asked at the manager, offered with a price, bought with a yes."""

    ASKED = "asked"
    OFFERED = "offered"
    APPROVED = "approved"


class TopUp(SQLModel, table=True):
    """Hours to buy for a contract: the price and the text are frozen when offered; one yes makes one GRANT (R4.8)."""

    id: int = big_id()
    company_id: int = ref("company.id")
    contract_id: int = ref("contract.id")
    minutes: int
    state: TopUpState = enumerated(TopUpState, default=TopUpState.ASKED)
    asked_by: int = ref("person.id", index=False)
    asked_at: datetime = moment()
    kopecks: int | None = big_int(default=None, nullable=True)  # gross
    vat: int | None = big_int(default=None, nullable=True)
    vat_bp: int | None = None
    texts: dict[str, str] = json_column()
    offered_by: int | None = ref("person.id", nullable=True, index=False)
    offered_at: datetime | None = moment(default=None, nullable=True)
    valid_until: datetime | None = moment(default=None, nullable=True)
    approved_by: int | None = ref("person.id", nullable=True, index=False)
    approved_at: datetime | None = moment(default=None, nullable=True)
    approved_text: str = ""
    text_hash: str = Field(default="", max_length=64)
    messenger: Messenger | None = no_messenger()
    user_id: int | None = big_int(default=None, nullable=True)
    message_id: int | None = big_int(default=None, nullable=True)
    pool_id: int | None = ref("pool.id", nullable=True)
