"""Lanes: threads that take turns, one chat always in the same lane (promises 2 and 3)."""

import threading
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from bot.db.engine import Database
from bot.db.errors import Refusal
from bot.db.trouble import lost_race, passing, storage_trouble
from bot.db.unit_of_work import Office, UnitOfWork
from bot.messaging.incoming import inbox
from bot.messaging.incoming.models import Inbox
from bot.messaging.metrics import turn_failures, turn_seconds
from bot.messaging.runner import Bell, Lull, Runner
from bot.messaging.turns.turn import Failed, Turn, TurnHandler, UnreadableError, current_turn

log = structlog.get_logger()

PAUSES = (timedelta(seconds=1), timedelta(seconds=4))  # after a failed try; one more failure sets the row aside
TROUBLE_PAUSE = 1.0
RACES = 5  # how often a turn that lost a race is taken again at once
RING_AFTER = 0.02
TOGETHER = 8  # waiting rows that are looked at ahead: more make the first one wait


@dataclass(slots=True)
class Lanes:
    """Starts the lanes of a process and owns their bell."""

    office: Office
    handler: TurnHandler
    arrived: Bell
    outgoing: Bell
    count: int = 1
    look_every: float = 0.1
    pauses: Sequence[timedelta] = PAUSES

    def start(self, runner: Runner) -> None:
        """One lane on SQLite (one writer), several on PostgreSQL."""
        for lane in range(self.count):
            woken = self.arrived.listener()
            runner.on_stop(woken.set)
            runner.async_thread(f"lane-{lane}", partial(self._run, lane, woken, runner))

    async def _run(self, lane: int, woken: threading.Event, runner: Runner) -> None:
        database = self.office.database
        claims = ChatClaims(database)
        # On SQLite every arrival rings the bell of this process.
        lull = Lull(1.0 if database.is_sqlite else self.look_every)
        while not runner.stopping.is_set():
            try:
                with database.read() as session:
                    waiting = inbox.heads(session, lane, self.count, self.office.clock())
                rung, took = perf_counter(), False
                for number, row in enumerate(waiting):
                    if runner.stopping.is_set():
                        break
                    if number % TOGETHER == 0:
                        _foresee(self.handler, waiting[number : number + TOGETHER])
                    with claims.of(row.chat_id) as mine:
                        if mine:
                            took = True
                            await take_turn(self.office, self.handler, row, self.pauses)
                    # Delivery takes several answers in one transaction, but none waits long for the next turn.
                    if row is waiting[-1] or perf_counter() - rung >= RING_AFTER:
                        self.outgoing.ring()
                        rung = perf_counter()
            except SQLAlchemyError as error:
                mend = storage_trouble(error)
                if mend is not None:
                    log.error("database_trouble", loop=f"lane-{lane}", mend=mend)
                elif lost_race(error):
                    log.warning("round_again", loop=f"lane-{lane}", error=type(error).__name__)
                else:
                    raise
                self.outgoing.ring()  # for what was committed before the trouble
                claims.close()
                runner.stopping.wait(TROUBLE_PAUSE)
                continue
            lull.rest(woken, found=bool(waiting), busy=took)  # what waits may be another process's
        claims.close()


def _foresee(handler: TurnHandler, rows: Sequence[Inbox]) -> None:
    try:
        handler.foresee(rows)
    except Exception as error:  # each row is prepared in its turn all the same, where a failure is counted
        log.warning("not_foreseen", error=type(error).__name__, where=_where(error))


class ChatClaims:
    """On PostgreSQL, a session lock on a chat: other processes leave it alone until its turn is over.

    The locks live on one connection of the lane's own: a killed process frees its chats at once, and a lock is
    never left on a connection that went back to the pool.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    @contextmanager
    def of(self, chat_id: int) -> Iterator[bool]:
        """Whether the chat is ours for the block."""
        if self._database.is_sqlite:
            yield True
            return
        if self._connection is None:
            self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        held = self._connection
        if not held.execute(text("SELECT pg_try_advisory_lock(:chat)"), {"chat": chat_id}).scalar():
            yield False
            return
        try:
            yield True
        finally:
            held.execute(text("SELECT pg_advisory_unlock(:chat)"), {"chat": chat_id})

    def close(self) -> None:
        """Let go of everything, the connection too."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


