"""Whose leases are alive: on PostgreSQL each delivery loop holds a lock that dies with its process."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, String, cast, column, literal_column, select, table, text, update
from sqlmodel import Session, col

from bot.db.engine import Database
from bot.messaging.outgoing.models import Outbox, OutboxState, still_pending

_CLASS = 7_264  # the first half of the lock's key: locks of workers, apart from those of chats
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Worker:
    """One delivery loop among those of all processes."""

    database: Database
    id: int = field(default_factory=lambda: secrets.randbits(31))
    _connection: Connection | None = None

    def show_alive(self) -> None:
        """Hold the worker's lock; to be called before it leases anything, and again after trouble."""
        if self.database.is_sqlite or self._connection is not None:
            return
        self._connection = self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection.execute(text("SELECT pg_advisory_lock(:class, :id)"), {"class": _CLASS, "id": self.id})

    def gone(self) -> None:
        """Let go of the lock, with its connection."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def release_dead(self, session: Session) -> None:
        """End the leases of loops that are no more, so that what they were sending is taken over at once.

        One statement: a lease it sees was committed after its worker's lock was taken, so a living worker's is
        never ended. On SQLite there is one loop: every lease that is not its own is a dead one.
        """
        owner = col(Outbox.leased_by)
        statement = update(Outbox).where(still_pending(), col(Outbox.state) == OutboxState.SENDING)
        if self.database.is_sqlite:
            statement = statement.where(owner.is_(None) | (owner != self.id))
        else:
            locks = table("pg_locks", column("objid"), column("classid"), column("locktype"), column("objsubid"))
            living = select(cast(locks.c.objid, String)).where(
                locks.c.locktype == "advisory",
                cast(locks.c.classid, String) == str(_CLASS),
                locks.c.objsubid == 2,
                literal_column("database = (SELECT oid FROM pg_database WHERE datname = current_database())"),
            )
            statement = statement.where(owner.is_(None) | cast(owner, String).not_in(living))
        session.connection().execute(statement.values(leased_until=_LONG_AGO))

    def give_back(self, session: Session, known: Collection[int]) -> None:
        """Let go of rows that are leased to this loop though it does not know them (`known`: sent or being sent).

        The database committed the claim, and the connection broke before it could say so: nothing was sent.
        """
        mine = (col(Outbox.state) == OutboxState.SENDING) & (col(Outbox.leased_by) == self.id)
        statement = update(Outbox).where(still_pending(), mine, col(Outbox.id).not_in(known))
        session.connection().execute(statement.values(state=OutboxState.NEW, attempts=Outbox.attempts - 1))
