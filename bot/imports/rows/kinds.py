"""A row of each kind of sheet, checked by itself."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from bot.billing.seller.particulars import hours_hold
from bot.billing.seller.requisites import account_key_valid
from bot.db.clock import HOME
from bot.imports.files.values import (
    BasisPoints,
    Bic,
    Clock,
    Inn,
    Kopecks,
    Minutes,
    Phone,
    Phones,
    Price,
    Texts,
    Vat,
    Whole,
    YesNo,
    Zone,
    int_of,
    kopecks,
    minutes,
    one_word,
    text_of,
    words,
    wrong,
)
from bot.imports.rows.contracts import (
    CategoryRow,
    ContractRow,
    ExclusionRow,
    OverrideRow,
    PlanRow,
    QualificationRow,
    TimeBandRow,
)
from bot.imports.rows.history import ApprovalRow, CallRow, TicketRow, TicketWorkRow, TimeEntryRow
from bot.imports.rows.row import Code, CompanyRef, ContractRef, Dated, Day, Name, ObjectRef, PersonRef, Ref, Row, Words


class SellerRow(Row):
    """The service company; one row."""

    key: ClassVar[tuple[str, ...]] = ()
    said: ClassVar[tuple[str, ...]] = ("vat",)
    name: Annotated[str, text_of(300)]
    inn: Inn
    kpp: Annotated[str, Field(pattern=r"^\d{9}$")] | None = None
    account: Annotated[str, text_of(20)] | None = None
    bank: Annotated[str, text_of(200)] | None = None
    bic: Bic | None = None
    corr_account: Annotated[str, text_of(20)] | None = None
    phone: Phone
    emergency_phone: Phone | None = None
    timezone: Zone = HOME
    workday_start: Clock = 9 * 60
    workday_end: Clock = 18 * 60
    vat: Vat = None

    @model_validator(mode="after")
    def _accounts_hold(self) -> Self:
        for name in ("account", "corr_account"):
            number = getattr(self, name)
            if number is not None and not account_key_valid(number, self.bic or ""):
                raise wrong("account", column=name)
        return self

    @model_validator(mode="after")
    def _hours_hold(self) -> Self:
        if not hours_hold(self.workday_start, self.workday_end):
            raise wrong("hours", column="workday_end")
        given = [name for name in ("workday_start", "workday_end") if name in self.model_fields_set]
        if self.workday_end < self.workday_start and len(given) == 1:  # over midnight only where the file says so
            raise wrong("hours_pair", column=given[0])
        return self


class TaxRegimeRow(Row):
    """The seller's VAT from a day on; «без НДС» is said, an empty cell says nothing (R6.1)."""

    key: ClassVar[tuple[str, ...]] = ("since",)
    since: Day
    vat: Vat
    inclusive: YesNo = True


class StaffRow(Row):
    """One of ours."""

    code: Code
    name: Name
    phone: Phones
    roles: Annotated[Words, words("staff_role")] = Field(min_length=1)
    language: Annotated[str, one_word("language")] = "ru"


class CompanyRow(Row):
    """A client company."""

    code: Code
    name: Annotated[str, text_of(300)]
    inn: Inn | None = None
    phone: Phones = ()
    category: Code = "standard"
    timezone: Zone = HOME
    manager: PersonRef | None = None
    requesters_see_all: YesNo | None = None
    active: YesNo = True


class SiteRow(Row):
    """A place of a company; its code is unique within the company."""

    key: ClassVar[tuple[str, ...]] = ("company", "code")
    company: CompanyRef
    code: Code
    name: Name
    address: Annotated[str, text_of(400)] | None = None
    timezone: Zone | None = None
    road_item: Annotated[Code, Ref("work_items")] | None = None
    road_km: Annotated[Whole, Field(gt=0, le=5000)] | None = None

    @model_validator(mode="after")
    def _km_have_a_price(self) -> Self:
        if self.road_km is not None and self.road_item is None:
            raise wrong("required", column="road_item")
        return self


class PersonRow(Row):
    """A person of a company; in several companies: a row for each, of the same code."""

    key: ClassVar[tuple[str, ...]] = ("code", "company")
    code: Code
    name: Name
    phone: Phones = ()
    company: CompanyRef
    roles: Annotated[Words, words("client_role")] = Field(min_length=1)
    site: Annotated[Code, Ref("sites")] | None = None
    job_limit: Kopecks | None = None
    month_limit: Kopecks | None = None
    deputy: PersonRef | None = None
    language: Annotated[str, one_word("language")] = "ru"
    active: YesNo = True


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

    key: ClassVar[tuple[str, ...]] = ("company", "contract", "object", "site")
    company: CompanyRef | None = None
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
            beside = name == "company" and self.scope == "contract"  # whose contract of this number it is
            if (getattr(self, name) is not None) != (self.scope == scope) and not beside:
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


def _in_unit(value: Any, info: ValidationInfo) -> Any:
    """An amount as its unit is written: time, money, or a plain number."""
    if not isinstance(value, str):
        return value
    readers = {"minutes": minutes, "roubles": kopecks}
    return readers.get(str(info.data.get("unit")), int_of)(value)


class PoolRow(Dated):
    """Prepaid or gift hours, a gift with its reason (R4.5); included ones come from the plan."""

    code: Annotated[str, text_of(60)]
    company: CompanyRef | None = None
    contract: ContractRef
    kind: Annotated[str, one_word("pool_kind")]
    unit: Annotated[str, one_word("pool_unit")] = "minutes"
    amount: Annotated[int, BeforeValidator(_in_unit), Field(gt=0)]
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

    key: ClassVar[tuple[str, ...]] = ("company", "issued", "invoice")
    company: CompanyRef
    invoice: Annotated[str, text_of(60)]
    issued: Day | None = None
    amount: Price
    due: Day
    disputed: YesNo = False
    as_of: Day | None = None


class PaymentRow(Row):
    """Money that came for an invoice of ours; `number` is the payer's payment order."""

    key: ClassVar[tuple[str, ...]] = ("company", "paid", "number")
    company: CompanyRef
    invoice: Whole
    issued: Day | None = None
    amount: Price
    paid: Day
    number: Annotated[str, text_of(40)]


# In the order of loading: what is referred to comes first.
KINDS: dict[str, type[Row]] = {
    "seller": SellerRow,
    "tax_regimes": TaxRegimeRow,
    "staff": StaffRow,
    "companies": CompanyRow,
    "sites": SiteRow,
    "people": PersonRow,
    "plans": PlanRow,
    "work_items": WorkItemRow,
    "contracts": ContractRow,
    "categories": CategoryRow,
    "overrides": OverrideRow,
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
    "payments": PaymentRow,
    "tickets": TicketRow,
    "ticket_works": TicketWorkRow,
    "time_entries": TimeEntryRow,
    "approvals": ApprovalRow,
    "calls": CallRow,
}
