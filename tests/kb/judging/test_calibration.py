import random

import pytest

from bot.kb.judging.calibration import AS_SHIPPED, ENOUGH, Layer, corrected, engine_score, fit
from bot.kb.judging.reading import Hit, Reading, Thresholds

BOTH = Thresholds(answer=0.8, suggest=0.5)


def opinions(count: int, helps: float, seed: int = 1) -> list[tuple[float, bool]]:
    rng = random.Random(seed)
    return [(rng.uniform(0.8, 0.99), rng.random() < helps) for _ in range(count)]


def test_few_opinions_or_one_sided_ones_change_nothing() -> None:
    assert fit(opinions(ENOUGH - 1, 0.5)) is None
    assert fit([(0.9, True)] * 500) is None


def test_answers_that_help_less_than_promised_lower_the_confidence() -> None:
    layer = fit(opinions(1000, 0.5))
    assert layer is not None
    assert layer.probability(0.9) == pytest.approx(0.5, abs=0.07)
    assert fit(opinions(1000, 0.5)) == layer


def test_answers_that_keep_their_promise_change_little() -> None:
    rng = random.Random(2)
    values = [rng.uniform(0.5, 0.99) for _ in range(3000)]
    layer = fit([(p, rng.random() < p) for p in values])
    assert layer is not None
    assert all(layer.probability(p) == pytest.approx(p, abs=0.03) for p in (0.6, 0.8, 0.95))


def test_a_correction_decides_anew_and_keeps_what_the_engine_said() -> None:
    reading = Reading("x", None, "answer", 0.9, (Hit("a", 0.85), Hit("b", 0.10)), {})
    lowered = corrected(reading, Layer(1.0, -1.0), BOTH)
    assert lowered.decision == "suggest"
    assert lowered.hits[0].score == pytest.approx(0.6758, abs=1e-3)
    assert engine_score(lowered, "a") == pytest.approx(0.85)
    assert engine_score(lowered, "b") == pytest.approx(0.10)
    assert engine_score(lowered, "c") == 0.0
    assert corrected(reading, AS_SHIPPED, BOTH) is reading


def test_the_order_of_probabilities_is_never_turned() -> None:
    layer = fit([(p, not right) for p, right in opinions(400, 0.9)])
    assert layer is not None
    values = [layer.probability(p / 100) for p in range(101)]
    assert values == sorted(values)
    assert all(0.0 <= value <= 1.0 for value in values)
