"""`python -m bench.turns`: conversation steps per second and p50/p99, beside a bare aiogram echo in the same run.

One process, SQLite, Telegram's limiter lifted, the same sandbox and long polling for both. The load is made in the
sandbox's own process. Lines: `menu` (a screen with no search), `question` (answered from the knowledge base).
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from time import perf_counter

from bench.turns.load import Result, offer, saturate, step
from bench.turns.setting import fill, questions
from bot.messaging.texts import label
from bot.sandbox.server import Sandbox, serve
from bot.sandbox.state import Bot, Person

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "700000001:bench-token-for-this-machine-only"
ECHO_TOKEN = "700000002:bench-token-for-this-machine-only"
PEOPLE = 48
SEED = 20261124


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
async def process(command: list[str], env: dict[str, str]) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A bot as a process of its own, ended with the block."""
    running = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=os.environ | env)  # noqa: ASYNC220
    try:
        yield running
    finally:
        running.terminate()
        await asyncio.to_thread(running.wait, 20)


async def measure(
    name: str, sandbox: Sandbox, bot: Bot, people: list[int], line: Callable[[], str], seconds: float
) -> tuple[Result, Result]:
    """The highest rate, then latencies at half of it."""
    world = sandbox.app.world
    await saturate(world, bot, people, line, min(seconds, 3.0))
    top = await saturate(world, bot, people, line, seconds)
    half = await offer(world, bot, people, line, top.rate / 2, seconds, SEED)
    print(
        f"{name:<10} {top.rate:8.0f} steps/s   at half load p50 {half.quantile(0.5):6.1f} ms  "
        f"p99 {half.quantile(0.99):6.1f} ms   unanswered {top.unanswered + half.unanswered}",
        flush=True,
    )
    return top, half


async def main(seconds: float) -> int:
    """Run both bots in turn and print the table; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        print(f"fsync here: {fsync_ms(home):.2f} ms; people {PEOPLE}; seed {SEED}; {seconds:.0f} s a figure")
        async with serve() as sandbox:
            world = sandbox.app.world
            people = [world.fresh_user_id() for _ in range(PEOPLE)]
            for number, person in enumerate(people):
                world.people[person] = Person(person, f"Клиент {number}")
            echo_bot = world.add_bot(ECHO_TOKEN)
            lines = cycle(questions())
            async with process(["-m", "bench.turns.echo", ECHO_TOKEN, sandbox.url], {}):
                await step(world, echo_bot, people[0], "привет", patience=30)
                base, _ = await measure("echo", sandbox, echo_bot, people, lambda: next(lines), seconds)
            env = {
                "BOT_TOKEN": TOKEN,
                "DATABASE_URL": f"sqlite:///{home}/bench.db",
                "TELEGRAM_API_URL": sandbox.url,
                "TELEGRAM_LIMITS": "off",
                "WEB_PORT": "0",
            }
            await asyncio.to_thread(fill, env["DATABASE_URL"], people)
            bot = world.add_bot(TOKEN)
            started = perf_counter()
            async with process(["-m", "bot", "run"], env):
                await step(world, bot, people[0], label("menu.tariffs", "ru"), patience=60)
                print(f"start-up to first answer: {perf_counter() - started:.1f} s")
                await step(world, bot, people[0], "принтер не печатает", patience=60)
                await asyncio.sleep(3)  # the encoder loads in the background
                menu, menu_half = await measure(
                    "menu", sandbox, bot, people, lambda: label("menu.tickets", "ru"), seconds
                )
                asked, asked_half = await measure("question", sandbox, bot, people, lambda: next(lines), seconds)
    for name, top, half, floor in (("menu", menu, menu_half, 12), ("question", asked, asked_half, 24)):
        ratio = base.rate / top.rate if top.rate else float("inf")
        late = half.quantile(0.99)
        print(f"{name}: 1/{ratio:.1f} of the echo's rate (goal 1/{floor}), p99 at half load {late:.0f} ms (goal 100)")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    sys.exit(asyncio.run(main(parser.parse_args().seconds)))
