"""`python -m bench.turns`: what a step costs, beside a bare aiogram echo and the first version in the same run.

Steps per second, their latency, and the bot's processor time a step; one process, SQLite, Telegram's limiter lifted,
the same sandbox and long polling for all. The load is made in the sandbox's own process. Lines: `menu` (a screen with
no search), `question` (a line read over the knowledge base and answered), `ticket` (from a question to an opened
ticket: the rate is of whole tickets with the steps each took, the latency that of the press that opens it).

The bots take turns, round by round, so that what else runs on the machine hits all of them; of each figure the best
round counts. Processor time is the one figure of a step that others on the machine hardly change.

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
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import cycle
from operator import attrgetter
from pathlib import Path
from time import perf_counter

from bench.trees import FIRST, ROOT, tree_of
from bench.turns.load import Deed, Figure, Said, Ticket, measure, step
from bench.turns.setting import questions
from bot.messaging.notices.texts import label
from bot.sandbox.server import Sandbox, serve
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
NO_SLOWER = 1.05  # of the earlier tree's processor time, the best of several rounds of each
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


async def of_echo(sandbox: Sandbox, people: list[int], line: Callable[[], str], seconds: float) -> list[Figure]:
    """The baseline."""
    world = sandbox.app.world
    bot = new_bot(world)
    async with process(ROOT, ["-m", "bench.turns.echo", bot.token, sandbox.url], {}) as running:
        await step(world, bot, people[0], "привет", patience=30)
        return [await measure(ECHO, world, bot, people, Said(line), seconds, SEED, running.pid)]


async def of_firstline(
    tree: Path, sandbox: Sandbox, people: list[int], line: Callable[[], str], fault: Callable[[], str], seconds: float
) -> tuple[float, list[Figure]]:
    """Seconds to the first answer, and figures of a tree's bot. `fault` is a line that ends in a ticket."""
    world = sandbox.app.world
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
            "TELEGRAM_API_URL": sandbox.url,
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
            figures = [
                await measure(name, world, bot, people, deed, seconds, SEED, running.pid)
                for name, deed in deeds.items()
            ]
            following.cancel()
    return start, figures


def best(rounds: list[Figure]) -> Figure:
    """The best of each figure of one line."""
    top = max(rounds, key=attrgetter("rate"))
    return replace(top, **{name: min(map(attrgetter(name), rounds)) for name in ("processor", "p50", "p99")})


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


async def main(commit: str, seconds: float, rounds: int) -> int:
    """Run the bots in turn and print the table; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"fsync here: {fsync_ms(Path(folder)):.2f} ms; people {PEOPLE}; seed {SEED}; {seconds:.0f} s a figure")
    found: dict[str, list[list[Figure]]] = {ECHO: [], commit: [], HERE: []}
    starts: dict[str, list[float]] = {commit: [], HERE: []}
    lines, faults = cycle(questions()), cycle(questions(of_faults=True))
    with tree_of(commit) as earlier:
        for _ in range(rounds):
            async with serve() as sandbox:
                world = sandbox.app.world
                people = [world.fresh_user_id() for _ in range(PEOPLE)]
                for number, person in enumerate(people):
                    world.people[person] = User(person, f"Клиент {number}")
                found[ECHO].append(await of_echo(sandbox, people, partial(next, lines), seconds))
                for bot, tree in ((commit, earlier), (HERE, ROOT)):
                    start, figures = await of_firstline(
                        tree, sandbox, people, partial(next, lines), partial(next, faults), seconds
                    )
                    starts[bot].append(start)
                    found[bot].append(figures)
    bots = {bot: {each[0].name: best(list(each)) for each in zip(*of, strict=True)} for bot, of in found.items()}
    show(bots, {bot: min(times) for bot, times in starts.items()}, commit)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commit", default=FIRST, help="the tree to compare with")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each figure")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.commit, given.seconds, given.rounds)))
