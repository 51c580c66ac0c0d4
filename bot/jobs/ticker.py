"""The ticker: every second it tries to claim timers that are due; any number of processes may run one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler

from bot.db.unit_of_work import Office, UnitOfWork
from bot.messaging import inbox, outbox, timers
from bot.messaging.inbox import Arrival
from bot.messaging.metrics import inbox_age, outbox_age
from bot.messaging.models import Alarm
from bot.messaging.runner import Runner
from bot.messaging.signal import Bell

log = structlog.get_logger()

TimerAct = Callable[[UnitOfWork, dict[str, Any]], None]
CHAT_PREFIX = "chat:"  # a timer that touches a chat's dialogue becomes a row of that chat (promise 3)


@dataclass(slots=True)
class Ticker:
    """Runs due timers, each in a transaction of its own."""

    office: Office
    acts: Mapping[str, TimerAct]
    bot_id: int
    arrived: Bell
    outgoing: Bell

    def start(self, runner: Runner) -> None:
        """APScheduler gives the beat; what is due is in the database."""
        scheduler = BlockingScheduler(timezone="UTC")
        scheduler.add_job(self.tick, "interval", seconds=1, max_instances=1, coalesce=True)
        runner.on_stop(lambda: scheduler.shutdown(wait=False) if scheduler.running else None)
        runner.thread("ticker", scheduler.start)

    def tick(self) -> None:
        """Run everything that is due now; one that fails is put off and does not hold up the rest."""
        now = self.office.clock()
        with self.office.database.read() as session:
            found = timers.due(session, now)
            inbox_age.set(_age(inbox.oldest_waiting(session), now))
            outbox_age.set(_age(outbox.oldest_pending(session), now))
        for timer_id in found:
            self._run(timer_id)
        if found:
            self.arrived.ring()
            self.outgoing.ring()

    def _run(self, timer_id: int) -> None:
        try:
            with self.office.work() as uow:
                timer = timers.take(uow.session, timer_id, uow.now)
                if timer is None:
                    return
                timer.done_at = uow.now  # first, so that an act may set its own timer again
                uow.session.flush()
                if timer.kind.startswith(CHAT_PREFIX):
                    kind = timer.kind.removeprefix(CHAT_PREFIX)
                    arrival = Arrival(self.bot_id, None, int(timer.payload["chat_id"]), timer.payload, kind)
                    inbox.record(uow.session, [arrival], uow.now)
                else:
                    self.acts[timer.kind](uow, timer.payload)
        except Exception as error:
            log.error("timer_failed", timer_id=timer_id, error=type(error).__name__)
            with self.office.work() as uow:
                timer = timers.take(uow.session, timer_id, uow.now)
                if timer is not None:
                    timers.postpone(timer, uow.now, type(error).__name__)
                    uow.session.add(
                        Alarm(kind="timer", details={"timer": timer_id, "kind": timer.kind}, raised_at=uow.now)
                    )


def _age(since: Any, now: Any) -> float:
    return (now - since).total_seconds() if since else 0.0