async def take_turn(office: Office, handler: TurnHandler, row: Inbox, pauses: Sequence[timedelta] = PAUSES) -> None:
    """Process one inbox row; a failure is counted and the row held for a pause, one more than there are pauses sets it
    aside (poison), and so does the first one where it can't be read. A lost race is no failure of the row's.

    The row is as it was read a moment ago: that it still waits is made sure of in the transaction. Raises what the
    database itself fails with: that is no fault of the row.
    """
    started = perf_counter()
    row_id = row.id
    try:
        await _race(office, handler, row)
    except Exception as error:
        if storage_trouble(error):
            raise
        if passing(error):
            log.warning("turn_again", inbox_id=row_id, error=type(error).__name__)
            with office.work() as uow:
                inbox.put_off(uow.session, row_id, uow.now + pauses[0])
        else:
            turn_failures.inc()
            log.error("turn_failed", inbox_id=row_id, error=_what(error))
            failed = Failed(row_id, row.bot, row.chat, row.kind)
            _settle(office, handler, failed, error, pauses)
    turn_seconds.observe(perf_counter() - started)


async def _race(office: Office, handler: TurnHandler, row: Inbox) -> None:
    """The turn, anew as long as others get in between."""
    for _ in range(RACES):
        try:
            await try_turn(office, handler, row)
        except Exception as error:
            if not lost_race(error):
                raise
        else:
            return
    await try_turn(office, handler, row)


async def try_turn(office: Office, handler: TurnHandler, row: Inbox) -> None:
    """Both phases of a turn; whatever goes wrong comes through, and then nothing has changed.

    A refusal undoes what the handler did, and is said in a transaction of its own: rare as it is, it costs less than
    the savepoint that every turn would need.
    """
    prepared = await handler.prepare(row)
    try:
        await _in_one_transaction(office, row, prepared, handler.handle)
    except Refusal as refusal:
        await _in_one_transaction(office, row, prepared, partial(handler.refuse, refusal=refusal))


async def _in_one_transaction(
    office: Office, row: Inbox, prepared: Any, act: Callable[[Turn], Awaitable[None]]
) -> None:
    """The row is done and the act has happened, or neither; nothing when the row waits no more."""
    with office.work() as uow:
        if not inbox.finish(uow.session, row.id, uow.now):
            return
        turn = Turn(uow, row, prepared)
        token = current_turn.set(turn)
        try:
            await act(turn)
        finally:
            current_turn.reset(token)


def _where(error: Exception) -> str:
    """File and line of the innermost frame: never the message, which may quote a client."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"


def _what(error: Exception) -> str:
    """What went wrong, in words that quote nobody."""
    if isinstance(error, UnreadableError):
        return f"unreadable: {error}"
    return f"{type(error).__name__} at {_where(error)}"


def _settle(
    office: Office, handler: TurnHandler, failed: Failed, error: Exception, pauses: Sequence[timedelta]
) -> None:
    """Count the failure; hold the row or set it aside. Nothing here reads what the row holds."""
    try:
        _count_failure(office, failed, error, pauses, handler.apologise)
    except Exception as trouble:
        if storage_trouble(trouble) or lost_race(trouble):
            raise
        log.error("not_apologised", inbox_id=failed.inbox_id, error=_what(trouble))
        _count_failure(office, failed, error, pauses, apologise=None)


def _count_failure(
    office: Office,
    failed: Failed,
    error: Exception,
    pauses: Sequence[timedelta],
    apologise: Callable[[UnitOfWork, Failed], None] | None,
) -> None:
    with office.work() as uow:
        count = inbox.failed(uow.session, failed.inbox_id, _what(error))
        if count is None:
            return
        if count <= len(pauses) and not isinstance(error, UnreadableError):
            inbox.put_off(uow.session, failed.inbox_id, uow.now + pauses[count - 1])
            return
        inbox.set_aside(uow.session, failed.inbox_id, _what(error), uow.now)
        if apologise is not None:
            apologise(uow, failed)
