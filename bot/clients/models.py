"""Tables of companies, people, contracts and objects."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.db.clock import HOME
from bot.db.keeping import kept
from bot.db.types import big_id, big_int, ending, enumerated, json_column, lasting, moment, one_live, ref
from bot.messaging.messengers import Messenger, no_messenger, of_messenger


class ClientRole(StrEnum):
    """What a person may do for their company (R2.3)."""

    REQUESTER = "requester"
    APPROVER = "approver"
    FINANCE = "finance"
    OWNER = "owner"


class StaffRole(StrEnum):
    ENGINEER = "engineer"
    DISPATCHER = "dispatcher"
    MANAGER = "manager"
    ADMIN = "admin"


@kept
class Seller(SQLModel, table=True):
    """The service company itself: requisites for documents and the consent, phones, working hours.

    `billing_from` is the first day of the month that billing begins with; None: nobody has said.
    """

    id: int = big_id()
    name: str = Field(max_length=300)
    inn: str = Field(max_length=12)
    kpp: str | None = Field(default=None, max_length=9)
    account: str | None = Field(default=None, max_length=20)
    bank: str | None = Field(default=None, max_length=200)
    bic: str | None = Field(default=None, max_length=9)
    corr_account: str | None = Field(default=None, max_length=20)
    phone: str = Field(max_length=30)
    emergency_phone: str | None = Field(default=None, max_length=30)
    address: str | None = Field(default=None, max_length=300)
    privacy_url: str | None = Field(default=None, max_length=300)  # where the policy on personal data is published
    timezone: str = Field(default=HOME, max_length=40)
    workday_start: int = 9 * 60  # minutes after local midnight
    workday_end: int = 18 * 60
    vat_bp: int | None = None  # None is «без НДС», which is not 0 % (R6.1)
    billing_from: date | None = None


class Policy(SQLModel, table=True):
    """Settings of the business by name, one integer each; defaults are in policy.toml."""

    name: str = Field(primary_key=True, max_length=60)
    value: int


@kept
class Company(SQLModel, table=True):
    """A client company."""

    id: int = big_id()
    code: str = Field(max_length=40, unique=True)  # stable external id, used by import and export (R11.3)
    name: str = Field(max_length=300)
    inn: str | None = Field(default=None, max_length=12, index=True)
    category: str = Field(default="standard", max_length=40)  # price list and visibility by category
    timezone: str = Field(default=HOME, max_length=40)
    manager_id: int | None = ref("person.id", nullable=True)
    requesters_see_all: bool = False  # the client's own setting: each of its people sees all its tickets (R2.8)
    active: bool = lasting()


@kept
class Person(SQLModel, table=True):
    """A human: client's, staff, or a stranger who wrote. Telegram accounts are kept apart: they change."""

    id: int = big_id()
    code: str | None = Field(default=None, max_length=40, unique=True)
    name: str = Field(max_length=200)
    phone: str | None = Field(default=None, max_length=20, index=True)  # E.164
    language: str = Field(default="ru", max_length=2)
    muted_at: datetime | None = moment(default=None, nullable=True)  # recorded, not answered
    active: bool = lasting()
    created_at: datetime = moment()


_LIVE = "ended_at IS NULL"


class Account(SQLModel, table=True):
    """A messenger account of a person: one of each messenger speaks, the newest."""

    __table_args__ = (one_live("uq_account_live", "messenger", "person_id", where="unlinked_at IS NULL"),)
    messenger: Messenger = of_messenger(primary_key=True)
    user_id: int = big_int(primary_key=True)
    person_id: int = ref("person.id")
    username: str | None = Field(default=None, max_length=64)  # shown only: usernames change hands
    linked_at: datetime = moment()
    unlinked_at: datetime | None = ending()


class PhoneLine(SQLModel, table=True):
    """A further number of a person, or one of a company that is nobody's own; a person's own number stands here too
    where an extension is dialled behind it."""

    __table_args__ = (
        UniqueConstraint("person_id", "number", "extension", name="uq_phoneline_person"),
        UniqueConstraint("company_id", "number", "extension", name="uq_phoneline_company"),
    )
    id: int = big_id()
    person_id: int | None = ref("person.id", nullable=True)
    company_id: int | None = ref("company.id", nullable=True)
    number: str = Field(max_length=20, index=True)  # E.164
    extension: str = Field(default="", max_length=10)


class Membership(SQLModel, table=True):
    """A person's role in a client company, optionally for one site; ends by `ended_at` (R2.7)."""

    __table_args__ = (
        Index("ix_membership_live", "person_id", "company_id"),
        one_live("uq_membership_site", "person_id", "company_id", "role", "site_id", where=_LIVE),
        one_live("uq_membership_whole", "person_id", "company_id", "role", where=f"{_LIVE} AND site_id IS NULL"),
    )
    id: int = big_id()
    person_id: int = ref("person.id")
    company_id: int = ref("company.id")
    role: ClientRole = enumerated(ClientRole)
    site_id: int | None = ref("site.id", nullable=True)
    job_limit: int | None = big_int(default=None, nullable=True)  # kopecks, None: no limit
    month_limit: int | None = big_int(default=None, nullable=True)
    deputy_id: int | None = ref("person.id", nullable=True)
    granted_by: int | None = ref("person.id", nullable=True, index=False)
    granted_at: datetime = moment()
    ended_at: datetime | None = ending()


