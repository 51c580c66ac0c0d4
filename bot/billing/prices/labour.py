"""Price of labour time (R5.4)."""

from bot.sums.exact import half_up


def labour(minutes: int, rate: int) -> int:
    """Return kopecks for `minutes` at `rate` kopecks per hour, half-up (R5.4). Raises ValueError below zero."""
    if minutes < 0 or rate < 0:
        raise ValueError("minutes and rate must not be negative")
    return half_up(minutes * rate, 60)
