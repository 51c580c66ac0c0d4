"""A line that a search or a figure answered is recorded, but is no appeal about anything more (R1.1, R1.13)."""

from bot.db.unit_of_work import UnitOfWork
from bot.tickets.intake.appeals import end, locked, said, say_aside
from bot.tickets.life.models import AppealEnd, Message

REASON = "lookup"


def close_lookup(uow: UnitOfWork, message: Message, reason: str = REASON) -> None:
    """Mark the line as no part of a description; the appeal that only it began is closed at once, with the reason,
    another one goes on as it was."""
    say_aside(uow, message)
    if message.appeal_id is None:
        return
    appeal = locked(uow.session, message.appeal_id)
    words = said(uow.session, message.appeal_id)
    if appeal.ended_at is None and not words.text and not words.files:
        end(uow, appeal, AppealEnd.CLOSED, reason)
