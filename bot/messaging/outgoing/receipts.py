"""What became of a message that somebody said: the messages that carry it, and word back to those who wait for it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.messaging.messengers import ChatId
from bot.messaging.outgoing.models import Copy, Outbox, OutboxState
from bot.messaging.timers import set_timer

RECEIPT = "receipt"  # the timer; its payload names what was carried
WANTED = "_receipt"  # of a call's parameters: somebody waits to hear whether it arrived


def remember_copies(session: Session, row: Outbox, chat_id: int, message_ids: Sequence[int]) -> None:
    """Note which messages of a chat carry what the row carries; a repeated send is noted as well."""
    if row.carries is None:
        return
    for message_id in message_ids:
        copy = session.get(Copy, (*row.bot, chat_id, message_id))
        if copy is None:
            copy = Copy(
                messenger=row.messenger,
                bot_id=row.bot_id,
                chat_id=chat_id,
                message_id=message_id,
                carries=row.carries,
            )
            session.add(copy)
        else:
            copy.carries = row.carries


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


def overall(rows: Sequence[Outbox]) -> OutboxState | None:
    """One word for all of them: refused if any is, sent if all are, else still new; None if there are none."""
    states = {row.state for row in rows}
    if not states:
        return None
    if states & {OutboxState.REFUSED, OutboxState.EXPIRED}:
        return OutboxState.REFUSED
    return OutboxState.SENT if states == {OutboxState.SENT} else OutboxState.NEW
