"""The durable inbox: committed before it is acknowledged, read in order per chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, or_, update
from sqlmodel import Session, UTCDateTime, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.db.plain import INSERTS, ask
from bot.messaging.alarms import raise_alarm
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.messengers import BotId


@dataclass(frozen=True, slots=True)
class Arrival:
    """One update as it came: its id (unique per bot), the chat whose order it keeps, and the raw JSON.

    `aside` says why it can't be given a turn: it is kept, and staff is told.
    """

    bot: BotId
    update_id: int | None
    chat_id: int
    payload: dict[str, Any]
    kind: str = "update"
    aside: str | None = None


POISONED = "poison"  # the alarm about a row that was set aside

# Statements of every turn, put together once: building one costs as much as running it.
_MINE = (col(Inbox.id) == bindparam("row"), col(Inbox.state) == InboxState.NEW)
_FINISH = update(Inbox).where(*_MINE).values(state=InboxState.DONE, done_at=bindparam("now"))
_FAILED = (
    update(Inbox)
    .where(*_MINE)
    .values(attempts=col(Inbox.attempts) + 1, error=bindparam("error"))
    .returning(col(Inbox.attempts))
)
_PUT_OFF = update(Inbox).where(*_MINE).values(held_until=bindparam("until"))
_ASIDE = update(Inbox).where(*_MINE).values(state=InboxState.POISON, done_at=bindparam("now"))
_NEXT = (
    select(Inbox.payload)
    .where(col(Inbox.messenger) == bindparam("messenger"), col(Inbox.chat_id) == bindparam("chat"))
    .where(Inbox.state == InboxState.NEW, col(Inbox.id) > bindparam("row"))
    .order_by(col(Inbox.id))
    .limit(1)
)


def record(session: Session, arrivals: Sequence[Arrival], now: datetime) -> None:
    """Store arrivals; one that is stored already is left as it is (promise 1)."""
    statement = INSERTS[session.get_bind().dialect.name](Inbox).on_conflict_do_nothing(
        index_elements=["messenger", "bot_id", "update_id"]
    )
    if rows := [_row(arrival, now) for arrival in arrivals if arrival.aside is None]:
        session.connection().execute(statement, rows)
    for arrival in arrivals:
        if arrival.aside is not None:
            kept = statement.values(**_row(arrival, now)).returning(col(Inbox.id))
            if (row_id := session.connection().execute(kept).scalar()) is not None:
                raise_alarm(session, POISONED, now, inbox=row_id, error=arrival.aside)


def _row(arrival: Arrival, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "messenger": arrival.bot.messenger,
        "bot_id": arrival.bot.number,
        "update_id": arrival.update_id,
        "chat_id": arrival.chat_id,
        "kind": arrival.kind,
        "payload": arrival.payload,
        "state": InboxState.NEW,
        "attempts": 0,
        "received_at": now,
    }
    if arrival.aside is not None:
        row |= {"state": InboxState.POISON, "error": arrival.aside, "done_at": now}
    return row


@lru_cache
def _first_ids(lane: int, lanes: int, limit: int) -> SelectOfScalar[Any]:
    first, held = func.min(col(Inbox.id)), func.max(col(Inbox.held_until))
    query = select(first).where(Inbox.state == InboxState.NEW)
    if lanes > 1:
        query = query.where(func.abs(col(Inbox.chat_id)) % lanes == lane)
    query = query.group_by(col(Inbox.chat_id)).order_by(first).limit(limit)
    # Only a first row is ever held, and with it its chat.
    return query.having(or_(held.is_(None), held <= bindparam("now", type_=UTCDateTime())))


@lru_cache
def _heads(lane: int, lanes: int, limit: int) -> SelectOfScalar[Inbox]:
    return select(Inbox).where(col(Inbox.id).in_(_first_ids(lane, lanes, limit))).order_by(col(Inbox.id))


def heads(session: Session, lane: int, lanes: int, now: datetime, limit: int = 64) -> Sequence[Inbox]:
    """The first waiting row of each chat of a lane that may be taken at `now`, oldest first."""
    try:
        return session.exec(_heads(lane, lanes, limit), params={"now": now}).all()
    except (ValueError, RecursionError):
        # One of them holds what no reader takes: the others are read as ever, that one without what it holds.
        found = session.exec(_first_ids(lane, lanes, limit), params={"now": now}).all()
        return [_read_alone(session, int(row_id)) for row_id in found]


def _read_alone(session: Session, row_id: int) -> Inbox:
    try:
        return session.get_one(Inbox, row_id)
    except (ValueError, RecursionError):
        known = [column for column in Inbox.__table__.columns if column.name != "payload"]  # type: ignore[attr-defined]
        row = session.exec(select(*known).where(Inbox.id == row_id)).one()
        return Inbox(**row._mapping, payload={})


def finish(session: Session, row_id: int, now: datetime) -> bool:
    """Mark a waiting row as done, which holds with the transaction or not at all; False when it waits no more.

    It comes first in a turn: whoever else has the row is waited for, and then it is not ours.
    """
    return ask(session, _FINISH, row=row_id, now=now).rowcount == 1


def waiting_after(session: Session, row: Inbox) -> dict[str, Any] | None:
    """What came next in the same chat and waits for its turn; None too where it can't be read."""
    try:
        payload: dict[str, Any] | None = ask(
            session, _NEXT, messenger=row.messenger, chat=row.chat_id, row=row.id
        ).scalar()
    except (ValueError, RecursionError):
        return None
    return payload


def failed(session: Session, row_id: int, error: str) -> int | None:
    """Count a failure of a waiting row; how many there were, or None when it waits no more."""
    count = ask(session, _FAILED, row=row_id, error=error).scalar()
    return None if count is None else int(count)


def put_off(session: Session, row_id: int, until: datetime) -> None:
    """Leave the row, and its chat behind it, until a moment."""
    ask(session, _PUT_OFF, row=row_id, until=until)


def set_aside(session: Session, row_id: int, error: str, now: datetime) -> None:
    """It gets no more turns: kept for people to look at, as it came, unread; staff is told."""
    ask(session, _ASIDE, row=row_id, now=now)
    raise_alarm(session, POISONED, now, inbox=row_id, error=error)


def oldest_waiting(session: Session) -> datetime | None:
    """When the longest-waiting row arrived, for the queue's age."""
    return session.exec(select(func.min(Inbox.received_at)).where(Inbox.state == InboxState.NEW)).one()
