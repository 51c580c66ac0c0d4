"""Measures of a search: area under the curve, calibration error, percentiles."""

from collections.abc import Sequence

import numpy as np


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that a line with an answer scores above one without; a tie counts half."""
    if not positive or not negative:
        return float("nan")
    values = np.concatenate([positive, negative])
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[place]
    of_positive = float(ranks[: len(positive)].sum()) - len(positive) * (len(positive) + 1) / 2
    return of_positive / (len(positive) * len(negative))


def calibration_error(sure: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error: the mean gap between what was promised and what came, over equal bins."""
    values, came = np.array(sure), np.array(right, dtype=float)
    place = np.minimum((values * bins).astype(int), bins - 1)
    total = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            total += float(inside.mean()) * abs(float(values[inside].mean()) - float(came[inside].mean()))
    return total


def percentile(values: Sequence[float], share: float) -> float:
    """A percentile of values (share 0 to 1); 0 of none."""
    return float(np.quantile(np.array(values), share)) if values else 0.0
