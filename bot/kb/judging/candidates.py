"""Which articles are worth a close look: the best by several cheap scores."""

import numpy as np
from numpy.typing import NDArray

from bot.kb.base.postings import Floats
from bot.kb.base.words import Base, gram_hashes_of
from bot.kb.judging.features import AnalysedLine, Scores, best_of

ALL_UP_TO = 60
BY_ENCODER, BY_MEAN, BY_BM25, BY_GRAMS, BY_DAMPED, BY_PLAIN = 50, 10, 50, 50, 15, 25
SYNONYM_TERM = 0.7
SAME = 0.999  # a word itself, or one that means the same
COMMONEST_GRAM = 0.25


def lexical_scores(line: AnalysedLine, base: Base) -> Scores:
    """Scores of all articles by words and by pieces of words."""
    exact = np.array([term for term in line.exact if term >= 0], dtype=np.int64)
    once = np.ones(len(exact), dtype=np.float32)
    wide = np.concatenate([terms for terms, _ in line.similar])
    sure = np.concatenate([sureness for _, sureness in line.similar])
    said = np.repeat([w.weight for w in line.words], [len(terms) for terms, _ in line.similar])
    weights = said * np.where(sure > SAME, 1.0, SYNONYM_TERM * sure)
    unit_length = _unit_length(weights * base.tfidf_idf[wide])
    damped = base.bm25.scores(wide, weights)
    plain = base.bm25.scores(exact, once)
    return Scores(
        bm25_damped=best_of(damped, base.unit_starts),
        bm25_plain=best_of(plain, base.unit_starts),
        bm25_article=base.bm25_article.scores(exact, once),
        grams_units=_gram_scores(line.text, base),
        tfidf_article=base.article_tfidf.scores(wide, unit_length),
        tfidf_all=base.whole_tfidf.scores(wide, unit_length),
    )


def candidates(
    base: Base, scores: Scores, passed: tuple[Floats, Floats] | None, allowed: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Numbers of the articles to look at closely, ascending."""
    if len(base.entries) <= ALL_UP_TO:
        return np.flatnonzero(allowed)
    chosen: list[NDArray[np.int64]] = []

    def take(values: Floats, count: int) -> None:
        shown = np.where(allowed, values, -np.inf)
        count = min(count, len(shown))
        top = np.argpartition(-shown, count - 1)[:count]
        chosen.append(top[np.isfinite(shown[top]) & (shown[top] > 0)])

    if passed is not None:
        take(best_of(passed[0], base.unit_starts), BY_ENCODER)
        if len(passed[1]):
            take(passed[1], BY_MEAN)
    take(scores.bm25_damped, BY_BM25)
    take(best_of(scores.grams_units, base.unit_starts), BY_GRAMS)
    take(scores.tfidf_article, BY_DAMPED)
    take(scores.bm25_article, BY_PLAIN)
    found = np.unique(np.concatenate(chosen))
    return found if len(found) else np.flatnonzero(allowed)[:ALL_UP_TO]


def _gram_scores(text: str, base: Base) -> Floats:
    hashes, counts = np.unique(gram_hashes_of(text), return_counts=True)
    if not len(hashes) or not len(base.gram_hashes):
        return np.zeros(base.grams.height, dtype=np.float32)
    places = np.minimum(np.searchsorted(base.gram_hashes, hashes), len(base.gram_hashes) - 1)
    known = base.gram_hashes[places] == hashes
    rarest = float(base.gram_idf.max())
    weights = (1.0 + np.log(counts)) * np.where(known, base.gram_idf[places], rarest)
    weights /= np.sqrt((weights**2).sum())
    common = base.grams.height * COMMONEST_GRAM if base.grams.height > 5_000 else base.grams.height
    known &= base.grams.starts[places + 1] - base.grams.starts[places] <= common
    return base.grams.scores(places[known], weights[known])


def _unit_length(weights: NDArray[np.floating]) -> NDArray[np.floating]:
    return weights / max(float(np.sqrt((weights.astype(np.float64) ** 2).sum())), 1e-6)
