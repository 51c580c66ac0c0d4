"""The words of all articles as arrays: what the search reads. Built once, then only read."""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.kb.articles.article import PUBLIC, ArticleText
from bot.kb.base.giving_way import at_once
from bot.kb.base.postings import Counts, Floats, Ints, Postings, counted, merged, postings, spans, tfidf
from bot.kb.line.text import Word, plain, sentences, tokens, word, word_lists

UNIT_WEIGHT, BODY_WEIGHT = 3.0, 1.0
K1, B_UNIT, B_BODY = 1.2, 0.3, 0.75
MAX_BODY = 20_000
_PRIME = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """One article as the search sees it, all its languages together. `bodies` are the articles' own, not copies.
    `ways`: in how many ways it can be asked in one language, its title among them."""

    id: str
    units: tuple[str, ...]
    bodies: tuple[str, ...]
    codes: frozenset[str]
    kinds: frozenset[str]
    audience: frozenset[str]
    ways: int

    def text(self) -> str:
        """The bodies without their marks."""
        return _plain_text(self.bodies)

    def sentences(self) -> list[str]:
        """Sentences of the bodies."""
        return sentences(self.text())


@dataclass(frozen=True, slots=True)
class Base:
    """Arrays over articles, units (titles and ways to ask; a body where there is neither), sentences and terms."""

    entries: tuple[IndexedArticle, ...]
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
    has_body: NDArray[np.bool_]
    sentence_starts: Ints
    audiences: tuple[frozenset[str], ...]
    audience_of: Ints
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

    def sentence_texts(self, begin: int, end: int) -> list[str]:
        """The body sentences of the articles from `begin` to before `end`, in the order of the arrays."""
        return [sentence for entry in self.entries[begin:end] for sentence in entry.sentences()]

    def shown_to(self, audience: frozenset[str]) -> NDArray[np.bool_]:
        """Which articles a person of this audience may see."""
        return np.array([bool(codes & audience) for codes in self.audiences], dtype=bool)[self.audience_of]

    def without(self, hidden: Collection[str]) -> "Base":
        """The same base with some articles shown to nobody."""
        places = [place for place, entry in enumerate(self.entries) if entry.id in hidden]
        audience_of = self.audience_of.copy()
        audience_of[places] = len(self.audiences)
        return replace(self, audiences=(*self.audiences, frozenset()), audience_of=audience_of)


@dataclass(frozen=True, slots=True)
class _Read:
    """An article with the words of its units and of its body, and how many sentences that has."""

    entry: IndexedArticle
    units: list[list[str]]
    body: list[str]
    sentences: int


def _read(versions: Sequence[ArticleText]) -> _Read:
    """One id from its languages."""
    units: dict[str, list[str]] = {}
    tagged: list[str] = []
    ways = 0
    for article in versions:
        said = [text for text in (article.title, *article.questions) if tokens(text)]
        units |= {text: tokens(text) for text in said}
        ways = max(ways, len(said))
        tagged += [*article.tags, *article.kinds]
    bodies = tuple(article.body for article in versions if article.body)
    body = _plain_text(bodies)
    if not units:
        text = body if tokens(body) else versions[0].id
        units[text] = tokens(text) or ["_"]
    in_body = tokens("\n".join([body, *tagged]))
    entry = IndexedArticle(
        id=versions[0].id,
        units=tuple(units),
        bodies=bodies,
        codes=frozenset(token for found in (*units.values(), in_body) for token in found if _is_code(token)),
        kinds=frozenset(kind.lower() for article in versions for kind in article.kinds),
        audience=frozenset(code for article in versions for code in article.audience) or frozenset({PUBLIC}),
        ways=ways,
    )
    return _Read(entry, list(units.values()), in_body, len(sentences(body)))


def _is_code(token: str) -> bool:
    return not token.isalpha() and any(c.isdigit() for c in token)


def _plain_text(bodies: Sequence[str]) -> str:
    texts = (plain(body[:MAX_BODY]) for body in bodies)
    return "\n".join(text for text in texts if text)


class _Lexicon:
    """Numbers terms in the order they come, and analyses each written word once."""

    def __init__(self) -> None:
        self.lexicon: dict[str, int] = {}
        self.seen: list[Word] = []
        self._of_token: dict[str, int] = {}

    def numbers(self, found: Iterable[str]) -> Iterator[int]:
        """The terms of written words."""
        for token in found:
            number = self._of_token.get(token)
            if number is None:
                number = self._of_token[token] = self._term(word(token))
            yield number

    def _term(self, w: Word) -> int:
        number = self.lexicon.setdefault(w.lemma, len(self.seen))
        if number == len(self.seen):
            self.seen.append(w)
        return number


