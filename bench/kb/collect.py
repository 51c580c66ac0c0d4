"""Gather the examples that weights are fitted on, from a data directory and the content of this tree."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench.kb.breaking import with_broken
from bench.kb.data import DataSet, Query, read_queries, read_sets
from bench.kb.examples import Example, cut, look_all, part_of
from bot.kb.articles.article import ArticleText, read_articles
from bot.kb.base.encoder import Encoder, VectorCache
from bot.kb.index.search import Index

TYPO_SHARE = 0.5
MOST_LINES = 2_000  # of a set: more of one kind would only take time
CONTENT = Path(__file__).parents[2] / "content" / "faq"
LANGUAGES = ("ru", "en")
LEFT_OUT = 3

Variant = tuple[str, list[ArticleText], list[Query]]


class Looker:
    """Builds indexes with one encoder and cache, and measures lines against them."""

    def __init__(self, encoder: Encoder | None, cache: VectorCache) -> None:
        self._encoder = encoder
        self._cache = cache

    def index(self, articles: Sequence[ArticleText]) -> Index:
        """The index of the articles."""
        return Index.build(articles, self._encoder, self._cache)

    def look(self, index: Index, queries: Sequence[Query], source: str, copy: str, share: float = 1.0) -> list[Example]:
        """Measure lines, at most MOST_LINES of them, evenly taken."""
        return look_all(index, thinned(queries, MOST_LINES), source, copy, share)


def rank_examples(sets: Sequence[DataSet], looker: Looker) -> list[Example]:
    """Lines that an article answers, clean and with typos: of sets with titles on full and on cut articles, of sets
    of bodies, and of this tree's own articles with ways to ask taken out."""
    found: list[Example] = []
    for data in sets:
        ways_kept = (None, 1, 2) if has_titles(data) else (None,)
        for ways in ways_kept:
            index = looker.index(data.articles if ways is None else cut(data.articles, ways))
            for copy, share in (("clean", 1.0), ("typo", TYPO_SHARE)):
                queries = [query for query in data.queries[copy] if query.relevant]
                found += looker.look(index, queries, _named(data.name, ways), copy, share)
    for lang in LANGUAGES:
        for name, articles, queries in faq_variants(faq_articles(lang)):
            index = looker.index(articles)
            lines = with_broken(tuple(queries))
            found += looker.look(index, lines["clean"], f"faq_{lang}/{name}", "clean")
            found += looker.look(index, lines["typo"], f"faq_{lang}/{name}", "typo", TYPO_SHARE)
    return found


def _named(name: str, ways: int | None) -> str:
    return f"{name}/full" if ways is None else f"{name}/title+{ways}"


def faq_variants(articles: Sequence[ArticleText]) -> Iterator[Variant]:
    """Bases with ways to ask taken out, which become queries: with bodies and without, with few ways and with most."""
    for body in (True, False):
        base = [article if body else replace(article, body="") for article in articles]
        mark = "" if body else "-bare"
        for ways in (0, 1, 2):
            yield f"title+{ways}{mark}", cut(base, ways), [q for a in articles for q in _asked(a, a.questions[ways:])]
        for turn in range(LEFT_OUT):
            kept = [
                replace(a, questions=tuple(text for n, text in enumerate(a.questions) if n % LEFT_OUT != turn))
                for a in base
            ]
            yield f"most{mark}", kept, [q for a in articles for q in _asked(a, a.questions[turn::LEFT_OUT])]
    bodies = [replace(article, title="", questions=()) for article in articles if article.body]
    yield "body", bodies, [q for a in articles if a.body for q in _asked(a, a.questions)]


def _asked(article: ArticleText, questions: Sequence[str]) -> list[Query]:
    fold = ("dev", "test")[part_of(article.id, 2)]
    return [Query(text, frozenset({article.id}), "in", fold, text) for text in questions]


def scope_examples(sets: Sequence[DataSet], far: Sequence[Query], looker: Looker) -> list[Example]:
    """Lines with and without an answer, for each base: its own, labelled as out of scope, with their article removed,
    of other bases, and far off."""
    bases = [*sets, *_faq_sets()]
    found: list[Example] = []
    for data in bases:
        index = looker.index(data.articles)
        for copy, share in (("clean", 1.0), ("typo", TYPO_SHARE)):
            own = [query for query in data.queries[copy] if query.relevant]
            labelled = [query for query in data.queries[copy] if query.kind == "oos_label"]
            found += looker.look(index, own, f"{data.name}/in", copy, share)
            found += looker.look(index, labelled, f"{data.name}/oos_label", copy, share)
        found += looker.look(index, _foreign(data, bases), f"{data.name}/foreign", "clean")
        spread = [replace(query, split=("dev", "test")[part_of(query.text, 2)]) for query in far]
        found += looker.look(index, spread, f"{data.name}/far", "clean")
        kept, orphans = _removed(data)
        found += looker.look(looker.index(kept), orphans, f"{data.name}/removed", "clean")
    return found


def _faq_sets() -> list[DataSet]:
    """This tree's articles as sets: by titles with bodies, and with most ways to ask, the others being the queries."""
    sets: list[DataSet] = []
    for lang in LANGUAGES:
        seen: set[str] = set()
        for name, articles, queries in faq_variants(faq_articles(lang)):
            if name in {"title+0", "most"} and name not in seen and articles:
                seen.add(name)
                sets.append(DataSet(f"faq_{lang}_{name}", tuple(articles), with_broken(tuple(queries))))
    return sets


def _foreign(data: DataSet, bases: Sequence[DataSet]) -> list[Query]:
    """Lines of bases of other kinds: their sure articles are not here."""
    kind = data.name.split("_")[0]
    others = [other for other in bases if other.name.split("_")[0] != kind and not other.name.endswith("title+0")]
    lines = [q for other in others for q in thinned([q for q in other.queries["clean"] if q.relevant], 150)]
    return [replace(query, relevant=frozenset(), kind="foreign") for query in lines]


def _removed(data: DataSet) -> tuple[list[ArticleText], list[Query]]:
    kept = [article for article in data.articles if part_of("removed" + article.id, 4)]
    ids = {article.id for article in kept}
    orphans = [
        replace(query, relevant=frozenset(), kind="removed")
        for query in data.queries["clean"]
        if query.relevant and not query.relevant & ids
    ]
    return kept, orphans


def faq_articles(lang: str) -> list[ArticleText]:
    """The articles of this tree in one language that can be read."""
    if not CONTENT.exists():
        return []
    return [article for article in read_articles(CONTENT)[0] if article.lang == lang]


def has_titles(data: DataSet) -> bool:
    """Whether the articles of a set have titles."""
    return any(article.title for article in data.articles)


def thinned(queries: Sequence[Query], most: int) -> list[Query]:
    """At most `most` queries, evenly over the whole."""
    step = max(1, -(-len(queries) // most))
    return list(queries[::step])


def read_all(folder: Path) -> tuple[list[DataSet], tuple[Query, ...]]:
    """The sets of a data directory and its far-off lines."""
    far = folder / "oos_ru.jsonl"
    return read_sets(folder), read_queries(far) if far.exists() else ()
