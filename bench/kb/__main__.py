"""`python -m bench.kb [--data DIR]`: the search beside six baselines, every set clean and broken, in one run.

Our rows are two-fold: a line is judged by weights that never saw its article (`folds.json`, by `bench.kb.fit`).
 Each method runs in a process of its own, so that its memory is its own; times are per line.
`content/faq` is measured with each way to ask left out in turn. `--large`: the limits of large bases (`large/`).
"""

import argparse
import math
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.kb.collect import LANGUAGES, read_all, thinned
from bench.kb.contest import COPIES, Outcome, Round, faq_rounds, rounds_of, spread
from bench.kb.data import Query
from bench.kb.jobs import OURS, Job, measured
from bench.kb.large import parts as large
from bench.postgres import started_postgres
from bot.kb.judging.reading import Thresholds

METHODS = ("rapidfuzz WRatio", "rapidfuzz token_set_ratio", "BM25, stems", "SQLite FTS5 trigram", "PostgreSQL FTS")


def table(outcomes: dict[str, Outcome]) -> Iterator[str]:
    """Rows of Markdown for one set."""
    yield "| method | clean R@1 / R@3 / MRR | typo | layout | translit | AUROC | index s | p50 / p99 ms | MB |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for method, outcome in outcomes.items():
        clean = outcome.copies["clean"]
        best = f"{clean['R@1']:.3f} / {clean['R@3']:.3f} / {clean['MRR']:.3f}"
        broken = [
            f"{part['R@1']:.3f} / {part['R@3']:.3f}" if part else "" for part in map(outcome.copies.get, COPIES[1:])
        ]
        area = ", ".join(
            f"{name.removeprefix('AUROC ')} {value:.3f}" for name, value in clean.items() if name.startswith("AUROC")
        )
        yield (
            f"| {method} | {best} | {' | '.join(broken)} | {area} |"
            f" {outcome.seconds:.1f} | {clean['p50']:.1f} / {clean['p99']:.1f} | {outcome.megabytes:.0f} |"
        )


def decisions(outcome: Outcome) -> Iterator[str]:
    """What the decisions of our search were worth, by copy."""
    for copy, figures in outcome.copies.items():
        others = ", ".join(
            f"{name} {value:.3f}" for name, value in figures.items() if name.startswith(("answered ", "suggested "))
        )
        right = "-" if math.isnan(figures["right of answered"]) else f"{figures['right of answered']:.3f}"
        yield (
            f"{copy}: answered {figures['answered']:.3f}, right of these {right},"
            f" calibration error {figures['ECE']:.3f}{', ' + others if others else ''}"
        )


def sets_to_run(folder: Path | None, most: int) -> Iterator[tuple[str, list[Round]]]:
    """Every set with its rounds: those of the data directory, then the articles of this tree."""
    far: list[Query] = []
    if folder is not None:
        sets, everything = read_all(folder)
        far = list(spread(thinned(everything, most)))
        for data in sets:
            yield data.name, rounds_of(data, far, most)
    for lang in LANGUAGES:
        if rounds := faq_rounds(lang, far, most):
            yield f"content/faq/{lang}, leave one out", rounds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the directory of data sets; without it only this tree's articles")
    parser.add_argument("--cache", type=Path, help="keeps vectors between runs")
    parser.add_argument("--lines", type=int, default=1_000_000, help="at most so many lines of each copy of a set")
    parser.add_argument("--only", action="append", help="methods whose name has this (may be repeated)")
    parser.add_argument("--large", action="store_true", help="a base of made-up articles beside its limits, no sets")
    parser.add_argument("--articles", type=int, default=10_000, help="how many articles a large base has")
    arguments = parser.parse_args()
    if arguments.large:
        print("\n".join(large.report(arguments.articles)))
        return
    names = [name for name in (*METHODS, *OURS) if not arguments.only or any(part in name for part in arguments.only)]
    limits = Thresholds()
    print(f"answers from {limits.answer:.2f}, suggests from {limits.suggest:.2f}")
    with started_postgres() as postgres:
        for title, rounds in sets_to_run(arguments.data, arguments.lines):
            articles = len(rounds[0].articles)
            print(f"\n## {title} ({articles} articles)\n", flush=True)
            outcomes: dict[str, Outcome] = {}
            for name in names:
                context = multiprocessing.get_context("spawn")
                with ProcessPoolExecutor(1, mp_context=context) as alone:
                    outcomes[name] = alone.submit(measured, Job(name, rounds, postgres, arguments.cache)).result()
            print("\n".join(table(outcomes)))
            for name in OURS:
                if name in outcomes:
                    print(f"\n{name}\n" + "\n".join(f"- {line}" for line in decisions(outcomes[name])), flush=True)


if __name__ == "__main__":
    main()
