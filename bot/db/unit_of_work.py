"""The unit of work: one transaction, one moment, and who is told when it commits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol

from sqlmodel import Session

from bot.db.clock import day_of
from bot.db.engine import Database


class Subject(Protocol):
    """What a template gets: a frozen dataclass, which the template names at its head."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Nothing:
    """The subject of a text that says the same to everybody."""


NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a notice goes: `blob` (the id of stored bytes) makes it a document with the text as its caption; `media` are
    files that somebody sent, to be sent on with it; `carries` is what a reply to it will be about, and `receipt` that
    somebody waits to hear what became of it. What is `urgent` goes at night too."""

    urgent: bool = False
    carries: str | None = None
    receipt: bool = False
    media: Sequence[Mapping[str, Any]] = ()
    blob: int | None = None


class Teller(Protocol):
    """Turns a notice into outgoing messages inside the same transaction (messaging supplies it)."""

    def tell(self, uow: "UnitOfWork", audience: Any, template: str, subject: Subject, envelope: Envelope) -> None: ...


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

    def day(self, zone: str) -> date:
        """The day it is in a zone; whose zone, says `bot/clients/zones.py` (R3.5)."""
        return day_of(self.now, zone)

    def tell(
        self,
        audience: Any,
        template: str,
        subject: Subject = NOTHING,
        *,
        urgent: bool = False,
        carries: str | None = None,
        receipt: bool = False,
        media: Sequence[Mapping[str, Any]] = (),
        blob: int | None = None,
    ) -> None:
        """Tell an audience with a template; the messages commit with the act or not at all. How they go: `Envelope`."""
        self.teller.tell(self, audience, template, subject, Envelope(urgent, carries, receipt, media, blob))


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
