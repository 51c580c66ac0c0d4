"""Anybody does anything: random people, sense and nonsense, while Telegram fails at random and the bot is restarted.

Nobody waits for an answer, so nothing is asked but what must always hold: see `broken`.
"""

import asyncio
import contextlib
import random
import signal
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from sqlmodel import Session, col, func, select

from bench.soak.nursery import Nursery
from bench.soak.play import controls, ru
from bench.soak.stage import drained, gather_cast, standing
from bot.billing.hours.balances import balance_of
from bot.billing.hours.models import Pool
from bot.billing.quotes.models import Approval
from bot.db.engine import Database
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.sandbox.client import BotHandle, Group, NotPossibleError, Person, SandboxClient
from bot.sandbox.seen import NotSeenError, Seen
from bot.sandbox.server import Sandbox
from bot.tickets.life.models import Ticket, TicketEvent

LINES = (
    "принтер не печатает чек",
    "что входит в тариф",
    "ghbynth yt gtxfnftn",
    "📝 Новая заявка",
    "что входит в мой тариф",
    "💼 Тарифы",
    "📋 Мои заявки",
    "🙋 Человек",
    "/start",
    "/settings",
    "/нет_такой",
    "да",
    "😀😀😀",
    "<b>&\"'</i> {{ 7*7 }}",
    "0",
    "90 менял плату",
    "x" * 4096,
)

DROPS = 3


@dataclass
class Storm:
    """One run. The seed gives every choice; the order in which things meet is the machine's."""

    bot: BotHandle
    group: Group
    clients: list[Person]
    engineers: list[Person]
    rng: random.Random
    done: Counter[str] = field(default_factory=Counter)
    _edited: dict[int, list[Seen]] = field(default_factory=lambda: defaultdict(list))

    async def client(self, person: Person, acts: int, rng: random.Random) -> None:
        """So many acts of one client, each marked with a word that no other may ever read."""
        for _ in range(acts):
            act = rng.choices(
                (self._says, self._presses, self._orders, self._edits, self._album, self._sends, self._leaves),
                (8, 8, 2, 2, 1, 3, 1),
            )[0]
            try:
                await act(person, rng)
                self.done[act.__name__.removeprefix("_")] += 1
            except NotPossibleError:
                self.done["impossible"] += 1
            if rng.random() < 0.5:  # the rest come in bursts
                with contextlib.suppress(NotSeenError):
                    await person.waits_for(self.bot, timeout=1)

    async def engineer(self, person: Person, rng: random.Random) -> None:
        """Presses whatever the engineers' group and the own chat show, until cancelled: the first card may be late."""
        while True:
            try:
                await self._press_any(person, rng.choice((self.group, self.bot)), rng)
                self.done["engineers"] += 1
            except NotPossibleError:
                self.done["impossible"] += 1
            await asyncio.sleep(rng.uniform(0, 0.4))

    async def trouble(self, rng: random.Random) -> None:
        """Telegram fails in one way after another until cancelled.

        Seldom enough that most of what is said is heard while everybody acts: cards come, and buttons are pressed.
        Answers are lost a few times only: the wait before a repeat doubles, and all that may hit one message.
        """
        drops = DROPS
        while True:
            match rng.randrange(4):
                case 0:
                    await self.bot.fails(chat_id=self.group.id, code=429, retry_after=1, count=1)
                case 2 | 3 as kind if drops:
                    drops -= 1
                    await self.bot.fails("drop_before" if kind == 2 else "drop_after", method="sendMessage", count=1)
                case _:
                    await self.bot.fails(method="sendMessage", code=502, count=rng.randrange(1, 3))
            await asyncio.sleep(rng.uniform(0.5, 2.0))

    async def _says(self, person: Person, rng: random.Random) -> None:
        line = rng.choice(LINES)
        plain = line[0] in "/📝💼📋🙋x"
        self._edited[person.id].append(await person.says(self.bot, line if plain else f"{line} {mark(person)}"))

    async def _presses(self, person: Person, rng: random.Random) -> None:
        await self._press_any(person, self.bot, rng)

    async def _press_any(self, person: Person, peer: BotHandle | Group, rng: random.Random) -> None:
        shown = [seen for seen in await person.sees(peer) if seen.data][-6:]  # however much was said since
        if not shown:
            raise NotPossibleError("no buttons")
        seen = rng.choice(shown)
        pressed = await person.presses(peer, on=seen, data=rng.choice(list(seen.data.values())))
        if rng.random() < 0.2:
            await pressed.again()

    async def _orders(self, person: Person, rng: random.Random) -> None:
        """Goes for a ticket, as far as it gets: chance alone would hardly open one."""
        await person.says(self.bot, ru("menu.new_ticket"))
        await person.says(self.bot, f"не включается {mark(person)}")
        for _ in range(6):
            with contextlib.suppress(NotSeenError):
                await person.waits_for(self.bot, timeout=1)
            shown = next((seen for seen in reversed(await person.sees(self.bot)) if seen.data), None)
            onward = [text for text in shown.labels if text not in controls()] if shown else []
            if not onward:
                return
            await person.presses(self.bot, rng.choice(onward), on=shown)

    async def _edits(self, person: Person, rng: random.Random) -> None:
        if not (mine := self._edited[person.id]):
            raise NotPossibleError("nothing to edit")
        await person.edits(self.bot, rng.choice(mine), f"исправлено {mark(person)}")

    async def _album(self, person: Person, rng: random.Random) -> None:
        count = rng.randrange(2, 6)
        await person.sends_album(self.bot, count, f"фото {mark(person)}", late_from=count - 1, late_by=0.2)

    async def _sends(self, person: Person, rng: random.Random) -> None:
        match rng.randrange(4):
            case 0:
                await person.sends(self.bot, "voice")
            case 1:
                await person.sends_location(self.bot)
            case 2:
                await person.shares_contact(self.bot, phone="+79990001122", first_name="Чужой", user_id=1)
            case 3:
                await person.presses(self.bot, data="v1:forged:999", forge=True)

    async def _leaves(self, person: Person, rng: random.Random) -> None:
        """Blocks the bot and comes back."""
        await person.blocks(self.bot)
        await asyncio.sleep(rng.uniform(0, 0.3))
        await person.unblocks(self.bot)
        await self._says(person, rng)


