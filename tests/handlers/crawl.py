"""Pressing every button that the bot shows, as its owner, as strangers, and once more when it is old."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import event
from sqlmodel import col, select

from bot.clients.models import Account, Person
from bot.db.engine import Database
from bot.messaging.models import Dialogue, Inbox, Outbox
from bot.messaging.turn import Turn, current_turn
from tests.tickets.talk import BOT_ID, Talk

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
        """Listen to the engine; what a savepoint takes back does not count."""
        engine = database.engine

        def statement(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
            if found := _WRITE.match(sql):
                self.tables.append(found[1].lower())

        def savepoint(*_: Any) -> None:
            self._marks.append(len(self.tables))

        def kept(*_: Any) -> None:
            self._marks.pop()

        def undone(*_: Any) -> None:
            del self.tables[self._marks.pop() :]

        listeners = (
            ("before_cursor_execute", statement),
            ("savepoint", savepoint),
            ("release_savepoint", kept),
            ("rollback_savepoint", undone),
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
    def about_nothing(self) -> bool:
        """It names no row of ours: whoever presses it does so for themselves."""
        return all(part in {"", "0"} for part in self.data.split(":")[1:])


@dataclass
class Crawler:
    """Walks through the conversations by their buttons."""

    talk: Talk
    writes: Writes
    group: int
    in_group: int  # who presses in the group
    lines: dict[str, str]  # what to write where a press asks for words, by its prefix
    endings: dict[str, int]  # presses that end a thing, by how late they are tried
    per_kind: int = 2
    waiting: deque[Shown] = field(default_factory=deque)
    seen: set[tuple[int, str]] = field(default_factory=set)
    pressed: list[Shown] = field(default_factory=list)
    kinds: Counter[tuple[int, str]] = field(default_factory=Counter)

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

    async def owner_presses(self, shown: Shown) -> list[Outbox]:
        """By whom the button was shown to; a dialogue that asks for a line gets one."""
        owner = shown.chat if shown.chat > 0 else self.in_group
        rows = self._noticed(await self.presses(owner, shown))
        self.pressed.append(shown)
        if self._asks(owner):
            await self.says(owner, self.lines.get(shown.kind, "90 менял плату"))
        return rows

    def next(self) -> Shown | None:
        """The oldest button not pressed yet, a few of each kind in each chat; what ends things comes last."""
        while self.waiting:
            shown = min(self.waiting, key=lambda each: self.endings.get(each.kind, 0))
            self.waiting.remove(shown)
            self.kinds[shown.chat, shown.kind] += 1
            if self.kinds[shown.chat, shown.kind] <= self.per_kind:
                return shown
        return None

    def _asks(self, user: int) -> bool:
        with self.talk.database.read() as session:
            return any(row.state for row in session.exec(select(Dialogue).where(Dialogue.user_id == user)).all())

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
        talk = self.talk
        with talk.office.work() as uow:
            number = next(_updates)
            row = Inbox(
                bot_id=BOT_ID,
                update_id=number,
                chat_id=chat,
                payload={"update_id": number, **update},
                received_at=uow.now,
            )
            uow.session.add(row)
            uow.session.flush()
            row_id = row.id
        with talk.database.read() as session:
            before = max(session.exec(select(Outbox.id)).all(), default=0)
            row = session.get(Inbox, row_id)
        prepared = await talk.handler.prepare(row)
        self.writes.clear()
        with talk.office.work() as uow:
            row = uow.session.get(Inbox, row_id)
            token = current_turn.set(turn := Turn(uow, row, prepared))
            try:
                await talk.handler.handle(turn)
            finally:
                current_turn.reset(token)
        with talk.database.read() as session:
            return list(session.exec(select(Outbox).where(col(Outbox.id) > before).order_by(col(Outbox.id))).all())


def accounts(database: Database) -> dict[str, int]:
    """The messenger accounts of the demo company's people, by their codes."""
    with database.read() as session:
        people = {person.id: person.code for person in session.exec(select(Person)).all()}
        return {str(people[row.person_id]): row.user_id for row in session.exec(select(Account)).all()}
