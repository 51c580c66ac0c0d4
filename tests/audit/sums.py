"""Arithmetic of an accountant with exact fractions, written from the rules alone."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from tests.audit.firm import Regime


def half_up(value: Fraction) -> int:
    """To the whole kopeck, halves up (R6.2)."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def labour(minutes: int, rate: int) -> int:
    """Kopecks for minutes at a rate per hour (R5.4)."""
    return half_up(Fraction(minutes * rate, 60))


def vat_inside(gross: int, rate: int | None) -> int:
    """The VAT part of a sum (R6.2); `rate` in hundredths of a percent, None «без НДС»."""
    return half_up(Fraction(gross * rate, 10_000 + rate)) if rate else 0


def told(price: int, regime: Regime) -> int:
    """A price as clients are told it, VAT inside (R6.3)."""
    return price if regime.inclusive or not regime.rate else half_up(Fraction(price * (10_000 + regime.rate), 10_000))


def regime_on(regimes: Sequence[Regime], day: date) -> Regime:
    """What holds on a day (R6.1)."""
    return max((each for each in regimes if each.since <= day), key=lambda each: each.since)


def rounded(raw: int, step: int, minimum: int) -> int:
    """Up to the step, then the minimum; zero stays zero (R5.5)."""
    return max(-(-raw // step) * step, minimum) if raw else 0
