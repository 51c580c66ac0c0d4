"""What the search is measured beside: six ways to find an article that a bot could have taken from a shelf."""

import math
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import psycopg
import Stemmer
from rapidfuzz import fuzz, utils
from rapidfuzz.process import cdist

from bot.kb.articles.article import ArticleText

TOP = 10
Ranked = list[tuple[str, float]]
_WORD = re.compile(r"\w+")
_LONGEST = 400


class Rival(Protocol):
    """A way to find articles."""

    def index(self, articles: Sequence[ArticleText]) -> None:
        """Take the articles in, all at once."""
        ...

    def rank(self, line: str) -> Ranked:
        """Ids with scores, the best first, at most TOP; nothing where nothing is alike."""
        ...


def whole(article: ArticleText) -> str:
    """All that an article says."""
    return "\n".join([article.title, *article.questions, article.body])


def _units(articles: Sequence[ArticleText]) -> tuple[list[str], list[str]]:
    texts, owners = [], []
    for article in articles:
        own = [text for text in (article.title, *article.questions) if text] or [article.body]
        texts += own
        owners += [article.id] * len(own)
    return texts, owners


def _best(scores: Sequence[float], owners: Sequence[str]) -> Ranked:
    found: dict[str, float] = {}
    for place in np.argsort(-np.asarray(scores), kind="stable").tolist():
        if scores[place] <= 0 or len(found) == TOP:
            break
        found.setdefault(owners[place], float(scores[place]))
    return list(found.items())


class Fuzzy:
    """rapidfuzz over titles and ways to ask (bodies where there are none); the best one speaks for its article."""

    def __init__(self, scorer: Any) -> None:
        self._scorer = scorer

    def index(self, articles: Sequence[ArticleText]) -> None:
        texts, self._owners = _units(articles)
        self._texts = [utils.default_process(text) for text in texts]

    def rank(self, line: str) -> Ranked:
        scores = cdist([utils.default_process(line)], self._texts, scorer=self._scorer, dtype=np.float32)[0]
        return _best(scores.tolist(), self._owners)


class Bm25:
    """BM25 (k1 1.5, b 0.75) over whole articles with Snowball stems."""

    def __init__(self) -> None:
        self._stemmers = Stemmer.Stemmer("russian"), Stemmer.Stemmer("english")

    def _stems(self, text: str) -> list[str]:
        found = _WORD.findall(text.lower().replace("ё", "е"))
        return [self._stemmers[word.isascii()].stemWord(word) for word in found]

    def index(self, articles: Sequence[ArticleText]) -> None:
        counts = [Counter(self._stems(whole(article))) for article in articles]
        self._owners = [article.id for article in articles]
        lengths = [sum(count.values()) for count in counts]
        mean = sum(lengths) / len(lengths)
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, count in enumerate(counts):
            norm = 1.5 * (0.25 + 0.75 * lengths[place] / mean)
            for stem, times in count.items():
                self._postings[stem].append((place, times * 2.5 / (times + norm)))

    def rank(self, line: str) -> Ranked:
        scores = [0.0] * len(self._owners)
        for stem in self._stems(line):
            found = self._postings.get(stem, ())
            rarity = math.log(1 + (len(self._owners) - len(found) + 0.5) / (len(found) + 0.5))
            for place, weight in found:
                scores[place] += rarity * weight
        return _best(scores, self._owners)


class SqliteTrigrams:
    """SQLite FTS5 with the trigram tokenizer: any trigram of the line, ranked by its bm25()."""

    def index(self, articles: Sequence[ArticleText]) -> None:
        self._base = sqlite3.connect(":memory:")
        self._base.execute("CREATE VIRTUAL TABLE t USING fts5(id UNINDEXED, said, tokenize='trigram')")
        rows = [(article.id, whole(article).lower().replace("ё", "е")) for article in articles]
        self._base.executemany("INSERT INTO t VALUES (?, ?)", rows)

    def rank(self, line: str) -> Ranked:
        text = line.lower().replace("ё", "е")[:_LONGEST]
        grams = {word[i : i + 3] for word in _WORD.findall(text) for i in range(len(word) - 2)}
        if not grams:
            return []
        match = " OR ".join(f'"{gram}"' for gram in sorted(grams))
        rows = self._base.execute(
            "SELECT id, -bm25(t) FROM t WHERE t MATCH ? ORDER BY bm25(t) LIMIT ?", (match, TOP)
        ).fetchall()
        return [(row[0], float(row[1])) for row in rows]


class Postgres:
    """PostgreSQL full-text search, any word of the line, `ts_rank` with length; where the server has pg_trgm, plus
    the word similarity of titles and ways to ask."""

    def __init__(self, url: str) -> None:
        self._base = psycopg.connect(url, autocommit=True)

    def index(self, articles: Sequence[ArticleText]) -> None:
        self._trigrams = (
            self._base.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'").fetchone() is not None
        )
        if self._trigrams:
            self._base.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        self._base.execute("DROP TABLE IF EXISTS t")
        self._base.execute("CREATE TEMP TABLE t (id text, asked text, said tsvector)")
        with self._base.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO t VALUES (%s, %s, setweight(to_tsvector(%s::regconfig, %s), 'A')"
                " || setweight(to_tsvector(%s::regconfig, %s), 'D'))",
                [
                    (a.id, "\n".join(_units([a])[0])[:2_000], lang, "\n".join((a.title, *a.questions)), lang, a.body)
                    for a in articles
                    for lang in ["russian" if a.lang == "ru" else "english"]
                ],
            )
        self._base.execute("CREATE INDEX ON t USING gin (said)")
        self._base.execute("ANALYZE t")
        self._lang = "russian" if articles[0].lang == "ru" else "english"

    def rank(self, line: str) -> Ranked:
        parsed = self._base.execute(
            "SELECT plainto_tsquery(%s::regconfig, %s)::text", (self._lang, line.replace("\0", " "))
        ).fetchone()
        query = (parsed[0] if parsed else "").replace(" & ", " | ")
        if self._trigrams:
            sql = (
                "SELECT id, ts_rank(said, q, 1) + word_similarity(%s, asked) AS score"
                " FROM t, (SELECT %s::tsquery q) x ORDER BY score DESC, id LIMIT %s"
            )
            rows = self._base.execute(sql, (line.replace("\0", " "), query, TOP)).fetchall()
        else:
            sql = "SELECT id, ts_rank(said, q, 1) AS score FROM t, (SELECT %s::tsquery q) x WHERE said @@ q"
            rows = self._base.execute(sql + " ORDER BY score DESC, id LIMIT %s", (query, TOP)).fetchall()
        return [(row[0], float(row[1])) for row in rows if row[1] > 0]


def rivals(postgres_url: str) -> dict[str, Callable[[], Rival]]:
    """Each by its name."""
    return {
        "rapidfuzz WRatio": lambda: Fuzzy(fuzz.WRatio),
        "rapidfuzz token_set_ratio": lambda: Fuzzy(fuzz.token_set_ratio),
        "BM25, stems": Bm25,
        "SQLite FTS5 trigram": SqliteTrigrams,
        "PostgreSQL FTS": lambda: Postgres(postgres_url),
    }
