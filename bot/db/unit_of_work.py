"""The unit of work: one transaction, one moment, and who is told when it commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from bot.db.engine import Database


class Teller(Protocol):
    """Turns a notice into outgoing messages inside the same transaction (messaging supplies it)."""

    def tell(
        self, uow: "UnitOfWork", audience: Any, template: str, values: dict[str, Any], *, urgent: bool
    ) -> None: ...


@dataclass(slots=True)
class UnitOfWork:
    """What an act needs: the session, the moment, and a way to tell people.

    Acts never commit; whoever opened the unit of work does. `actor` is the person the act is done for,
    so that a notice asked for by its reader is not held back by the night rule.
    """

    session: Session
    now: datetime
    teller: Teller
    actor: int | None = None

    def tell(self, audience: Any, template: str, *, urgent: bool = False, **values: Any) -> None:
        """Tell an audience with a template; the messages commit with the act or not at all."""
        self.teller.tell(self, audience, template, values, urgent=urgent)


class Office:
    """Opens units of work; the same for turns, timers, web and commands."""

    def __init__(self, database: Database, teller: Teller, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.teller = teller
        self.clock = clock

    @contextmanager
    def work(self, *, now: datetime | None = None, actor: int | None = None) -> Iterator[UnitOfWork]:
        """One act, all or nothing."""
        with self.database.write() as session:
            yield UnitOfWork(session, now or self.clock(), self.teller, actor)
