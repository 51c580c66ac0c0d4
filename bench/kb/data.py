"""Data sets in one form: articles and queries, as read from a data directory."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.kb.articles.article import ArticleText

BROKEN = ("typo", "layout", "translit")


@dataclass(frozen=True, slots=True)
class Query:
    """A line with the articles that answer it (none: out of scope); `orig` is the clean line of a broken one."""

    text: str
    relevant: frozenset[str]
    kind: str
    split: str
    orig: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set; `queries` by copy: clean, typo, layout, translit."""

    name: str
    articles: tuple[ArticleText, ...]
    queries: dict[str, tuple[Query, ...]]


def read_sets(folder: Path) -> list[DataSet]:
    """All sets of a data directory in the order of names."""
    return [read_set(path) for path in sorted(folder.iterdir()) if (path / "articles.jsonl").exists()]


def read_set(folder: Path) -> DataSet:
    """One set from its folder."""
    articles = tuple(
        ArticleText(
            id=row["id"], lang=row["lang"], title=row["title"], body=row["body"], questions=tuple(row["questions"])
        )
        for row in _rows(folder / "articles.jsonl")
    )
    queries = {"clean": read_queries(folder / "queries.jsonl")}
    for copy in BROKEN:
        if (path := folder / f"queries.{copy}.jsonl").exists():
            queries[copy] = read_queries(path)
    return DataSet(folder.name, articles, queries)


def read_queries(path: Path) -> tuple[Query, ...]:
    """Queries of one file."""
    return tuple(
        Query(
            text=row["query"],
            relevant=frozenset(row["relevant"]),
            kind=row["kind"],
            split=row.get("split", "test"),
            orig=row.get("orig", row["query"]),
        )
        for row in _rows(path)
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
