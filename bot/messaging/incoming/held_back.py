"""What the messenger holds for us and we don't get: how many, since when, and why."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.db.trouble import storage_trouble
from bot.db.unit_of_work import Office
from bot.messaging.alarms import raise_alarm

log = structlog.get_logger()

ALARM = "intake_held"
PATIENCE = timedelta(seconds=10)  # a poller that gives way to its successor is refused once or twice


@dataclass(slots=True)
class HeldBack:
    """The state of one process's intake, written by it and read by health and metrics.

    `since` is when the oldest message came that is known to wait, or when receiving failed first; None while all goes
    well. `pending` is the messenger's own count, None where it didn't say. `late` reads from when on staff is told.
    """

    late: Callable[[Session], timedelta]
    since: datetime | None = None
    reason: str = ""
    pending: int | None = None
    _told: bool = False
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def back(self, reason: str, since: datetime) -> None:
        """Receiving failed; the first time counts, or an older message that is known now."""
        with self._guard:
            self.reason = reason
            self.since = since if self.since is None else min(self.since, since)

    def flows(self, office: Office) -> None:
        """What comes is received and kept. Who waited for long is told of, if that could not be written before."""
        if self.since is None:
            return
        self.alarm_once(office)
        with self._guard:
            self.since, self.reason, self.pending, self._told = None, "", 0, False

    def oldest_seconds(self, now: datetime) -> float:
        """For how long the oldest has waited, as far as is known; 0 where the messenger says that none waits."""
        with self._guard:
            return 0.0 if self.since is None or self.pending == 0 else max(0.0, (now - self.since).total_seconds())

    def why_not_ready(self, now: datetime) -> str | None:
        """What keeps messages from coming in, where it lasts."""
        with self._guard:
            return self.reason if self.since is not None and now - self.since >= PATIENCE else None

    def alarm_once(self, office: Office) -> None:
        """One alarm for one trouble, once it is late (`late`); a base that is full takes it later."""
        if self._told or self.since is None:
            return
        try:
            with office.work() as uow:
                if uow.now - self.since <= self.late(uow.session):
                    return
                raise_alarm(uow.session, ALARM, uow.now, reason=self.reason, pending=self.pending)
        except SQLAlchemyError as error:
            if storage_trouble(error) is None:
                raise
            return
        self._told = True
        log.error("intake_held", mend=self.reason, pending=self.pending)
