"""Timers: something that must happen at a moment, kept in the database, claimed by whoever is up."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, update
from sqlmodel import Session, col, select

from bot.db.locks import claiming
from bot.db.plain import INSERTS, ask
from bot.messaging.models import Timer

LONGEST_PAUSE, DOUBLINGS = timedelta(hours=1), 10  # between two tries of a timer that fails
RACE_PAUSE = timedelta(seconds=1)


def set_timer(session: Session, key: str, kind: str, due_at: datetime, **payload: Any) -> None:
    """Set a timer, or move the one of the same key. `kind` names the function in `bot.jobs`."""
    _upsert(session, key, kind, due_at, payload, only_done=False)


def want_timer(session: Session, key: str, kind: str, due_at: datetime, **payload: Any) -> None:
    """Set a timer unless one of the same key is waiting already, which stays as it is."""
    _upsert(session, key, kind, due_at, payload, only_done=True)


@lru_cache
def _upserting(dialect: str, *, only_done: bool) -> Executable:
    made = INSERTS[dialect](Timer)
    return made.on_conflict_do_update(
        index_elements=["key"],
        set_={name: made.excluded[name] for name in ("kind", "due_at", "payload", "done_at", "attempts")},
        where=col(Timer.done_at).is_not(None) if only_done else None,
    )


def _upsert(
    session: Session, key: str, kind: str, due_at: datetime, payload: dict[str, Any], *, only_done: bool
) -> None:
    """One statement, so that two processes that set the same timer don't fail each other."""
    statement = _upserting(session.get_bind().dialect.name, only_done=only_done)
    ask(session, statement, key=key, kind=kind, due_at=due_at, payload=payload, done_at=None, attempts=0)


def waiting(session: Session, key: str) -> Timer | None:
    """The timer of a key that is not done yet."""
    return session.exec(select(Timer).where(Timer.key == key, col(Timer.done_at).is_(None))).one_or_none()


def drop_timer(session: Session, key: str, now: datetime) -> None:
    """The timer is no longer wanted."""
    session.connection().execute(
        update(Timer).where(col(Timer.key) == key, col(Timer.done_at).is_(None)).values(done_at=now)
    )


def due(session: Session, now: datetime, limit: int = 20) -> list[int]:
    """Ids of timers that are due, oldest first."""
    query = (
        select(Timer.id)
        .where(col(Timer.done_at).is_(None), col(Timer.due_at) <= now)
        .order_by(col(Timer.due_at))
        .limit(limit)
    )
    return [int(found) for found in session.exec(query).all() if found is not None]


def take(session: Session, timer_id: int, now: datetime) -> Timer | None:
    """Lock a timer that is still due; None if another process has it."""
    query = select(Timer).where(Timer.id == timer_id, col(Timer.done_at).is_(None), col(Timer.due_at) <= now)
    return session.exec(claiming(query)).one_or_none()


def postpone(session: Session, timer_id: int, now: datetime, error: str) -> tuple[str, str] | None:
    """It failed: try again later, ever less often, at most once an hour. Its kind and key, or None if another process
    has it.

    What the timer carries is not read: that may be what failed.
    """
    query = select(Timer.kind, Timer.key, Timer.attempts).where(
        Timer.id == timer_id, col(Timer.done_at).is_(None), col(Timer.due_at) <= now
    )
    found = session.exec(claiming(query)).one_or_none()
    if found is None:
        return None
    kind, key, attempts = found
    pause = min(timedelta(seconds=15 * 2 ** min(attempts + 1, DOUBLINGS)), LONGEST_PAUSE)
    session.connection().execute(
        update(Timer)
        .where(col(Timer.id) == timer_id)
        .values(attempts=attempts + 1, error=error[:500], due_at=now + pause)
    )
    return kind, key


def retry_soon(session: Session, timer_id: int, now: datetime) -> None:
    """It lost a race, which is no failure: once more in a moment."""
    session.connection().execute(
        update(Timer).where(col(Timer.id) == timer_id, col(Timer.done_at).is_(None)).values(due_at=now + RACE_PAUSE)
    )
