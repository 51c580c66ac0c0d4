"""The words of all articles as arrays: what the search reads. Built once, then only read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from bot.kb.article import PUBLIC, Article
from bot.kb.postings import Floats, Ints, Postings, counted, postings, tfidf
from bot.kb.text import Word, plain, sentences, tokens, word, word_lists

UNIT_WEIGHT, BODY_WEIGHT = 3.0, 1.0
K1, B_UNIT, B_BODY = 1.2, 0.3, 0.75
MAX_BODY = 20_000
_PRIME = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as the search sees it, all its languages together."""

    id: str
    units: tuple[str, ...]
    body: str
    sentences: tuple[str, ...]
    codes: frozenset[str]
    kinds: frozenset[str]
    audience: frozenset[str]


@dataclass(frozen=True, slots=True)
class Base:
    """Arrays over articles, units (titles and ways to ask; a body where there is neither), sentences and terms."""

    entries: tuple[Entry, ...]
    lexicon: dict[str, int]
    terms: list[str]
    written: dict[str, int]
    idf: Floats
    term_weight: Floats
    is_noun: NDArray[np.bool_]
    is_verb: NDArray[np.bool_]
    unit_starts: Ints
    unit_of: Ints
    token_starts: Ints
    token_terms: Ints
    unit_sorted: list[str]
    unit_negated: NDArray[np.bool_]
    body_starts: Ints
    body_terms: Ints
    sentence_starts: Ints
    bm25: Postings
    bm25_article: Postings
    article_tfidf: Postings
    whole_tfidf: Postings
    tfidf_idf: Floats
    gram_hashes: NDArray[np.uint64]
    grams: Postings
    gram_idf: Floats

    def unit_texts(self) -> list[str]:
        """All units in the order of the arrays."""
        return [unit for entry in self.entries for unit in entry.units]

    def sentence_texts(self) -> list[str]:
        """All body sentences in the order of the arrays."""
        return [sentence for entry in self.entries for sentence in entry.sentences]


def entry_of(versions: Sequence[Article]) -> Entry:
    """The entry of one id from its languages."""
    units: dict[str, None] = {}
    bodies: list[str] = []
    tagged: list[str] = []
    for article in versions:
        for text in (article.title, *article.questions):
            if tokens(text):
                units.setdefault(text)
        bodies.append(plain(article.body[:MAX_BODY]))
        tagged += [*article.tags, *article.kinds]
    body = "\n".join(text for text in bodies if text)
    if not units:
        units[body if tokens(body) else versions[0].id] = None
    everything = "\n".join([*units, body, *tagged])
    return Entry(
        id=versions[0].id,
        units=tuple(units),
        body="\n".join([body, *tagged]),
        sentences=tuple(sentences(body)),
        codes=frozenset(token for token in tokens(everything) if any(c.isdigit() for c in token)),
        kinds=frozenset(kind.lower() for article in versions for kind in article.kinds),
        audience=frozenset(code for article in versions for code in article.audience) or frozenset({PUBLIC}),
    )


