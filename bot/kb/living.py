"""The living index: an immutable snapshot of the base, rebuilt off the turn's thread and swapped by one assignment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.db.engine import Database
from bot.kb.article import PUBLIC
from bot.kb.encoder import Encoder, UseEncoder, VectorCache, encoder_wanted
from bot.kb.index import Index
from bot.kb.reading import Context, Reading, Thresholds
from bot.kb.sync import published, version
from bot.messaging.runner import Runner

log = structlog.get_logger()

POLL_SECONDS = 0.5
EVERYONE = frozenset({PUBLIC})


@dataclass(slots=True)
class LivingBase:
    """Answers lines from the newest snapshot it has; safe to ask from any thread at any moment.

    `make_encoder` is called once, in the background; until then, and without one, words alone answer. `vectors` is
    a file that keeps the encoder's work between runs.
    """

    database: Database
    thresholds: Thresholds = field(default_factory=Thresholds)
    make_encoder: Callable[[], Encoder] | None = UseEncoder
    vectors: Path | None = None
    _index: Index | None = None
    _version: int = -1
    _encoder: Encoder | None = None
    _cache: VectorCache | None = None

    def start(self, runner: Runner) -> None:
        """Follow the base in a thread of the runner: an edit is seen within a second."""

        def follow() -> None:
            while not runner.stopping.is_set():
                self.refresh()
                self._warm_up()
                runner.stopping.wait(POLL_SECONDS)

        runner.thread("kb", follow)

    def ask(self, line: str, *, kinds: frozenset[str] = frozenset(), audience: frozenset[str] = EVERYONE) -> Reading:
        """Read a line. `kinds`: kinds and models of the client's equipment; `audience`: what they may see.

        Before the first snapshot it is built here and now.
        """
        index = self._index
        if index is None:
            self.refresh()
            index = self._index
        if index is None:
            return Reading(line, None, "none", 0.0, (), {})
        return index.ask(line, context=Context(frozenset(kind.lower() for kind in kinds)), audience=audience | EVERYONE)

    def refresh(self) -> bool:
        """Rebuild when the base's version has changed; True if it had. A failure keeps the old snapshot."""
        with self.database.read() as session:
            present = version(session)
            if present == self._version and self._index is not None:
                return False
            articles = published(session)
        try:
            index = Index.build(articles, thresholds=self.thresholds)
            if self._encoder is not None:
                if self._index is None or len(articles) > 300:
                    self._index = index  # words first: encoding takes a while
                index = self._with_vectors(index, self._encoder)
        except Exception as error:
            log.error("kb_not_rebuilt", version=present, error=type(error).__name__, exc_info=True)
            self._version = present
            return False
        self._index, self._version = index, present
        log.info("kb_rebuilt", version=present, articles=len(articles), encoder=self._encoder is not None)
        return True

    def _warm_up(self) -> None:
        if self._encoder is not None or self.make_encoder is None or self._index is None:
            return
        if not encoder_wanted():
            self.make_encoder = None
            return
        encoder = self.make_encoder()
        self._cache = VectorCache(self.vectors)
        self._index = self._with_vectors(self._index, encoder)
        self._encoder = encoder
        log.info("kb_encoder_ready")

    def _with_vectors(self, index: Index, encoder: Encoder) -> Index:
        cache = self._cache or VectorCache(self.vectors)
        found = index.with_encoder(encoder, cache)
        cache.save()
        return found
