"""Clients of the sandbox's own process: they write, wait for the answer, and note how long it took."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from bot.sandbox.people import text_fields, write
from bot.sandbox.state import Bot, Chat, World
from bot.sandbox.waiting import wait_until


@dataclass(slots=True)
class Result:
    """Latencies in seconds of the steps that were answered, and how long the run took."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    unanswered: int = 0

    @property
    def rate(self) -> float:
        """Answered steps per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile(self, q: float) -> float:
        """A latency in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(q * len(ordered)), len(ordered) - 1)] * 1000 if ordered else float("nan")


async def step(world: World, bot: Bot, person: int, text: str, patience: float = 20.0) -> float | None:
    """One message and the wait for a new message of the bot; None when none came."""
    chat: Chat = world.dialogue(bot, person)
    before = next(reversed(chat.messages), 0)
    started = perf_counter()
    mine, _ = write(world, chat, person, text_fields(text))
    own = max(before, mine.id)

    def answered() -> bool | None:
        return True if next(reversed(chat.messages), 0) > own else None

    found = await wait_until(world, chat.waiters, answered, patience)
    return perf_counter() - started if found else None


async def saturate(world: World, bot: Bot, people: list[int], line: Callable[[], str], seconds: float) -> Result:
    """Each person says the next thing as soon as the last was answered: the highest rate."""
    result = Result()
    end = perf_counter() + seconds

    async def talk(person: int) -> None:
        while perf_counter() < end:
            took = await step(world, bot, person, line())
            if took is None:
                result.unanswered += 1
            else:
                result.latencies.append(took)

    started = perf_counter()
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(talk(person))
    result.seconds = perf_counter() - started
    return result


async def offer(
    world: World, bot: Bot, people: list[int], line: Callable[[], str], rate: float, seconds: float, seed: int
) -> Result:
    """Arrivals at a fixed mean rate whatever the answers do: honest latencies."""
    rng = random.Random(seed)
    result = Result()
    free = list(people)

    async def one(person: int) -> None:
        took = await step(world, bot, person, line())
        free.append(person)
        if took is None:
            result.unanswered += 1
        else:
            result.latencies.append(took)

    started = perf_counter()
    at = started
    async with asyncio.TaskGroup() as group:
        while (at := at + rng.expovariate(rate)) < started + seconds:
            await asyncio.sleep(max(0.0, at - perf_counter()))
            if free:
                group.create_task(one(free.pop(rng.randrange(len(free)))))
            else:
                result.unanswered += 1
    result.seconds = perf_counter() - started
    return result
