"""Numbers that say how well each candidate article answers a line. One row per candidate, one column per name."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from bot.kb.base.postings import Floats, Ints, spans
from bot.kb.base.similar import SimilarWords
from bot.kb.base.words import Base
from bot.kb.line.text import Word, kind_of_question, line_words, word_lists

# Similarities (a rank weight may not be negative), then mismatches (may not be positive).
ENCODER: Final = ("enc_told", "enc_mean", "enc_best", "enc_top3", "enc_raw", "enc_sentence")
LEXICAL: Final = (
    "tfidf_article", "tfidf_all", "bm25_damped", "bm25_plain", "bm25_article", "char_best", "char_top3", "char_mean",
    "cover_line", "cover_unit", "harmonic", "harmonic_top3", "cover_lemma", "cover_noun", "cover_verb", "cover_any",
    "cover_body", "token_sort", "kind_match", "code_match",
)  # fmt: skip
# What the second encoder says of the candidates, where it is asked (`closer.py`).
SECOND: Final = ("e5_best", "e5_mean", "e5_top3", "e5_told", "e5_asked_best", "e5_asked_mean", "e5_body")
MISMATCH: Final = ("negation", "length_ratio", "kind_mismatch")
NAMES: Final = (*ENCODER, *LEXICAL, *SECOND, *MISMATCH)
COLUMN: Final = {name: place for place, name in enumerate(NAMES)}
MAX_WORDS = 40
BESIDE_BODIES = 0.5


@dataclass(frozen=True, slots=True)
class AnalysedLine:
    """A line analysed against one base: its words once each, with terms they may stand for."""

    text: str
    words: tuple[Word, ...]
    weights: Floats
    similar: tuple[tuple[NDArray[np.int64], Floats], ...]
    exact: tuple[int, ...]
    kind: str | None
    negated: bool
    codes: frozenset[str]

    @property
    def weight(self) -> float:
        """How much the line says, in units of rarity."""
        return float(self.weights.sum())


@dataclass(frozen=True, slots=True)
class Cosines:
    """Cosines of a line with all a candidate set has vectors for (see `Meanings`); `sentences`: None without them."""

    units: Floats
    raw_units: Floats
    told: Floats
    means: Floats
    sentences: Floats | None


def analyse(text: str, base: Base, similar: SimilarWords) -> AnalysedLine:
    """Analyse a repaired line; a word said twice counts by its larger weight."""
    found = line_words(text)
    groups = similar.groups([w.lemma for w in found])
    chosen: dict[str, tuple[Word, tuple[int, ...]]] = {}
    for w, group in zip(found, groups, strict=True):
        if w.lemma not in chosen or chosen[w.lemma][0].weight < w.weight:
            chosen[w.lemma] = (w, group)
    rarest = float(base.idf.max()) if len(base.idf) else 1.0
    numbers = {lemma: base.lexicon.get(lemma, -1) for lemma in chosen}
    weight = {
        lemma: w.weight * (float(base.idf[numbers[lemma]]) if numbers[lemma] >= 0 else rarest)
        for lemma, (w, _) in chosen.items()
    }
    kept = sorted(chosen, key=lambda lemma: -weight[lemma])[:MAX_WORDS]
    negation = word_lists().negation
    return AnalysedLine(
        text=text,
        words=tuple(chosen[lemma][0] for lemma in kept),
        weights=np.array([weight[lemma] for lemma in kept], dtype=np.float32),
        similar=tuple(similar.of(lemma, chosen[lemma][1]) for lemma in kept),
        exact=tuple(numbers[lemma] for lemma in kept),
        kind=kind_of_question(text),
        negated=any(w.text in negation for w in found),
        codes=frozenset(w.text for w in found if any(c.isdigit() for c in w.text)),
    )


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of every article by words alone, made on the way to the candidates."""

    bm25_damped: Floats
    bm25_plain: Floats
    bm25_article: Floats
    grams_units: Floats
    tfidf_article: Floats
    tfidf_all: Floats


def best_of(values: Floats, starts: NDArray[np.int32]) -> Floats:
    """The largest value of each article's run."""
    result: Floats = np.maximum.reduceat(values, starts[:-1])
    return result


