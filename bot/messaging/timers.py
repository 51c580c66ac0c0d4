"""Timers: something that must happen at a moment, kept in the database, claimed by whoever is up."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Executable, case, update
from sqlmodel import Session, col, select

from bot.db.last import put_last
from bot.db.locks import claimed, claiming
from bot.db.plain import INSERTS, ask
from bot.messaging.models import Timer

LONGEST_PAUSE, DOUBLINGS = timedelta(hours=1), 10  # between two tries of a timer that fails
RACE_PAUSE = timedelta(seconds=1)
CLAIMS = 1  # the space of claimed numbers that are timers


class TimerMovedError(RuntimeError):
    """While its act was under way, the timer was dropped or moved to later: the act is taken back."""


def set_timer(session: Session, key: str, kind: str, due_at: datetime, **payload: Any) -> None:
    """Set a timer, or move the one of the same key. `kind` names the function in `bot.jobs`."""
    _upsert(session, key, kind, due_at, payload, only_done=False)


def want_timer(session: Session, key: str, kind: str, due_at: datetime, **payload: Any) -> None:
    """Set a timer unless one of the same key is waiting already, which stays as it is."""
    _upsert(session, key, kind, due_at, payload, only_done=True)


@lru_cache
def _upserting(dialect: str, *, only_done: bool) -> Executable:
    made = INSERTS[dialect](Timer)
    anew: dict[str, Any] = {name: made.excluded[name] for name in ("kind", "due_at", "payload", "done_at", "attempts")}
    if only_done:
        over = col(Timer.done_at).is_not(None)
        anew = {name: case((over, value), else_=getattr(Timer, name)) for name, value in anew.items()}
    return made.on_conflict_do_update(index_elements=["key"], set_={**anew, "asked": Timer.asked + 1})


def _upsert(
    session: Session, key: str, kind: str, due_at: datetime, payload: dict[str, Any], *, only_done: bool
) -> None:
    """One statement at the end of the transaction, so that two processes that set the same timer don't fail each
    other. One that is wanted while it runs runs again: it may have looked before."""
    statement = _upserting(session.get_bind().dialect.name, only_done=only_done)
    values = {"key": key, "kind": kind, "due_at": due_at, "payload": payload}
    write = partial(ask, session, statement, **values, done_at=None, attempts=0, asked=0)
    put_last(session, key, write)


def waiting(session: Session, key: str) -> Timer | None:
    """The timer of a key that is not done yet."""
    return session.exec(select(Timer).where(Timer.key == key, col(Timer.done_at).is_(None))).one_or_none()


def drop_timer(session: Session, key: str, now: datetime) -> None:
    """The timer is no longer wanted."""
    dropping = update(Timer).where(col(Timer.key) == key, col(Timer.done_at).is_(None))
    put_last(session, key, lambda: session.connection().execute(dropping.values(done_at=now, asked=Timer.asked + 1)))


def due(session: Session, now: datetime, limit: int = 20) -> list[int]:
    """Ids of timers that are due, oldest first."""
    query = (
        select(Timer.id)
        .where(col(Timer.done_at).is_(None), col(Timer.due_at) <= now)
        .order_by(col(Timer.due_at))
        .limit(limit)
    )
    return [int(found) for found in session.exec(query).all() if found is not None]


def take(session: Session, timer_id: int, clock: Callable[[], datetime]) -> Timer | None:
    """Claim a timer that is still due; None if another process has it. It is done with the transaction, before what its
    act sets anew. A process that dies lets go of its claim.

    The row is not held while the act is under way, so the act may wait for a turn that drops or moves the timer.
    Raises TimerMovedError at the end where that has happened.
    """
    if not claimed(session, CLAIMS, timer_id):
        return None
    now = clock()
    query = select(Timer).where(Timer.id == timer_id, col(Timer.done_at).is_(None), col(Timer.due_at) <= now)
    timer = session.exec(query).one_or_none()
    if timer is not None:
        put_last(session, timer.key, partial(_done, session, timer_id, timer.asked, clock))
    return timer


def _done(session: Session, timer_id: int, asked: int, clock: Callable[[], datetime]) -> None:
    """It stays due where it was asked for again meanwhile."""
    now = clock()
    same = col(Timer.id) == timer_id, col(Timer.asked) == asked, col(Timer.done_at).is_(None)
    done = update(Timer).where(*same).values(done_at=now)
    if session.connection().execute(done.returning(col(Timer.id))).first() is None:
        again = select(Timer.id).where(Timer.id == timer_id, col(Timer.done_at).is_(None), col(Timer.due_at) <= now)
        if session.exec(again).first() is None:
            raise TimerMovedError


def postpone(session: Session, timer_id: int, now: datetime, error: str) -> tuple[str, str] | None:
    """It failed: try again later, ever less often, at most once an hour. Its kind and key when it is the first time
    since it was set; else None, and so where another process has it.

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
    return None if attempts else (kind, key)


def failing(session: Session) -> Sequence[tuple[str, int, str]]:
    """Timers that were tried in vain and wait for their next try, the most tried first: key, tries and last error."""
    query = select(Timer.key, Timer.attempts, Timer.error).where(col(Timer.done_at).is_(None), Timer.attempts > 0)
    found = session.exec(query.order_by(col(Timer.attempts).desc(), col(Timer.key))).all()
    return [(key, attempts, error or "") for key, attempts, error in found]


def retry_soon(session: Session, timer_id: int, now: datetime) -> None:
    """It lost a race, which is no failure: once more in a moment."""
    session.connection().execute(
        update(Timer).where(col(Timer.id) == timer_id, col(Timer.done_at).is_(None)).values(due_at=now + RACE_PAUSE)
    )
