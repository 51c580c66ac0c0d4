"""VAT per line and per document (R6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.sums.exact import half_up

WHOLE = 10_000  # 100 % in basis points


class NoRegimeError(LookupError):
    """No tax regime is set for the day of the act."""


@dataclass(frozen=True, slots=True)
class Regime:
    """The seller's tax regime from a day on: `rate` in basis points, None for «без НДС» (which is not 0 %)."""

    since: date
    rate: int | None
    inclusive: bool = True


@dataclass(frozen=True, slots=True)
class VatTotals:
    """VAT of each line and the sums of the document, in kopecks; gross = net + total_vat."""

    vat: tuple[int, ...]
    net: int
    total_vat: int
    gross: int


def regime_on(regimes: Iterable[Regime], day: date) -> Regime:
    """Return the regime in force on the date of the act (R6.1). Raises NoRegimeError when none has begun."""
    begun = [regime for regime in regimes if regime.since <= day]
    if not begun:
        raise NoRegimeError(day.isoformat())
    return max(begun, key=lambda regime: regime.since)


def vat_of_line(amount: int, rate: int | None, *, inclusive: bool) -> int:
    """Return the VAT of one line in kopecks, half-up (R6.2); zero for «без НДС» (`rate` None)."""
    if rate is None:
        return 0
    return half_up(amount * rate, WHOLE + rate if inclusive else WHOLE)


def with_vat(price: int, regime: Regime) -> int:
    """Return a price with VAT inside, in kopecks: what people are told and agree to (R6.3). A price given without VAT
    gets it added once, half-up; all that is multiplied with it is multiplied afterwards."""
    return price if regime.inclusive else price + vat_of_line(price, regime.rate, inclusive=False)


def vat_of_lines(lines: Sequence[int], rate: int | None, *, inclusive: bool) -> VatTotals:
    """Return VAT per line and the document's sums, which are sums of the lines and never recomputed (R6.2)."""
    vat = tuple(vat_of_line(amount, rate, inclusive=inclusive) for amount in lines)
    given, taxes = sum(lines), sum(vat)
    net = given - taxes if inclusive else given
    return VatTotals(vat=vat, net=net, total_vat=taxes, gross=net + taxes)
