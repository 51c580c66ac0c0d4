"""When to say that a pool runs out or ends (R4.8)."""

from collections.abc import Collection
from datetime import date

from bot.sums.vat import WHOLE


def usage_alert(granted: int, consumed: int, thresholds: Collection[int], told: Collection[int]) -> int | None:
    """Return the highest threshold (basis points used) newly crossed, or None.

    `told` are the thresholds already told of this pool: each is told once, and none below the highest told.
    """
    if granted <= 0:
        return None
    crossed = [each for each in thresholds if consumed * WHOLE >= each * granted and each > max(told, default=-1)]
    return max(crossed, default=None)


def ending_alert(end: date | None, today: date, days_before: Collection[int], told: Collection[int]) -> int | None:
    """Return the nearest threshold (days before the pool's last day) newly reached, or None; each is told once."""
    if end is None or today > end:
        return None
    left = (end - today).days
    reached = [each for each in days_before if left <= each and (not told or each < min(told))]
    return min(reached, default=None)
