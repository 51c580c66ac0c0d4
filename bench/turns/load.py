"""Clients of the sandbox's own process: they write, wait for the answer, and note how long it took."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from bot.handlers.client.drafting.presses import PickObject
from bot.messaging.notices.texts import label
from bot.sandbox.people.acting import inline_buttons, press_inline, text_fields, write
from bot.sandbox.world.state import Bot, Chat, Message, World
from bot.sandbox.world.waiting import wait_until

PATIENCE = 20.0
MOST_PRESSES = 8  # a ticket takes three or four


class Deed(Protocol):
    """What a person does over and over: seconds until it was answered, None when it was not."""

    @property
    def steps(self) -> int:
        """Updates sent so far."""

    async def __call__(self, world: World, bot: Bot, person: int) -> float | None: ...


@dataclass(slots=True)
class Said:
    """One line and its answer."""

    line: Callable[[], str]
    steps: int = 0

    async def __call__(self, world: World, bot: Bot, person: int) -> float | None:
        self.steps += 1
        return await step(world, bot, person, self.line())


@dataclass(slots=True)
class Ticket:
    """From a question to an opened ticket, by the buttons the bot shows; timed is the press that opens it."""

    question: Callable[[], str]
    steps: int = 0

    async def __call__(self, world: World, bot: Bot, person: int) -> float | None:
        chat = world.dialogue(bot, person)
        mark = max((each.changed for each in chat.messages.values()), default=0)
        self.steps += 1
        write(world, chat, person, text_fields(self.question()))
        for _ in range(MOST_PRESSES):
            shown = await _next_screen(world, chat, person, mark)
            if shown is None:
                return None
            onward = _onward(shown)
            assert onward is not None
            choice, data = onward
            started, mark = perf_counter(), shown.changed
            press_inline(world, shown, person, data)
            self.steps += 1
            if choice == label("draft.send", "ru"):
                return perf_counter() - started if await _changes(world, chat, shown.id, mark) else None
        return None


async def _next_screen(world: World, chat: Chat, person: int, mark: int) -> Message | None:
    """What the bot shows or edits after `mark`. What does not lead on is passed over: an article's pictures, and what
    is still said of the ticket before: its card, its quote."""

    def found() -> Message | None:
        for each in reversed(chat.messages.values()):
            if each.sender != person and each.changed > mark and _onward(each):
                return each
        return None

    return await wait_until(world, chat.waiters, found, PATIENCE)


async def _changes(world: World, chat: Chat, place: int, mark: int) -> bool | None:
    """Wait until a message is another than it was at `mark`: the draft says that it was sent; None when it stays."""

    def found() -> bool | None:
        return True if chat.messages[place].changed > mark else None

    return await wait_until(world, chat.waiters, found, PATIENCE)


def _onward(shown: Message) -> tuple[str, str] | None:
    """The button that leads on: send, else a new ticket all the same, else begin one, else the first object listed."""
    offered = {each["text"]: each["callback_data"] for each in inline_buttons(shown) if "callback_data" in each}
    names = (label(key, "ru") for key in ("draft.send", "draft.new_anyway", "kb.ticket"))
    objects = (name for name, data in offered.items() if data.startswith(f"{PickObject.__prefix__}:"))
    choice = next((name for name in (*names, *objects) if name in offered), None)
    return None if choice is None else (choice, offered[choice])


@dataclass(slots=True)
class Result:
    """Latencies in seconds of what was answered, and how long the run took.

    `left_out`: arrivals that found everybody waiting for an answer, so that nothing was sent. They are no lost answers,
    but the more of them, the more the latencies flatter.
    """

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    unanswered: int = 0
    left_out: int = 0

    def add(self, other: "Result") -> None:
        """What was measured later counts too."""
        self.latencies += other.latencies
        self.seconds += other.seconds
        self.unanswered += other.unanswered
        self.left_out += other.left_out

    @property
    def rate(self) -> float:
        """Answered deeds per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile(self, q: float) -> float:
        """A latency in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(q * len(ordered)), len(ordered) - 1)] * 1000 if ordered else float("nan")


async def step(world: World, bot: Bot, person: int, text: str, patience: float = PATIENCE) -> float | None:
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


async def saturate(world: World, bot: Bot, people: list[int], deed: Deed, seconds: float) -> Result:
    """Each person does the next thing as soon as the last was answered: the highest rate."""
    result = Result()
    end = perf_counter() + seconds

    async def act(person: int) -> None:
        while perf_counter() < end:
            took = await deed(world, bot, person)
            if took is None:
                result.unanswered += 1
            else:
                result.latencies.append(took)

    started = perf_counter()
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(act(person))
    result.seconds = perf_counter() - started
    return result


async def offer(
    world: World, bot: Bot, people: list[int], deed: Deed, rate: float, seconds: float, seed: int
) -> Result:
    """Arrivals at a fixed mean rate whatever the answers do: honest latencies."""
    rng = random.Random(seed)
    result = Result()
    free = list(people)

    async def one(person: int) -> None:
        took = await deed(world, bot, person)
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
                result.left_out += 1
    result.seconds = perf_counter() - started
    return result
