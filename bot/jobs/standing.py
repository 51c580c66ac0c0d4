"""Timers that an installation always has: set going at the first start, each sets itself again afterwards."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from bot.billing.grant_included import TIMER as GRANT_INCLUDED
from bot.db.unit_of_work import UnitOfWork
from bot.kb.learning import EVERY
from bot.kb.learning import TIMER as KB_REFIT
from bot.messaging.models import Timer
from bot.messaging.timers import set_timer
from bot.tickets.kb_digest import DIGEST, next_digest

FIRST: Mapping[str, Callable[[Session, datetime], datetime]] = {
    DIGEST: next_digest,
    KB_REFIT: lambda _session, now: now + EVERY,
    GRANT_INCLUDED: lambda _session, now: now,
}


def start_standing(uow: UnitOfWork) -> list[str]:
    """Set those that are not waiting; what waits is left as it is. Safe in several processes at once."""
    waiting = set(
        uow.session.exec(select(Timer.key).where(col(Timer.key).in_(FIRST), col(Timer.done_at).is_(None))).all()
    )
    begun: list[str] = []
    for kind, first in FIRST.items():
        if kind in waiting:
            continue
        with suppress(IntegrityError), uow.session.begin_nested():  # another process was first
            set_timer(uow.session, kind, kind, first(uow.session, uow.now))
            begun.append(kind)
    return begun
