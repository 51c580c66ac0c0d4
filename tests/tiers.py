"""What `make test` runs of the long matrices; `make proof` runs all there is.

A test marked `proof` runs in `make proof` alone. Of the cases of one marked `sampled(n)`, `make test` runs n; functions
with the same `of` are sampled together. What stands above the ground runs on one of the two databases, drawn a case.
All is drawn anew each time; the draw's seed is printed at the end, and `SEED=… make test` draws the same.
"""

import os
import random
from collections import defaultdict

import pytest

SEED = "SEED"


DRAWN = tuple(
    f"tests/{room}/"
    for room in (
        *("answers", "billing", "cli", "clients", "conversations", "handlers", "imports", "jobs", "kb", "story"),
        *("tickets", "web"),
    )
)
DATABASES = ("sqlite", "postgres")


def add_options(parser: pytest.Parser) -> None:
    parser.addoption("--sample", action="store_true", help="without the long proofs, and of long matrices a sample")


def configure(config: pytest.Config) -> None:
    """The one who starts the workers draws the seed; they inherit it, since all must choose the same."""
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**6)))
    config.addinivalue_line("markers", "proof: runs in `make proof` alone")
    config.addinivalue_line("markers", "sampled(n, of=None): `make test` runs n of its cases, `make proof` all")


def choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave of `items` what this run is for."""
    if not config.getoption("--sample"):
        return
    chosen = _sample(items, os.environ[SEED])
    left = [item for item in items if item not in chosen]
    items[:] = [item for item in items if item in chosen]
    if left:
        config.hook.pytest_deselected(items=left)


def seed_line(config: pytest.Config) -> str:
    return f"matrices sampled with {SEED}={os.environ[SEED]}" if config.getoption("--sample") else "all matrices whole"


def drawing() -> random.Random:
    """The run's draw, for a test that samples inside itself."""
    return random.Random(os.environ[SEED])


def _sample(items: list[pytest.Item], seed: str) -> set[pytest.Item]:
    """What is not proof, on one database where one is drawn; of what is sampled as many as it says."""
    chosen: set[pytest.Item] = set()
    cases: dict[tuple[str, int], list[pytest.Item]] = defaultdict(list)
    for item in items:
        mark = item.get_closest_marker("sampled")
        if item.get_closest_marker("proof"):
            continue
        if mark is not None:
            cases[mark.kwargs.get("of") or item.nodeid.partition("[")[0], mark.args[0]].append(item)
        elif not item.nodeid.startswith(DRAWN) or _is_drawn(item.nodeid, seed):
            chosen.add(item)
    for (name, count), of_it in cases.items():
        chosen |= set(random.Random(f"{seed} {name}").sample(of_it, min(count, len(of_it))))
    return chosen


def _is_drawn(nodeid: str, seed: str) -> bool:
    """Whether a case, which may be for one database of two, is for the one drawn."""
    name, _, parameters = nodeid.rstrip("]").partition("[")
    parts = parameters.split("-")
    (database, *_) = [part for part in parts if part in DATABASES] or [""]
    if not database:
        return True
    rest = "-".join(part for part in parts if part != database)
    return random.Random(f"{seed} {name} {rest}").choice(DATABASES) == database
