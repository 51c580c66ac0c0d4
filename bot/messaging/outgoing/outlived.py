"""What waited in the outbox and is not to be sent any more: too late, overtaken, the correction of what never arrived,
or for a reader who has lost the right."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.messaging.messengers import ChatId
from bot.messaging.outgoing import doubts, outbox
from bot.messaging.outgoing.models import Outbox

StillHears = Callable[[Session, Mapping[str, Any], ChatId], bool]
FRESH = timedelta(seconds=30)  # what leaves within it is told by the right that it was written by


def outlived(session: Session, row: Outbox, now: datetime, still_hears: StillHears) -> bool:
    """Whether a row that is about to leave should not; `still_hears`: a chat is of an audience now (R2.4)."""
    if row.expires_at is not None and row.expires_at < now:
        return True
    if (doubts.passed_over(row) or row.priority >= outbox.Priority.TALK) and outbox.overtaken(session, row):
        return True
    if (corrected := row.params.get(outbox.CORRECTS)) and outbox.arrived_as(session, corrected) is None:
        return True
    right = row.params.get(outbox.RIGHT)
    if right is None or row.chat_id is None or now - row.created_at < FRESH:
        return False
    return not still_hears(session, right, row.chat)


def anybody(_session: Session, _right: Mapping[str, Any], _chat: ChatId) -> bool:
    """Where nobody's right is asked about."""
    return True
