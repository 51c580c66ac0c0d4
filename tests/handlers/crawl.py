"""Pressing every button that the bot shows, as its owner, as strangers, and once more when it is old."""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any

from aiogram.filters.callback_data import CallbackData
from sqlalchemy import event
from sqlmodel import col, select

from bot.clients.models import Account, Person
from bot.db.engine import Database
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.incoming.models import Inbox
from bot.messaging.notices.texts import _labels
from bot.messaging.outgoing.models import Outbox
from bot.messaging.turns.lanes import try_turn
from bot.messaging.turns.models import Dialogue
from bot.telegram.arriving import tame
from tests.builders.talk import BOT_ID, Talk

_WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
QUEUES = frozenset({"inbox", "outbox", "dialogue", "reach"})  # what any press may write: that it came and was answered
_updates = count(1_000_000)


@dataclass
class Writes:
    """Tables written and not undone since the last `clear`."""

    tables: list[str] = field(default_factory=list)
    _marks: list[int] = field(default_factory=list)

    def clear(self) -> None:
        self.tables.clear()
        self._marks.clear()

    @property
    def of_the_domain(self) -> set[str]:
        return set(self.tables) - QUEUES

    @contextmanager
    def watching(self, database: Database) -> Iterator[None]:
        """Listen to the engine; what a savepoint or a transaction takes back does not count."""
        engine = database.engine

        def statement(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
            if found := _WRITE.match(sql):
                self.tables.append(found[1].lower())

        def began(*_: Any) -> None:
            self._marks.append(len(self.tables))

        def kept(*_: Any) -> None:
            self._marks.pop()

        def undone(*_: Any) -> None:
            del self.tables[self._marks.pop() :]

        listeners = (
            ("before_cursor_execute", statement),
            ("savepoint", began),
            ("release_savepoint", kept),
            ("rollback_savepoint", undone),
            ("begin", began),
            ("commit", kept),
            ("rollback", undone),
        )
        for name, listener in listeners:
            event.listen(engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners:
                event.remove(engine, name, listener)


@dataclass(frozen=True)
class Shown:
    """A button as somebody saw it."""

    chat: int
    text: str
    data: str

    @property
    def kind(self) -> str:
        return self.data.split(":")[0]

    @property
    def sort(self) -> str:
        """Its kind, and which parts of it are given: one kind of press may ask first and do then."""
        return self.kind + "".join("-" if part in {"", "0"} else "+" for part in self.data.split(":")[1:])

    @property
    def about_nothing(self) -> bool:
        """It names no row of ours: whoever presses it does so for themselves."""
        return all(part in {"", "0"} for part in self.data.split(":")[1:])


@dataclass
class Crawler:
    """Walks through the conversations by their buttons."""

    talk: Talk
    writes: Writes
    group: int
    in_group: dict[str, int]  # who presses in the group, by prefix; "" for any other
    lines: dict[str, tuple[str, ...]]  # what to write, line by line, where a press asks for words, by its prefix
    late: dict[str, int]  # presses that end a thing, by how late they are tried
    held: set[str] = field(default_factory=set)  # not pressed for now
    per_chat: int = 2  # buttons of a sort pressed in one chat,
    familiar: int = 4  # or one, once so many were pressed in all
    waiting: deque[Shown] = field(default_factory=deque)
    seen: set[tuple[int, str]] = field(default_factory=set)
    pressed: list[Shown] = field(default_factory=list)
    kinds: Counter[tuple[int, str]] = field(default_factory=Counter)
    served: set[str] = field(default_factory=set)  # prefixes of presses that did what they say for their owner
    changed: list[Shown] = field(default_factory=list)  # presses by which their owner changed something
    tried: Counter[str] = field(default_factory=Counter)  # buttons pressed in all, by sort
    states: dict[str, dict[str, Any]] = field(default_factory=dict)  # a dialogue in each state that was come to
    last_said: int = 0

    async def says(self, user: int, text: str, **content: Any) -> list[Outbox]:
        """A private line of an account; its answers' buttons are queued."""
        message = self._message(user, user, "private") | ({"text": text} if text else {}) | content
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
        return self._noticed(await self._feed(user, {"message": message}))

    async def presses(self, user: int, shown: Shown) -> list[Outbox]:
        """A press by an account, in its own private chat or in the group where the button stands."""
        chat = shown.chat if shown.chat < 0 else user
        kind = "supergroup" if chat < 0 else "private"
        holder = {"message_id": 5, "date": 1_790_000_000, "chat": {"id": chat, "type": kind}, "text": "x"}
        press = {
            "id": str(next(_updates)),
            "from": self._user(user),
            "chat_instance": "1",
            "data": shown.data,
            "message": holder,
        }
        return await self._feed(chat, {"callback_query": press})

    def owner(self, shown: Shown) -> int:
        """Whom a button was shown to; in the group, somebody who may press it."""
        return shown.chat if shown.chat > 0 else self.in_group.get(shown.kind, self.in_group[""])

    async def owner_presses(self, shown: Shown) -> list[Outbox]:
        """By whom the button was shown to; a dialogue that asks for lines gets them."""
        owner = self.owner(shown)
        before = self._dialogue(owner)
        rows = self._noticed(await self.presses(owner, shown))
        self.pressed.append(shown)
        if self.writes.of_the_domain:
            self.changed.append(shown)
        if not refused(rows):
            self.served.add(shown.kind)
        for line in self.lines.get(shown.kind, ("90 менял плату",)):
            if (now := self._dialogue(owner)) not in {before, None}:
                before = now
                await self.says(owner, line)
        return rows

    def forget(self, chat: int | None = None) -> None:
        """Press what is shown from here on, in this chat or in any, even if the same was pressed before."""
        self.kinds = Counter({key: times for key, times in self.kinds.items() if chat not in {None, key[0]}})
        self.seen = {each for each in self.seen if chat not in {None, each[0]}}
        self.tried.clear()

    @contextmanager
    def preferring(self, *kinds: type[CallbackData]) -> Iterator[None]:
        """A walk on which buttons of these kinds are pressed before all others."""
        usual = dict(self.late)
        self.late |= {kind.__prefix__: -1 for kind in kinds}
        try:
            yield
        finally:
            self.late = usual

    def hold(self, *kinds: type[CallbackData]) -> None:
        """Leave buttons of these kinds alone until they are let go."""
        self.held |= {kind.__prefix__ for kind in kinds}

    def overlook(self, kind: type[CallbackData]) -> None:
        """Never press what was shown of a kind so far."""
        self.waiting = deque(each for each in self.waiting if each.kind != kind.__prefix__)

    async def happens(self, act: Callable[[UnitOfWork], object], now: datetime | None = None) -> None:
        """Something that is not done by a button; whoever is told of it has its buttons from then on."""
        with self.talk.office.work(now=now) as uow:
            act(uow)
        self._noticed(self._said())

    def next(self) -> Shown | None:
        """The oldest button not pressed yet, a few of each kind in each chat; what ends things comes last."""
        while free := [each for each in self.waiting if each.kind not in self.held]:
            shown = min(free, key=lambda each: self.late.get(each.kind, 0))
            self.waiting.remove(shown)
            self.kinds[shown.chat, shown.sort] += 1
            known = shown.chat > 0 and self.tried[shown.sort] >= self.familiar
            if self.kinds[shown.chat, shown.sort] <= (1 if known else self.per_chat):
                self.tried[shown.sort] += 1
                return shown
        return None

    def _dialogue(self, user: int) -> str | None:
        """What a person's dialogue waits for; None: nothing."""
        with self.talk.database.read() as session:
            query = select(Dialogue).where(Dialogue.user_id == user, col(Dialogue.state).is_not(None))
            rows = session.exec(query).all()
            for row in rows:
                self.states.setdefault(str(row.state), row.model_dump())
            return "".join(f"{row.chat_id} {row.state} {row.data}" for row in rows) or None

    def _noticed(self, rows: list[Outbox]) -> list[Outbox]:
        for row in rows:
            for line in row.params.get("reply_markup", {}).get("inline_keyboard", []):
                for button in line:
                    chat, data = int(row.params["chat_id"]), button.get("callback_data")
                    if data and (chat, data) not in self.seen:
                        self.seen.add((chat, data))
                        self.waiting.append(Shown(chat, button["text"], data))
        return rows

    def _message(self, chat: int, user: int, kind: str) -> dict[str, Any]:
        return {
            "message_id": next(_updates),
            "date": 1_790_000_000,
            "from": self._user(user),
            "chat": {"id": chat, "type": kind},
        }

    def _user(self, user: int) -> dict[str, Any]:
        return {"id": user, "is_bot": False, "first_name": "<b>Имя & Co", "language_code": "ru"}

    async def _feed(self, chat: int, update: dict[str, Any]) -> list[Outbox]:
        talk, number = self.talk, next(_updates)
        row = Inbox(bot_id=BOT_ID, update_id=number, chat_id=chat, payload=tame({"update_id": number, **update}))
        with talk.office.work() as uow:
            row.received_at = uow.now
            uow.session.add(row)
        self.writes.clear()
        await try_turn(talk.office, talk.handler, row)
        return self._said()

    def _said(self) -> list[Outbox]:
        """What was sent to anybody since the last call."""
        with self.talk.database.read() as session:
            query = select(Outbox).where(col(Outbox.id) > self.last_said).order_by(col(Outbox.id))
            rows = list(session.exec(query).all())
        self.last_said = max([self.last_said, *(row.id for row in rows)])
        return rows


@lru_cache(maxsize=1)
def refusals() -> frozenset[str]:
    """The words of every refusal, as an alert shows them; those with values in them up to the first value."""
    return frozenset(words.split("{")[0] for key, words in _labels("ru").items() if key.startswith("refusal."))


def refused(rows: list[Outbox]) -> bool:
    """Whether an answer to a press is a refusal."""
    words = [row.params.get("text") or "" for row in rows if row.method == "answerCallbackQuery"]
    return any(said.startswith(tuple(refusals())) for said in words)


def accounts(database: Database) -> dict[str, int]:
    """The messenger accounts of the demo company's people, by their codes."""
    with database.read() as session:
        people = {person.id: person.code for person in session.exec(select(Person)).all()}
        return {str(people[row.person_id]): row.user_id for row in session.exec(select(Account)).all()}
