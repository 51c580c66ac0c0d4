"""Old rows of the queues go: they are kept for questions and repeats, not for ever."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, literal_column
from sqlmodel import Session, col, select

from bot.clients.policy import policy
from bot.db.unit_of_work import UnitOfWork
from bot.jobs.old_cards import forget_cards
from bot.messaging.incoming.models import Inbox
from bot.messaging.models import Alarm, Timer
from bot.messaging.outgoing.cards import MOST
from bot.messaging.outgoing.models import Blob, Outbox, OutboxState
from bot.messaging.timers import set_timer

TIMER = "housekeeping"
BATCH = 2_000  # rows of each table in one transaction, so that turns never wait for long
PENDING = (OutboxState.NEW, OutboxState.SENDING)


def keep_house(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """Forget what was done longer ago than `queue_keep_days`; what waits or was set aside as poison stays.
    Cards of what is over go after `card_keep_days`."""
    full = forget(uow.session, _ago(uow, "queue_keep_days"))
    full = forget_cards(uow.session, _ago(uow, "card_keep_days"), BATCH // MOST) or full
    pause = timedelta(seconds=1) if full else timedelta(minutes=policy(uow.session, "housekeeping_minutes"))
    set_timer(uow.session, TIMER, TIMER, uow.now + pause)


def _ago(uow: UnitOfWork, days: str) -> datetime:
    return uow.now - timedelta(days=policy(uow.session, days))


def forget(session: Session, before: datetime) -> bool:
    """Delete one batch of each table; True if there may be more."""
    old = (
        select(Inbox.id).where(col(Inbox.state) == literal_column("'done'"), col(Inbox.done_at) < before),
        select(Outbox.id).where(col(Outbox.state).not_in(PENDING), col(Outbox.created_at) < before),
        select(Timer.id).where(col(Timer.done_at) < before),
        select(Alarm.id).where(col(Alarm.told_at) < before),
        select(Blob.id).where(col(Blob.created_at) < before, col(Blob.lasting).is_(False)),
    )
    full = False
    tables: tuple[Any, ...] = (Inbox, Outbox, Timer, Alarm, Blob)
    for table, query in zip(tables, old, strict=True):
        found = session.exec(query.limit(BATCH)).all()
        full = full or len(found) == BATCH
        if found:
            session.connection().execute(delete(table).where(col(table.id).in_(found)))
    return full
