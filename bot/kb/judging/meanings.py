"""Vectors of a base's units and sentences, as bytes, and their cosines with a line."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.kb.base.encoder import DIMENSIONS, Encoder, VectorCache, Vectors
from bot.kb.base.postings import Floats, spans
from bot.kb.base.words import Base
from bot.kb.judging.discriminant import Discriminant, discriminant
from bot.kb.judging.features import Cosines
from bot.kb.judging.rows import Rows, rows_of

FULL_SCAN = 4_096
PROJECTED = 128
AT_ONCE = 2_048  # articles whose sentences are held as texts while their vectors are made


@dataclass(frozen=True, slots=True)
class Meanings:
    """Vectors of units, of each article's mean unit and of body sentences (none yet: None); a projection for a first
    pass."""

    units: Rows
    told: Discriminant
    sentences: Rows | None
    projection: NDArray[np.float32] | None
    projected: NDArray[np.float32] | None

    def first_pass(self, line: Floats) -> tuple[Floats, Floats]:
        """Cosines of a line with all units and all article means, near enough to choose candidates by."""
        if self.projection is None or self.projected is None:
            units = self.units.all_cosines(line)
        else:
            units = self.projected @ (self.projection @ line)
        means = self.told.means.all_cosines(line) if self.projected is None else units[:0]
        return units, means

    def exact(
        self, base: Base, picked: NDArray[np.int64], line: Floats, raw: Floats, passed: tuple[Floats, Floats]
    ) -> Cosines:
        """Cosines for the picked articles; `raw` is the vector of the line before repair, `passed` the first pass."""
        places = spans(base.unit_starts[picked], base.unit_starts[picked + 1])
        whole = self.projected is None  # then the first pass was exact
        units = passed[0][places] if whole else self.units.cosines(places, line)
        bodies = spans(base.sentence_starts[picked], base.sentence_starts[picked + 1])
        return Cosines(
            units=units,
            raw_units=units if raw is line else self.units.cosines(places, raw),
            told=self.told.scores(picked, line),
            means=passed[1][picked] if whole else self.told.means.cosines(picked, line),
            sentences=self.sentences.cosines(bodies, line) if self.sentences else None,
        )


def build_meanings(base: Base, encoder: Encoder, cache: VectorCache) -> Meanings:
    """Vectors of all units of the base; slow for texts the cache does not have (500 to 1 000 a second)."""
    units = rows_of(cache.vectors(base.unit_texts(), encoder))
    projection = projected = None
    if len(units.values) > FULL_SCAN:
        projection = _principal(units)
        projected = np.empty((len(units.values), PROJECTED), dtype=np.float32)
        for begin in range(0, len(units.values), 4_096):
            part = slice(begin, begin + 4_096)
            projected[part] = (units.values[part].astype(np.float32) * units.scale[part, None]) @ projection.T
    return Meanings(units, discriminant(units, base.unit_starts), None, projection, projected)


def with_sentences(meanings: Meanings, base: Base, encoder: Encoder, cache: VectorCache) -> Meanings:
    """The same with vectors of the body sentences, of which a base has most."""
    starts = base.sentence_starts
    vectors: Vectors = np.empty((int(starts[-1]), DIMENSIONS), dtype=np.int8)
    for begin in range(0, len(base.entries), AT_ONCE):
        end = min(begin + AT_ONCE, len(base.entries))
        texts = base.sentence_texts(begin, end)
        cache.vectors(texts, encoder, vectors[starts[begin] : starts[end]])
    return replace(meanings, sentences=rows_of(vectors))


def _principal(rows: Rows) -> NDArray[np.float32]:
    """The PROJECTED directions that keep most of the rows, shape (PROJECTED, DIMENSIONS)."""
    spread = np.zeros((DIMENSIONS, DIMENSIONS))
    for begin in range(0, len(rows.values), 4_096):
        part = slice(begin, begin + 4_096)
        block = rows.values[part].astype(np.float32) * rows.scale[part, None]
        spread += block.T @ block
    _, directions = np.linalg.eigh(spread)
    kept: NDArray[np.float32] = np.ascontiguousarray(directions[:, -PROJECTED:].T, dtype=np.float32)
    return kept
