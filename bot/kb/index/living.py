"""The living index: an immutable snapshot of the base, rebuilt off the turn's thread and swapped by one assignment.

One thread follows the base and shows an edit within a second or so; another does what takes long: loads the encoder,
encodes, and merges what has changed into a large index.
"""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.db.engine import Database
from bot.db.listening import listen
from bot.kb.articles.article import PUBLIC, ArticleText
from bot.kb.articles.sync import CHANNEL, published, version
from bot.kb.base.encoder import Encoder, UseEncoder, VectorCache, encoder_wanted
from bot.kb.base.giving_way import Lines, StoppingError
from bot.kb.base.memory import give_back
from bot.kb.base.second import E5_FORM, SECOND_FILE
from bot.kb.index.snapshots import (
    Main,
    SharedEncoder,
    Snapshot,
    build_words,
    digests_of,
    snapshot_of,
    with_second,
    with_vectors,
)
from bot.kb.judging.beside import apart
from bot.kb.judging.calibration import AS_SHIPPED, Layer
from bot.kb.judging.reading import Context, Reading, Thresholds
from bot.kb.learning.refit import layer_in_force
from bot.kb.line.own_names import without_names
from bot.kb.line.text import MAX_LINE
from bot.messaging.runner import Runner

log = structlog.get_logger()

POLL_SECONDS = 0.5
SMALL = 2_000  # articles: up to so many are indexed anew in a moment, more get a small index of what has changed
FEW = 30  # changed articles that are encoded before the edit is shown
MANY = 500  # changed articles that are merged at once
QUIET_SECONDS = 60.0  # without edits before a merge
SWITCH_SECONDS = 0.0005  # a line waits so long for the interpreter while this works in the background (5 ms by default)
EVERYONE = frozenset({PUBLIC})


