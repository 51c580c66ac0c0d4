"""Which price applies (R5.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ListScope(StrEnum):
    """Whose price list it is; the order of members is the order of looking."""

    CLIENT = "client"
    CONTRACT = "contract"
    CATEGORY = "category"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class PriceLine:
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
class PriceList:
    """The lines of one price list."""

    scope: ListScope
    lines: tuple[PriceLine, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """A price found, the scope it was found in and the line it stands on."""

    kopecks: int
    scope: ListScope
    line: PriceLine


def find_price(item: str, on: date, lists: Iterable[PriceList], model: str | None = None) -> Price | None:
    """Return the price of `item` on the date of work, or None: then an estimate is needed, never zero (R5.2).

    Client's own list beats contract's, category's and default; within a scope a line of the asked model beats one for
    all models, then the latest `since` wins, then the line named first.
    """
    by_scope: dict[ListScope, list[PriceLine]] = {}
    for price_list in lists:
        by_scope.setdefault(price_list.scope, []).extend(price_list.lines)
    for scope in ListScope:
        lines = [line for line in by_scope.get(scope, ()) if line.applies(item, model, on)]
        if lines:
            best = _most_specific(lines)
            return Price(best.kopecks, scope, best)
    return None


def _most_specific(lines: Sequence[PriceLine]) -> PriceLine:
    return max(lines, key=lambda line: (line.model is not None, line.since is not None, line.since or date.min))
