"""Alarms: what staff must look at; kept as rows, and told to staff soon after, several at once."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Outbox
from bot.messaging.timers import want_timer

log = structlog.get_logger()

TIMER = "tell_alarms"
NOTICE = "staff/alarms"  # the template that tells of them
GATHER = timedelta(seconds=20)  # an outage raises many at once: they are told together


def raise_alarm(session: Session, kind: str, now: datetime, **details: Any) -> None:
    """Keep an alarm and see to it that staff is told. `kind` is a label under `alarm.` in every language."""
    session.add(Alarm(kind=kind, details=details, raised_at=now))
    want_timer(session, TIMER, TIMER, now + GATHER)


def keep_alarm(session: Session, kind: str, now: datetime, **details: Any) -> None:
    """Keep an alarm about an alarm's own notice: it is told together with the next alarm, and calls for no telling by
    itself, or a notice that is always refused would bring another for ever."""
    session.add(Alarm(kind=kind, details=details, raised_at=now))


def alarm_of_send(session: Session, row: Outbox, kind: str, now: datetime, **details: Any) -> None:
    """An alarm about a send; one about an alarm's own notice is kept and logged, and makes no new notice."""
    own = bool(row.params.get("_alarm"))
    if own:
        log.error("alarm_not_told", outbox_id=row.id, kind=kind)
    # A chat that is gone gets no more notices, so telling of it ends by itself, and others must learn of it.
    (keep_alarm if own and kind != "unreachable" else raise_alarm)(session, kind, now, outbox=row.id, **details)
