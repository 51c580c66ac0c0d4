"""Units of the index that are no articles: found by the same search, and told apart from what articles answer."""

from dataclasses import replace

from bot.kb.judging.calibration import RAW, decided
from bot.kb.judging.reading import Reading, Thresholds

MARK = "/"  # begins the id of a unit that is no article: no file name of an article has it


def apart(reading: Reading, thresholds: Thresholds) -> Reading:
    """The same with such units in `beside`, and decided by the articles alone; scores stay on one scale."""
    beside = tuple(hit for hit in reading.hits if hit.id.startswith(MARK))
    if not beside:
        return reading
    hits = tuple(hit for hit in reading.hits if not hit.id.startswith(MARK))
    explanation = dict(reading.explanation)
    if RAW in explanation and hits and reading.hits[0].score > 0:
        explanation[RAW] *= hits[0].score / reading.hits[0].score  # it is of the first hit
    decision = decided(hits, reading.in_scope, thresholds)
    return replace(reading, hits=hits, beside=beside, decision=decision, explanation=explanation)
