"""Sends whose result is unknown: repeated ever less often until it is known, and told to staff (decision 1)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.messaging import metrics
from bot.messaging.alarms import alarm_of_send
from bot.messaging.outgoing.models import Outbox, OutboxState

_DOUBLINGS = 20  # twelve days between two repeats is rare enough


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a chat waits for a send whose result stays unknown; the numbers are the policy's."""

    alarm_repeats: int  # staff is told that a message is still not known to have arrived
    hold: timedelta  # after so long, and more repeats than that, the chat goes on without it
    first_wait: timedelta = timedelta(seconds=1)  # each next one is twice as long: a repeat may be a second copy


PatienceNow = Callable[[Session], Patience]


def note(session: Session, row: Outbox, reason: str, now: datetime) -> None:
    """Mark a row that will be sent once more though it may have arrived; staff sees the mark, once a row."""
    row.repeats += 1
    row.error = reason[:300]
    metrics.repeated_sends.labels(row.method).inc()
    if row.unsure_since is None:
        row.unsure_since = now
        alarm_of_send(session, row, "repeated_send", now, reason=reason)


def repeat_later(session: Session, row: Outbox, reason: str, now: datetime, patience: Patience) -> None:
    """Have a row of unknown result sent again after a wait that doubles.

    Its chat waits for it, so that order is kept, until it has been unsure for `hold` and for more repeats than the
    alarm takes: hours without a connection are no reason to pass it over. Then a person is told and the chat goes on;
    the row itself is tried on, out of order.
    """
    note(session, row, reason, now)
    assert row.unsure_since is not None  # noqa: S101 - note() sets it
    row.state = OutboxState.NEW
    again = now + patience.first_wait * (1 << min(row.repeats - 1, _DOUBLINGS))
    if row.repeats == patience.alarm_repeats:
        alarm_of_send(session, row, "unknown_send", now, reason=reason)
    if now - row.unsure_since < patience.hold or row.repeats <= patience.alarm_repeats:
        row.held_until = again
        return
    if not passed_over(row):
        alarm_of_send(session, row, "passed_send", now, reason=reason)
    row.held_until = None
    row.not_before = again


def passed_over(row: Outbox) -> bool:
    """Whether the chat went on without this row."""
    return row.unsure_since is not None and row.not_before is not None and row.not_before > row.unsure_since
