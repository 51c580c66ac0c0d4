"""What became of a message that somebody said: the messages that carry it, and word back to those who wait for it."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Executable, bindparam, update
from sqlmodel import Session, col, select

from bot.db.plain import INSERTS
from bot.messaging.messengers import ChatId
from bot.messaging.outgoing.models import Copy, Outbox, OutboxState
from bot.messaging.timers import set_timer

RECEIPT = "receipt"  # the timer; its payload names what was carried
WANTED = "_receipt"  # of a call's parameters: somebody waits to hear whether it arrived


NOTHING_MORE = ""  # carried by a message that was edited into something else
_KEYS = ("messenger", "bot_id", "chat_id", "message_id")
_EDITED_AWAY = (
    update(Copy).where(*(getattr(Copy, key) == bindparam(f"of_{key}") for key in _KEYS)).values(carries=NOTHING_MORE)
)


@lru_cache
def _remembering(dialect: str) -> Executable:
    made = INSERTS[dialect](Copy)
    return made.on_conflict_do_update(index_elements=_KEYS, set_={"carries": made.excluded.carries})


def remember_copies(session: Session, row: Outbox, chat_id: int, message_ids: Sequence[int]) -> None:
    """Note which messages of a chat carry what the row carries; a repeated send is noted as well. One that was edited
    into something else carries nothing any more."""
    if row.carries is None and row.method != "editMessageText":
        return
    found = [
        {"messenger": row.messenger, "bot_id": row.bot_id, "chat_id": chat_id, "message_id": message_id}
        for message_id in message_ids
    ]
    if row.carries is None:
        session.connection().execute(_EDITED_AWAY, [{f"of_{k}": v for k, v in keys.items()} for keys in found])
    else:
        remembering = _remembering(session.get_bind().dialect.name)
        session.connection().execute(remembering, [keys | {"carries": row.carries} for keys in found])


def receipt_wanted(session: Session, row: Outbox, now: datetime) -> None:
    """The row is settled: whoever waits for it hears of it soon."""
    if row.carries is not None and row.params.get(WANTED):
        set_timer(session, f"{RECEIPT}:{row.carries}", RECEIPT, now, carries=row.carries)


def carried_by(session: Session, chat: ChatId, message_id: int) -> str | None:
    """What a message of a chat carries, or None."""
    query = select(Copy.carries).where(
        Copy.messenger == chat.messenger, Copy.chat_id == chat.number, Copy.message_id == message_id
    )
    return session.exec(query.limit(1)).first()


def what_became(session: Session, carries: str) -> list[Outbox]:
    """The calls that carry this to those who are to read it and of which word is awaited, oldest first."""
    rows = session.exec(select(Outbox).where(Outbox.carries == carries).order_by(col(Outbox.id))).all()
    return [row for row in rows if row.params.get(WANTED)]


def forget_refused(session: Session, carries: str) -> None:
    """It is to go once more: what was refused before says nothing about that."""
    for row in what_became(session, carries):
        if row.state is OutboxState.REFUSED:
            row.params = {name: value for name, value in row.params.items() if name != WANTED}
    session.flush()


def reached_any(rows: Sequence[Outbox]) -> OutboxState | None:
    """One word where any of its readers will do: sent if one has it, refused if none will; None if there are none."""
    states = {row.state for row in rows}
    if OutboxState.SENT in states:
        return OutboxState.SENT
    return OutboxState.NEW if states & {OutboxState.NEW, OutboxState.SENDING} else overall(rows)


def overall(rows: Sequence[Outbox]) -> OutboxState | None:
    """One word for all of them: refused if any is, sent if all are, else still new; None if there are none."""
    states = {row.state for row in rows}
    if not states:
        return None
    if states & {OutboxState.REFUSED, OutboxState.EXPIRED}:
        return OutboxState.REFUSED
    return OutboxState.SENT if states == {OutboxState.SENT} else OutboxState.NEW
