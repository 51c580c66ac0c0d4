"""What unanswered lines mean: kept beside them as vectors, so that a turn can compare them without an encoder."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import bindparam, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from bot.db.unit_of_work import Office
from bot.kb.base.encoder import BATCH, DIMENSIONS, Encoder, quantised
from bot.kb.base.giving_way import StoppingError
from bot.kb.learning.models import Miss
from bot.kb.line.text import line_words
from bot.messaging.runner import Runner

log = structlog.get_logger()

SAME_MEANING = 0.62
SAME_WORDS = 0.5
SAYS_SOMETHING = 0.2  # weight of a word from which on it counts
LOOK_SECONDS = 5.0

_KEEP = (
    update(Miss.__table__)  # type: ignore[attr-defined]  # SQLModel gives a table class this attribute
    .where(col(Miss.id) == bindparam("miss"))
    .values(meaning=bindparam("vector"))
)


def likeness(rows: Sequence[Miss], encoder: Encoder | None = None) -> NDArray[np.float32]:
    """How much each two lines say the same, from 1 on enough to be one question: by meaning, or by words where one of
    the two has no vector. Lines of different languages have nothing in common. `encoder`: makes vectors that lack."""
    vectors, known = _vectors(rows, encoder)
    alike: NDArray[np.float32] = (vectors @ vectors.T) / np.float32(SAME_MEANING)
    if not known.all():
        by_words = ~(known[:, None] & known[None, :])
        alike[by_words] = _shared_words(rows)[by_words] / np.float32(SAME_WORDS)
    languages = np.array([row.language for row in rows])
    alike[languages[:, None] != languages[None, :]] = 0.0
    return alike


@dataclass(slots=True)
class Understanding:
    """Gives unanswered lines their meanings, in a thread of its own; `encoder`: the one that answers, once there is."""

    office: Office
    encoder: Callable[[], Encoder | None]

    def start(self, runner: Runner) -> None:
        """Look for lines without a meaning every few seconds."""

        def understand() -> None:
            while not runner.stopping.wait(LOOK_SECONDS):
                try:
                    while self.understand() and not runner.stopping.is_set():
                        pass
                except StoppingError:
                    return
                except SQLAlchemyError as error:
                    log.warning("kb_misses_unreachable", error=type(error).__name__)
                except Exception as error:  # no meaning is a worse list of questions, not a reason to answer nobody
                    log.error("kb_misses_not_understood", error=type(error).__name__, exc_info=True)

        runner.thread("kb-misses", understand, disposable=True)

    def understand(self) -> int:
        """Encode some lines, then keep their meanings; returns how many. The lines are encoded outside of any
        transaction."""
        encoder = self.encoder()
        if encoder is None:
            return 0
        lacking = select(Miss.id, Miss.query).where(col(Miss.meaning).is_(None), col(Miss.resolved_at).is_(None))
        with self.office.database.read() as session:
            rows = session.exec(lacking.order_by(col(Miss.id).desc()).limit(BATCH)).all()
        if not rows:
            return 0
        vectors = quantised(encoder.encode([query for _, query in rows]))
        with self.office.work() as uow:
            kept = [{"miss": row[0], "vector": vector.tobytes()} for row, vector in zip(rows, vectors, strict=True)]
            uow.session.connection().execute(_KEEP, kept)
        return len(rows)


def _vectors(rows: Sequence[Miss], encoder: Encoder | None) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(Unit vectors of the rows, whether there is one)."""
    found = np.zeros((len(rows), DIMENSIONS), dtype=np.float32)
    known = np.zeros(len(rows), dtype=bool)
    for place, row in enumerate(rows):
        if row.meaning is not None and len(row.meaning) == DIMENSIONS:
            found[place], known[place] = np.frombuffer(row.meaning, dtype=np.int8), True
    lacking = np.flatnonzero(~known)
    if encoder is not None and len(lacking):
        found[lacking], known[lacking] = encoder.encode([rows[place].query for place in lacking.tolist()]), True
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6), known


def _shared_words(rows: Sequence[Miss]) -> NDArray[np.float32]:
    """The share of common words among all the words of each two lines."""
    from scipy.sparse import csr_array  # a quarter of a second of every start otherwise, for what few chats ask

    numbers: dict[str, int] = {}
    places, words = array("i"), array("i")
    for place, row in enumerate(rows):
        for lemma in {word.lemma for word in line_words(row.query) if word.weight > SAYS_SOMETHING}:
            places.append(place)
            words.append(numbers.setdefault(lemma, len(numbers)))
    table = csr_array((np.ones(len(places), np.float32), (places, words)), shape=(len(rows), max(1, len(numbers))))
    common: NDArray[np.float32] = (table @ table.T).toarray()
    count = common.diagonal()
    shares: NDArray[np.float32] = common / np.maximum(count[:, None] + count[None, :] - common, 1.0)
    return shares
