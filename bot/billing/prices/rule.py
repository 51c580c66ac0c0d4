"""Which price applies, and what an hour costs by it (R5.2–R5.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.sums.exact import half_up
from bot.sums.vat import WHOLE

HOUR = "hour:"  # an hour of a work type has its price under `hour:<work type>`, like an item


def hour_of(work_type: str | None) -> str:
    """The item that an hour of a work type is priced by (R5.3)."""
    return f"{HOUR}{work_type}"


class ListScope(StrEnum):
    """Whose price list it is; the order of members is the order of looking."""

    CLIENT = "client"
    CONTRACT = "contract"
    CATEGORY = "category"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class ItemPrice:
    """The price of an item in kopecks, for one equipment model or all, valid on its days (inclusive)."""

    item: str
    kopecks: int
    model: str | None = None
    since: date | None = None
    until: date | None = None
    id: str = ""

    def applies(self, item: str, model: str | None, on: date) -> bool:
        """Tell whether this line prices the item for the model on the date of work."""
        return (
            self.item == item
            and self.model in (None, model)
            and (self.since is None or self.since <= on)
            and (self.until is None or on <= self.until)
        )


@dataclass(frozen=True, slots=True)
class PriceListVersion:
    """The lines of one version of a price list, which prices work of its own days (inclusive).

    `name` says which list and version it is.
    """

    scope: ListScope
    lines: tuple[ItemPrice, ...]
    since: date | None = None
    until: date | None = None
    name: str = ""

    def in_force(self, on: date) -> bool:
        """Tell whether this version prices work of a day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class FoundPrice:
    """The line that prices an item, the scope it was found in, and the list with its version, as it is named."""

    line: ItemPrice
    scope: ListScope
    source: str = ""


def find_price(item: str, on: date, lists: Iterable[PriceListVersion], model: str | None = None) -> FoundPrice | None:
    """Return the price of `item` on the date of work, or None: then an estimate is needed, never zero (R5.2).

    Of each list the version in force on that date counts. Client's own list beats contract's, category's and default;
    within a scope a line of the asked model beats one for all models, then the latest `since` wins, then the line
    named first.
    """
    in_force = [each for each in lists if each.in_force(on)]
    for scope in ListScope:
        found = [
            FoundPrice(line, scope, each.name)
            for each in in_force
            if each.scope is scope
            for line in each.lines
            if line.applies(item, model, on)
        ]
        if found:
            return _most_specific(found)
    return None


def _most_specific(found: Sequence[FoundPrice]) -> FoundPrice:
    return max(
        found, key=lambda each: (each.line.model is not None, each.line.since is not None, each.line.since or date.min)
    )


class PriceMode(StrEnum):
    """How a work is priced (R5.1)."""

    FIXED = "fixed"
    NORM = "norm"
    ACTUAL = "actual"


def labour(minutes: int, rate: int) -> int:
    """Return kopecks for `minutes` at `rate` kopecks per hour, half-up (R5.4). Raises ValueError below zero."""
    if minutes < 0 or rate < 0:
        raise ValueError("minutes and rate must not be negative")
    return half_up(minutes * rate, 60)


class Combining(StrEnum):
    """How the multipliers of time band and urgency meet (a setting)."""

    MAX = "max"
    MULTIPLY = "multiply"


def hourly_rate(
    base: int, sla: int, band: int, urgency: int, mode: Combining = Combining.MAX, qualification: int = WHOLE
) -> int:
    """Return kopecks per hour: base × qualification × SLA × (larger of band and urgency, or both), half-up once at the
    end (R5.3).

    `base` in kopecks per hour, multipliers in basis points. Raises ValueError below zero.
    """
    if min(base, sla, band, urgency, qualification) < 0:
        raise ValueError("base and multipliers must not be negative")
    if mode is Combining.MAX:
        return half_up(base * qualification * sla * max(band, urgency), WHOLE**3)
    return half_up(base * qualification * sla * band * urgency, WHOLE**4)
