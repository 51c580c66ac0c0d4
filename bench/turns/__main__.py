"""`python -m bench.turns`: conversation steps per second and p50/p99, beside a bare aiogram echo in the same run.

One process, SQLite, Telegram's limiter lifted, the same sandbox and long polling for both. The load is made in the
sandbox's own process. Lines: `menu` (a screen with no search), `question` (a line read over the knowledge base and
answered), `ticket` (from a question to an opened ticket: the rate is of whole tickets with the steps each took, the
latency that of the press that opens it).
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
from itertools import cycle
from pathlib import Path
from time import perf_counter

from bench.turns.load import Deed, Figure, Said, Ticket, measure, step
from bench.turns.setting import fill, questions
from bot.messaging.notices.texts import label
from bot.sandbox.server import Sandbox, serve
from bot.sandbox.world.state import Bot, User

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "700000001:bench-token-for-this-machine-only"
ECHO_TOKEN = "700000002:bench-token-for-this-machine-only"
PEOPLE = 48
SEED = 20261124
READY = "kb_merged"  # the log's word for: the encoder is loaded and its vectors serve
GOALS = {"menu": 12, "question": 24}  # of the echo's rate, one part in so many
LATE_MS = 100
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
async def process(command: list[str], env: dict[str, str]) -> AsyncIterator[Process]:
    """A bot as a process of its own, ended with the block; its log comes by a pipe."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, env=os.environ | env, stderr=PIPE
    )
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.terminate()
        await asyncio.wait_for(running.communicate(), 20)


async def follow(running: Process, ready: asyncio.Event) -> None:
    """Read the log to its end: what goes wrong is shown, and the base says when it is ready."""
    assert running.stderr is not None
    async for line in running.stderr:
        try:
            said = json.loads(line)
        except ValueError:
            said = {"level": "error", "event": line.decode(errors="replace").strip()}
        if said.get("event") == READY:
            ready.set()
        if said.get("level") in {"warning", "error", "critical"}:
            print(f"  the bot says: {said}", flush=True)


async def of_echo(sandbox: Sandbox, people: list[int], line: Callable[[], str], seconds: float) -> Figure:
    """The baseline."""
    bot = sandbox.app.world.add_bot(ECHO_TOKEN)
    async with process(["-m", "bench.turns.echo", ECHO_TOKEN, sandbox.url], {}):
        await step(sandbox.app.world, bot, people[0], "привет", patience=30)
        return await measure("echo", sandbox.app.world, bot, people, Said(line), seconds, SEED)


async def of_firstline(
    sandbox: Sandbox, home: Path, people: list[int], line: Callable[[], str], seconds: float
) -> tuple[float, list[Figure]]:
    """Seconds from start to the first answer, and the figures of our bot."""
    env = {
        "BOT_TOKEN": TOKEN,
        "DATABASE_URL": f"sqlite:///{home}/bench.db",
        "TELEGRAM_API_URL": sandbox.url,
        "TELEGRAM_LIMITS": "off",
        "WEB_PORT": "0",
        "LOG_FORMAT": "json",
    }
    await asyncio.to_thread(fill, env["DATABASE_URL"], people)
    world = sandbox.app.world
    bot: Bot = world.add_bot(TOKEN)
    deeds: dict[str, Deed] = {
        "menu": Said(lambda: label("menu.tickets", "ru")),
        "question": Said(line),
        "ticket": Ticket(line),
    }
    ready = asyncio.Event()
    started = perf_counter()
    async with process(["-m", "bot", "run"], env) as running, asyncio.TaskGroup() as group:
        following = group.create_task(follow(running, ready))
        await step(world, bot, people[0], label("menu.tariffs", "ru"), patience=60)
        start = perf_counter() - started
        await asyncio.wait_for(ready.wait(), 120)
        figures = [await measure(name, world, bot, people, deed, seconds, SEED) for name, deed in deeds.items()]
        following.cancel()
    return start, figures


def show(start: float, echo: Figure, figures: list[Figure]) -> None:
    """The table: rates, latencies at half load, the part of the echo's rate, and whether each goal is met."""
    print(f"\n{'':<10}{'a second':>9}{'of the echo':>13}{'p50 ms':>8}{'p99 ms':>8}  goals")
    for figure in (echo, *figures):
        ratio = echo.rate / figure.rate if figure.rate else float("inf")
        goals = []
        if (floor := GOALS.get(figure.name)) is not None:
            goals.append(f"1/{floor}: {_met(ratio <= floor)}")
            goals.append(f"p99 {LATE_MS} ms: {_met(figure.p99 < LATE_MS)}")
        print(
            f"{figure.name:<10}{figure.rate:>9.1f}{f'1/{ratio:.1f}':>13}{figure.p50:>8.1f}{figure.p99:>8.1f}  "
            f"{', '.join(goals)}{figure.remark}"
        )
    print(f"start-up to first answer {start:.1f} s, goal {START_SECONDS} s: {_met(start < START_SECONDS)}")


def _met(yes: bool) -> str:
    return "met" if yes else "NOT met"


async def main(seconds: float) -> int:
    """Run both bots in turn and print the table; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        print(f"fsync here: {fsync_ms(home):.2f} ms; people {PEOPLE}; seed {SEED}; {seconds:.0f} s a figure")
        async with serve() as sandbox:
            world = sandbox.app.world
            people = [world.fresh_user_id() for _ in range(PEOPLE)]
            for number, person in enumerate(people):
                world.people[person] = User(person, f"Клиент {number}")
            lines = cycle(questions())
            echo = await of_echo(sandbox, people, lambda: next(lines), seconds)
            start, figures = await of_firstline(sandbox, home, people, lambda: next(lines), seconds)
    show(start, echo, figures)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    sys.exit(asyncio.run(main(parser.parse_args().seconds)))
