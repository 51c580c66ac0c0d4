"""What of a period's included hours goes on to the next (R4.6)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class RolloverKind(StrEnum):
    """How much goes on."""

    NONE = "none"
    ALL = "all"
    UP_TO = "up_to"


@dataclass(frozen=True, slots=True)
class Rollover:
    """A plan's rule: how much, at most how many minutes for UP_TO, and for how many months."""

    kind: RolloverKind
    cap: int = 0
    months: int = 1


@dataclass(frozen=True, slots=True)
class Carried:
    """Minutes that go on as a pool of their own, and the last day of that pool."""

    minutes: int
    end: date


def carried(left: int, period_end: date, rule: Rollover) -> Carried | None:
    """Return what goes on from `left` minutes after the period's last day, or None; an overrun does not go on."""
    if rule.kind is RolloverKind.NONE:
        return None
    minutes = min(left, rule.cap) if rule.kind is RolloverKind.UP_TO else left
    return Carried(minutes, months_later(period_end, rule.months)) if minutes > 0 else None


def months_later(day: date, months: int) -> date:
    """Return the same day so many months on; the last day of a month leads to the last day of a month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    last = monthrange(year, month + 1)[1]
    ends_month = day.day == monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if ends_month else min(day.day, last))