def stand_in(of_units: Floats, has_body: NDArray[np.bool_]) -> Floats:
    """What stands for the bodies that some articles lack: their units, and less of them beside articles with bodies,
    which are less like a line than the best way to ask is."""
    result: Floats = of_units * np.float32(BESIDE_BODIES if has_body.any() else 1.0)
    return result


def feature_rows(  # noqa: PLR0915 - one statement a feature
    line: AnalysedLine,
    base: Base,
    kinds: list[str | None],
    picked: NDArray[np.int64],
    scores: Scores,
    cosines: Cosines | None,
) -> NDArray[np.float32]:
    """Features of the picked articles, shape (candidates, len(NAMES)). Without cosines those columns are zero.

    Where an article has no body, what its units say stands for what a body would (see `stand_in`).
    """
    table = np.zeros((len(picked), len(NAMES)), dtype=np.float32)

    def put(name: str, values: ArrayLike) -> None:
        table[:, COLUMN[name]] = values

    unit_from, unit_to = base.unit_starts[picked], base.unit_starts[picked + 1]
    units = spans(unit_from, unit_to)
    per_article = unit_to - unit_from
    firsts = np.concatenate([[0], np.cumsum(per_article)[:-1]]).astype(np.int64)
    top3 = Top3(firsts, per_article)
    has_body = base.has_body[picked]

    if cosines is not None:
        enc_best = np.maximum.reduceat(cosines.units, firsts)
        put("enc_told", cosines.told)
        put("enc_mean", cosines.means)
        put("enc_best", enc_best)
        put("enc_top3", top3(cosines.units))
        put("enc_raw", np.maximum.reduceat(cosines.raw_units, firsts))
        body_from, body_to = base.sentence_starts[picked], base.sentence_starts[picked + 1]
        sentence = enc_best if cosines.sentences is None else _run_max(cosines.sentences, body_from, body_to)
        put("enc_sentence", np.where(has_body, sentence, stand_in(enc_best, has_body)))

    total = max(line.weight, 1e-6)
    damped = max(_query_total(line, damped=True), 1e-6)
    put("tfidf_article", scores.tfidf_article[picked])
    put("tfidf_all", scores.tfidf_all[picked])
    put("bm25_damped", scores.bm25_damped[picked] / damped)
    plain = max(_query_total(line, damped=False), 1e-6)
    put("bm25_plain", scores.bm25_plain[picked] / plain)
    grams = scores.grams_units[units]
    put("bm25_article", scores.bm25_article[picked] / plain)
    put("char_top3", top3(grams))
    put("char_best", np.maximum.reduceat(grams, firsts))
    put("char_mean", np.add.reduceat(grams, firsts) / per_article)

    token_from, token_to = base.token_starts[units], base.token_starts[units + 1]
    token_runs = np.concatenate([[0], np.cumsum(token_to - token_from)[:-1]]).astype(np.int64)
    tokens = base.token_terms[spans(token_from, token_to)]
    match = _match_table(line, len(base.terms))
    best = match.max(axis=0)
    by_unit = _best_by_run(match, best, tokens, token_to - token_from)
    token_weight = base.idf[tokens] * base.term_weight[tokens] + np.float32(1e-6)
    cover_unit = np.add.reduceat(best[tokens] * token_weight, token_runs) / np.add.reduceat(token_weight, token_runs)
    cover_line = line.weights @ by_unit / total
    harmonic = 2 * cover_line * cover_unit / np.maximum(cover_line + cover_unit, 1e-6)
    top = _first_best(harmonic, firsts, per_article)
    put("harmonic", harmonic[top])
    put("harmonic_top3", top3(harmonic.astype(np.float32)))
    put("cover_line", np.maximum.reduceat(cover_line, firsts))
    put("cover_unit", np.maximum.reduceat(cover_unit, firsts))
    put("cover_lemma", np.maximum.reduceat(line.weights @ (by_unit >= 0.999) / total, firsts))

    by_article = np.maximum.reduceat(by_unit, firsts, axis=1)
    for name, part in (("cover_noun", "noun"), ("cover_verb", "verb")):
        of_part = line.weights * np.array([w.part == part for w in line.words], dtype=np.float32)
        put(name, of_part @ by_article / max(float(of_part.sum()), 1e-6))
    body_from, body_to = base.body_starts[picked], base.body_starts[picked + 1]
    by_body = _best_by_run(match, best, base.body_terms[spans(body_from, body_to)], body_to - body_from)
    put("cover_body", line.weights @ by_body / total)
    put("cover_any", line.weights @ np.maximum(by_article, by_body) / total)

    ordered = " ".join(sorted(w.text for w in line.words))
    ratio = cdist([ordered], [base.unit_sorted[unit] for unit in units], scorer=fuzz.ratio, dtype=np.float32)[0] / 100
    put("token_sort", np.maximum.reduceat(ratio, firsts))
    lengths = (token_to - token_from).astype(np.float32)
    put("length_ratio", np.minimum(np.abs(np.log(lengths[top] / max(1, len(line.words)))), 2.0))
    put("negation", base.unit_negated[units[top]] != line.negated)
    if line.kind is not None:
        of_top = [kinds[unit] for unit in units[top].tolist()]
        put("kind_match", [kind == line.kind for kind in of_top])
        put("kind_mismatch", [kind is not None and kind != line.kind for kind in of_top])
    if line.codes:
        put("code_match", [len(line.codes & base.entries[a].codes) / len(line.codes) for a in picked.tolist()])
    return table


