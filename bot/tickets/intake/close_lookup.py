"""A line typed into a search is recorded, but is no appeal about anything (R1.1)."""

from bot.db.unit_of_work import UnitOfWork
from bot.tickets.intake.appeals import end, locked, said, say_to_search
from bot.tickets.life.models import AppealEnd, Message

REASON = "lookup"


def close_lookup(uow: UnitOfWork, message: Message) -> None:
    """Mark the line as a search; the appeal that only it began ends at once, another one goes on as it was."""
    say_to_search(uow, message)
    if message.appeal_id is None:
        return
    appeal = locked(uow.session, message.appeal_id)
    words = said(uow.session, message.appeal_id)
    if appeal.ended_at is None and not words.text and not words.files:
        end(uow, appeal, AppealEnd.CLOSED, REASON)
