"""Engines for SQLite and PostgreSQL behind one small door.

On SQLite writing transactions start with BEGIN IMMEDIATE and queue on one fair lock of the process;
reading ones are deferred and `query_only` (stack.md, "Database facts that decide correctness").
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlmodel import Session

from bot.db.last import write_last
from bot.db.trouble import storage_trouble

_SPELLING = (
    "write sqlite:///path or postgresql://user:password@host:port/name, with signs like @ / : ? # in a password "
    "percent-encoded (%40 for @)"
)

BUSY_SECONDS = 30
TROUBLE_SECONDS = 15.0  # for so long a failure is held to last
CONNECT_SECONDS = 10  # a host that says nothing at all is given up; the system itself would wait for minutes


class BadDatabaseUrlError(ValueError):
    """DATABASE_URL names no database that Firstline speaks to."""


class FairLock:
    """A first-in, first-out lock between threads: SQLite's own queue starves writers."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


class Database:
    """One database: `write()` and `read()` give sessions, nothing else opens transactions."""

    def __init__(
        self, url: str, *, busy_seconds: int = BUSY_SECONDS, lock_seconds: int = 0, statement_seconds: int = 0
    ) -> None:
        """Raises BadDatabaseUrlError. `sqlite:///path` or `postgresql://…` (psycopg 3).

        `busy_seconds`: how long another process's lock on an SQLite base is waited out. On PostgreSQL a wait for a lock
        ends after `lock_seconds` and a statement after `statement_seconds`; 0: neither does.
        """
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            # Neither the address nor what failed in it is said: it may hold a password.
            raise BadDatabaseUrlError(f"DATABASE_URL is no database address: {_SPELLING}") from None
        if "@" in (parsed.host or ""):
            raise BadDatabaseUrlError(f"DATABASE_URL has more than one @: {_SPELLING}")
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise BadDatabaseUrlError(
                f"DATABASE_URL: {parsed.drivername} is not supported, use sqlite:///… or postgresql://…"
            )
        self.url = parsed
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.path = Path(parsed.database) if self.is_sqlite and parsed.database else None
        self._failed: tuple[str, float] = ("", -inf)  # the mend of the last failure, and when it was
        self._lock = FairLock()
        if self.is_sqlite:
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self.engine = _sqlite_engine(parsed, busy_seconds, read_only=False)
            self._reader = _sqlite_engine(parsed, busy_seconds, read_only=True)
        else:
            self.engine = create_engine(
                parsed,
                pool_size=16,
                max_overflow=16,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args=_connect_args(parsed, lock_seconds, statement_seconds),
            )
            self._reader = self.engine

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One writing transaction: commits at the end, rolls back on any exception."""
        if self.is_sqlite:
            self._lock.acquire()
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
                write_last(session)
        except SQLAlchemyError as error:
            if mend := storage_trouble(error):
                self._failed = mend, monotonic()
            raise
        finally:
            if self.is_sqlite:
                self._lock.release()

    @property
    def trouble(self) -> str | None:
        """The mend while the database itself refuses what is written; what failed is tried again every second or so.

        A transaction that succeeds proves nothing: on a full disk one that changes nothing does.
        """
        mend, at = self._failed
        return mend if monotonic() - at < TROUBLE_SECONDS else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view that never writes and never waits for a writer."""
        with Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    def require_writable(self) -> None:
        """Raises the database's own error where nothing can be written: a file without the right to it, a server
        that is a copy of another. A transaction that only begins tells of neither."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("UPDATE policy SET value = value WHERE name = ''"))
                connection.rollback()
        except OperationalError as error:
            if "database is locked" not in str(error.orig):  # else somebody is writing to it just now
                raise

    def dispose(self) -> None:
        self.engine.dispose()
        self._reader.dispose()


def _connect_args(url: URL, lock_seconds: int, statement_seconds: int) -> dict[str, Any]:
    found: dict[str, Any] = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    limits = {"lock_timeout": lock_seconds, "statement_timeout": statement_seconds}
    said = [f"-c {name}={seconds * 1000}" for name, seconds in limits.items() if seconds]
    if said:
        given = url.query.get("options", "")
        found["options"] = " ".join([given if isinstance(given, str) else " ".join(given), *said]).strip()
    return found


def _sqlite_engine(url: Any, busy_seconds: int, *, read_only: bool) -> Engine:
    # Parameters are hidden: an error that quotes them would put a client's words into the log.
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": busy_seconds, "isolation_level": None},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={busy_seconds * 1000}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # The driver's own BEGIN is deferred: two readers that then write lose updates silently.
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
