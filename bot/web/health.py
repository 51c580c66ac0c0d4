"""How a process is: what waits and for how long, and what keeps it from being ready. It answers in any trouble."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.db.trouble import storage_trouble
from bot.db.unit_of_work import Office
from bot.messaging import metrics
from bot.messaging.incoming import inbox
from bot.messaging.incoming.held_back import HeldBack
from bot.messaging.outgoing import outbox

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class State:
    """Ages in seconds, NaN where nobody knows; `reason` is why the process is not ready, with its mend."""

    inbox: float
    outbox: float
    at_messenger: float
    pending: int | None
    database_up: bool
    reason: str | None

    def as_json(self) -> dict[str, Any]:
        """For /readyz; what is unknown is null."""
        ages = {
            "inbox_oldest_seconds": self.inbox,
            "outbox_oldest_seconds": self.outbox,
            "telegram_oldest_seconds": self.at_messenger,
        }
        shown: dict[str, Any] = {name: None if math.isnan(age) else age for name, age in ages.items()}
        shown |= {"ready": self.reason is None, "telegram_pending": self.pending}
        return shown if self.reason is None else shown | {"reason": self.reason}

    def measure(self) -> None:
        """Put it into the gauges."""
        metrics.inbox_age.set(self.inbox)
        metrics.outbox_age.set(self.outbox)
        metrics.held_age.set(self.at_messenger)
        metrics.held_count.set(math.nan if self.pending is None else self.pending)
        metrics.database_up.set(self.database_up)


@dataclass(slots=True)
class Health:
    """Looks at the queues; what was seen last is kept for when the database doesn't answer."""

    office: Office
    held: HeldBack | None = None
    _seen: tuple[datetime | None, datetime | None] = field(default=(None, None))

    def look(self) -> State:
        """Never raises for a database that fails: one line in the log says so."""
        now = self.office.clock()
        trouble = self.office.database.trouble
        unseen = math.nan
        try:
            with self.office.database.read() as session:
                session.connection().execute(text("SELECT 1"))
                self._seen = inbox.oldest_waiting(session), outbox.oldest_pending(session, now)
            unseen = 0.0
        except SQLAlchemyError as error:
            trouble = storage_trouble(error) or f"the database refuses to be read: {type(error).__name__}"
            log.error("database_trouble", loop="health", mend=trouble)
        ages = [unseen if since is None else max(0.0, (now - since).total_seconds()) for since in self._seen]
        held = self.held
        return State(
            inbox=ages[0],
            outbox=ages[1],
            at_messenger=held.oldest_seconds(now) if held else 0.0,
            pending=held.pending if held else None,
            database_up=trouble is None,
            reason=trouble or (held.why_not_ready(now) if held else None),
        )