def _query_total(line: AnalysedLine, damped: bool) -> float:
    weights = np.array([w.weight for w in line.words], dtype=np.float32)
    return float((line.weights if damped else line.weights / np.maximum(weights, 1e-6)).sum())


def _match_table(line: AnalysedLine, width: int) -> Floats:
    table = np.zeros((len(line.words), max(1, width)), dtype=np.float32)
    for row, (terms, sureness) in enumerate(line.similar):
        table[row, terms] = sureness
    return table


def _best_by_run(match: Floats, best: Floats, terms: Ints, lengths: NDArray[np.integer]) -> Floats:
    """For each word of the line and each run of terms how surely the run has the word; shape (words, runs).

    A line means few of all terms: only where one of them stands is looked at.
    """
    table = np.zeros((len(match), len(lengths)), dtype=np.float32)
    places = np.flatnonzero(best[terms] > 0)
    if len(places):
        runs = np.repeat(np.arange(len(lengths)), lengths)[places]
        firsts = np.flatnonzero(np.diff(runs, prepend=-1))
        table[:, runs[firsts]] = np.maximum.reduceat(match.take(terms[places], axis=1), firsts, axis=1)
    return table


def _run_max(values: Floats, starts: NDArray[np.int32], ends: NDArray[np.int32]) -> Floats:
    result = np.zeros(len(starts), dtype=np.float32)
    filled = np.flatnonzero(ends > starts)
    if len(filled):
        runs = np.concatenate([[0], np.cumsum((ends - starts)[filled])[:-1]]).astype(np.int64)
        result[filled] = np.maximum.reduceat(values, runs)
    return result


class Top3:
    """Means of the three largest values of each run (of all, where there are fewer)."""

    def __init__(self, firsts: NDArray[np.int64], counts: NDArray[np.int32]) -> None:
        steps = np.arange(max(3, int(counts.max(initial=0))))
        self._size = np.minimum(counts, 3)
        self._outside = steps >= counts[:, None]
        self._places = np.where(self._outside, 0, firsts[:, None] + steps)

    def __call__(self, values: Floats) -> Floats:
        # A small table and one sort of its rows: three times as quick as sorting all values by run and size.
        table = values[self._places]
        table[self._outside] = -np.inf
        table.sort(axis=1)
        total = table[:, -1].copy()
        for step in (1, 2):
            inside = self._size > step
            total[inside] += table[inside, -1 - step]
        result: Floats = (total / self._size).astype(np.float32)
        return result


def _first_best(
    values: NDArray[np.floating], firsts: NDArray[np.int64], counts: NDArray[np.int32]
) -> NDArray[np.int64]:
    """For each run the place of its first largest value."""
    best = np.repeat(np.maximum.reduceat(values, firsts), counts)
    places = np.flatnonzero(values >= best)
    run = np.searchsorted(firsts, places, side="right") - 1
    _, chosen = np.unique(run, return_index=True)
    result: NDArray[np.int64] = places[chosen]
    return result
