"""`python -m bot kb rank`: rank articles of a folder for the lines of a file, without a database."""

import gc
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bot.kb.articles.article import ArticleError, ArticleText, article_files, read_articles, salvage_article
from bot.kb.base.encoder import UseEncoder, VectorCache, encoder_wanted
from bot.kb.base.second import E5_FORM, SECOND_FILE, second_encoder
from bot.kb.index.search import Index
from bot.kb.judging.reading import Reading, Thresholds


def load_index(
    content: Path, cache_file: Path | None = None, thresholds: Thresholds | None = None
) -> tuple[Index, list[ArticleError]]:
    """Index all articles of a content folder; of the broken ones what can be read, with the errors beside."""
    articles, errors = read_articles(content)
    broken = {error.source for error in errors}
    for path, lang in article_files(content):
        if str(path) in broken:
            articles.append(salvage_article(path.read_text("utf-8", "replace"), lang, str(path)))
    return index_of(articles, cache_file, thresholds), errors


def index_of(
    articles: list[ArticleText], cache_file: Path | None = None, thresholds: Thresholds | None = None
) -> Index:
    """Index articles with both encoders, unless settings say `KB_ENCODER=off`; with the first where the second can't
    be had."""
    if not encoder_wanted():
        return Index.build(articles, thresholds=thresholds)
    cache = VectorCache(cache_file)
    index = Index.build(articles, UseEncoder(), cache, thresholds=thresholds)
    cache.save()
    if (second := second_encoder()) is not None:
        cache = VectorCache(cache_file and cache_file.with_name(cache_file.name + SECOND_FILE), E5_FORM)
        index = index.with_second(second, cache)
        cache.save()
    return index


def rank_lines(index: Index, queries: Path, complain: Callable[[str], None]) -> Iterator[str]:
    """One JSON line per line of the queries file (`{"query": …}`), in its order; blank lines are passed over.

    A line that is not of this form is said to `complain` with its number and still answered, so that outputs stay
    beside their inputs: bare text as the query it seems to be, anything else as an empty one.
    """
    index.ask("разогрев warm up")
    gc.collect()
    gc.freeze()
    with queries.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8", "replace").strip()
            if not line:
                continue
            query, fault = _query(line)
            if fault is not None:
                complain(f"{queries}:{number}: {fault}")
            start = time.perf_counter()
            reading = index.ask(query)
            yield json.dumps(as_json(reading, (time.perf_counter() - start) * 1_000), ensure_ascii=False)


def as_json(reading: Reading, ms: float) -> dict[str, Any]:
    """A reading in the form of the command's contract; `ms` is the time it took in milliseconds."""
    return {
        "query": reading.query,
        "read_as": reading.read_as,
        "decision": reading.decision,
        "in_scope": round(reading.in_scope, 6),
        "hits": [{"id": hit.id, "score": round(hit.score, 6)} for hit in reading.hits],
        "ms": round(ms, 3),
    }


def _query(line: str) -> tuple[str, str | None]:
    """The query of a line, and what is wrong with the line."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        if line.startswith(("{", "[")):
            return "", "not valid JSON; answered as an empty query"
        return line, "not JSON; taken as the query itself"
    if isinstance(row, str):
        return row, None
    if not isinstance(row, dict) or not isinstance(row.get("query"), str):
        return "", 'no text under "query"; answered as an empty query'
    return row["query"], None


def check_folder(content: Path) -> list[str]:
    """What is wrong with a folder of articles, a line each: broken files and ways to ask that two articles share."""
    articles, errors = read_articles(content)
    found = [str(error) for error in errors]
    asked: dict[tuple[str, str], str] = {}
    for article in articles:
        for text in (article.title, *article.questions):
            key = (article.lang, " ".join(text.lower().split()))
            other = asked.setdefault(key, article.id)
            if key[1] and other != article.id:
                found.append(f"{article.source}:1: «{text}» is asked of {other} too")
    return found
