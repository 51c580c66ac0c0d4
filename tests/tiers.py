"""Which tests `make test` runs and which `make proof`: the long matrices are whole there and sampled here.

A test marked `proof` runs in `make proof` alone. Of the cases of one marked `sampled(n)`, `make test` runs n, drawn
anew each time; `make proof` runs all. The draw's seed is printed at the end; `SEED=… make test` draws the same.
"""

import os
import random
from collections import defaultdict

import pytest

SEED = "SEED"


def add_options(parser: pytest.Parser) -> None:
    parser.addoption("--proof", action="store_true", help="the whole of what is proof or sampled, and nothing else")


def configure(config: pytest.Config) -> None:
    """The one who starts the workers draws the seed; they inherit it, since all must choose the same."""
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**6)))
    config.addinivalue_line("markers", "proof: runs in `make proof` alone")
    config.addinivalue_line("markers", "sampled(n): `make test` runs n of its cases, `make proof` all")


def choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave of `items` what this run is for."""
    chosen = _proofs(items) if config.getoption("--proof") else _sample(items, os.environ[SEED])
    left = [item for item in items if item not in chosen]
    items[:] = [item for item in items if item in chosen]
    if left:
        config.hook.pytest_deselected(items=left)


def seed_line() -> str:
    return f"matrices sampled with {SEED}={os.environ[SEED]}"


def drawing() -> random.Random:
    """A draw for a test that samples inside itself; its seed is the run's."""
    return random.Random(os.environ[SEED])


def _proofs(items: list[pytest.Item]) -> set[pytest.Item]:
    return {item for item in items if item.get_closest_marker("proof") or item.get_closest_marker("sampled")}


def _sample(items: list[pytest.Item], seed: str) -> set[pytest.Item]:
    """What is not proof; of a sampled function's cases as many as it says."""
    chosen, cases = set(), defaultdict[str, list[pytest.Item]](list)
    for item in items:
        if item.get_closest_marker("sampled"):
            cases[item.nodeid.partition("[")[0]].append(item)
        elif not item.get_closest_marker("proof"):
            chosen.add(item)
    for name, of_function in cases.items():
        (mark,) = {item.get_closest_marker("sampled").args[0] for item in of_function}
        chosen |= set(random.Random(f"{seed} {name}").sample(of_function, min(mark, len(of_function))))
    return chosen
