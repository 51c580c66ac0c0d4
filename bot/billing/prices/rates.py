"""Hourly rate from base and multipliers (R5.3)."""

from enum import StrEnum

from bot.sums.exact import half_up
from bot.sums.vat import WHOLE


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
