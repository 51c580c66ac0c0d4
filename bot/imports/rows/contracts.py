"""Rows of plans and contracts: their terms, exclusions, time bands and qualifications."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from bot.billing.terms.shape import BandTerms, PlanTerms, RolloverTerms, Target, TicketPriority
from bot.calendar.bands import DAY
from bot.imports.files.values import (
    BasisPoints,
    Clock,
    Kopecks,
    Minutes,
    Multiplier,
    Price,
    Shares,
    Texts,
    Whole,
    YesNo,
    one_word,
    text_of,
    words,
    wrong,
)
from bot.imports.rows.row import Code, CompanyRef, ContractRef, Dated, Day, PlanRef, Ref, Row, Words


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
    callout: Annotated[Code, Ref("work_items")] | None = None
    travel: YesNo | None = None
    diagnostics: Annotated[Texts, Ref("work_items")] | None = None
    point: Price | None = None
    sla: Multiplier | None = None
    urgency: Multiplier | None = None
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
    rollover_months: Annotated[Whole, Field(gt=0)] | None = None
    shows_specification: YesNo | None = None
    edits_specification: YesNo | None = None
    asks_time: YesNo | None = None

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
            priority.value: Target(reaction=reaction, resolution=resolution).model_dump()
            for priority in TicketPriority
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
        for priority in TicketPriority:
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
    included_visits: Annotated[Whole, Field(ge=0, le=999)] = 0
    unlimited: YesNo = False
    sla_tier: Annotated[str, text_of(30)] = "standard"
    offered: YesNo = True
    sort: Annotated[Whole, Field(ge=0, le=9999)] = 0


class ContractRow(TermsRow):
    """What a company has bought."""

    key: ClassVar[tuple[str, ...]] = ("company", "number")
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

    key: ClassVar[tuple[str, ...]] = ("plan", "company", "contract", "clause")
    plan: PlanRef | None = None
    company: CompanyRef | None = None
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
        if self.company is not None and self.contract is None:
            raise wrong("company_alone", column="company")
        if not (self.work_types or self.channels or self.object_kinds or self.bands):
            raise wrong("excludes_all", column="work_types")
        return self


class _OfTerms(Row):
    """A row of a table that belongs to the terms of a plan or of one contract."""

    plan: PlanRef | None = None
    company: CompanyRef | None = None
    contract: ContractRef | None = None

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.plan is None) == (self.contract is None):
            raise wrong("one_of_two", column="plan")
        if self.company is not None and self.contract is None:
            raise wrong("company_alone", column="company")
        return self


class TimeBandRow(_OfTerms):
    """A part of the week whose hours cost more or less (R5.3)."""

    key: ClassVar[tuple[str, ...]] = ("plan", "company", "contract", "days", "start", "end")
    days: Annotated[Words, words("weekday")] = ("1", "2", "3", "4", "5", "6", "7")
    start: Clock
    end: Clock
    multiplier: Multiplier

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

    key: ClassVar[tuple[str, ...]] = ("plan", "company", "contract", "work_type")
    work_type: Annotated[str, one_word("work_type", open_ended=True)]
    multiplier: Multiplier


class CategoryRow(Row):
    """What all clients of a category may see and change of a specification (R10.2)."""

    code: Code
    shows_specification: YesNo | None = None
    edits_specification: YesNo | None = None


class OverrideRow(TermsRow):
    """What is agreed within one contract from one day to another, by a clause of its own."""

    key: ClassVar[tuple[str, ...]] = ("company", "contract", "clause", "starts")
    company: CompanyRef | None = None
    contract: ContractRef
    clause: Annotated[str, text_of(200)]
    starts: Day
    ends: Day | None = None
    included: Minutes | None = None
    included_visits: Annotated[Whole, Field(ge=0, le=999)] | None = None
    excluded_works: Annotated[Words, words("work_type", open_ended=True)] = ()
    excluded_channels: Annotated[Words, words("channel")] = ()
    lifts_exclusions: YesNo = False

    def replaced(self) -> dict[str, Any]:
        """The keys of `PlanTerms` that this row sets, as JSON; its clause explains them and stays beside."""
        amounts = {"included_minutes": self.included, "included_visits": self.included_visits}
        given = {**self.terms(), **{name: value for name, value in amounts.items() if value is not None}}
        given.pop("clause")
        return {**given, "exclusions": []} if self.lifts_exclusions else given

    def added(self) -> list[dict[str, Any]]:
        """The exclusions that come on top, as JSON."""
        if not (self.excluded_works or self.excluded_channels):
            return []
        what = {"work_types": list(self.excluded_works), "channels": list(self.excluded_channels)}
        return [{"clause": self.clause, **what}]
