"""The play: clients open tickets and approve them, engineers do the jobs, all by what their chats show."""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field

from bot.messaging.notices.texts import label
from bot.sandbox.client import BotHandle, Group, NotPossibleError, Person
from bot.sandbox.seen import NotSeenError, Seen

PATIENCE = 240.0  # for each answer: lives are short, and a machine may be busy
TOAST_PATIENCE = 15.0
FAULTS = ("не печатает чек", "не включается", "шумит и греется", "пропала связь", "не видит сканер")
QUESTIONS = ("принтер не печатает", "что входит в тариф", "как сменить пароль wi-fi")


def ru(key: str) -> str:
    """A label as the players see it."""
    return label(key, "ru")


@dataclass
class Play:
    """Everybody's part. What was done is counted, to be looked for in the database afterwards."""

    bot: BotHandle
    group: Group
    clients: list[Person]
    engineers: list[Person]
    rng: random.Random
    closing: bool = False
    sent: int = 0
    finished: int = 0
    _playing: int = 0
    _done: set[int] = field(default_factory=set)

    async def run(self) -> None:
        """Until `closing` is set; then everybody ends what they are at."""
        self._playing = len(self.clients)
        async with asyncio.TaskGroup() as group:
            for person in self.clients:
                group.create_task(self._client(person, random.Random(self.rng.random())))
            for person in self.engineers:
                group.create_task(self._engineer(person))

    async def _client(self, person: Person, rng: random.Random) -> None:
        number = 0
        while not self.closing:
            number += 1
            if rng.random() < 0.3:
                await self._says(person, rng.choice(QUESTIONS))
            await self._opens(person, f"{rng.choice(FAULTS)}, случай {number}", rng)
            await self._approves(person, rng)
        self._playing -= 1

    async def _approves(self, person: Person, rng: random.Random) -> None:
        """Say yes to what waits for it; now and then the client app sends the press again under another id."""
        await asyncio.sleep(rng.uniform(0.1, 0.5))
        for seen in await person.sees(self.bot):
            if ru("quote.approve") in seen.labels and seen.message_id not in self._done:
                self._done.add(seen.message_id)
                with contextlib.suppress(NotPossibleError):  # the yes said on another copy has taken the button away
                    pressed = await person.presses(self.bot, ru("quote.approve"), on=seen)
                    if rng.random() < 0.3:
                        await pressed.again()
                    await _toast(person, self.bot)

    async def _opens(self, person: Person, words: str, rng: random.Random) -> None:
        """From «Новая заявка» to the ticket; what comes in between from engineers is not mistaken for the answer."""
        await self._says(person, ru("menu.new_ticket"), button=ru("draft.drop"))
        seen = await self._says(person, words, button=ru("draft.drop"))
        while ru("draft.send") not in seen.labels:
            offered = [shown for shown in seen.labels if shown not in controls()]
            if not offered:  # the question before, sent once more after a kill: its answer follows
                seen = await person.waits_for(self.bot, button=ru("draft.drop"), after=seen.changed, timeout=PATIENCE)
                continue
            choice = ru("draft.new_anyway") if ru("draft.new_anyway") in offered else rng.choice(offered)
            mark = await self._mark(person)
            await person.presses(self.bot, choice, on=seen)
            seen = await person.waits_for(self.bot, button=ru("draft.drop"), after=mark, timeout=PATIENCE)
        mark = await self._mark(person)
        await person.presses(self.bot, ru("draft.send"), on=seen)
        await _toast(person, self.bot)
        await person.waits_for(self.bot, "№", after=mark, timeout=PATIENCE)
        self.sent += 1

    async def _mark(self, person: Person) -> int:
        return max((seen.changed for seen in await person.sees(self.bot)), default=0)

    async def _engineer(self, person: Person) -> None:
        await self._says(person, ru("menu.jobs"))  # a bot can't write first
        while True:
            cards = await person.sees(self.group)
            found = next((card for card in cards if ru("job.take") in card.labels and self._free(card)), None)
            if self._playing == 0:
                return
            if found is not None:
                await self._job(person, found)
            else:
                await asyncio.sleep(0.1)

    def _free(self, card: Seen) -> bool:
        return card.message_id not in self._done

    async def _job(self, person: Person, card: Seen) -> None:
        self._done.add(card.message_id)
        mark = await self._mark(person)
        for step in ("job.take", "job.go", "job.start", "job.finish"):
            if not await self._in_group(person, card.message_id, ru(step)):
                return
        seen = await person.waits_for(self.bot, button=ru("job.time"), after=mark, timeout=PATIENCE)
        await person.presses(self.bot, ru("job.time"), on=seen)
        await _toast(person, self.bot)
        seen = await self._says(person, "90 менял плату", button=ru("job.done"))
        await person.presses(self.bot, ru("job.done"), on=seen)
        await _toast(person, self.bot)
        self.finished += 1

    async def _in_group(self, person: Person, message_id: int, step: str) -> bool:
        """Press a step on the card when it shows; False when the card goes another way, or was a copy."""
        for _ in range(int(PATIENCE / 0.1)):
            card = next((seen for seen in await person.sees(self.group) if seen.message_id == message_id), None)
            if card is not None and not card.labels:
                return False
            if card is not None and step in card.labels:
                with contextlib.suppress(NotPossibleError):
                    await person.presses(self.group, step, on=card)
                    await _toast(person, self.group)
                    return True
            await asyncio.sleep(0.1)
        return False

    async def _says(self, person: Person, text: str, button: str = "") -> Seen:
        mark = (await person.says(self.bot, text)).changed
        return await person.waits_for(self.bot, button=button, after=mark, timeout=PATIENCE)


async def _toast(person: Person, peer: BotHandle | Group) -> None:
    """The answer to a press, unless the kill took so long that it came too late to be sent (10 s)."""
    with contextlib.suppress(NotSeenError):
        await person.waits_for_toast(peer, timeout=TOAST_PATIENCE)


def controls() -> set[str]:
    """Buttons that are no object to choose."""
    keys = (
        *("find", "not_listed", "earlier", "further", "whole_list", "other_object"),
        *("say_anew", "take_earlier", "urgent", "not_urgent", "back", "drop"),
    )
    return {ru(f"draft.{key}") for key in keys} | {ru("menu.human"), ru("menu.home")}
