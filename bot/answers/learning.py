"""When the search learns from this installation's own feedback, and what counts as asking again."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.clients.policy import policy
from bot.db.unit_of_work import UnitOfWork
from bot.kb.learning.refit import Refitted, refit
from bot.messaging.timers import set_timer

TIMER = "kb_refit"


def learn(uow: UnitOfWork) -> Refitted:
    """Fit the search's last layer of confidence on what became of its answers by now (R13)."""
    return refit(uow, timedelta(days=policy(uow.session, "asked_again_days")))


def next_lesson(session: Session, now: datetime) -> datetime:
    """When `learn` is due next."""
    return now + timedelta(hours=policy(session, "kb_refit_hours"))


def learn_by_timer(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """Timer `kb_refit`: as often as the policy says."""
    learn(uow)
    set_timer(uow.session, TIMER, TIMER, next_lesson(uow.session, uow.now))
