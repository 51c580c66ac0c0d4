"""Exact division: the one place where a fraction of a kopeck is rounded."""


def half_up(numerator: int, denominator: int) -> int:
    """Return `numerator / denominator` rounded half-up, for non-negative numerator and positive denominator.

    Raises ValueError otherwise: money is never rounded below zero (a correction is a reversal of a line).
    """
    if numerator < 0 or denominator <= 0:
        raise ValueError(f"cannot round {numerator}/{denominator}")
    return (2 * numerator + denominator) // (2 * denominator)


def up_to_step(amount: int, step: int) -> int:
    """Return the smallest multiple of `step` that is not below `amount`. Raises ValueError for a step below 1."""
    if step < 1:
        raise ValueError(f"step must be positive, got {step}")
    return -(-amount // step) * step
