"""Time that was worked, by the bands it fell into and at the rates of its decision (R5.3–R5.5). Pure."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.billing.prices.rule import find_price, hour_of, labour
from bot.billing.scope.cost import after, rate_in_band
from bot.billing.scope.input import ScopeRequest
from bot.calendar.bands import Band, Part, split, spread_added
from bot.sums.vat import WHOLE


@dataclass(frozen=True, slots=True)
class Booked:
    """A time entry: when it began (local time at the site, None when nobody noted it), raw and billed minutes.

    Entries of one `group` were rounded and settled together; None: the entry by itself.
    """

    starts: datetime | None
    raw: int
    billed: int
    group: Hashable = None


@dataclass(frozen=True, slots=True)
class RatedMinutes:
    """Billed minutes at one rate, in kopecks per hour."""

    minutes: int
    rate: int

    @property
    def kopecks(self) -> int:
        """Their labour (R5.4)."""
        return labour(self.minutes, self.rate)


def worked_parts(entries: Sequence[Booked], bands: Sequence[Band]) -> list[Part]:
    """Billed minutes of entries by band, in order of time; what rounding added goes to the cheapest band of those
    settled together (R5.5). An entry without a beginning lies outside all bands."""
    return [part for parts in parts_by_entry(entries, bands) for part in parts]


def parts_by_entry(entries: Sequence[Booked], bands: Sequence[Band]) -> list[list[Part]]:
    """The same, entry by entry: added minutes are with the entry whose band took them."""
    groups: dict[Hashable, list[int]] = {}
    for place, entry in enumerate(entries):
        groups.setdefault(("alone", place) if entry.group is None else ("group", entry.group), []).append(place)
    found: list[list[Part]] = [[] for _ in entries]
    for places in groups.values():
        raw = [(place, part) for place in places for part in _raw_parts(entries[place], bands)]
        added = sum(entries[place].billed - entries[place].raw for place in places)
        spread = spread_added([part for _, part in raw], added) if raw else []
        for (place, _), part in zip(raw, spread, strict=True):
            if part.minutes:
                found[place].append(part)
    return found


def _raw_parts(entry: Booked, bands: Sequence[Band]) -> list[Part]:
    if not entry.raw:
        return []
    if entry.starts is None or not bands:
        return [Part(WHOLE, entry.raw)]
    begin = entry.starts.replace(second=0, microsecond=0, tzinfo=None)
    return split(begin, begin + timedelta(minutes=entry.raw), bands, WHOLE)


def rated(parts: Sequence[Part], skip: int, take: int, rate_of: Callable[[int], int]) -> tuple[RatedMinutes, ...]:
    """The `take` minutes after the first `skip`, joined by rate in order of first appearance."""
    minutes: dict[int, int] = {}
    for part in after(parts, skip):
        taken = min(part.minutes, take)
        take -= taken
        if taken:
            rate = rate_of(part.bp)
            minutes[rate] = minutes.get(rate, 0) + taken
    return tuple(RatedMinutes(total, rate) for rate, total in minutes.items())


def agreed_rate(request: ScopeRequest, contract_id: str) -> Callable[[int], int] | None:
    """Kopecks per hour by time band as they stood when the work was decided on (R6.3); None without such a price."""
    contract = next((each for each in request.contracts if each.id == contract_id), None)
    if contract is None or request.service_object is None:
        return None
    model = request.service_object.model
    base = find_price(hour_of(request.work_type), request.work_date, contract.prices, model)
    if base is None:
        return None
    return lambda bp: rate_in_band(base.line.kopecks, contract, request, bp)
