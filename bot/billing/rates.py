"""Hourly rate from base and multipliers (R5.3)."""

from enum import StrEnum

from bot.billing.exact import half_up
from bot.billing.vat import WHOLE


class Combining(StrEnum):
    """How the multipliers of time band and urgency meet (a setting)."""

    MAX = "max"
    MULTIPLY = "multiply"


def hourly_rate(base: int, sla: int, band: int, urgency: int, mode: Combining = Combining.MAX) -> int:
    """Return kopecks per hour: base × SLA × (larger of band and urgency, or both), half-up once at the end (R5.3).

    `base` in kopecks per hour, multipliers in basis points. Raises ValueError below zero.
    """
    if min(base, sla, band, urgency) < 0:
        raise ValueError("base and multipliers must not be negative")
    if mode is Combining.MAX:
        return half_up(base * sla * max(band, urgency), WHOLE**2)
    return half_up(base * sla * band * urgency, WHOLE**3)
