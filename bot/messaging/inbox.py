"""The durable inbox: committed before it is acknowledged, read in order per chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.db.plain import INSERTS, ask
from bot.messaging.models import Inbox, InboxState


@dataclass(frozen=True, slots=True)
class Arrival:
    """One update as it came: its id (unique per bot), the chat whose order it keeps, and the raw JSON."""

    bot_id: int
    update_id: int | None
    chat_id: int
    payload: dict[str, Any]
    kind: str = "update"


# Statements of every turn, put together once: building one costs as much as running it.
_FINISH = (
    update(Inbox)
    .where(col(Inbox.id) == bindparam("row"), col(Inbox.state) == InboxState.NEW)
    .values(state=InboxState.DONE, done_at=bindparam("now"))
)
_NEXT = (
    select(Inbox.payload)
    .where(col(Inbox.chat_id) == bindparam("chat"), Inbox.state == InboxState.NEW, col(Inbox.id) > bindparam("row"))
    .order_by(col(Inbox.id))
    .limit(1)
)


def record(session: Session, arrivals: Sequence[Arrival], now: datetime) -> None:
    """Store arrivals; one that is stored already is left as it is (promise 1)."""
    if not arrivals:
        return
    rows = [
        {
            "bot_id": a.bot_id,
            "update_id": a.update_id,
            "chat_id": a.chat_id,
            "kind": a.kind,
            "payload": a.payload,
            "state": InboxState.NEW,
            "attempts": 0,
            "received_at": now,
        }
        for a in arrivals
    ]
    statement = INSERTS[session.get_bind().dialect.name](Inbox).on_conflict_do_nothing(
        index_elements=["bot_id", "update_id"]
    )
    session.connection().execute(statement, rows)


@lru_cache
def _heads(lane: int, lanes: int, limit: int) -> SelectOfScalar[Inbox]:
    first = func.min(col(Inbox.id))
    query = select(first).where(Inbox.state == InboxState.NEW)
    if lanes > 1:
        query = query.where(func.abs(col(Inbox.chat_id)) % lanes == lane)
    query = query.group_by(col(Inbox.chat_id)).order_by(first).limit(limit)
    return select(Inbox).where(col(Inbox.id).in_(query)).order_by(col(Inbox.id))


def heads(session: Session, lane: int, lanes: int, limit: int = 64) -> Sequence[Inbox]:
    """The first waiting row of each chat of a lane, oldest first."""
    return session.exec(_heads(lane, lanes, limit)).all()


def finish(session: Session, row_id: int, now: datetime) -> bool:
    """Mark a waiting row as done, which holds with the transaction or not at all; False when it waits no more.

    It comes first in a turn: whoever else has the row is waited for, and then it is not ours.
    """
    return ask(session, _FINISH, row=row_id, now=now).rowcount == 1


def waiting_after(session: Session, row: Inbox) -> dict[str, Any] | None:
    """What came next in the same chat and waits for its turn."""
    payload: dict[str, Any] | None = ask(session, _NEXT, chat=row.chat_id, row=row.id).scalar()
    return payload


def oldest_waiting(session: Session) -> datetime | None:
    """When the longest-waiting row arrived, for the queue's age."""
    return session.exec(select(func.min(Inbox.received_at)).where(Inbox.state == InboxState.NEW)).one()
