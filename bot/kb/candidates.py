"""Which articles are worth a close look: the best by several cheap scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.kb.base import Base, gram_hashes_of
from bot.kb.features import Line, Scores, best_of
from bot.kb.postings import Floats

ALL_UP_TO = 60
BY_ENCODER, BY_MEAN, BY_BM25, BY_GRAMS, BY_DAMPED, BY_PLAIN = 50, 10, 50, 50, 15, 25
SYNONYM_TERM = 0.7
COMMONEST_GRAM = 0.25


def lexical_scores(line: Line, base: Base) -> Scores:
    """Scores of all articles by words and by pieces of words."""
    exact = [(term, w.weight) for term, w in zip(line.exact, line.words, strict=True) if term >= 0]
    wide = [
        (int(term), w.weight * (1.0 if sure > 0.999 else SYNONYM_TERM * float(sure)))
        for w, (terms, sureness) in zip(line.words, line.similar, strict=True)
        for term, sure in zip(terms.tolist(), sureness.tolist(), strict=True)
    ]
    damped = base.bm25.scores(wide)
    plain = base.bm25.scores((term, 1.0) for term, _ in exact)
    return Scores(
        bm25_damped=best_of(damped, base.unit_starts),
        bm25_plain=best_of(plain, base.unit_starts),
        bm25_article=base.bm25_article.scores((term, 1.0) for term, _ in exact),
        grams_units=_gram_scores(line.text, base),
        tfidf_article=base.article_tfidf.scores(_unit_length(wide, base.tfidf_idf)),
        tfidf_all=base.whole_tfidf.scores(_unit_length(wide, base.tfidf_idf)),
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
    return base.grams.scores(
        (place, weight)
        for place, weight in zip(places[known].tolist(), weights[known].tolist(), strict=True)
        if base.grams.starts[place + 1] - base.grams.starts[place] <= common
    )


def _unit_length(terms: Sequence[tuple[int, float]], idf: Floats) -> list[tuple[int, float]]:
    total = sum((weight * float(idf[term])) ** 2 for term, weight in terms) ** 0.5
    return [(term, weight * float(idf[term]) / max(total, 1e-6)) for term, weight in terms]
