"""kill -9 at random moments while clients play the story: nothing is lost, nothing exists twice."""

import os
import random

import pytest

from bench.soak.chaos import soak
from bench.soak.firm import furnish_firm
from bench.soak.nursery import Nursery
from bot.sandbox.server import Sandbox


@pytest.mark.sampled(1)
@pytest.mark.timeout(900)  # an answer is waited for as long as a busy machine may need; then it is named
@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.proof)])
async def test_kills_lose_nothing_and_double_nothing(
    sandbox_server: Sandbox, database_url: str, nursery: Nursery, kills: int
) -> None:
    """`SOAK_SEED=… pytest …` replays the choices of a run."""
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
    furnish_firm(database_url)
    report = await soak(sandbox_server, nursery, database_url, seed=seed, kills=kills)
    print(report)
    assert report.problems == [], str(report)
    assert report.kills == kills
    assert report.tickets > 0
