"""Snapshots of the base: one index, and above a size a small one of what changed since the large one was built."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.kb.articles.article import ArticleText
from bot.kb.base.encoder import Encoder, VectorCache
from bot.kb.base.giving_way import StoppingError, at_once
from bot.kb.index.search import MAX_HITS, Index
from bot.kb.judging.calibration import AS_SHIPPED, Layer, corrected, decided
from bot.kb.judging.reading import Context, Reading, Thresholds

log = structlog.get_logger()

REMEMBERED = 64  # lines
BACKGROUND = 200  # unchanged articles in the small index: without company its words have no weights


@dataclass(slots=True)
class SharedEncoder:
    """An encoder that remembers the last lines (two indexes ask for the same, and some are read ahead together) and
    gives up long work on stopping."""

    inner: Encoder
    stopping: threading.Event = field(default_factory=threading.Event)
    give_way: Callable[[], None] = at_once
    _lines: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the inner one. Raises StoppingError for a batch when the process ends."""
        if len(texts) > 2:
            if self.stopping.is_set():
                raise StoppingError
            self.give_way()
            return self.inner.encode(texts)
        held = self._lines
        if not all(text in held for text in texts):
            held = self.read_ahead(texts)
        return np.stack([held[text] for text in texts])

    def read_ahead(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Encode lines that will be asked for in a moment: eight together take the time of three. Returns all vectors
        that are remembered now."""
        # A new mapping each time: another lane may be reading the old one, and may put its own in place of this one.
        kept = self._lines if len(self._lines) < REMEMBERED else {}
        found = kept | dict(zip(texts, self.inner.encode(texts), strict=True))
        self._lines = found
        return found


@dataclass(frozen=True, slots=True)
class Main:
    """An index and the digests of the articles it was built from, by id (one a language)."""

    index: Index
    digests: dict[str, tuple[str, ...]]
    articles: tuple[ArticleText, ...] = field(repr=False)

    def changed(self, present: dict[str, tuple[str, ...]]) -> frozenset[str]:
        """Ids that are new or other than here."""
        return frozenset(code for code, digest in present.items() if self.digests.get(code) != digest)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What lines are answered from. `fresh`: ids that only `delta` answers for."""

    index: Index
    delta: Index | None = None
    fresh: frozenset[str] = frozenset()
    layer: Layer = AS_SHIPPED

    def ask(self, line: str, context: Context, audience: frozenset[str], thresholds: Thresholds) -> Reading:
        """Read a line over both indexes, with the installation's own layer of confidence."""
        reading = self.index.ask(line, context=context, audience=audience)
        if self.delta is not None:
            other = self.delta.ask(line, context=context, audience=audience)
            reading = _joined(reading, other, self.fresh, thresholds)
        return corrected(reading, self.layer, thresholds)

    def read_ahead(self, lines: Sequence[str], encoder: SharedEncoder) -> None:
        """Encode what several lines will be asked by, in one go."""
        texts = {text for line in lines for text in self.index.texts_to_encode(line)}
        if len(texts) > 1:
            encoder.read_ahead(sorted(texts))


def digests_of(articles: Sequence[ArticleText]) -> dict[str, tuple[str, ...]]:
    """What tells each article from another version of it, by id, in the order of languages."""
    found: dict[str, tuple[str, ...]] = {}
    for article in articles:
        found[article.id] = (*found.get(article.id, ()), article.stored_as or article.digest)
    return found


def build_words(
    articles: Sequence[ArticleText], thresholds: Thresholds, give_way: Callable[[], None] = at_once
) -> Main:
    """An index by words. An article that can't be analysed is left out and named in the log."""
    try:
        index = Index.build(articles, thresholds=thresholds, give_way=give_way)
    except Exception:
        usable = [article for article in articles if _usable(article, thresholds)]
        if len(usable) == len(articles):
            raise
        index = Index.build(usable, thresholds=thresholds, give_way=give_way)
    return Main(index, digests_of(articles), tuple(articles))


def with_vectors(main: Main, encoder: Encoder, cache: VectorCache, *, bodies: bool = True) -> Main:
    """The same with vectors; what the cache lacks is encoded (500 to 1 000 texts a second) and kept."""
    index = main.index.with_encoder(encoder, cache, bodies=bodies)
    _keep(cache)
    return replace(main, index=index)


def with_second(main: Main, encoder: Encoder, cache: VectorCache) -> Main:
    """The same with the second encoder's vectors; what the cache lacks is encoded and kept."""
    index = main.index.with_second(encoder, cache)
    _keep(cache)
    return replace(main, index=index)


def _keep(cache: VectorCache) -> None:
    try:
        cache.save()
    except OSError as error:
        log.warning("kb_vectors_not_kept", error=str(error))


def snapshot_of(
    main: Main,
    articles: Sequence[ArticleText],
    present: dict[str, tuple[str, ...]],
    layer: Layer,
    thresholds: Thresholds,
    encode: Callable[[Main], Main],
) -> Snapshot:
    """The large index with what has changed since in a small one beside it.

    `present`: digests of the articles; `encode` gives an index its vectors.
    """
    fresh = main.changed(present)
    hidden = fresh | (main.digests.keys() - present.keys())
    if not hidden:
        return Snapshot(main.index, layer=layer)
    large = replace(main.index, base=main.index.base.without(hidden))
    if not fresh:
        return Snapshot(large, layer=layer)
    company = [article for article in main.articles if article.id not in hidden]
    step = max(1, len(company) // BACKGROUND)
    small = build_words([*(a for a in articles if a.id in fresh), *company[::step]], thresholds)
    if main.index.meanings is not None:
        small = encode(small)
    return Snapshot(large, small.index, fresh, layer)


def _joined(large: Reading, small: Reading, fresh: frozenset[str], thresholds: Thresholds) -> Reading:
    """Hits of both by probability. Of the small index only what the large one does not know counts."""
    own = [hit for hit in small.hits if hit.id in fresh]
    if not own:
        return large
    hits = tuple(sorted((*large.hits, *own), key=lambda hit: (-hit.score, hit.id))[:MAX_HITS])
    first = small if hits[0] is own[0] else large
    in_scope = max(large.in_scope, small.in_scope) if small.hits[0].id in fresh else large.in_scope
    return replace(first, query=large.query, in_scope=in_scope, hits=hits, decision=decided(hits, in_scope, thresholds))


def _usable(article: ArticleText, thresholds: Thresholds) -> bool:
    try:
        Index.build([article], thresholds=thresholds)
    except Exception as error:
        log.error("kb_article_left_out", article=article.id, language=article.lang, error=type(error).__name__)
        return False
    return True
