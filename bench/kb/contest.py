"""Run one way of searching over sets of lines and count what came."""

import gc
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bench.kb.breaking import with_broken
from bench.kb.collect import faq_articles, thinned
from bench.kb.data import DataSet, Query
from bench.kb.examples import left_out, part_of
from bench.kb.measures import auroc, calibration_error, percentile
from bench.kb.rivals import TOP, Rival
from bot.kb.articles.article import ArticleText
from bot.kb.base.encoder import Encoder, VectorCache
from bot.kb.index.search import Index
from bot.kb.judging.model import Models

COPIES = ("clean", "typo", "layout", "translit")


@dataclass(frozen=True, slots=True)
class Round:
    """Articles with the lines to ask of them."""

    articles: tuple[ArticleText, ...]
    queries: dict[str, tuple[Query, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search said to a line: ids, how sure it is that any article answers, and of the first being right."""

    ids: tuple[str, ...]
    in_scope: float
    sure: float = 0.0
    decision: str = ""


Search = Callable[[Query], Found]
Build = Callable[[Sequence[ArticleText]], Search]


@dataclass
class Score:
    """What came of the lines of one copy of a set."""

    lines: int = 0
    first: int = 0
    three: int = 0
    reciprocal: float = 0.0
    answered: int = 0
    answered_right: int = 0
    inside: list[float] = field(default_factory=list)
    outside: dict[str, list[float]] = field(default_factory=dict)
    sure: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    decisions: dict[str, list[str]] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)

    def add(self, query: Query, found: Found, took: float) -> None:
        """Count one line; `took` in milliseconds."""
        self.times.append(took)
        kind = "in" if query.relevant else query.kind
        self.decisions.setdefault(kind, []).append(found.decision)
        self.sure.append(found.sure)
        if not query.relevant:
            self.right.append(False)
            self.outside.setdefault(kind, []).append(found.in_scope)
            return
        places = [place for place, number in enumerate(found.ids[:TOP]) if number in query.relevant]
        self.lines += 1
        self.three += bool(places) and places[0] < 3
        self.reciprocal += 1 / (places[0] + 1) if places else 0.0
        self.inside.append(found.in_scope)
        first = bool(places) and places[0] == 0
        self.first += first
        self.right.append(first)
        self.answered += found.decision == "answer"
        self.answered_right += first and found.decision == "answer"

    def figures(self) -> dict[str, float]:
        """R@1, R@3, MRR and what the decisions were worth; `nan` where nothing can be said."""
        count = max(1, self.lines)
        shown = {
            f"{what} {kind}": sum(said == decision for said in told) / len(told)
            for kind, told in self.decisions.items()
            if kind != "in"
            for what, decision in (("answered", "answer"), ("suggested", "suggest"))
        }
        return {
            "R@1": self.first / count,
            "R@3": self.three / count,
            "MRR": self.reciprocal / count,
            **{f"AUROC {kind}": auroc(self.inside, scores) for kind, scores in self.outside.items()},
            "ECE": calibration_error(self.sure, self.right),
            "answered": self.answered / count,
            "right of answered": self.answered_right / self.answered if self.answered else float("nan"),
            "p50": percentile(self.times, 0.5),
            "p99": percentile(self.times, 0.99),
            **shown,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """Figures of one way of searching over one set: by copy; seconds to index; peak memory of its process in MB."""

    copies: dict[str, dict[str, float]]
    seconds: float
    megabytes: float


def rounds_of(data: DataSet, far: Sequence[Query], most: int) -> list[Round]:
    """A set as one round: its own lines and those far off."""
    own = {copy: (*thinned(data.queries[copy], most), *(far if copy == "clean" else ())) for copy in COPIES}
    return [Round(data.articles, own)]


def faq_rounds(lang: str, far: Sequence[Query], most: int) -> list[Round]:
    """This tree's articles, each way to ask left out alone and asked. The lines far off are asked in the first."""
    turns = list(left_out(faq_articles(lang)))
    rounds: list[Round] = []
    for query, articles in turns[:: max(1, -(-len(turns) // most))]:
        lines = with_broken((query,))
        rounds.append(Round(tuple(articles), {**lines, "clean": (*lines["clean"], *([] if rounds else far))}))
    return rounds


def run(build: Build, rounds: Sequence[Round]) -> Outcome:
    """Index and ask. The memory is that of the whole process so far."""
    scores = {copy: Score() for copy in COPIES}
    seconds = 0.0
    for stage in rounds:
        start = time.perf_counter()
        search = build(stage.articles)
        seconds = max(seconds, time.perf_counter() - start)
        gc.collect()
        for copy, queries in stage.queries.items():
            for query in queries:
                start = time.perf_counter()
                found = search(query)
                scores[copy].add(query, found, (time.perf_counter() - start) * 1_000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    return Outcome({copy: score.figures() for copy, score in scores.items() if score.lines}, seconds, peak)


def builder_of(rival: Rival) -> Build:
    """A rival as something to build a search with: its best score is all it can say about scope."""

    def build(articles: Sequence[ArticleText]) -> Search:
        rival.index(articles)

        def search(query: Query) -> Found:
            ranked = rival.rank(query.text)
            return Found(tuple(number for number, _ in ranked), ranked[0][1] if ranked else 0.0)

        return search

    return build


@dataclass(frozen=True, slots=True)
class Asked:
    """An encoder with the store of its vectors."""

    encoder: Encoder
    cache: VectorCache


def ours(first: Asked | None, second: Asked | None, models: dict[str, Models]) -> Build:
    """The search of this tree; a line of fold F is judged by `models[F]`, which never saw F's articles."""

    def build(articles: Sequence[ArticleText]) -> Search:
        whole = Index.build(articles)
        if first is not None:
            whole = whole.with_encoder(first.encoder, first.cache)
        if second is not None:
            whole = whole.with_second(second.encoder, second.cache)
        by_fold = {fold: replace(whole, models=own) for fold, own in models.items()}

        def search(query: Query) -> Found:
            reading = by_fold[query.split].ask(query.text)
            sure = reading.hits[0].score if reading.hits else 0.0
            return Found(tuple(hit.id for hit in reading.hits), reading.in_scope, sure, reading.decision)

        return search

    return build


def spread(queries: Sequence[Query]) -> Iterator[Query]:
    """Lines that belong to no article, each in a fold of its own choosing."""
    for query in queries:
        yield replace(query, split=("dev", "test")[part_of(query.text, 2)])
