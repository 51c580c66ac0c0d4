"""The price of what no pool covers (R5 within R3)."""

from collections.abc import Sequence

from bot.billing.prices.rule import FoundPrice, PriceMode, find_price, hour_of, hourly_rate
from bot.billing.quotes.rule import PIECE, QuoteLine, labour_line, pieces_line
from bot.billing.scope.hours import Cover
from bot.billing.scope.input import AskedObject, ContractTerms, ScopeRequest
from bot.billing.work.rounding import Way
from bot.calendar.bands import Part
from bot.sums.exact import half_up
from bot.sums.vat import WHOLE

KM = "km"
ROAD = "road"  # named where the road is charged and its length isn't known


class NoPriceError(LookupError):
    """No price is found, or the time to price isn't known: an estimate is needed, never zero (R5.2)."""

    def __init__(self, item: str) -> None:
        """Keep the item that has no price."""
        super().__init__(item)
        self.item = item


def cost(
    contract: ContractTerms, request: ScopeRequest, wanted: AskedObject, hours: Cover, *, way_free: bool = False
) -> tuple[tuple[QuoteLine, ...], tuple[FoundPrice, ...]]:
    """Return the lines to pay and the prices they stand on.

    Minutes that pools cover come first in time; the rest is priced by its own bands. A fixed price that pools cover in
    part is paid in proportion. Fees, the call-out and the road are billed when nothing is covered, the last two for
    visits only and not when an included visit pays them (`way_free`, R5.6). Raises NoPriceError.
    """
    if request.mode is PriceMode.FIXED and request.item is not None:
        lines, found = _fixed(contract, request, wanted, hours)
    else:
        lines, found = _by_the_hour(contract, request, wanted, hours.amount)
    trip = () if hours.amount or way_free else way_items(contract, request, wanted)
    fees = () if hours.amount else tuple((fee, PIECE, 1) for fee in contract.fees)
    for item, unit, quantity in (*fees, *trip):
        price = _price(contract, request, wanted, item)
        lines.append(pieces_line(item, item, unit, quantity, price.line.kopecks))
        found.append(price)
    return tuple(lines), tuple(found)


def way_items(contract: ContractTerms, request: ScopeRequest, wanted: AskedObject) -> tuple[tuple[str, str, int], ...]:
    """What a visit costs besides the work: (item, unit, quantity) of the call-out and the road (R5.6).

    Raises NoPriceError when the road is charged and nobody has said how far it is.
    """
    if request.channel is not Way.VISIT:
        return ()
    items = [(contract.callout, PIECE, 1)] if contract.callout is not None else []
    if contract.travel:
        if wanted.way is None:
            raise NoPriceError(ROAD)
        km = wanted.way.km
        items.append((wanted.way.item, PIECE, 1) if km is None else (wanted.way.item, KM, km))
    return tuple(items)


def _fixed(
    contract: ContractTerms, request: ScopeRequest, wanted: AskedObject, hours: Cover
) -> tuple[list[QuoteLine], list[FoundPrice]]:
    item = request.item or ""
    price = _price(contract, request, wanted, item)
    whole = pieces_line(item, item, PIECE, request.quantity, price.line.kopecks)
    if not hours.amount:
        return [whole], [price]
    part = half_up(whole.kopecks * hours.uncovered, hours.need)
    return [QuoteLine(item, item, PIECE, 1, part, part)], [price]


def _by_the_hour(
    contract: ContractTerms, request: ScopeRequest, wanted: AskedObject, covered: int
) -> tuple[list[QuoteLine], list[FoundPrice]]:
    item = hour_of(request.work_type)
    if not request.minutes:
        raise NoPriceError(request.item or item)
    base = _price(contract, request, wanted, item)
    name = request.item or item
    lines = []
    for part in after(request.parts_under(contract), covered):
        rate = rate_in_band(base.line.kopecks, contract, request, part.bp)
        lines.append(labour_line(item, name, part.minutes, rate, part.bp if part.bp > WHOLE else 0))
    return lines, [base]


def rate_in_band(base: int, contract: ContractTerms, request: ScopeRequest, bp: int) -> int:
    """Kopecks per hour of the asked work in a time band (R5.3)."""
    qualification = contract.qualification(request.work_type)
    return hourly_rate(base, contract.sla, bp, request.urgency, contract.combining, qualification)


def after(parts: Sequence[Part], covered: int) -> list[Part]:
    """What is left of parts in order of time when the first `covered` minutes are taken off."""
    rest: list[Part] = []
    for part in parts:
        taken = min(covered, part.minutes)
        covered -= taken
        if part.minutes > taken:
            rest.append(Part(part.bp, part.minutes - taken))
    return rest


def _price(contract: ContractTerms, request: ScopeRequest, wanted: AskedObject, item: str) -> FoundPrice:
    price = find_price(item, request.work_date, contract.prices, wanted.model)
    if price is None:
        raise NoPriceError(item)
    return price
