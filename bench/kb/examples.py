"""What the search measured about each line of a set: the material that weights are fitted on and figures made of."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.kb.data import Query
from bot.kb.articles.article import ArticleText
from bot.kb.index.search import Index


@dataclass(frozen=True, slots=True)
class Example:
    """One line: candidates' features, which of them are right, and numbers about the line. `scored` is whether some
    article answers it, `closer` whether the second encoder was asked, `articles` how many the base has."""

    source: str
    copy: str
    fold: str
    table: NDArray[np.float32]
    right: NDArray[np.bool_]
    scored: bool
    unknown: float
    weight: float
    length: int
    share: float = 1.0
    closer: bool = False
    articles: int = 0


Unsure = Callable[[NDArray[np.float32]], bool]  # of a table of features: whether the second encoder is worth asking


def look(index: Index, query: Query, source: str, copy: str, share: float, unsure: Unsure) -> Example:
    """Measure one line against an index."""
    looked = index.look(query.text)
    if looked is None:
        empty = np.zeros((0, 0), dtype=np.float32)
        return Example(source, copy, query.split, empty, np.zeros(0, bool), bool(query.relevant), 0, 0, 0, share)
    if unsure(looked.table):
        looked = index.look_closer(looked)
    right = np.array([index.base.entries[number].id in query.relevant for number in looked.picked.tolist()], dtype=bool)
    return Example(
        source=source,
        copy=copy,
        fold=query.split,
        table=looked.table,
        right=right,
        scored=bool(query.relevant),
        unknown=looked.unknown,
        weight=looked.line.weight,
        length=len(looked.line.words),
        share=share,
        closer=looked.closer,
        articles=len(index.base.entries),
    )


def cut(articles: Sequence[ArticleText], ways: int) -> list[ArticleText]:
    """The articles with their first `ways` ways to ask only."""
    return [replace(article, questions=article.questions[:ways]) for article in articles]


def part_of(text: str, parts: int) -> int:
    """A part 0 … parts − 1 chosen by the text alone."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) % parts


def left_out(articles: Sequence[ArticleText]) -> Iterator[tuple[Query, list[ArticleText]]]:
    """Each way to ask as a query, with the articles as they are without it."""
    for number, article in enumerate(articles):
        for question in article.questions:
            rest = tuple(text for text in article.questions if text != question)
            base = [*articles[:number], replace(article, questions=rest), *articles[number + 1 :]]
            fold = ("dev", "test")[part_of(article.id, 2)]
            yield Query(question, frozenset({article.id}), "in", fold, question), base
