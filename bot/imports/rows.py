"""A row of each kind of sheet, checked by itself."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from bot.billing.bands import DAY
from bot.billing.requisites import account_key_valid
from bot.billing.terms import BandTerms, PlanTerms, RolloverTerms, Target
from bot.imports.history_rows import ApprovalRow, TicketRow, TicketWorkRow, TimeEntryRow
from bot.imports.row import (
    Code,
    CompanyRef,
    ContractRef,
    Dated,
    Day,
    Name,
    ObjectRef,
    PersonRef,
    PlanRef,
    Ref,
    Row,
    Words,
)
from bot.imports.values import (
    BasisPoints,
    Bic,
    Clock,
    Inn,
    Kopecks,
    Minutes,
    Phone,
    Price,
    Shares,
    Texts,
    YesNo,
    Zone,
    one_word,
    text_of,
    words,
    wrong,
)


class SellerRow(Row):
    """The service company; one row."""

    key: ClassVar[tuple[str, ...]] = ()
    name: Annotated[str, text_of(300)]
    inn: Inn
    kpp: Annotated[str, Field(pattern=r"^\d{9}$")] | None = None
    account: Annotated[str, text_of(20)] | None = None
    bank: Annotated[str, text_of(200)] | None = None
    bic: Bic | None = None
    corr_account: Annotated[str, text_of(20)] | None = None
    phone: Phone
    emergency_phone: Phone | None = None
    timezone: Zone = "Europe/Moscow"
    workday_start: Clock = 9 * 60
    workday_end: Clock = 18 * 60
    vat: BasisPoints | None = None

    @model_validator(mode="after")
    def _accounts_hold(self) -> Self:
        for name in ("account", "corr_account"):
            number = getattr(self, name)
            if number is not None and not account_key_valid(number, self.bic or ""):
                raise wrong("account", column=name)
        return self


class StaffRow(Row):
    """One of ours."""

    code: Code
    name: Name
    phone: Phone
    roles: Annotated[Words, words("staff_role")] = Field(min_length=1)
    language: Annotated[str, one_word("language")] = "ru"


class CompanyRow(Row):
    """A client company."""

    code: Code
    name: Annotated[str, text_of(300)]
    inn: Inn | None = None
    category: Code = "standard"
    timezone: Zone = "Europe/Moscow"
    manager: PersonRef | None = None
    active: YesNo = True


class SiteRow(Row):
    """A place of a company; its code is unique within the company."""

    key: ClassVar[tuple[str, ...]] = ("company", "code")
    company: CompanyRef
    code: Code
    name: Name
    address: Annotated[str, text_of(400)] | None = None
    timezone: Zone | None = None


class PersonRow(Row):
    """A person of a company; in several companies: a row for each, of the same code."""

    key: ClassVar[tuple[str, ...]] = ("code", "company")
    code: Code
    name: Name
    phone: Phone | None = None
    company: CompanyRef
    roles: Annotated[Words, words("client_role")] = Field(min_length=1)
    site: Annotated[Code, Ref("sites")] | None = None
    job_limit: Kopecks | None = None
    month_limit: Kopecks | None = None
    deputy: PersonRef | None = None
    language: Annotated[str, one_word("language")] = "ru"
    active: YesNo = True


class TermsRow(Dated):
    """Columns of a plan or contract that make its terms; a contract sets only what differs."""

    clause: Annotated[str, text_of(200)] | None = None
    covered: Annotated[Words, words("work_type", open_ended=True)] | None = None
    covered_clause: Annotated[str, text_of(200)] | None = None
    reaction_low: Minutes | None = None
    reaction_normal: Minutes | None = None
    reaction_high: Minutes | None = None
    resolution_low: Minutes | None = None
    resolution_normal: Minutes | None = None
    resolution_high: Minutes | None = None
    fees: Annotated[Texts, Ref("work_items")] | None = None
    sla: BasisPoints | None = None
    urgency: BasisPoints | None = None
    combining: Annotated[str, one_word("combining")] | None = None
    hourly_by_fact: YesNo | None = None
    step: Annotated[Minutes, Field(gt=0)] | None = None
    minimum_remote: Minutes | None = None
    minimum_visit: Minutes | None = None
    rounding: Annotated[str, one_word("rounding")] | None = None
    ceiling: Kopecks | None = None
    emergency_ceiling: Kopecks | None = None
    overrun: BasisPoints | None = None
    rollover: Annotated[str, one_word("rollover")] | None = None
    rollover_cap: Minutes | None = None
    rollover_months: Annotated[Minutes, Field(gt=0)] | None = None
    shows_specification: YesNo | None = None
    edits_specification: YesNo | None = None

    def terms(self) -> dict[str, Any]:
        """The part of `PlanTerms` that this row sets, as JSON."""
        renamed = {"sla": "sla_bp", "urgency": "urgency_bp", "overrun": "overrun_bp"}
        own = set(TermsRow.model_fields)
        given = {
            renamed.get(name, name): value
            for name, value in self.model_dump(include=own, exclude_none=True, mode="json").items()
            if not name.startswith(("reaction_", "resolution_", "rollover"))
        }
        targets = {
            priority: Target(reaction=reaction, resolution=resolution).model_dump()
            for priority in ("low", "normal", "high")
            if (reaction := getattr(self, f"reaction_{priority}"))
            and (resolution := getattr(self, f"resolution_{priority}"))
        }
        if targets:
            given["targets"] = targets
        if self.rollover is not None:
            given["rollover"] = RolloverTerms(
                kind=self.rollover, cap=self.rollover_cap or 0, months=self.rollover_months or 1
            ).model_dump()
        PlanTerms.model_validate(given)
        return given

    @model_validator(mode="after")
    def _targets_in_pairs(self) -> Self:
        for priority in ("low", "normal", "high"):
            one, other = f"reaction_{priority}", f"resolution_{priority}"
            if bool(getattr(self, one)) != bool(getattr(self, other)):
                raise wrong("pair", column=other if getattr(self, one) else one)
        return self


class PlanRow(TermsRow):
    """A tariff."""

    code: Code
    name: Annotated[str, text_of(120)]
    summary: Annotated[str, text_of(600)] | None = None
    monthly_fee: Kopecks = 0
    included: Minutes = 0
    unlimited: YesNo = False
    sla_tier: Annotated[str, text_of(30)] = "standard"
    offered: YesNo = True
    sort: Annotated[int, Field(ge=0, le=9999)] = 0


class ContractRow(TermsRow):
    """What a company has bought."""

    key: ClassVar[tuple[str, ...]] = ("number",)
    company: CompanyRef
    number: Annotated[str, text_of(60)]
    plan: PlanRef
    starts: Day
    ends: Day | None = None
    covers_all: YesNo = False
    fallback: ContractRef | None = None
    active: YesNo = True


class ExclusionRow(Row):
    """A clause of a plan or of one contract that leaves work out."""

    key: ClassVar[tuple[str, ...]] = ("plan", "contract", "clause")
    plan: PlanRef | None = None
    contract: ContractRef | None = None
    clause: Annotated[str, text_of(200)]
    work_types: Annotated[Words, words("work_type", open_ended=True)] = ()
    channels: Annotated[Words, words("channel")] = ()
    object_kinds: Annotated[Words, words("object_kind", open_ended=True)] = ()
    bands: Shares = ()

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.plan is None) == (self.contract is None):
            raise wrong("one_of_two", column="plan")
        if not (self.work_types or self.channels or self.object_kinds or self.bands):
            raise wrong("excludes_all", column="work_types")
        return self


class _OfTerms(Row):
    """A row of a table that belongs to the terms of a plan or of one contract."""

    plan: PlanRef | None = None
    contract: ContractRef | None = None

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.plan is None) == (self.contract is None):
            raise wrong("one_of_two", column="plan")
        return self


class TimeBandRow(_OfTerms):
    """A part of the week whose hours cost more or less (R5.3)."""

    key: ClassVar[tuple[str, ...]] = ("plan", "contract", "days", "start", "end")
    days: Annotated[Words, words("weekday")] = ("1", "2", "3", "4", "5", "6", "7")
    start: Clock
    end: Clock
    multiplier: BasisPoints

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.start == self.end or self.start >= DAY:
            raise wrong("band", column="end")
        return self

    def terms(self) -> dict[str, Any]:
        """As one of `PlanTerms.bands`, as JSON."""
        days = frozenset(int(day) for day in self.days)
        return BandTerms(days=days, start=self.start, end=self.end, bp=self.multiplier).model_dump(mode="json")


class QualificationRow(_OfTerms):
    """What the hour of a work type costs more for the qualification it needs (R5.3)."""

    key: ClassVar[tuple[str, ...]] = ("plan", "contract", "work_type")
    work_type: Annotated[str, one_word("work_type", open_ended=True)]
    multiplier: BasisPoints


class ObjectRow(Row):
    """An object of service."""

    code: Code
    company: CompanyRef
    site: Annotated[Code, Ref("sites")] | None = None
    kind: Annotated[str, one_word("object_kind", open_ended=True)]
    model: Name
    serial: Annotated[str, text_of(80)] | None = None
    inventory: Annotated[str, text_of(80)] | None = None
    qr_code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{6,40}$")] | None = None
    warranty_until: Day | None = None
    warranty_kinds: Annotated[Words, words("work_type", open_ended=True)] = ()
    active: YesNo = True


class ContractObjectRow(Row):
    """An object or a whole site that a contract lists."""

    key: ClassVar[tuple[str, ...]] = ("contract", "object", "site")
    contract: ContractRef
    object: ObjectRef | None = None
    site: Annotated[Code, Ref("sites")] | None = None

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.object is None) == (self.site is None):
            raise wrong("one_of_two", column="object")
        return self


class WorkItemRow(Row):
    """A work or a part."""

    code: Code
    name: Annotated[str, text_of(300)]
    unit: Annotated[str, text_of(20)] = "шт"
    kind: Annotated[str, one_word("item_kind")] = "work"
    work_type: Annotated[str, one_word("work_type", open_ended=True)] = "repair"
    norm: Minutes = 0
    mode: Annotated[str, one_word("price_mode")] = "fixed"


class PriceListRow(Row):
    """Whose prices they are (R5.2)."""

    code: Annotated[str, text_of(60)]
    name: Name
    scope: Annotated[str, one_word("list_scope")]
    company: CompanyRef | None = None
    contract: ContractRef | None = None
    category: Code | None = None
    valid_from: Day | None = None

    @model_validator(mode="after")
    def _of_its_scope(self) -> Self:
        owners = {"client": "company", "contract": "contract", "category": "category"}
        for scope, name in owners.items():
            if (getattr(self, name) is not None) != (self.scope == scope):
                raise wrong("scope_owner", column=name)
        return self


class PriceLineRow(Dated):
    """One price, of an item or `hour:<work type>`."""

    key: ClassVar[tuple[str, ...]] = ("list", "item", "model", "valid_from")
    list: Annotated[str, text_of(60), Ref("price_lists")]
    item: Annotated[Code, Ref("work_items")]
    model: Name | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    price: Price


class PoolRow(Dated):
    """Prepaid or gift hours; included ones come from the plan."""

    code: Annotated[str, text_of(60)]
    contract: ContractRef
    kind: Annotated[str, one_word("pool_kind")]
    amount: Annotated[Minutes, Field(gt=0)]
    unit: Annotated[str, one_word("pool_unit")] = "minutes"
    starts: Day
    ends: Day | None = None
    reason: Annotated[str, text_of(300)] | None = None
    granted_by: PersonRef | None = None
    objects: Annotated[Texts, Ref("objects")] = ()
    work_types: Annotated[Words, words("work_type", open_ended=True)] = ()
    overrun: BasisPoints = 0

    @model_validator(mode="after")
    def _gift_has_its_reason(self) -> Self:
        for name in ("ends", "reason", "granted_by"):
            if self.kind == "gift" and getattr(self, name) is None:
                raise wrong("gift", column=name)
        return self


class CeilingRow(Row):
    """What one object may cost without a call, set by a person who may approve it or by our manager (R7.6)."""

    key: ClassVar[tuple[str, ...]] = ("object",)
    object: ObjectRef
    amount: Kopecks
    granted_by: PersonRef


class DebtRow(Row):
    """An unpaid invoice as accounting reports it."""

    key: ClassVar[tuple[str, ...]] = ("company", "invoice")
    company: CompanyRef
    invoice: Annotated[str, text_of(60)]
    amount: Price
    due: Day
    disputed: YesNo = False


# In the order of loading: what is referred to comes first.
KINDS: dict[str, type[Row]] = {
    "seller": SellerRow,
    "staff": StaffRow,
    "companies": CompanyRow,
    "sites": SiteRow,
    "people": PersonRow,
    "plans": PlanRow,
    "work_items": WorkItemRow,
    "contracts": ContractRow,
    "exclusions": ExclusionRow,
    "time_bands": TimeBandRow,
    "qualifications": QualificationRow,
    "objects": ObjectRow,
    "contract_objects": ContractObjectRow,
    "price_lists": PriceListRow,
    "price_lines": PriceLineRow,
    "pools": PoolRow,
    "ceilings": CeilingRow,
    "debts": DebtRow,
    "tickets": TicketRow,
    "ticket_works": TicketWorkRow,
    "time_entries": TimeEntryRow,
    "approvals": ApprovalRow,
}
