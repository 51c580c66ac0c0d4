"""When the search learns from this installation's own feedback, and what counts as asking again."""

from datetime import timedelta
from typing import Any

from bot.clients.policy import policy
from bot.db.unit_of_work import UnitOfWork
from bot.kb.learning.refit import Refitted, refit
from bot.messaging.timers import set_timer

TIMER = "kb_refit"
EVERY = timedelta(days=1)


def learn(uow: UnitOfWork) -> Refitted:
    """Fit the search's last layer of confidence on what became of its answers by now (R13)."""
    return refit(uow, timedelta(days=policy(uow.session, "asked_again_days")))


def learn_by_timer(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """Timer `kb_refit`: once a day."""
    learn(uow)
    set_timer(uow.session, TIMER, TIMER, uow.now + EVERY)
