"""A base of thousands of made-up articles (a title, one way to ask, eight body sentences each) and its limits:
`python -m bench.kb.large [--articles 10000] [--encoder]`."""

import argparse
import gc
import json
import random
import resource
import time
from pathlib import Path

from bench.kb.measures import percentile
from bot.kb.article import Article
from bot.kb.encoder import UseEncoder, VectorCache
from bot.kb.index import Index
from bot.kb.vocabulary import vocabulary

SENTENCES, QUERIES = 8, 600


def made_up(count: int) -> tuple[list[Article], list[str]]:
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
        Article(
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


def main() -> None:
    """Print times and memory as one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--encoder", action="store_true")
    parser.add_argument("--cache", type=Path)
    arguments = parser.parse_args()
    articles, queries = made_up(arguments.articles)
    figures: dict[str, float] = {"articles": len(articles)}
    start = time.perf_counter()
    index = Index.build(articles)
    figures["words_s"] = time.perf_counter() - start
    if arguments.encoder:
        start = time.perf_counter()
        encoder = UseEncoder()
        cache = VectorCache(arguments.cache)
        figures["stored"] = len(cache)
        index = index.with_encoder(encoder, cache)
        figures["vectors_s"] = time.perf_counter() - start
        start = time.perf_counter()
        cache.save()
        figures["save_s"] = time.perf_counter() - start
    del articles
    gc.collect()
    gc.freeze()
    times, busy = [], []
    for query in queries:
        start, start_busy = time.perf_counter(), time.thread_time()
        index.ask(query)
        times.append((time.perf_counter() - start) * 1_000)
        busy.append((time.thread_time() - start_busy) * 1_000)
    figures["p50_ms"], figures["p99_ms"] = percentile(times, 0.5), percentile(times, 0.99)
    figures["p50_cpu_ms"], figures["p99_cpu_ms"] = percentile(busy, 0.5), percentile(busy, 0.99)
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    figures["now_mb"] = _resident_mb()
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))


def _resident_mb() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1_024


if __name__ == "__main__":
    main()
