"""The search: an immutable index of articles that reads a line and says what answers it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bot.kb.articles.article import PUBLIC, ArticleText
from bot.kb.base.encoder import Encoder, VectorCache
from bot.kb.base.giving_way import at_once
from bot.kb.base.memory import give_back
from bot.kb.base.second import as_query
from bot.kb.base.similar import SimilarWords, Synonyms, shipped_synonyms
from bot.kb.base.words import Base, build_base
from bot.kb.judging.candidates import candidates, lexical_scores
from bot.kb.judging.closer import Closer, build_closer
from bot.kb.judging.features import COLUMN, NAMES, AnalysedLine, Cosines, analyse, feature_rows
from bot.kb.judging.meanings import Meanings, build_meanings, with_sentences
from bot.kb.judging.model import (
    RIGHT_NAMES,
    SCOPE_NAMES,
    Model,
    Models,
    joined_values,
    rank_scores,
    right_values,
    scope_values,
    shares,
    shipped_models,
)
from bot.kb.judging.reading import Context, Decision, Hit, Reading, Thresholds
from bot.kb.line.repair import Repaired, Repairer
from bot.kb.line.text import MAX_LINE, kind_of_question
from bot.kb.line.vocabulary import vocabulary

MAX_HITS = 10
MANY = 1_000  # articles whose analysis leaves tens of megabytes of holes behind
UNSURE = 1.5  # log odds between the first two candidates
OWN_EQUIPMENT, OTHER_EQUIPMENT = 1.5, -1.0


@dataclass(frozen=True, slots=True)
class Looked:
    """All that was found about a line before deciding; weights are fitted on this."""

    repaired: Repaired
    line: AnalysedLine
    picked: NDArray[np.int64]
    table: NDArray[np.float32]
    unknown: float
    with_encoder: bool
    closer: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """A snapshot of the knowledge base. Safe to share between threads; replace it by another to change anything."""

    base: Base
    repairer: Repairer
    similar: SimilarWords
    unit_kinds: list[str | None]
    models: Models
    thresholds: Thresholds
    encoder: Encoder | None = None
    meanings: Meanings | None = field(default=None, repr=False)
    second: Encoder | None = None
    closer: Closer | None = field(default=None, repr=False)

    @staticmethod
    def build(
        articles: Iterable[ArticleText],
        encoder: Encoder | None = None,
        cache: VectorCache | None = None,
        *,
        synonyms: Synonyms | None = None,
        thresholds: Thresholds | None = None,
        models: Models | None = None,
        give_way: Callable[[], None] = at_once,
    ) -> "Index":
        """Index articles; those of one id in several languages are one. With an encoder this encodes what the cache
        lacks (minutes for thousands of articles): build without one first and add it by `with_encoder`."""
        base = build_base(articles, give_way)
        if len(base.entries) > MANY:
            give_back()
        general = vocabulary()
        index = Index(
            base=base,
            repairer=Repairer(general, base.written),
            similar=SimilarWords(base, synonyms or shipped_synonyms(), general),
            unit_kinds=[kind_of_question(unit) for unit in base.unit_texts()],
            models=models or shipped_models(),
            thresholds=thresholds or Thresholds(),
        )
        return index if encoder is None else index.with_encoder(encoder, cache)

    def with_encoder(self, encoder: Encoder, cache: VectorCache | None = None, *, bodies: bool = True) -> "Index":
        """The same index with vectors; with `bodies=False` only of titles and ways to ask, which takes a fifth of the
        time. Call it again for the rest."""
        if not self.base.entries:
            return self
        cache = VectorCache() if cache is None else cache
        meanings = self.meanings or build_meanings(self.base, encoder, cache)
        if bodies and meanings.sentences is None:
            meanings = with_sentences(meanings, self.base, encoder, cache)
        return replace(self, encoder=encoder, meanings=meanings)

    def with_second(self, encoder: Encoder, cache: VectorCache) -> "Index":
        """The same index with the second encoder's vectors (minutes for a thousand articles that the cache lacks)."""
        if not self.base.entries:
            return self
        return replace(self, second=encoder, closer=build_closer(self.base, encoder, cache))

    @property
    def lacks_vectors(self) -> bool:
        """Whether there are texts without vectors."""
        return bool(self.base.entries) and (self.meanings is None or self.meanings.sentences is None)

    def ask(
        self, line: str, *, context: Context | None = None, audience: frozenset[str] = frozenset({PUBLIC})
    ) -> Reading:
        """Read a client's line and decide. `audience` are the codes the client may see; any text is accepted."""
        looked = self.look(line, audience=audience)
        if looked is None:
            return Reading(line, None, "none", 0.0, (), {})
        if self.second is not None and self.unsure(looked, context):
            looked = self.look_closer(looked)
        return self.decide(line, looked, context)

    def unsure(self, looked: Looked, context: Context | None = None) -> bool:
        """Whether the first two candidates are so close that the second encoder is asked."""
        if not looked.with_encoder or self.closer is None or len(looked.picked) < 2:
            return False
        second, first = np.partition(self._scores(self.models.full, looked, context), -2)[-2:]
        return bool(first - second < UNSURE)

    def look_closer(self, looked: Looked) -> Looked:
        """The same candidates with the second encoder's numbers, where it is there."""
        if self.second is None or self.closer is None:
            return looked
        table = looked.table.copy()
        line = self.second.encode([as_query(looked.repaired.text)])[0]
        self.closer.fill(table, self.base, looked.picked, line)
        return replace(looked, table=table, closer=True)

    def look(self, line: str, *, audience: frozenset[str] = frozenset({PUBLIC})) -> Looked | None:
        """Repair the line, choose candidates and measure them. None when the line or the base holds no words."""
        if not self.base.entries:
            return None
        repaired = self._repaired(line)
        analysed = analyse(repaired.text, self.base, self.similar)
        if not analysed.words:
            return None
        allowed = self.base.shown_to(audience)
        scores = lexical_scores(analysed, self.base)
        vectors = self._encode(repaired)
        passed = self.meanings.first_pass(vectors[0]) if vectors and self.meanings else None
        picked = candidates(self.base, scores, passed, allowed)
        if not len(picked):
            return None
        cosines: Cosines | None = None
        if vectors and self.meanings and passed:
            cosines = self.meanings.exact(self.base, picked, *vectors, passed)
        return Looked(
            repaired=repaired,
            line=analysed,
            picked=picked,
            table=feature_rows(analysed, self.base, self.unit_kinds, picked, scores, cosines),
            unknown=self.repairer.unknown_share([w.text for w in analysed.words]),
            with_encoder=cosines is not None,
        )

    def texts_to_encode(self, line: str) -> tuple[str, ...]:
        """What the encoder will be asked when this line is: as it is meant, and before its typos were mended."""
        if self.encoder is None or self.meanings is None:
            return ()
        repaired = self._repaired(line)
        return repaired.text, repaired.before_typos

    def _repaired(self, line: str) -> Repaired:
        text = line[:MAX_LINE].encode("utf-8", "replace").decode()  # half a surrogate pair is no text
        return self.repairer.repair(text)

    def decide(self, line: str, looked: Looked, context: Context | None = None) -> Reading:
        """Rank the candidates, estimate how sure that is, and decide."""
        model = self.models.lexical
        if looked.with_encoder:
            model = self.models.second if looked.closer else self.models.full
        scores = self._scores(model, looked, context)
        order = np.lexsort((looked.picked, -scores))
        articles = len(self.base.entries)
        scope_numbers = scope_values(looked.table, scores, order, looked.unknown, looked.line.weight, articles)
        in_scope = model.scope.probability(scope_numbers)
        right_numbers = right_values(looked.table, scores, order, len(looked.line.words))
        right = model.right.probability(right_numbers)
        sure = model.joined.probability(joined_values(in_scope, right))
        share = shares(scores)
        hits = tuple(
            Hit(self.base.entries[looked.picked[place]].id, sure * float(share[place] / share[order[0]]))
            for place in order[:MAX_HITS].tolist()
        )
        explanation = explain(model, looked.table[order[0]], scope_numbers, right_numbers)
        explanation["right"] = right
        read_as = looked.repaired.text if looked.repaired.ways else None
        return Reading(line, read_as, self._decision(sure, in_scope), in_scope, hits, explanation)

    def _scores(self, model: Model, looked: Looked, context: Context | None) -> NDArray[np.float32]:
        scores = rank_scores(looked.table, model)
        return (
            scores if context is None or not context.kinds else scores + self._equipment(looked.picked, context.kinds)
        )

    def _decision(self, sure: float, in_scope: float) -> Decision:
        if sure >= self.thresholds.answer:
            return "answer"
        return "suggest" if in_scope >= self.thresholds.suggest else "none"

    def _encode(self, repaired: Repaired) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
        if self.encoder is None or self.meanings is None:
            return None
        if repaired.text == repaired.before_typos:
            vector = self.encoder.encode([repaired.text])[0]
            return vector, vector
        both = self.encoder.encode([repaired.text, repaired.before_typos])
        return both[0], both[1]

    def _equipment(self, picked: NDArray[np.int64], own: frozenset[str]) -> NDArray[np.float32]:
        shift = np.zeros(len(picked), dtype=np.float32)
        for place, number in enumerate(picked.tolist()):
            kinds = self.base.entries[number].kinds
            if kinds:
                shift[place] = OWN_EQUIPMENT if kinds & own else OTHER_EQUIPMENT
        return shift


def explain(
    model: Model,
    row: NDArray[np.float32],
    scope_numbers: Sequence[float] | NDArray[np.float32],
    right_numbers: Sequence[float] | NDArray[np.float32],
) -> dict[str, float]:
    """What each feature added for the first candidate, and to the two probabilities, by name."""
    parts = {f"rank.{name}": float(row[COLUMN[name]] * model.rank[COLUMN[name]]) for name in NAMES}
    parts |= {
        f"scope.{name}": float(weight * value)
        for name, weight, value in zip(SCOPE_NAMES, model.scope.weights, scope_numbers, strict=True)
    }
    parts |= {
        f"right.{name}": float(weight * value)
        for name, weight, value in zip(RIGHT_NAMES, model.right.weights, right_numbers, strict=True)
    }
    return {name: value for name, value in parts.items() if value}
