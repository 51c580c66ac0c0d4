"""A line as documents print it: a unit of ОКЕИ in words and code, quantity × price = sum to the kopeck (R11.4). Pure.

Minutes at a price per hour are printed as hours where hours of at most four decimals multiply exactly, else as one
conditional unit with the time in the name; so is whatever else doesn't multiply, as a price shared by several rates.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from bot.messaging.notices.texts import duration, label
from bot.messaging.notices.units import CONDITIONAL, HOUR, MINUTE, okei_of


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """What stands in the columns: the price in kopecks, `code` of ОКЕИ, `unit` its word in the document's language."""

    name: str
    quantity: Decimal
    code: str
    unit: str
    price: int


def printed_line(name: str, unit: str, quantity: int, price: int, kopecks: int, lang: str) -> PrintedLine:
    """A stored line in print. `unit` as stored (minutes have a price per hour), sums in kopecks with VAT inside."""
    code = okei_of(unit)
    if code == MINUTE:
        return _of_time(name, quantity, price, kopecks, lang)
    if code is None:
        name, code = f"{name} ({unit})" if unit else name, CONDITIONAL
    if quantity * price != kopecks:
        counted = f"{quantity} {word(code, lang)}"
        return _line(f"{name}, {counted}" if quantity != 1 else name, Decimal(1), CONDITIONAL, kopecks, lang)
    return _line(name, Decimal(quantity), code, price, lang)


def word(code: str, lang: str) -> str:
    """What a unit is called in documents."""
    return label(f"okei.{code}", lang)


def shown_quantity(quantity: Decimal, lang: str) -> str:
    """«1», «0,25»: without needless zeros."""
    plain = f"{quantity.normalize():f}"
    return plain.replace(".", ",") if lang == "ru" else plain


def _of_time(name: str, minutes: int, price: int, kopecks: int, lang: str) -> PrintedLine:
    hours = (Decimal(minutes) / 60).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if hours * price == kopecks and (kopecks or hours * 60 == minutes):
        return _line(name, hours, HOUR, price, lang)
    if not price and not kopecks:
        return _line(name, Decimal(minutes), MINUTE, 0, lang)
    return _line(f"{name}, {duration(minutes, lang)}" if minutes else name, Decimal(1), CONDITIONAL, kopecks, lang)


def _line(name: str, quantity: Decimal, code: str, price: int, lang: str) -> PrintedLine:
    return PrintedLine(name, quantity, code, word(code, lang), price)