def mark(person: Person) -> str:
    """The word that only this client says."""
    return f"метка{person.id}"


async def storm(
    sandbox: Sandbox, nursery: Nursery, url: str, *, seed: int, acts: int, restarts: int = 1, clients: int = 6
) -> tuple[Counter[str], list[str]]:
    """Play on the furnished database; returns what was done and what does not hold (nothing, one hopes)."""
    rng = random.Random(seed)
    began = perf_counter()
    async with SandboxClient(sandbox.url) as client:
        cast = await gather_cast(client, url, clients, engineers=2)
        bot, players, workers = cast.bot, cast.clients, cast.engineers
        storming = Storm(bot, cast.group, players, workers, rng)
        pid = await asyncio.to_thread(nursery.start, cast.env)
        for person in (*players, *workers):  # a bot can't write first
            await person.says(bot, "/start")
        for person in (*players, *workers):
            await person.waits_for(bot, after=0, timeout=60)
        failing = asyncio.ensure_future(storming.trouble(random.Random(rng.random())))
        acting = asyncio.gather(*(storming.client(each, acts, random.Random(rng.random())) for each in players))
        working = asyncio.gather(*(storming.engineer(each, random.Random(rng.random())) for each in workers))
        try:
            for _ in range(restarts):
                await asyncio.wait([acting], timeout=rng.uniform(0.5, 1.5))
                await asyncio.to_thread(nursery.end, pid, rng.choice((signal.SIGKILL, signal.SIGTERM)))
                pid = await asyncio.to_thread(nursery.start, cast.env)
            await acting
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working  # what an engineer met must not be lost
            failing.cancel()
            await bot.recovers()
            await bot.settles(quiet=0.3, timeout=60)
            newest = await drained(url)
            await bot.settles(quiet=0.3, timeout=60)
            given = sandbox.app.world.bots[bot.id].next_update - 1
            read = {person.id: [seen.text for seen in await person.sees(bot) if not seen.mine] for person in players}
        except NotSeenError as error:
            error.add_note(await asyncio.to_thread(standing, url, nursery.log))
            raise
        finally:
            failing.cancel()
            acting.cancel()
            working.cancel()
            await asyncio.to_thread(nursery.end, pid)
    database = Database(url)
    with database.read() as session:
        found = broken(session, given, newest) + crossed(read)
        storming.done["repeated"] = session.exec(select(func.coalesce(func.sum(col(Outbox.repeats)), 0))).one()
    database.dispose()
    storming.done["seconds"] = round(perf_counter() - began)
    return storming.done, found


