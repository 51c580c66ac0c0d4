"""`python -m bench.soak`: SIGKILL at random moments under load, and storms, on SQLite and on PostgreSQL.

The seed is printed; give it back to replay the same moments and choices (the machine's own timing is not replayed).
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import inf
from pathlib import Path

from bench.postgres import started_postgres
from bench.soak.chaos import Report, soak
from bench.soak.firm import furnish_firm
from bench.soak.nursery import Nursery
from bench.soak.storm import storm
from bot.db.engine import Database
from bot.db.schema.migrating import upgrade
from bot.sandbox.server import serve


def furnished(url: str) -> str:
    """A migrated database with the demo company in it."""
    database = Database(url)
    upgrade(database)
    database.dispose()
    furnish_firm(url)
    return url


async def one(url: str, folder: Path, seed: int, kills: int, minutes: float) -> Report:
    """Soak a database."""
    async with serve() as sandbox:
        with Nursery(folder / "bot.log") as nursery:
            return await soak(sandbox, nursery, url, seed=seed, kills=kills, minutes=minutes)


async def stormy(url: str, folder: Path, seed: int) -> tuple[Counter[str], list[str]]:
    """Let anybody do anything on a database."""
    async with serve() as sandbox:
        with Nursery(folder / "bot.log") as nursery:
            return await storm(sandbox, nursery, url, seed=seed, acts=60, restarts=4)


@contextmanager
def fresh(kind: str) -> Iterator[tuple[str, Path]]:
    """(address, folder) of a furnished database of its own."""
    with tempfile.TemporaryDirectory(prefix="firstline-soak-", dir="/tmp") as name, ExitStack() as server:
        folder = Path(name)
        url = server.enter_context(started_postgres()) if kind == "postgresql" else f"sqlite:///{folder}/soak.db"
        yield furnished(url), folder


def main() -> int:
    """Both databases, one after the other; 0 only if nothing was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=inf, help="stop killing then, however few they were")
    parser.add_argument("--storms", type=int, default=10, help="runs in which anybody does anything")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    good = True
    for kind in [asked.only] if asked.only else ["sqlite", "postgresql"]:
        sys.stdout.write(f"{kind}, seed {asked.seed}, {asked.kills} kills…\n")
        if asked.kills:
            with fresh(kind) as (url, folder):
                report = asyncio.run(one(url, folder, asked.seed, asked.kills, asked.minutes))
            sys.stdout.write(f"{report}\n")
            good = good and not report.problems
        for seed in range(asked.seed, asked.seed + asked.storms):
            with fresh(kind) as (url, folder):
                done, broken = asyncio.run(stormy(url, folder, seed))
            acts = ", ".join(f"{count} {name}" for name, count in sorted(done.items()))
            sys.stdout.write("\n  ".join([f"storm {seed}: {acts}", *(broken or ["all held"])]) + "\n")
            good = good and not broken
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
