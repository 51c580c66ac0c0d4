"""`python -m bench.turns`: what a step costs, beside a bare aiogram echo and the first version in the same run.

Steps per second, their latency, and the bot's processor time a step; one process, SQLite, Telegram's limiter lifted,
the same sandbox and long polling for all. The load is made in the sandbox's own process. Lines: `menu` (a screen with
no search), `question` (a line read over the knowledge base and answered), `ticket` (from a question to an opened
ticket: the rate is of whole tickets with the steps each took, the latency that of the press that opens it).

All the bots are up at once and take turns, two seconds each, so that what else the machine does hits all of them: one
and the same tree differed by half between two runs of a minute. Of each figure the median of the slices counts.

The first version is a commit of this repository, checked out into a temporary folder. Linux only, for processor time.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from itertools import cycle
from pathlib import Path
from time import perf_counter

from bench.trees import FIRST, ROOT, tree_of
from bench.turns.contest import Figure, Measured, contest
from bench.turns.load import Deed, Said, Ticket, step
from bench.turns.setting import questions
from bot.messaging.notices.texts import label
from bot.sandbox.server import serve
from bot.sandbox.world.state import Bot, User, World

HERE, ECHO = "now", "echo"
FILL = "import sys; from bench.turns.setting import fill; fill(sys.argv[1], [int(each) for each in sys.argv[2:]])"
PEOPLE = 48
SEED = 20261124
# The log's words for: nothing more is made ready in the background. The first version knew one encoder.
READY = frozenset({"kb_second_look", "kb_second_encoder_missing"})
READY_THEN = frozenset({"kb_merged"})
GOALS = {"menu": 12, "question": 24}  # of the echo's rate, one part in so many
LATE_MS = 100
NO_SLOWER = 1.05  # of the earlier tree's processor time
START_SECONDS = 8


def fsync_ms(folder: Path) -> float:
    """Median of 50 fsyncs of one block here: every durability figure hangs on it."""
    times = []
    with (folder / "probe").open("wb") as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            started = perf_counter()
            os.fsync(file.fileno())
            times.append(perf_counter() - started)
    return sorted(times)[25] * 1000


@asynccontextmanager
async def process(tree: Path, command: list[str], env: dict[str, str]) -> AsyncIterator[Process]:
    """A tree's command as a process of its own, ended with the block; its log comes by a pipe."""
    env = os.environ | {"PYTHONPATH": str(tree) + os.environ.get("HOOK", "")} | env
    running = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=tree, env=env, stderr=PIPE)
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.terminate()
        await asyncio.wait_for(running.communicate(), 20)


def new_bot(world: World) -> Bot:
    """One that nobody has written to yet."""
    return world.add_bot(f"{700_000_000 + len(world.bots)}:bench-token-for-this-machine-only")


async def follow(running: Process, ready: asyncio.Event, words: frozenset[str]) -> None:
    """Read the log to its end: what goes wrong is shown, and the base says when it is ready."""
    assert running.stderr is not None
    async for line in running.stderr:
        try:
            said = json.loads(line)
        except ValueError:
            said = {"level": "error", "event": line.decode(errors="replace").strip()}
        if said.get("event") in words:
            ready.set()
        if said.get("level") in {"warning", "error", "critical"}:
            print(f"  the bot says: {said}", flush=True)


@asynccontextmanager
async def sandbox_of_people() -> AsyncIterator[tuple[World, str, list[int]]]:
    """A sandbox with the load's people: its world, its address, and their ids."""
    async with serve() as sandbox:
        world = sandbox.app.world
        people = [world.fresh_user_id() for _ in range(PEOPLE)]
        for number, person in enumerate(people):
            world.people[person] = User(person, f"Клиент {number}")
        yield world, sandbox.url, people


@asynccontextmanager
async def echo(world: World, url: str, people: list[int], line: Callable[[], str]) -> AsyncIterator[Measured]:
    """The baseline, up and answering."""
    bot = new_bot(world)
    async with process(ROOT, ["-m", "bench.turns.echo", bot.token, url], {}) as running:
        await step(world, bot, people[0], "привет", patience=30)
        yield Measured(ECHO, bot, running.pid, {ECHO: Said(line)})


