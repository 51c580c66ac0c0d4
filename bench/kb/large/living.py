"""A large base in two processes: one edits articles, the other is asked all the while (`parts.py` starts both)."""

import json
import random
import sys
import time
from pathlib import Path

import structlog

from bench.kb.large.sharing import Figures, made, memory, part
from bench.kb.measures import percentile
from bot.cli.importing import Silent
from bot.db.clock import utc_now
from bot.db.engine import Database
from bot.db.schema.migrating import upgrade
from bot.db.unit_of_work import Office
from bot.kb.articles.article import written
from bot.kb.articles.sync import sync_articles, write_article
from bot.kb.index.living import LivingBase
from bot.messaging.runner import Runner

EDITS = 8
SECONDS_OF_MERGING = 20.0  # a merge begins within these
MARK = "пахнет гарью из блока питания номер"


def living(folder: Path) -> Figures:
    """The other process: says `ready`, then the number of each edit as it sees it, asking without a pause."""
    queries = made(folder)[1]
    base, runner = LivingBase(Database(_address(folder)), vectors=folder / "kb.vectors"), Runner()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))  # stdout is for the figures
    start = time.perf_counter()
    base.refresh()
    searchable = time.perf_counter() - start
    for _ in ("titles and ways to ask", "bodies"):
        base.catch_up(runner.stopping)
    complete = time.perf_counter() - start
    base.start(runner)
    print("ready", flush=True)
    times: list[float] = []
    for edit in range(EDITS):
        while f"edit{edit}" not in [hit.id for hit in base.ask(f"{MARK} {edit}").hits]:
            start = time.perf_counter()
            base.ask(queries[len(times) % len(queries)])
            times.append((time.perf_counter() - start) * 1_000)
        print(edit, flush=True)
    merging = _asked_for(SECONDS_OF_MERGING, base, queries)
    figures = {
        "words searchable, s": searchable, "by meaning, s": complete,
        "p50 while edited, ms": percentile(times, 0.5), "p99 while edited, ms": percentile(times, 0.99),
        "p50 while merged, ms": percentile(merging, 0.5), "p99 while merged, ms": percentile(merging, 0.99), **memory(),
    }  # fmt: skip
    runner.stop()
    runner.join(5)
    return figures


def _asked_for(seconds: float, base: LivingBase, queries: list[str]) -> list[float]:
    """Milliseconds of each line while the changed articles are merged into the large index."""
    base.quiet_seconds = 0.0
    times: list[float] = []
    until = time.perf_counter() + seconds
    while (start := time.perf_counter()) < until:
        base.ask(queries[len(times) % len(queries)])
        times.append((time.perf_counter() - start) * 1_000)
    return times


def edits(folder: Path) -> Figures:
    """Edit articles while another process is asked; from each commit to the first line there that finds it."""
    articles, _ = made(folder)
    (folder / "faq" / "ru").mkdir(parents=True)
    for article in articles:
        (folder / "faq" / "ru" / f"{article.id}.md").write_text(written(article), "utf-8")
    del articles
    database = Database(_address(folder))
    upgrade(database)
    office = Office(database, Silent(), utc_now)
    with office.work() as uow:
        sync_articles(uow, folder / "faq")
    with part("living", folder) as other:
        assert other.stdout is not None
        lines = iter(other.stdout.readline, "")
        assert next(lines) == "ready\n"
        waits: list[float] = []
        for edit in range(EDITS):
            with office.work() as uow:
                write_article(uow, "ru", f"edit{edit}", f"{MARK} {edit}".capitalize(), "Выключите.", by=None)
            start = time.perf_counter()
            assert next(lines) == f"{edit}\n"
            waits.append(time.perf_counter() - start)
            time.sleep(random.Random(edit).random())
        figures: Figures = json.loads(next(lines))
    return {"median, s": percentile(waits, 0.5), "slowest, s": max(waits), **figures}


def _address(folder: Path) -> str:
    return f"sqlite:///{folder / 'kb.db'}"
