"""Anybody does anything while Telegram fails and the bot is restarted: what must always hold, holds."""

import os
import random

import pytest

from bench.soak.firm import furnish_firm
from bench.soak.nursery import Nursery
from bench.soak.storm import storm
from bot.sandbox.server import Sandbox


@pytest.mark.timeout(300)
async def test_whatever_people_do_nothing_is_lost_doubled_or_seen_by_another(
    sandbox_server: Sandbox, database_url: str, nursery: Nursery
) -> None:
    """`STORM_SEED=… pytest …` replays the choices of a run."""
    seed = int(os.environ.get("STORM_SEED") or random.SystemRandom().randrange(10**6))
    furnish_firm(database_url)
    done, found = await storm(sandbox_server, nursery, database_url, seed=seed, acts=15)
    print(f"seed {seed}: {dict(done)}")
    assert found == [], f"seed {seed}: {dict(done)}"
    assert done["_says"] > 10
    assert done["_presses"] > 0