def build_base(articles: Iterable[Article]) -> Base:
    """Analyse all articles. The order they come in does not matter."""
    ordered = sorted(articles, key=lambda article: (article.id, article.lang))
    entries = tuple(entry_of(list(group)) for _, group in groupby(ordered, key=lambda article: article.id))
    lexicon: dict[str, int] = {}
    seen: list[Word] = []
    written: dict[str, int] = {}

    def term(w: Word) -> int:
        number = lexicon.get(w.lemma)
        if number is None:
            number = lexicon[w.lemma] = len(seen)
            seen.append(w)
        return number

    negation = word_lists().negation
    unit_terms: list[list[int]] = []
    unit_sorted: list[str] = []
    negated: list[bool] = []
    body_tokens: list[list[int]] = []
    for entry in entries:
        here: set[str] = set()
        for unit in entry.units:
            found = [word(token) for token in tokens(unit)] or [word("_")]
            here.update(w.text for w in found)
            unit_terms.append([term(w) for w in found])
            unit_sorted.append(" ".join(sorted(w.text for w in found))[:400])
            negated.append(any(w.text in negation for w in found))
        found = [word(token) for token in tokens(entry.body)]
        here.update(w.text for w in found)
        body_tokens.append([term(w) for w in found])
        for text in sorted(here):
            written[text] = written.get(text, 0) + 1

    count, width = len(entries), max(1, len(seen))
    unit_starts = _starts(len(entry.units) for entry in entries)
    unit_of = np.repeat(np.arange(count, dtype=np.int32), np.diff(unit_starts))
    token_starts = _starts(map(len, unit_terms))
    token_terms = _flat(unit_terms)
    token_units = np.repeat(np.arange(len(unit_terms), dtype=np.int64), np.diff(token_starts))
    body_flat = _flat(body_tokens)
    body_articles = np.repeat(np.arange(count, dtype=np.int64), [len(found) for found in body_tokens])
    units = counted(token_terms.astype(np.int64), token_units, max(1, len(unit_terms)))
    bodies = counted(body_flat.astype(np.int64), body_articles, max(1, count))
    in_units = counted(token_terms.astype(np.int64), unit_of[token_units].astype(np.int64), max(1, count))

    together = _together(in_units, bodies, max(1, count))
    frequency = np.bincount(together[0], minlength=width)
    idf = np.log(1.0 + (count - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    article_tfidf, tfidf_idf = tfidf(*in_units, width, count)
    whole_tfidf, _ = tfidf(*together, width, count)
    order = np.lexsort((bodies[0], bodies[1]))
    gram_hashes, grams, gram_idf = _gram_postings([unit for entry in entries for unit in entry.units])
    return Base(
        entries=entries,
        lexicon=lexicon,
        terms=[w.lemma for w in seen],
        written=written,
        idf=idf,
        term_weight=np.array([w.weight for w in seen], dtype=np.float32),
        is_noun=np.array([w.part == "noun" for w in seen], dtype=bool),
        is_verb=np.array([w.part == "verb" for w in seen], dtype=bool),
        unit_starts=unit_starts,
        unit_of=unit_of,
        token_starts=token_starts,
        token_terms=token_terms,
        unit_sorted=unit_sorted,
        unit_negated=np.array(negated, dtype=bool),
        body_starts=_starts(np.bincount(bodies[1], minlength=count).tolist()),
        body_terms=bodies[0][order],
        sentence_starts=_starts(len(entry.sentences) for entry in entries),
        bm25=_bm25(units, bodies, np.diff(token_starts), body_articles, unit_starts, idf),
        bm25_article=_bm25_article(together, idf, count),
        article_tfidf=article_tfidf,
        whole_tfidf=whole_tfidf,
        tfidf_idf=tfidf_idf,
        gram_hashes=gram_hashes,
        grams=grams,
        gram_idf=gram_idf,
    )


def _bm25(
    units: tuple[Ints, Ints, Floats],
    bodies: tuple[Ints, Ints, Floats],
    unit_lengths: Ints,
    body_articles: NDArray[np.int64],
    unit_starts: Ints,
    idf: Floats,
) -> Postings:
    """BM25F with the unit (weight 3) and the body of its article (weight 1) as fields, a row for each unit."""
    count, height = len(unit_starts) - 1, int(unit_starts[-1])
    body_lengths = np.bincount(body_articles, minlength=count)
    unit_norm = 1 - B_UNIT + B_UNIT * unit_lengths / max(1.0, float(unit_lengths.mean()) if height else 1.0)
    body_norm = 1 - B_BODY + B_BODY * body_lengths / max(1.0, float(body_lengths.mean()) if count else 1.0)
    per_article = np.diff(unit_starts)
    copies = per_article[bodies[1]]
    spread_rows = spans(unit_starts[bodies[1]], unit_starts[bodies[1] + 1])
    terms = np.concatenate([units[0], np.repeat(bodies[0], copies)]).astype(np.int64)
    rows = np.concatenate([units[1], spread_rows]).astype(np.int64)
    body_amount = BODY_WEIGHT * bodies[2] / body_norm[bodies[1]]
    amount = np.concatenate(
        [
            UNIT_WEIGHT * units[2] / unit_norm[units[1]],
            np.repeat(body_amount, copies),
        ]
    )
    pairs, place = np.unique(terms * max(1, height) + rows, return_inverse=True)
    total = np.bincount(place, weights=amount, minlength=len(pairs))
    term_ids, row_ids = (pairs // max(1, height)).astype(np.int32), (pairs % max(1, height)).astype(np.int32)
    return postings(term_ids, row_ids, idf[term_ids] * total * (K1 + 1) / (total + K1), len(idf), height)


def _bm25_article(together: tuple[Ints, Ints, Floats], idf: Floats, count: int) -> Postings:
    """Plain BM25 over whole articles."""
    terms, rows, counts = together
    lengths = np.bincount(rows, weights=counts, minlength=count)
    norm = K1 * (1 - B_BODY + B_BODY * lengths / max(1.0, float(lengths.mean()) if count else 1.0))
    return postings(
        terms, rows, (idf[terms] * counts * (K1 + 1) / (counts + norm[rows])).astype(np.float32), len(idf), count
    )


def _together(
    first: tuple[Ints, Ints, Floats], second: tuple[Ints, Ints, Floats], height: int
) -> tuple[Ints, Ints, Floats]:
    """Counts of two fields added up."""
    places = np.concatenate([part[0].astype(np.int64) * height + part[1] for part in (first, second)])
    pairs, place = np.unique(places, return_inverse=True)
    counts = np.bincount(place, weights=np.concatenate([first[2], second[2]]), minlength=len(pairs))
    return (pairs // height).astype(np.int32), (pairs % height).astype(np.int32), counts.astype(np.float32)


def _gram_postings(units: list[str]) -> tuple[NDArray[np.uint64], Postings, Floats]:
    found = [gram_hashes_of(unit) for unit in units]
    rows = np.repeat(np.arange(len(units), dtype=np.int64), [len(hashes) for hashes in found])
    flat = np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)
    hashes, terms = np.unique(flat, return_inverse=True)
    posted, idf = tfidf(*counted(terms.astype(np.int64), rows, max(1, len(units))), max(1, len(hashes)), len(units))
    return hashes, posted, idf


def gram_hashes_of(text: str, limit: int = 3_000) -> NDArray[np.uint64]:
    """Hashes of the 3- to 5-letter pieces of a text's words, the blanks at their ends included."""
    codes = np.frombuffer(f" {' '.join(tokens(text)[:limit])} ".encode("utf-32-le"), dtype=np.uint32)[:limit]
    blank = codes == 32
    found: list[NDArray[np.uint64]] = []
    for size in (3, 4, 5):
        length = len(codes) - size + 1
        if length <= 0:
            continue
        value = np.full(length, size, dtype=np.uint64)
        inside = np.ones(length, dtype=bool)
        for step in range(size):
            value = (value ^ codes[step : step + length].astype(np.uint64)) * _PRIME
            value ^= value >> np.uint64(29)
            if 0 < step < size - 1:
                inside &= ~blank[step : step + length]
        found.append(value[inside])
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)


def spans(starts: NDArray[np.int32], ends: NDArray[np.int32]) -> NDArray[np.int64]:
    """The numbers of all ranges [start, end) one after another."""
    lengths = (ends - starts).astype(np.int64)
    if not lengths.sum():
        return np.zeros(0, dtype=np.int64)
    offsets = np.repeat(starts.astype(np.int64) - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    flat: NDArray[np.int64] = offsets + np.arange(int(lengths.sum()))
    return flat


def _starts(lengths: Iterable[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(list(lengths), dtype=np.int64)]).astype(np.int32)


def _flat(lists: list[list[int]]) -> Ints:
    return np.array([number for inner in lists for number in inner], dtype=np.int32)
