"""Alarms: what staff must look at; kept as rows, and told to staff soon after, several at once."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.messaging.models import Alarm
from bot.messaging.timers import want_timer

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
