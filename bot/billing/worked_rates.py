"""Time that was worked, by the bands it fell into and at the rates of its decision (R5.3–R5.5). Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.billing.bands import Band, Part, split, spread_added
from bot.billing.labour import labour
from bot.billing.pricing import find_price, hour_of
from bot.billing.scope_cost import after, rate_in_band
from bot.billing.scope_input import ScopeRequest
from bot.billing.vat import WHOLE


@dataclass(frozen=True, slots=True)
class Booked:
    """A time entry: when it began (local time at the site, None when nobody noted it), raw and billed minutes."""

    starts: datetime | None
    raw: int
    billed: int


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
    """Billed minutes of entries by band, in order of time; what rounding added goes to an entry's cheapest band.

    An entry that was struck off has none; one without a beginning lies outside all bands.
    """
    found: list[Part] = []
    for entry in entries:
        if not entry.raw or not entry.billed:
            continue
        parts = [Part(WHOLE, entry.raw)]
        if entry.starts is not None and bands:
            begin = entry.starts.replace(second=0, microsecond=0, tzinfo=None)
            parts = split(begin, begin + timedelta(minutes=entry.raw), bands, WHOLE)
        found += spread_added(parts, max(entry.billed - entry.raw, 0))
    return found


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
    return lambda bp: rate_in_band(base.kopecks, contract, request, bp)