def build_base(articles: Iterable[ArticleText], give_way: Callable[[], None] = at_once) -> Base:
    """Analyse all articles. The order they come in does not matter. `give_way`: called before each of them."""
    ordered = sorted(articles, key=lambda article: (article.id, article.lang))
    entries: list[IndexedArticle] = []
    terms = _Lexicon()
    written: dict[str, int] = {}
    negation = word_lists().negation
    unit_numbers, body_numbers = array("i"), array("i")
    unit_lengths, body_lengths, sentence_counts = array("i"), array("i"), array("i")
    unit_sorted: list[str] = []
    negated: list[bool] = []
    for _, group in groupby(ordered, key=lambda article: article.id):
        give_way()
        read = _read(list(group))
        entries.append(read.entry)
        for unit in read.units:
            unit_numbers.extend(terms.numbers(unit))
            unit_lengths.append(len(unit))
            unit_sorted.append(" ".join(sorted(unit))[:400])
            negated.append(not negation.isdisjoint(unit))
        body_numbers.extend(terms.numbers(read.body))
        body_lengths.append(len(read.body))
        sentence_counts.append(read.sentences)
        for text in sorted({token for found in (*read.units, read.body) for token in found}):
            written[text] = written.get(text, 0) + 1
    lexicon, seen = terms.lexicon, terms.seen
    del terms, ordered

    gram_hashes, grams, gram_idf = _gram_postings([unit for entry in entries for unit in entry.units])
    count, width = len(entries), max(1, len(seen))
    unit_starts = _starts(len(entry.units) for entry in entries)
    unit_of = np.repeat(np.arange(count, dtype=np.int32), np.diff(unit_starts))
    token_starts, token_terms = _starts(unit_lengths), np.array(unit_numbers, dtype=np.int32)
    token_units = np.repeat(np.arange(len(unit_lengths), dtype=np.int32), unit_lengths)
    body_articles = np.repeat(np.arange(count, dtype=np.int32), body_lengths)
    units = counted(token_terms, token_units, max(1, len(unit_lengths)))
    bodies = counted(np.array(body_numbers, dtype=np.int32), body_articles, max(1, count))
    in_units = counted(token_terms, unit_of[token_units], max(1, count))
    del body_numbers, body_articles, token_units

    together = merged(in_units, bodies, max(1, count))
    frequency = np.bincount(together[0], minlength=width)
    idf = np.log(1.0 + (count - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    article_tfidf, tfidf_idf = tfidf(*in_units, width, count)
    whole_tfidf, _ = tfidf(*together, width, count)
    bm25_article = _bm25_article(together, idf, count)
    del together
    order = np.lexsort((bodies[0], bodies[1]))
    audiences = tuple(sorted({entry.audience for entry in entries}, key=sorted))
    numbered = {codes: number for number, codes in enumerate(audiences)}
    return Base(
        entries=tuple(entries),
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
        has_body=np.array([bool(entry.bodies) for entry in entries], dtype=bool),
        sentence_starts=_starts(sentence_counts),
        audiences=audiences,
        audience_of=np.array([numbered[entry.audience] for entry in entries], dtype=np.int32),
        bm25=_bm25(units, bodies, np.diff(token_starts), np.array(body_lengths), unit_starts, idf),
        bm25_article=bm25_article,
        article_tfidf=article_tfidf,
        whole_tfidf=whole_tfidf,
        tfidf_idf=tfidf_idf,
        gram_hashes=gram_hashes,
        grams=grams,
        gram_idf=gram_idf,
    )


def _bm25(
    units: Counts, bodies: Counts, unit_lengths: Ints, body_lengths: Ints, unit_starts: Ints, idf: Floats
) -> Postings:
    """BM25F with the unit (weight 3) and the body of its article (weight 1) as fields, a row for each unit."""
    count, height = len(unit_starts) - 1, int(unit_starts[-1])
    unit_norm = 1 - B_UNIT + B_UNIT * unit_lengths / max(1.0, float(unit_lengths.mean()) if height else 1.0)
    body_norm = 1 - B_BODY + B_BODY * body_lengths / max(1.0, float(body_lengths.mean()) if count else 1.0)
    copies = np.diff(unit_starts)[bodies[1]]
    in_units = units[0], units[1], UNIT_WEIGHT * units[2] / unit_norm[units[1]]
    in_bodies = (
        np.repeat(bodies[0], copies),
        spans(unit_starts[bodies[1]], unit_starts[bodies[1] + 1]).astype(np.int32),
        np.repeat(BODY_WEIGHT * bodies[2] / body_norm[bodies[1]], copies),
    )
    terms, rows, total = merged(in_units, in_bodies, max(1, height))
    del in_units, in_bodies, copies
    weights = (idf[terms] * total * (K1 + 1) / (total + K1)).astype(np.float32)
    return postings(terms, rows, weights, len(idf), height)


def _bm25_article(together: Counts, idf: Floats, count: int) -> Postings:
    """Plain BM25 over whole articles."""
    terms, rows, amounts = together
    counts = amounts.astype(np.float32)
    lengths = np.bincount(rows, weights=counts, minlength=count)
    norm = K1 * (1 - B_BODY + B_BODY * lengths / max(1.0, float(lengths.mean()) if count else 1.0))
    return postings(
        terms, rows, (idf[terms] * counts * (K1 + 1) / (counts + norm[rows])).astype(np.float32), len(idf), count
    )


def _gram_postings(units: list[str]) -> tuple[NDArray[np.uint64], Postings, Floats]:
    lengths, flat = array("i"), array("Q")
    for unit in units:
        hashes = gram_hashes_of(unit)
        lengths.append(len(hashes))
        flat.frombytes(hashes.tobytes())
    hashes = np.array(flat, dtype=np.uint64)
    del flat
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    hashes = hashes[order]
    rows = np.repeat(np.arange(len(units), dtype=np.int32), lengths)[order]
    del order
    first = _changes(hashes)
    terms = (np.cumsum(first, dtype=np.int32) - 1).astype(np.int32)
    distinct = hashes[first]
    del hashes
    firsts = np.flatnonzero(first | _changes(rows))  # rows ascend within a piece: equal pairs are neighbours
    counts = np.diff(firsts, append=len(terms)).astype(np.float32)
    posted, idf = tfidf(terms[firsts], rows[firsts], counts, max(1, len(distinct)), len(units))
    return distinct, posted, idf


def _changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value is other than the one before it."""
    found = np.ones(len(values), dtype=bool)
    found[1:] = values[1:] != values[:-1]
    return found


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


def _starts(lengths: Iterable[int]) -> Ints:
    return np.cumsum([0, *lengths], dtype=np.int64).astype(np.int32)
