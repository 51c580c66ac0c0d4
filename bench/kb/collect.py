"""Gather the examples that weights are fitted on, from a data directory and the content of this tree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.kb.breaking import with_broken
from bench.kb.data import DataSet, Query, read_queries, read_sets
from bench.kb.examples import Example, Unsure, cut, look, part_of
from bot.kb.articles.article import ArticleText, read_articles
from bot.kb.base.encoder import Encoder, VectorCache
from bot.kb.index.search import Index

TYPO_SHARE = 0.5
# Lines of a set as it is, of its variants and of each kind without an answer, of a set among all others: more of one
# kind would only take time.
MOST_LINES, MOST_SCOPED, MOST_TOGETHER = 500, 120, 50
CONTENT = Path(__file__).parents[2] / "content" / "faq"
LANGUAGES = ("ru", "en")
LEFT_OUT = 3

Variant = tuple[str, list[ArticleText], list[Query]]


@dataclass(frozen=True, slots=True)
class Looker:
    """Builds indexes with two encoders and their caches, and measures lines against them."""

    encoder: Encoder
    cache: VectorCache
    second: Encoder
    second_cache: VectorCache
    unsure: Unsure

    def index(self, articles: Sequence[ArticleText]) -> Index:
        """The index of the articles."""
        return Index.build(articles, self.encoder, self.cache).with_second(self.second, self.second_cache)

    def look(
        self, index: Index, queries: Sequence[Query], source: str, copy: str, share: float = 1.0, most: int = MOST_LINES
    ) -> list[Example]:
        """Measure lines, at most `most` of them, evenly taken."""
        return [look(index, query, source, copy, share, self.unsure) for query in thinned(queries, most)]


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
                most = MOST_LINES if ways is None else MOST_SCOPED
                found += looker.look(index, queries, _named(data.name, ways), copy, share, most)
    for lang in LANGUAGES:
        for name, articles, queries in faq_variants(faq_articles(lang)):
            index = looker.index(articles)
            lines = with_broken(tuple(queries))
            most = MOST_LINES if name == "most" else MOST_SCOPED
            found += looker.look(index, lines["clean"], f"faq_{lang}/{name}", "clean", most=most)
            found += looker.look(index, lines["typo"], f"faq_{lang}/{name}", "typo", TYPO_SHARE, most)
    return found


def _named(name: str, ways: int | None) -> str:
    return f"{name}/full" if ways is None else f"{name}/title+{ways}"


def faq_variants(articles: Sequence[ArticleText]) -> Iterator[Variant]:
    """Bases with ways to ask taken out, which become queries: few ways are left, most, or a body alone."""
    for ways in (0, 1, 2):
        yield f"title+{ways}", cut(articles, ways), [q for a in articles for q in _asked(a, a.questions[ways:])]
    for turn in range(LEFT_OUT):
        kept = [
            replace(a, questions=tuple(text for n, text in enumerate(a.questions) if n % LEFT_OUT != turn))
            for a in articles
        ]
        yield "most", kept, [q for a in articles for q in _asked(a, a.questions[turn::LEFT_OUT])]
    bodies = [replace(article, title="", questions=()) for article in articles if article.body]
    yield "body", bodies, [q for a in articles if a.body for q in _asked(a, a.questions)]


def _asked(article: ArticleText, questions: Sequence[str]) -> list[Query]:
    fold = ("dev", "test")[part_of(article.id, 2)]
    return [Query(text, frozenset({article.id}), "in", fold, text) for text in questions]


def scope_examples(
    sets: Sequence[DataSet], far: Sequence[Query], ranked: Sequence[Example], looker: Looker
) -> list[Example]:
    """Lines with and without an answer, for each base: its own (those already measured), labelled as out of scope,
    with their article removed, of other bases, and far off."""
    bases = [*sets, *_faq_sets()]
    found = _all_together(bases, far, looker)
    for data in bases:
        index = looker.index(data.articles)
        measured = (f"{data.name}/full", data.name.replace("_title", "/title").replace("_most", "/most"))
        found += [replace(example, source=f"{data.name}/in") for example in ranked if example.source in measured]
        for copy, share in (("clean", 1.0), ("typo", TYPO_SHARE)):
            labelled = [query for query in data.queries[copy] if query.kind == "oos_label"]
            found += looker.look(index, labelled, f"{data.name}/oos_label", copy, share, MOST_SCOPED)
        found += looker.look(index, _foreign(data, bases), f"{data.name}/foreign", "clean", most=MOST_SCOPED)
        found += looker.look(index, _in_folds(far), f"{data.name}/far", "clean", most=MOST_SCOPED)
        kept, orphans = _removed(data)
        found += looker.look(looker.index(kept), orphans, f"{data.name}/removed", "clean", most=MOST_SCOPED)
    return found


def _all_together(bases: Sequence[DataSet], far: Sequence[Query], looker: Looker) -> list[Example]:
    """Lines of all bases asked of all their articles at once: a large base of many subjects."""
    used = [data for data in bases if not data.name.endswith("title+0")]
    index = looker.index([article for data in used for article in data.articles])
    found: list[Example] = []
    for copy, share in (("clean", 1.0), ("typo", TYPO_SHARE)):
        lines = [q for data in used for q in thinned([q for q in data.queries[copy] if q.relevant], MOST_TOGETHER)]
        found += looker.look(index, lines, "together/in", copy, share)
    return found + looker.look(index, _in_folds(far), "together/far", "clean", most=MOST_SCOPED)


def _in_folds(queries: Sequence[Query]) -> list[Query]:
    return [replace(query, split=("dev", "test")[part_of(query.text, 2)]) for query in queries]


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
