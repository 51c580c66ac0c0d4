"""Directions in which the ways to ask of one article differ do not tell articles apart."""

import numpy as np
from numpy.typing import NDArray

from bot.kb.base.encoder import quantised
from bot.kb.judging.discriminant import discriminant
from bot.kb.judging.rows import Rows, rows_of

WIDTH = 16


def rows(vectors: NDArray[np.float64]) -> Rows:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return rows_of(quantised(unit.astype(np.float32)))


def starts(*sizes: int) -> NDArray[np.int32]:
    return np.cumsum([0, *sizes]).astype(np.int32)


def test_a_direction_that_varies_within_articles_counts_for_less() -> None:
    rng = np.random.default_rng(1)
    subject = np.eye(WIDTH)[:2]
    manner = np.eye(WIDTH)[2]
    # The first article was asked politely, the second rudely; both vary a lot in that.
    units = [subject[0] + manner * m for m in rng.normal(0.6, 1.0, 200)]
    units += [subject[1] + manner * m for m in rng.normal(-0.6, 1.0, 200)]
    told = discriminant(rows(np.array(units)), starts(200, 200))
    line = subject[0] * 0.6 - manner * 1.1  # about the first, rudely
    line = (line / np.linalg.norm(line)).astype(np.float32)
    picked = np.arange(2)
    by_mean = told.means.cosines(picked, line)
    assert by_mean[1] > by_mean[0]
    scores = told.scores(picked, line)
    assert scores[0] > scores[1]


def test_where_each_article_has_one_way_to_ask_it_is_its_cosine() -> None:
    rng = np.random.default_rng(2)
    units = rows(rng.normal(size=(12, WIDTH)))
    told = discriminant(units, starts(*[1] * 12))
    line = rng.normal(size=WIDTH).astype(np.float32)
    line /= np.linalg.norm(line)
    picked = np.array([3, 7, 11])
    assert np.allclose(told.scores(picked, line), units.cosines(picked, line) - 0.5, atol=2e-3)


def test_articles_alike_in_all_are_told_apart_by_nothing() -> None:
    same = np.tile(np.eye(WIDTH)[0], (6, 1))
    told = discriminant(rows(same), starts(3, 3))
    scores = told.scores(np.arange(2), np.eye(WIDTH, dtype=np.float32)[1])
    assert np.isfinite(scores).all()
    assert np.isclose(scores[0], scores[1], atol=1e-4)