def crossed(read: dict[int, list[str]]) -> list[str]:
    """What a client read that another one said."""
    return [
        f"client {reader} read a word of client {other}"
        for reader, texts in read.items()
        for other in read
        if other != reader and any(f"метка{other}" in text for text in texts)
    ]


def broken(session: Session, given: int, newest: int) -> list[str]:
    """What does not hold: each update stored once and answered or set aside, order in each chat, nothing twice.
    `newest` is the last send that had time to leave."""
    found = []
    rows = session.exec(select(Inbox).where(Inbox.kind == "update").order_by(col(Inbox.id))).all()
    if Counter(row.state for row in rows) != {InboxState.DONE: given}:
        poison = [f"{row.update_id}: {row.error}" for row in rows if row.state is InboxState.POISON]
        found.append(f"{given} updates, stored as {Counter(row.state for row in rows)}, poison {poison}")
    sends = session.exec(select(Outbox).order_by(col(Outbox.id))).all()
    answered = Counter(send.inbox_id for send in sends if send.method == "answerCallbackQuery")
    last_said: dict[int, int] = {}
    albums: set[str] = set()
    for row in rows:
        if "callback_query" in row.payload and answered[row.id] != 1:
            found.append(f"press {row.update_id} was answered {answered[row.id]} times")
        message = row.payload.get("message", {})
        album = message.get("media_group_id")
        if message and row.chat_id > 0 and album not in albums:  # an album has one answer, a late part no other
            last_said[row.chat_id] = row.id
        albums |= {album} - {None}
    for chat, row_id in last_said.items():  # a burst has one answer, after its last line (R1.4)
        if not any(send.chat_id == chat and (send.inbox_id or 0) >= row_id for send in sends):
            found.append(f"the last message of {chat} was not answered")
    return [*found, *_sent(session, sends, newest, {row.id: row.chat_id for row in rows}), *_twice(session)]


def _sent(session: Session, sends: Sequence[Outbox], newest_id: int, chats: Mapping[int | None, int]) -> list[str]:
    """Everything left, or was refused for a reason that is no fault of ours; a chat's own answers in order. What others
    cause there at the same moment has no place among them."""
    found = []
    left = [send.id for send in sends if send.state in (OutboxState.NEW, OutboxState.SENDING) and send.id <= newest_id]
    if left:
        found.append(f"not sent: {left}")
    newest: dict[int, int] = defaultdict(int)
    for send in sends:
        if send.method != "sendMessage" or send.card_key or send.state is not OutboxState.SENT or send.chat_id is None:
            continue
        if chats.get(send.inbox_id) != send.chat_id:
            continue
        if (send.message_id or 0) <= newest[send.chat_id]:
            found.append(f"{send.id} came out of order in {send.chat_id}")
        newest[send.chat_id] = send.message_id or 0
    kinds = Counter(session.exec(select(Alarm.kind)).all())
    if bad := {
        kind: count for kind, count in kinds.items() if kind not in ("repeated_send", "unknown_send", "unreachable")
    }:
        errors = [(send.method, send.error) for send in sends if send.state is OutboxState.REFUSED]
        found.append(f"alarms: {bad}, refused: {Counter(errors).most_common(5)}")
    return found


def _twice(session: Session) -> list[str]:
    found = []
    opened = Counter(session.exec(select(TicketEvent.ticket_id).where(TicketEvent.kind == "opened")).all())
    tickets = session.exec(select(Ticket).where(col(Ticket.code).is_(None))).all()
    if any(opened[ticket.id] != 1 for ticket in tickets):
        found.append("a ticket was opened other than once")
    numbers = sorted(ticket.number for ticket in tickets)
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        found.append("ticket numbers have gaps")
    decided = Counter(session.exec(select(Approval.quote_id, Approval.version)).all())
    if any(count > 1 for count in decided.values()):
        found.append("a quote was decided twice")
    held = [balance_of(session, pool) for pool in session.exec(select(Pool)).all()]
    if minus := [pool.id for pool in held if pool.left < 0]:
        found.append(f"pools below nothing: {minus}")
    return found