@dataclass(slots=True)
class LivingBase:
    """Answers lines from the newest snapshot it has; safe to ask from any thread at any moment.

    `make_encoder` is called once, in the background; until then, and without one, words alone answer. `make_second`
    comes after it has done its work: until then, and where it can't be had, lines get no second look. `vectors` is
    a file that keeps the encoder's work between runs, by the hash of each text; the second's lies beside it.
    `small`: see SMALL. `beside`: what is found like articles and is none, read anew with each version of the base
    (see `judging/beside.py`).
    """

    database: Database
    thresholds: Thresholds = field(default_factory=Thresholds)
    make_encoder: Callable[[], Encoder] | None = UseEncoder
    make_second: Callable[[], Encoder] | None = None
    vectors: Path | None = None
    small: int = SMALL
    quiet_seconds: float = QUIET_SECONDS
    beside: Callable[[Session], Sequence[ArticleText]] = lambda _session: ()
    _snapshot: Snapshot | None = None
    _version: int = -1
    _main: Main | None = None
    _present: Sequence[ArticleText] = ()
    _digests: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _layer: Layer = AS_SHIPPED
    _edited_at: float = 0.0
    _encoder: SharedEncoder | None = None
    _cache: VectorCache | None = None
    _second: SharedEncoder | None = None
    _second_cache: VectorCache | None = None
    _swapping: threading.RLock = field(default_factory=threading.RLock)
    _lines: Lines = field(default_factory=Lines)
    _changed: threading.Event = field(default_factory=threading.Event)
    _to_do: threading.Event = field(default_factory=threading.Event)

    def start(self, runner: Runner) -> None:
        """Follow the base in threads of the runner: an edit by any process is seen within a second."""
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_SECONDS))

        def follow() -> None:
            while not runner.stopping.is_set():
                self._changed.clear()
                self._refresh_if_reachable()
                self._changed.wait(POLL_SECONDS)

        def catch_up() -> None:
            while not runner.stopping.is_set():
                self._to_do.wait(POLL_SECONDS)
                self._to_do.clear()
                try:
                    self.catch_up(runner.stopping)
                except StoppingError:
                    return

        runner.thread("kb", follow, disposable=True)
        runner.thread("kb-merge", catch_up, disposable=True)
        runner.thread("kb-listen", lambda: listen(self.database, {CHANNEL: self._changed.set}, runner.stopping))
        runner.on_stop(self._to_do.set)
        runner.on_stop(self._changed.set)

    def ask(
        self,
        line: str,
        *,
        kinds: frozenset[str] = frozenset(),
        names: frozenset[str] = frozenset(),
        audience: frozenset[str] = EVERYONE,
    ) -> Reading:
        """Read a line. `kinds`: kinds and models of the client's equipment; `names`: words of their own names of it and
        of its places (`names_in`), which are left out where no article has them; `audience`: what they may see.

        Before the first snapshot it is built here and now.
        """
        if self._snapshot is None:
            self.refresh()
        snapshot = self._snapshot
        if snapshot is None:
            return Reading(line, None, "none", 0.0, (), {})
        context = Context(frozenset(kind.lower() for kind in kinds))
        asked = without_names(line[:MAX_LINE], names, snapshot.index.base.lexicon)
        with self._lines.reading():
            reading = apart(snapshot.ask(asked, context, audience | EVERYONE, self.thresholds), self.thresholds)
        return replace(reading, query=line)

    def read_ahead(self, lines: Sequence[str]) -> None:
        """What can be done for several lines at once that will each be asked for in a moment."""
        snapshot, encoder = self._snapshot, self._encoder
        if snapshot is not None and encoder is not None and len(lines) > 1:
            with self._lines.reading():
                snapshot.read_ahead(lines, encoder)

    @property
    def encoder(self) -> Encoder | None:
        """The encoder in use, None before it is loaded and without one."""
        return self._encoder

    def refresh(self) -> bool:
        """Take the base as it is by now; True if it had changed. A failure keeps the old snapshot."""
        with self._swapping:
            with self.database.read() as session:
                present = version(session)
                if present == self._version and self._snapshot is not None:
                    return False
                articles, layer = published(session, self._present), layer_in_force(session)
                articles += self.beside(session)
            self._version, self._layer, self._edited_at = present, layer, time.monotonic()
            self._present, self._digests = articles, digests_of(articles)
            try:
                self._take(articles)
            except StoppingError:
                return False
            except Exception as error:
                log.error("kb_not_rebuilt", version=present, error=type(error).__name__, exc_info=True)
                return False
            log.info("kb_rebuilt", version=present, articles=len(articles), encoder=self._encoder is not None)
        self._to_do.set()
        return True

    def catch_up(self, stopping: threading.Event) -> None:
        """What takes long: the encoder, vectors of a new index, a merge into a large one. Raises StoppingError.

        A large base gets vectors of its titles and ways to ask first, those of its bodies at the next call, and those
        of the second encoder last.
        """
        self._load_encoder(stopping)
        main, articles = self._main, self._present
        if main is None:
            return
        present = self._digests
        waited = time.monotonic() - self._edited_at >= self.quiet_seconds
        stale = main.digests != present and (waited or len(main.changed(present)) > MANY)
        lacking = self._encoder is not None and main.index.lacks_vectors
        if not stale and not lacking:
            self._look_closer(main, stopping)
            return
        in_parts = lacking and main.index.meanings is None and len(articles) > self.small
        try:
            merged = build_words(articles, self.thresholds, self._lines.give_way) if stale else main
            merged = self._encoded(merged, bodies=not in_parts)
        except StoppingError:
            raise
        except Exception as error:
            log.error("kb_not_merged", error=type(error).__name__, exc_info=True)
            self._edited_at = time.monotonic()  # not again at once
            return
        with self._swapping:
            if self._main is main:  # else an edit made a newer one, whose vectors come next
                self._main = merged
                self._snapshot = self._composed(merged)
                log.info("kb_merged", articles=len(articles), encoder=self._encoder is not None, bodies=not in_parts)
        del main, merged
        if stale and len(articles) > self.small:
            give_back()  # the index that is not asked any more
        if in_parts:
            self._to_do.set()

    def _look_closer(self, main: Main, stopping: threading.Event) -> None:
        """Give an index that has all else the second encoder's vectors, once."""
        if main.index.meanings is None or main.index.closer is not None:
            return
        self._load_second(stopping)
        if self._second is None or self._second_cache is None:
            return
        try:
            closer = with_second(main, self._second, self._second_cache)
        except StoppingError:
            raise
        except Exception as error:
            log.error("kb_second_look_missing", error=type(error).__name__, exc_info=True)
            self._second = None  # lines are answered without it
            return
        with self._swapping:
            if self._main is main:
                self._main = closer
                self._snapshot = self._composed(closer)
                log.info("kb_second_look", articles=len(self._present))

    def _take(self, articles: Sequence[ArticleText]) -> None:
        main, present = self._main, self._digests
        changed = len(main.changed(present)) if main is not None else len(present)
        if main is None or len(articles) <= self.small:
            same = main is not None and main.digests == present
            if main is None or not same:
                had_vectors = main is None or main.index.meanings is not None
                main = build_words(articles, self.thresholds)
                if had_vectors and changed <= FEW:
                    main = self._encoded(main)
                self._main = main
            self._snapshot = Snapshot(main.index, layer=self._layer)
        elif changed <= MANY:
            self._snapshot = self._composed(main)

    def _composed(self, main: Main) -> Snapshot:
        return snapshot_of(main, self._present, self._digests, self._layer, self.thresholds, self._encoded)

    def _encoded(self, main: Main, *, bodies: bool = True) -> Main:
        if self._encoder is None or self._cache is None:
            return main
        return with_vectors(main, self._encoder, self._cache, bodies=bodies)

    def _load_encoder(self, stopping: threading.Event) -> None:
        if self._encoder is not None or self.make_encoder is None or self._main is None:
            return
        make, self.make_encoder = self.make_encoder, None
        if not encoder_wanted():
            return
        try:
            cache, encoder = VectorCache(self.vectors), SharedEncoder(make(), stopping, self._lines.give_way)
        except Exception as error:
            log.error("kb_encoder_missing", error=type(error).__name__, exc_info=True)
            return
        self._cache, self._encoder = cache, encoder
        log.info("kb_encoder_ready", stored=len(cache))

    def _load_second(self, stopping: threading.Event) -> None:
        if self.make_second is None:
            return
        make, self.make_second = self.make_second, None
        try:
            second = SharedEncoder(make(), stopping, self._lines.give_way)
        except Exception as error:  # no wheel for this machine, or a processor without what it needs
            log.warning("kb_second_encoder_missing", error=str(error))
            return
        beside = self.vectors and self.vectors.with_name(self.vectors.name + SECOND_FILE)
        self._second_cache, self._second = VectorCache(beside, E5_FORM), second
        log.info("kb_second_encoder_ready", stored=len(self._second_cache))

    def _refresh_if_reachable(self) -> None:
        try:
            self.refresh()
        except SQLAlchemyError as error:
            log.warning("kb_base_unreachable", error=type(error).__name__)