class Employment(SQLModel, table=True):
    """A staff role of a person."""

    __table_args__ = (one_live("uq_employment_live", "person_id", "role", where=_LIVE),)
    id: int = big_id()
    person_id: int = ref("person.id")
    role: StaffRole = enumerated(StaffRole)
    granted_by: int | None = ref("person.id", nullable=True, index=False)
    granted_at: datetime = moment()
    ended_at: datetime | None = ending()


class Consent(SQLModel, table=True):
    """A yes to a text (R2.5): personal data, service notices, advertising; append-only, withdrawn by a date."""

    __table_args__ = (one_live("uq_consent_live", "person_id", "kind", where="withdrawn_at IS NULL"),)
    id: int = big_id()
    person_id: int = ref("person.id")
    messenger: Messenger = of_messenger()
    user_id: int = big_int()
    kind: str = Field(default="personal_data", max_length=30)
    text_version: str = Field(max_length=20)
    text_hash: str = Field(max_length=64)
    message_id: int | None = big_int(default=None, nullable=True)
    given_at: datetime = moment()
    withdrawn_at: datetime | None = ending()


class Invitation(SQLModel, table=True):
    """A single-use link bound to one contact (R2.2)."""

    code: str = Field(primary_key=True, max_length=40)
    person_id: int = ref("person.id")
    invited_by: int | None = ref("person.id", nullable=True, index=False)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = moment(default=None, nullable=True)
    messenger: Messenger | None = no_messenger()
    used_by: int | None = big_int(default=None, nullable=True)


@kept
class Site(SQLModel, table=True):
    """A place where objects stand; its time zone runs the clocks (R8.1)."""

    __table_args__ = (UniqueConstraint("company_id", "code", name="uq_site_code"),)
    id: int = big_id()
    company_id: int = ref("company.id")
    code: str = Field(max_length=40)
    name: str = Field(max_length=200)
    address: str = Field(default="", max_length=400)
    road_item: str | None = Field(default=None, max_length=40)  # of the price list: a zone, or a kilometre (R5.6)
    road_km: int | None = None
    timezone: str = Field(default=HOME, max_length=40)


@kept
class ServiceObject(SQLModel, table=True):
    """An object of service: equipment, a site as a whole, or software."""

    id: int = big_id()
    company_id: int = ref("company.id")
    site_id: int | None = ref("site.id", nullable=True)
    code: str = Field(max_length=40, unique=True)
    kind: str = Field(max_length=40)  # kkt, printer, network, video, computer, software …
    model: str = Field(max_length=200)
    serial: str | None = Field(default=None, max_length=80, index=True)
    inventory: str | None = Field(default=None, max_length=80, index=True)
    qr_code: str | None = Field(default=None, max_length=40, unique=True)  # opaque, gives no access (R2.2)
    warranty_until: date | None = None
    warranty_kinds: list[str] = json_column(default_factory=list)  # work types under warranty; empty: all
    active: bool = lasting()


@kept
class Contract(SQLModel, table=True):
    """What a company has bought. `terms` holds overrides of the plan, with the clause each came from.

    `billed_until` is the last day that a close has looked at, whether or not there was anything to bill. A number is
    one company's own: another company may have the same.
    """

    __table_args__ = (UniqueConstraint("company_id", "number", name="uq_contract_company_number"),)
    id: int = big_id()
    company_id: int = ref("company.id")
    number: str = Field(max_length=60)
    plan_id: int = ref("plan.id")
    starts: date
    ends: date | None = None
    covers_all: bool = False  # the whole company, not listed objects
    fallback_id: int | None = ref("contract.id", nullable=True, index=False)
    terms: dict[str, Any] = json_column()
    active: bool = lasting()
    billed_until: date | None = None


class ContractObject(SQLModel, table=True):
    """An object or a whole site that a contract lists."""

    id: int = big_id()
    contract_id: int = ref("contract.id")
    object_id: int | None = ref("serviceobject.id", nullable=True)
    site_id: int | None = ref("site.id", nullable=True)


class StaffChat(SQLModel, table=True):
    """A group linked by a command in it: where dispatch cards go."""

    messenger: Messenger = of_messenger(primary_key=True)
    chat_id: int = big_int(primary_key=True)
    purpose: str = Field(default="dispatch", max_length=20)
    title: str = Field(default="", max_length=200)
    is_forum: bool = False
    linked_by: int | None = ref("person.id", nullable=True, index=False)
    linked_at: datetime = moment()
