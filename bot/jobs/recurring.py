"""Timers that an installation always has: set going at the first start, each sets itself again afterwards."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.answers.digest import DIGEST, next_digest
from bot.answers.learning import TIMER as KB_REFIT
from bot.answers.learning import next_lesson
from bot.billing.debts.handle import TIMER as DEBT_CHECK
from bot.billing.hours.grants import TIMER as GRANT_INCLUDED
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import want_timer

FIRST: Mapping[str, Callable[[Session, datetime], datetime]] = {
    DIGEST: next_digest,
    KB_REFIT: next_lesson,
    GRANT_INCLUDED: lambda _session, now: now,
    DEBT_CHECK: lambda _session, now: now,
}


def start_recurring(uow: UnitOfWork) -> None:
    """Set those that are not waiting; what waits is left as it is. Safe in several processes at once."""
    for kind, first in FIRST.items():
        want_timer(uow.session, kind, kind, first(uow.session, uow.now))
