"""A base of thousands of made-up articles (a title, one way to ask, eight body sentences each) beside its goals:
`python -m bench.kb --large [--articles 10000]`.

Each part runs in a process of its own, so that its memory is its own: words alone; with the encoder from nothing; with
stored vectors; and a living base that is asked all the while another process edits an article. Lines are asked on one
core. Times are what a wall clock says, so they mean little on a busy machine: the load is printed.
"""

import argparse
import gc
import json
import os
import pickle
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.kb.large.sharing import Figures, made, memory, part
from bench.kb.measures import percentile
from bot.kb.articles.article import ArticleText
from bot.kb.base.encoder import UseEncoder, VectorCache
from bot.kb.base.second import E5_FORM, SECOND_FILE, E5Encoder
from bot.kb.index.search import Index
from bot.kb.line.vocabulary import vocabulary

SENTENCES, QUERIES = 8, 600
MOST_FOR_BOTH = 1_000  # articles: more would take the second encoder half an hour
# What a figure may be at most, by the number of articles.
GOALS: dict[int, Figures] = {
    10_000: {
        "words: searchable, s": 15, "words: p50, ms": 10, "words: p99, ms": 25, "words: peak, MB": 450,
        "encoder: first vectors, s": 120, "encoder: peak, MB": 450,
        "stored: start, s": 8, "stored: p50, ms": 10, "stored: p99, ms": 25, "stored: peak, MB": 450,
        "edit seen while asked: slowest, s": 2,
    },
    300: {
        "words: p50, ms": 8, "words: p99, ms": 20, "words: peak, MB": 120,
        "stored: p50, ms": 8, "stored: p99, ms": 20, "stored: peak, MB": 250, "encoder: peak, MB": 250,
        "both: p50, ms": 10, "both: p99, ms": 45, "both: peak, MB": 260,
        "edit seen while asked: slowest, s": 2,
    },
}  # fmt: skip


def made_up(count: int) -> tuple[list[ArticleText], list[str]]:
    """Articles of random Russian words with natural frequencies, and queries: a third of each title's words changed."""
    rng = random.Random(7)
    zipf = vocabulary().zipf
    words = [word for word in vocabulary().russian.words if len(word) > 2]
    weights = [10 ** zipf[word] for word in words]
    pool = rng.choices(words, weights, k=400_000)
    rare = rng.choices(words[2_000:], k=100_000)

    def phrase(length: int) -> str:
        return " ".join(rng.choice(rare if rng.random() < 0.35 else pool) for _ in range(length))

    articles = [
        ArticleText(
            id=f"a{number}",
            lang="ru",
            title=phrase(6).capitalize(),
            questions=(phrase(7),),
            body=" ".join(f"{phrase(12).capitalize()}." for _ in range(SENTENCES)),
        )
        for number in range(count)
    ]
    queries = []
    for article in rng.sample(articles, min(QUERIES, count)):
        kept = article.title.lower().split()
        kept[rng.randrange(len(kept))] = rng.choice(pool)
        queries.append("как " + " ".join(kept))
    return articles, queries


def words(folder: Path) -> Figures:
    """Words alone: time to index, to ask, memory."""
    articles, queries = made(folder)
    start, busy = time.perf_counter(), time.process_time()
    index = Index.build(articles)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    del articles
    return {"searchable, s": seconds, "searchable, s of processor time": busy, **_asked(index, queries), **memory()}


def encoder(folder: Path) -> Figures:
    """With the encoder and nothing stored: the first vectors are those of titles and ways to ask."""
    articles, queries = made(folder)
    index = Index.build(articles)
    del articles
    start, busy = time.perf_counter(), time.process_time()
    model, cache = UseEncoder(), VectorCache(folder / "kb.vectors")
    index = index.with_encoder(model, cache, bodies=False)
    first, busy = time.perf_counter() - start, time.process_time() - busy
    index = index.with_encoder(model, cache)
    cache.save()
    return {
        "first vectors, s": first, "first vectors, s of processor time": busy,
        "all vectors, s": time.perf_counter() - start, **_asked(index, queries), **memory(),
    }  # fmt: skip


def stored(folder: Path) -> Figures:
    """With vectors that an earlier process stored."""
    articles, queries = made(folder)
    start, busy = time.perf_counter(), time.process_time()
    index = Index.build(articles)
    del articles
    index = index.with_encoder(UseEncoder(), VectorCache(folder / "kb.vectors"))
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    return {"start, s": seconds, "start, s of processor time": busy, **_asked(index, queries), **memory()}


def both(folder: Path) -> Figures:
    """With both encoders: the second's vectors from nothing, after the first's."""
    articles, queries = made(folder)
    index = Index.build(articles).with_encoder(UseEncoder(), VectorCache(folder / "kb.vectors"))
    del articles
    start, busy = time.perf_counter(), time.process_time()
    index = index.with_second(E5Encoder(), VectorCache(folder / f"kb.vectors{SECOND_FILE}", E5_FORM))
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    asked = [index.unsure(looked) for query in queries if (looked := index.look(query)) is not None]
    return {
        "second look, s": seconds, "second look, s of processor time": busy, "asked about": sum(asked) / len(asked),
        **_asked(index, queries), **memory(),
    }  # fmt: skip


ALONE: dict[str, Callable[[Path], Figures]] = {"words": words, "encoder": encoder, "stored": stored, "both": both}
WITH_A_DATABASE = {"edit seen while asked": "edits", "living": "living"}


def report(articles: int) -> Iterator[str]:
    """Every figure beside its goal."""
    goals = GOALS.get(articles, {})
    yield f"{articles} articles, load {os.getloadavg()[0]:.1f}"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "made").write_bytes(pickle.dumps(made_up(articles)))
        for name in (*ALONE, "edit seen while asked"):
            if name == "both" and articles > MOST_FOR_BOTH:
                continue
            with part(name, folder) as process:
                told = process.communicate()[0]
            for figure, value in json.loads(told).items():
                limit = goals.get(f"{name}: {figure}")
                goal = "" if limit is None else f"  goal {limit:g}" + ("" if value < limit else "  MISSED")
                yield f"{name}: {figure} {value:.2f}{goal}"
        yield f"load afterwards {os.getloadavg()[0]:.1f}"


def _run(name: str, folder: Path) -> Figures:
    if name in ALONE:
        return ALONE[name](folder)
    from bench.kb.large import living as large_living  # late: a database's modules are no part of the search's memory

    figures: Figures = getattr(large_living, WITH_A_DATABASE[name])(folder)
    return figures


def _asked(index: Index, queries: list[str]) -> Figures:
    """Times per line on one core."""
    gc.collect()
    gc.freeze()
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(everywhere)})
    index.ask("разогрев warm up")
    times, busy = [], []
    for query in queries:
        start, start_busy = time.perf_counter(), time.thread_time()
        index.ask(query)
        times.append((time.perf_counter() - start) * 1_000)
        busy.append((time.thread_time() - start_busy) * 1_000)
    os.sched_setaffinity(0, everywhere)
    return {
        "p50, ms": percentile(times, 0.5), "p99, ms": percentile(times, 0.99),
        "p50 of processor time, ms": percentile(busy, 0.5), "p99 of processor time, ms": percentile(busy, 0.99),
    }  # fmt: skip


def main() -> None:
    """Run all parts and print, or one part and its figures as a JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--part", choices=[*ALONE, *WITH_A_DATABASE], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        print(json.dumps(_run(arguments.part, arguments.folder)), flush=True)
        return
    for line in report(arguments.articles):
        print(line, flush=True)


if __name__ == "__main__":
    main()
