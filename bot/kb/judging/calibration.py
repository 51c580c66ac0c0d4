"""The last layer of confidence: two numbers that this installation's own feedback corrects the probability by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.kb.judging.reading import Decision, Hit, Reading, Thresholds

ENOUGH = 100  # opinions; fewer say more about chance than about the base
ENOUGH_OF_EACH = 15
PRIOR = 10.0  # how many opinions' worth the shipped layer keeps its say
SLOPES, SHIFTS = (0.3, 3.0), (-3.0, 3.0)
RAW = "raw"


@dataclass(frozen=True, slots=True)
class Layer:
    """Corrected log odds = slope × log odds + shift."""

    slope: float = 1.0
    shift: float = 0.0

    def probability(self, p: float) -> float:
        """The corrected probability; 0 and 1 stay."""
        if self == AS_SHIPPED or not 0.0 < p < 1.0:
            return p
        return float(1.0 / (1.0 + np.exp(-(self.slope * np.log(p / (1.0 - p)) + self.shift))))


AS_SHIPPED = Layer()


def fit(opinions: Sequence[tuple[float, bool]]) -> Layer | None:
    """The layer that makes (probability as the engine gave it, whether it helped) likeliest; None while there are too
    few opinions of either kind. The same opinions always give the same layer."""
    from scipy.optimize import minimize  # half a second of every start otherwise, for what is done once a night

    helped = sum(right for _, right in opinions)
    if len(opinions) < ENOUGH or min(helped, len(opinions) - helped) < ENOUGH_OF_EACH:
        return None
    p = np.clip(np.array([value for value, _ in opinions]), 1e-4, 1 - 1e-4)
    odds = np.log(p / (1 - p))
    right = np.array([value for _, value in opinions], dtype=np.float64)

    def loss(numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        z = numbers[0] * odds + numbers[1]
        return float(np.sum(np.logaddexp(0.0, z) - right * z) + PRIOR * ((numbers[0] - 1) ** 2 + numbers[1] ** 2 / 4))

    found = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[SLOPES, SHIFTS])
    return Layer(round(float(found.x[0]), 4), round(float(found.x[1]), 4))


def decided(hits: Sequence[Hit], in_scope: float, thresholds: Thresholds) -> Decision:
    """What to do with these hits: the first is sure enough, the line is in scope, or neither."""
    if hits and hits[0].score >= thresholds.answer:
        return "answer"
    return "suggest" if hits and in_scope >= thresholds.suggest else "none"


def corrected(reading: Reading, layer: Layer, thresholds: Thresholds) -> Reading:
    """The reading with its probabilities corrected and decided anew; `explanation["raw"]` keeps the engine's own."""
    if not reading.hits or layer == AS_SHIPPED:
        return reading
    raw = reading.hits[0].score
    top = layer.probability(raw)
    share = top / raw if raw > 0 else 1.0
    hits = tuple(Hit(hit.id, hit.score * share) for hit in reading.hits)
    return replace(
        reading,
        hits=hits,
        decision=decided(hits, reading.in_scope, thresholds),
        explanation={**reading.explanation, RAW: raw},
    )


def engine_score(reading: Reading, code: str) -> float:
    """The engine's own probability for an article of a reading; 0 for one that is not among the hits.

    Feedback is kept beside this one, so that a later fit learns from the engine, not from its own corrections.
    """
    for hit in reading.hits:
        if hit.id == code:
            top = reading.hits[0].score
            return hit.score / top * reading.explanation.get(RAW, top) if top > 0 else 0.0
    return 0.0
