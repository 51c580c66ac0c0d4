"""The way of a message in one thread, with a fault at every commit or at every send: nothing is left to chance."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from bot.db.engine import Database
from bot.db.trouble import storage_trouble
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.messengers import Messenger
from bot.messaging.outgoing import delivery as delivery_module
from bot.messaging.outgoing.delivery import Delivery
from bot.messaging.outgoing.doubts import Patience
from bot.messaging.outgoing.models import Outbox
from bot.messaging.outgoing.outbox import oldest_pending
from bot.messaging.outgoing.outcomes import Later, Outcome, Parcel, Sent, Unknown
from bot.messaging.runner import Bell, Runner
from bot.messaging.turns.lanes import take_turn
from bot.telegram.arriving import store
from tests.builders.talk import BOT_ID, Talk


def in_haste(_session: object) -> Patience:
    """Nothing is waited for: the clock of these tests stands."""
    return Patience(5, timedelta(minutes=30), first_wait=timedelta(0))


class CommitFault(StrEnum):
    """What happens to a commit."""

    EXCEPTION = "exception"  # a bug: nothing was committed
    LOST_BEFORE = "lost_before"  # the connection broke: nothing was committed
    LOST_AFTER = "lost_after"  # the connection broke after the server had committed


class SendFault(StrEnum):
    """What happens to the first send of each row."""

    NOT_LEFT = "not_left"
    UNKNOWN = "unknown"  # it arrived, the answer did not
    KILLED = "killed"  # it arrived, the process died before it could write that down


class PlantedError(Exception):
    """The bug of a test."""


@contextmanager
def failing_commits(database: Database, fault: CommitFault, fails: Any) -> Iterator[list[int]]:
    """Each commit number (from 0) for which `fails` is true suffers the fault; gives the numbers that did."""
    dialect = database.engine.dialect
    real = dialect.do_commit
    struck: list[int] = []
    number = -1

    def do_commit(connection: Any) -> None:
        nonlocal number
        number += 1
        if not fails(number):
            real(connection)
            return
        struck.append(number)
        if fault is CommitFault.EXCEPTION:
            raise PlantedError
        if fault is CommitFault.LOST_AFTER:
            real(connection)
        if database.is_sqlite:
            raise sqlite3.OperationalError("disk I/O error")
        connection.driver_connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    dialect.do_commit = do_commit
    try:
        yield struck
    finally:
        dialect.do_commit = real


@dataclass
class Courier:
    """A `Sender` whose chats are lists; `fault` strikes the first send of each row."""

    messenger = Messenger.TELEGRAM
    fault: SendFault | None = None
    arrived: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    dead: asyncio.Event = field(default_factory=asyncio.Event)
    _struck: set[int] = field(default_factory=set)

    def wait_for(self, row: Outbox) -> float:
        return 0.0

    async def alive(self) -> bool:
        return True

    async def close(self) -> None:
        return None

    async def send(self, parcel: Parcel) -> Outcome:
        first = parcel.row.id not in self._struck
        self._struck.add(parcel.row.id)
        if first and self.fault is SendFault.NOT_LEFT:
            return Later(0.0, "no connection")
        self.arrived.append((parcel.row.id, parcel.row.method, dict(parcel.row.params)))
        if first and self.fault is SendFault.UNKNOWN:
            return Unknown("timeout")
        if first and self.fault is SendFault.KILLED:
            self.dead.set()
            await asyncio.Event().wait()
        return Sent(len(self.arrived))


@dataclass
class Rough:
    """Gives updates to the bot and carries its messages, starting again whatever dies."""

    talk: Talk
    courier: Courier

    async def says(self, person_id: int, text: str) -> None:
        await self._give({"update_id": next(self.talk._ids), **self.talk.message(person_id, text=text)})

    async def presses(self, person_id: int, button: str) -> None:
        """Press the button of this text that was shown to the person last."""
        chat = self.talk.account(person_id)
        data = self.buttons(person_id)[button]
        message = {"message_id": 5, "date": 1_790_000_000, "chat": {"id": chat, "type": "private"}, "text": "x"}
        press = {"from": self.talk._user(chat), "chat_instance": "1", "data": data, "message": message}
        number = next(self.talk._ids)
        await self._give({"update_id": number, "callback_query": {"id": str(number), **press}})

    def buttons(self, person_id: int) -> dict[str, str]:
        """Every button that arrived at the person, by its text."""
        chat = self.talk.account(person_id)
        return {
            button["text"]: button.get("callback_data", "")
            for _, _, params in self.courier.arrived
            if params.get("chat_id") == chat
            for line in params.get("reply_markup", {}).get("inline_keyboard", [])
            for button in line
        }

    def times_arrived(self) -> dict[int, int]:
        """How many times each row of the outbox arrived."""
        found: dict[int, int] = defaultdict(int)
        for row_id, _, _ in self.courier.arrived:
            found[row_id] += 1
        return found

    async def _give(self, update: dict[str, Any]) -> None:
        """Telegram gives an update until it is acknowledged; a lane takes its turn until it is done."""
        office = self.talk.office
        for _ in range(10):
            with suppress(SQLAlchemyError, PlantedError):
                store(office, BOT_ID, [update])
                break
        with office.database.read() as session:
            row = session.exec(select(Inbox).where(Inbox.update_id == update["update_id"])).one()
        for _ in range(10):
            try:
                await take_turn(office, self.talk.handler, row)
            except SQLAlchemyError as error:
                if storage_trouble(error) is None:
                    raise
            with office.database.read() as session:
                if session.get_one(Inbox, row.id).state is not InboxState.NEW:
                    break
        await self.carries()

    async def carries(self) -> None:
        """Run delivery, as often as it dies, until nothing is left to send."""
        for _ in range(200):
            with self.talk.office.database.read() as session:
                if oldest_pending(session, self.talk.office.clock()) is None:
                    return
            await self._one_life()
        raise AssertionError("delivery is still at it")

    async def _one_life(self) -> None:
        delivery, runner = Delivery(self.talk.office, self.courier, Bell(), in_haste), Runner()
        self.courier.dead.clear()
        life = asyncio.create_task(delivery.run(runner))
        death = asyncio.create_task(self.courier.dead.wait())
        quiet = asyncio.create_task(self._until_sent())
        await asyncio.wait({life, death, quiet}, return_when=asyncio.FIRST_COMPLETED)
        if quiet.done():
            runner.stop()
            delivery.outgoing.ring()
            await asyncio.wait({life}, timeout=5)
        for task in (life, death, quiet):
            task.cancel()
        ends = await asyncio.gather(life, death, quiet, return_exceptions=True)
        delivery._worker.gone()
        if isinstance(ends[0], BaseException) and not isinstance(ends[0], asyncio.CancelledError):
            assert _is_planted(ends[0]), ends[0]

    async def _until_sent(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            with self.talk.office.database.read() as session:
                if oldest_pending(session, self.talk.office.clock()) is None:
                    return


def _is_planted(error: BaseException) -> bool:
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else (error,)
    return all(isinstance(one, PlantedError) for one in inner)


def without_pauses(monkeypatch: Any) -> None:
    """The database is back at once."""
    monkeypatch.setattr(delivery_module, "TROUBLE_PAUSE", 0.0)