@asynccontextmanager
async def firstline(
    name: str, tree: Path, world: World, url: str, people: list[int], line: Callable[[], str], fault: Callable[[], str]
) -> AsyncIterator[Measured]:
    """A tree's bot, up, with its base ready. `fault` is a line that ends in a ticket."""
    bot = new_bot(world)
    deeds: dict[str, Deed] = {
        "menu": Said(lambda: label("menu.tickets", "ru")),
        "question": Said(line),
        "ticket": Ticket(fault),
    }
    ready = asyncio.Event()
    with tempfile.TemporaryDirectory() as home:
        env = {
            "BOT_TOKEN": bot.token,
            "DATABASE_URL": f"sqlite:///{home}/bench.db",
            "TELEGRAM_API_URL": url,
            "TELEGRAM_LIMITS": "off",
            "WEB_PORT": "0",
            "LOG_FORMAT": "json",
        }
        filling = ["-c", FILL, env["DATABASE_URL"], *map(str, people)]
        async with process(tree, filling, {}) as filled:
            _, said = await filled.communicate()
        if filled.returncode:
            raise RuntimeError(f"the base was not filled: {said.decode(errors='replace')}")
        started = perf_counter()
        async with process(tree, ["-m", "bot", "run"], env) as running, asyncio.TaskGroup() as group:
            following = group.create_task(follow(running, ready, READY if tree == ROOT else READY_THEN))
            await step(world, bot, people[0], label("menu.tariffs", "ru"), patience=60)
            start = perf_counter() - started
            await asyncio.wait_for(ready.wait(), 300)
            yield Measured(name, bot, running.pid, deeds, start)
            following.cancel()


def show(bots: dict[str, dict[str, Figure]], starts: dict[str, float], before: str) -> None:
    """The table: rates, their part of the echo's, processor time, latencies at half load, and what is held."""
    echo = bots[ECHO][ECHO]
    print(f"\n{'':<17}{'a second':>9}{'of the echo':>13}{'processor ms':>14}{'p50 ms':>8}{'p99 ms':>8}  goals")
    for bot, figures in bots.items():
        for name, figure in figures.items():
            ratio = echo.rate / figure.rate if figure.rate else float("inf")
            goals = []
            if bot == HERE:
                if (floor := GOALS.get(name)) is not None:
                    goals.append(f"1/{floor}: {_met(ratio <= floor)}")
                    goals.append(f"p99 {LATE_MS} ms: {_met(figure.p99 < LATE_MS)}")
                if (then := bots.get(before, {}).get(name)) is not None:
                    part = figure.processor / then.processor
                    goals.append(f"processor {part:.2f} of {before}: {_met(part <= NO_SLOWER)}")
            title = name if bot == ECHO else f"{name} {bot}"
            print(
                f"{title:<17}{figure.rate:>9.1f}{f'1/{ratio:.1f}':>13}{figure.processor:>14.2f}"
                f"{figure.p50:>8.1f}{figure.p99:>8.1f}  {', '.join(goals)}{figure.remark}"
            )
    for bot, start in starts.items():
        goal = f", goal {START_SECONDS} s: {_met(start < START_SECONDS)}" if bot == HERE else ""
        print(f"start-up to first answer, {bot}: {start:.1f} s{goal}")


def _met(yes: bool) -> str:
    return "met" if yes else "NOT met"


async def main(commit: str, seconds: float, slices: int) -> int:
    """Bring all the bots up, measure them slice by slice, and print the table; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"fsync here: {fsync_ms(Path(folder)):.2f} ms; people {PEOPLE}; seed {SEED}; {slices} x {seconds:.1f} s")
    line, fault = partial(next, cycle(questions())), partial(next, cycle(questions(of_faults=True)))
    with tree_of(commit) as earlier:
        async with sandbox_of_people() as (world, url, people), AsyncExitStack() as up:
            bots = [
                await up.enter_async_context(echo(world, url, people, line)),
                await up.enter_async_context(firstline(commit, earlier, world, url, people, line, fault)),
                await up.enter_async_context(firstline(HERE, ROOT, world, url, people, line, fault)),
            ]
            figures = await contest(bots, world, people, seconds, slices, SEED)
    show(figures, {bot.name: bot.start for bot in bots if bot.start}, commit)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commit", default=FIRST, help="the tree to compare with")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each slice")
    parser.add_argument("--slices", type=int, default=7, help="of each figure; an odd number")
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.commit, given.seconds, given.slices)))
