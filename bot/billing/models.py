"""Tables of plans, prices, hours, quotes, work and debts. Money in kopecks, time in minutes, shares in basis points.

Append-only: pool entries, approvals, scope decisions, quote versions once sent.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.db.types import big_id, big_int, enumerated, json_column, moment, ref
from bot.messaging.messengers import Messenger, no_messenger


class Plan(SQLModel, table=True):
    """A tariff. `terms` (JSON): reaction and resolution minutes by priority, exclusions with clause, covered
    work types, rates; the shape is `bot.billing.terms.PlanTerms`."""

    id: int | None = big_id()
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


class WorkItem(SQLModel, table=True):
    """A work or a part that can be sold (R5.1)."""

    id: int | None = big_id()
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

    id: int | None = big_id()
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
    id: int | None = big_id()
    list_id: int = ref("pricelist.id")
    item_code: str = Field(max_length=40)
    model: str | None = Field(default=None, max_length=200)
    valid_from: date | None = None
    valid_to: date | None = None
    kopecks: int = big_int()


class Pool(SQLModel, table=True):
    """Hours (or another unit) of a contract (R4.1); its balance is the sum of its entries, nothing else."""

    id: int | None = big_id()
    code: str | None = Field(default=None, max_length=60, unique=True)  # stable: the same grant is made once
    contract_id: int = ref("contract.id")
    kind: str = Field(max_length=10)  # included | gift | prepaid
    unit: str = Field(default="minutes", max_length=10)
    starts: date
    ends: date | None = None
    scope: dict[str, Any] = json_column()  # {"objects": […], "work_types": […]}; empty: all
    overrun_bp: int = 0
    reason: str | None = Field(default=None, max_length=300)
    granted_by: int | None = ref("person.id", nullable=True, index=False)
    created_at: datetime = moment()


class EntryKind(StrEnum):
    GRANT = "grant"
    HOLD = "hold"
    CONSUME = "consume"
    RELEASE = "release"
    EXPIRE = "expire"
    REVERSE = "reverse"


class PoolEntry(SQLModel, table=True):
    """One operation on a pool (R4.3); only ever added. `amount` is positive, its sign follows the kind."""

    id: int | None = big_id()
    pool_id: int = ref("pool.id")
    kind: EntryKind = enumerated(EntryKind)
    amount: int
    ticket_id: int | None = big_int(default=None, nullable=True, index=True)
    quote_id: int | None = ref("quote.id", nullable=True)
    reverses_id: int | None = ref("poolentry.id", nullable=True, index=False)
    time_entry_id: int | None = ref("timeentry.id", nullable=True)  # the time that a CONSUME was drawn for (R4.10)
    work_line_id: int | None = ref("workline.id", nullable=True)  # the work added on site that a HOLD or CONSUME is for
    work_date: date | None = None
    late: bool = False  # «за прошлый период»: drawn after its period was locked (R4.4)
    by_person: int | None = ref("person.id", nullable=True, index=False)
    note: str | None = Field(default=None, max_length=300)
    made_at: datetime = moment()


class ScopeDecision(SQLModel, table=True):
    """What was decided about covering a ticket's work, with its explanation and snapshot (R3.2)."""

    id: int | None = big_id()
    ticket_id: int | None = big_int(default=None, nullable=True, index=True)
    result: str = Field(max_length=20)
    emergency: bool = False
    explanation: dict[str, Any] = json_column()
    snapshot: dict[str, Any] = json_column()
    decided_at: datetime = moment()


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

    id: int | None = big_id()
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
    id: int | None = big_id()
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
    id: int | None = big_id()
    quote_id: int = ref("quote.id")
    version: int
    approved: bool
    person_id: int | None = ref("person.id", nullable=True)
    person_name: str = Field(default="", max_length=200)
    phone: str | None = Field(default=None, max_length=20)
    messenger: Messenger | None = no_messenger()
    user_id: int | None = big_int(default=None, nullable=True)
    way: str = Field(default="button", max_length=20)  # button | oral | ceiling
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


class TimeEntry(SQLModel, table=True):
    """Minutes an engineer spent; raw and billed are both kept (R5.5). Corrections point at what they replace."""

    id: int | None = big_id()
    ticket_id: int = big_int(index=True)
    engineer_id: int = ref("person.id")
    channel: str = Field(default="visit", max_length=10)  # remote | visit
    started_at: datetime | None = moment(default=None, nullable=True)
    ended_at: datetime | None = moment(default=None, nullable=True)
    minutes: int
    billed_minutes: int | None = None
    work_date: date
    reason: str | None = Field(default=None, max_length=300)  # why it differs from «начал — закончил» (R10.3)
    replaces_id: int | None = ref("timeentry.id", nullable=True, index=False)
    disputed_at: datetime | None = moment(default=None, nullable=True)  # frozen until it is settled (R10.4)
    settled_at: datetime | None = moment(default=None, nullable=True)  # accepted, its hours drawn
    struck_at: datetime | None = moment(default=None, nullable=True)  # a granted dispute took it off: it bills nothing
    call_id: int | None = big_int(default=None, nullable=True, unique=True)  # the phone call it was (R5.8)
    made_at: datetime = moment()


class WorkLine(SQLModel, table=True):
    """One line of a ticket's specification: a work or part, with price and coverage (R10.1)."""

    id: int | None = big_id()
    ticket_id: int = big_int(index=True)
    item_code: str = Field(max_length=40)
    name: str = Field(max_length=300)
    unit: str = Field(max_length=20)
    quantity: int = 1
    unit_price: int | None = big_int(default=None, nullable=True)
    coverage: str = Field(default="covered", max_length=20)  # covered | hours | quote | warranty | free
    quote_id: int | None = ref("quote.id", nullable=True)
    added_by: int | None = ref("person.id", nullable=True, index=False)
    added_at: datetime = moment()
    removed_at: datetime | None = moment(default=None, nullable=True)
    disputed_at: datetime | None = moment(default=None, nullable=True)  # frozen until it is settled (R10.4)
    struck_at: datetime | None = moment(default=None, nullable=True)  # a granted dispute took it off: it bills nothing


class Debt(SQLModel, table=True):
    """An unpaid invoice as accounting reported it (R9)."""

    id: int | None = big_id()
    company_id: int = ref("company.id")
    invoice: str = Field(max_length=60)
    kopecks: int = big_int()
    due: date
    disputed: bool = False
    reported_at: datetime = moment()
