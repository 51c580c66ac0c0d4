"""One soak: the play against the sandbox, with a bot that is killed and started again, then the check."""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field
from math import inf
from time import perf_counter

from bench.soak.check import problems, repeats
from bench.soak.nursery import Nursery
from bench.soak.play import Play
from bench.soak.stage import drained, gather_cast
from bot.db.engine import Database
from bot.sandbox.client import BotHandle, SandboxClient
from bot.sandbox.seen import NotSeenError
from bot.sandbox.server import Sandbox

EARLY = 0.2  # the share of lives that may end before they have got to work


@dataclass
class Report:
    """What came of a soak. `problems` is empty when nothing was lost or doubled."""

    seed: int
    kills: int = 0
    updates: int = 0
    tickets: int = 0
    jobs: int = 0
    repeated: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = (
            f"seed {self.seed}: {self.kills} kills, {self.updates} updates, {self.tickets} tickets, {self.jobs} jobs, "
            f"{self.repeated} repeated sends, {self.seconds:.0f} s"
        )
        return "\n  ".join([said, *(self.problems[:20] or ["nothing lost, nothing doubled"])])


async def soak(
    sandbox: Sandbox,
    nursery: Nursery,
    url: str,
    *,
    seed: int,
    kills: int,
    minutes: float = inf,
    clients: int = 20,
    engineers: int = 3,
) -> Report:
    """Play on the furnished database `url` until the bot was killed `kills` times or `minutes` are over, then let it
    finish and check."""
    started = perf_counter()
    rng = random.Random(seed)
    report = Report(seed)
    async with SandboxClient(sandbox.url) as client:
        cast = await gather_cast(client, url, clients, engineers)
        bot = cast.bot
        play = Play(bot, cast.group, cast.clients, cast.engineers, rng)
        pid = await asyncio.to_thread(nursery.start, cast.env)
        playing = asyncio.ensure_future(play.run())
        try:
            while report.kills < kills and perf_counter() - started < minutes * 60 and not playing.done():
                if rng.random() >= EARLY:
                    await _gets_to_work(sandbox, bot)
                await asyncio.wait([playing], timeout=rng.uniform(0.1, 1.5))
                await asyncio.to_thread(nursery.end, pid)
                report.kills += 1
                pid = await asyncio.to_thread(nursery.start, cast.env)
            play.closing = True
            try:
                await playing
            except* NotSeenError as stuck:
                report.problems += [str(error) for error in stuck.exceptions]
            newest = await drained(url)
            await bot.settles(quiet=0.3, timeout=60)
            report.updates = sandbox.app.world.bots[bot.id].next_update - 1
        finally:
            playing.cancel()
            await asyncio.to_thread(nursery.end, pid)
    report.tickets, report.jobs, report.seconds = play.sent, play.finished, perf_counter() - started
    database = Database(url)
    with database.read() as session:
        report.repeated = repeats(session)
        report.problems += problems(session, play, report.updates, newest)
    database.dispose()
    return report


async def _gets_to_work(sandbox: Sandbox, bot: BotHandle) -> None:
    """Until the life that began just now has sent several times what goes at once, so that most of it is written down.

    On a busy machine a start takes seconds; lives that are all shorter would only repeat each other's sends, and
    people would wait for minutes.
    """
    log = sandbox.app.world.bots[bot.id].log
    with contextlib.suppress(NotSeenError):
        await bot.makes_calls("sendMessage", count=40, after=log[-1]["id"] if log else 0, timeout=15)
