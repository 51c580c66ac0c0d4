"""What a plan promises, and what a contract changes of it: the shape of `Plan.terms` and `Contract.terms`.

Money in kopecks, time in minutes, multipliers and shares in basis points.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_serializer, model_validator

from bot.calendar.bands import DAY, Band


class TicketPriority(StrEnum):
    """How soon a ticket is due: which target of its plan counts (R8.2)."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class _Terms(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExclusionTerms(_Terms):
    """Work left out, with the clause that says so. All that is named must match; what is empty matches anything.

    `bands` are multipliers of the time bands left out, e.g. 15000 for evenings.
    """

    clause: str = Field(min_length=1, max_length=200)
    work_types: tuple[str, ...] = ()
    channels: tuple[Literal["remote", "visit"], ...] = ()
    object_kinds: tuple[str, ...] = ()
    bands: tuple[int, ...] = ()


class Target(_Terms):
    """Working minutes until a person reacts and until the job is done (R8.1)."""

    reaction: int = Field(gt=0)
    resolution: int = Field(gt=0)


class BandTerms(_Terms):
    """A part of the week with its multiplier (R5.3): days 1 to 7, minutes after local midnight at the site.

    With `end` before `start` it passes midnight and belongs to the day it starts on.
    """

    days: frozenset[Annotated[int, Field(ge=1, le=7)]] = Field(default=frozenset(range(1, 8)), min_length=1)
    start: int = Field(ge=0, lt=DAY)
    end: int = Field(ge=0, le=DAY)
    bp: int = Field(ge=0)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        Band(self.days, self.start, self.end, self.bp)
        return self

    @field_serializer("days")
    def _in_order(self, days: frozenset[int]) -> list[int]:
        return sorted(days)


class RolloverTerms(_Terms):
    """What of a month's included minutes goes on (R4.6); `cap` is for `up_to`."""

    kind: Literal["none", "all", "up_to"] = "none"
    cap: int = Field(default=0, ge=0)
    months: int = Field(default=1, ge=1)


class PlanTerms(_Terms):
    """All that a plan or contract may set; a contract's own keys replace the plan's.

    `covered` are the work types in the fee, empty for all: what is neither covered nor excluded by a clause is excluded
    by `covered_clause`. `fees` are codes of items billed beside work that is paid whole; `callout` is one of visits
    only, and `travel` says whether the road is charged as the site has it. What is paid for items of `diagnostics` is
    taken off the work that is ordered after them on the same ticket (R5.6). `included_minutes` and `included_visits` a
    month replace the plan's; `point` is what a point is worth, in kopecks. `ceiling` is what a quote may cost to
    approve itself (R7.6), `emergency_ceiling` the same for emergencies (R3.1); None: nothing. `bands`, `qualifications`
    (by work type) and `sla_bp` multiply the hourly rate; `combining` says how band and urgency meet (R5.3). With
    `hourly_by_fact` a quote of time alone is an «до N»: it bills the time spent, by bands (R7.8). `step` and the
    minimums round time (R5.5). Hourly rates are in price lists as `hour:<work type>`."""

    clause: str = Field(default="", max_length=200)
    covered: tuple[str, ...] = ()
    covered_clause: str = Field(default="", max_length=200)
    exclusions: tuple[ExclusionTerms, ...] = ()
    targets: dict[TicketPriority, Target] = Field(default_factory=dict)
    fees: tuple[str, ...] = ()
    callout: str | None = Field(default=None, max_length=40)
    travel: bool = False
    diagnostics: tuple[str, ...] = ()
    included_minutes: int | None = Field(default=None, ge=0)
    included_visits: int | None = Field(default=None, ge=0)
    point: int | None = Field(default=None, gt=0)
    sla_bp: int = Field(default=10_000, ge=0)
    urgency_bp: int = Field(default=10_000, ge=0)
    bands: tuple[BandTerms, ...] = ()
    qualifications: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    combining: Literal["max", "multiply"] = "max"
    hourly_by_fact: bool = False
    step: int = Field(default=15, gt=0)
    minimum_remote: int = Field(default=15, ge=0)
    minimum_visit: int = Field(default=60, ge=0)
    rounding: Literal["entry", "ticket_day", "ticket"] = "ticket_day"
    ceiling: int | None = Field(default=None, ge=0)
    emergency_ceiling: int | None = Field(default=None, ge=0)
    overrun_bp: int = Field(default=0, ge=0)
    rollover: RolloverTerms = RolloverTerms()
    shows_specification: bool = True
    edits_specification: bool = False
    asks_time: bool = False


def terms_in_force(plan: Mapping[str, Any], contract: Mapping[str, Any]) -> PlanTerms:
    """Return the plan's terms with what the contract sets instead. Raises pydantic's ValidationError."""
    return PlanTerms.model_validate({**plan, **contract})
