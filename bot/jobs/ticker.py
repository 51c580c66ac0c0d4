"""The ticker: every second it tries to claim timers that are due; any number of processes may run one."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from bot.clients.policy import policy
from bot.db.trouble import passing, storage_trouble
from bot.db.unit_of_work import Office, UnitOfWork
from bot.jobs import housekeeping
from bot.messaging import timers
from bot.messaging.alarms import raise_alarm
from bot.messaging.incoming import inbox
from bot.messaging.incoming.inbox import Arrival
from bot.messaging.messengers import BotId
from bot.messaging.metrics import inbox_age, outbox_age
from bot.messaging.outgoing import outbox
from bot.messaging.runner import Bell, Runner

log = structlog.get_logger()

TimerAct = Callable[[UnitOfWork, dict[str, Any]], None]
CHAT_PREFIX = "chat:"  # a timer that touches a chat's dialogue becomes a row of that chat (promise 3)


@dataclass(slots=True)
class Ticker:
    """Runs due timers, each in a transaction of its own."""

    office: Office
    acts: Mapping[str, TimerAct]
    bot: BotId
    arrived: Bell
    outgoing: Bell
    _warned: set[str] = field(default_factory=set)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def start(self, runner: Runner) -> None:
        """APScheduler gives the beat; what is due is in the database."""
        with self.office.work() as uow:
            timers.want_timer(uow.session, housekeeping.TIMER, housekeeping.TIMER, uow.now)
        self._stopping = runner.stopping
        scheduler = BackgroundScheduler(timezone="UTC")
        scheduler.add_job(self.tick, "interval", seconds=1, max_instances=1, coalesce=True)

        def beat() -> None:
            # Begun and ended by one thread: a stop that comes before the first beat is heeded too.
            scheduler.start()
            runner.stopping.wait()
            scheduler.shutdown()  # waits for the tick under way

        runner.thread("ticker", beat)

    def tick(self) -> None:
        """Run everything that is due now; one that fails is put off and does not hold up the rest."""
        try:
            ran = True
            while ran and (found := self._due()):
                ran = False  # where all that is due is another process's, the next beat is soon enough
                for timer_id in found:
                    if self._stopping.is_set():
                        return
                    ran = self._run(timer_id) or ran
                self.arrived.ring()
                self.outgoing.ring()
        except SQLAlchemyError as error:
            mend = storage_trouble(error)
            if mend is None:
                raise
            log.error("database_trouble", loop="ticker", mend=mend)

    def _due(self) -> list[int]:
        now = self.office.clock()
        with self.office.database.read() as session:
            ages = {
                "inbox_old": _age(inbox.oldest_waiting(session), now),
                "outbox_old": _age(outbox.oldest_pending(session, now), now),
            }
            late = policy(session, "queue_late_minutes") * 60
            found = timers.due(session, now)
        inbox_age.set(ages["inbox_old"])
        outbox_age.set(ages["outbox_old"])
        for kind, age in ages.items():
            self._warn(kind, age, late=age > late)
        return found

    def _warn(self, kind: str, age: float, *, late: bool) -> None:
        """Once when a queue gets old, and again only after it was young in between."""
        if late and kind not in self._warned:
            log.warning("queue_is_old", queue=kind.removesuffix("_old"), seconds=round(age))
            with self.office.work() as uow:
                raise_alarm(uow.session, kind, uow.now, seconds=round(age))
        (self._warned.add if late else self._warned.discard)(kind)

    def _run(self, timer_id: int) -> bool:
        """False where another process has it."""
        try:
            with self.office.work() as uow:
                timer = timers.take(uow.session, timer_id, self.office.clock)
                if timer is None:
                    return False
                if timer.kind.startswith(CHAT_PREFIX):
                    kind = timer.kind.removeprefix(CHAT_PREFIX)
                    arrival = Arrival(self.bot, None, int(timer.payload["chat_id"]), timer.payload, kind)
                    inbox.record(uow.session, [arrival], uow.now)
                else:
                    self.acts[timer.kind](uow, timer.payload)
        except timers.TimerMovedError:
            log.info("timer_moved", timer_id=timer_id)
        except Exception as error:
            if storage_trouble(error):
                raise
            with self.office.work() as uow:
                if passing(error):
                    log.warning("timer_again", timer_id=timer_id, error=type(error).__name__)
                    timers.retry_soon(uow.session, timer_id, uow.now)
                    return True
                log.error("timer_failed", timer_id=timer_id, error=type(error).__name__)
                failed = timers.postpone(uow.session, timer_id, uow.now, type(error).__name__)
                if failed is not None:  # people hear of it once, however often it is tried
                    kind, key = failed
                    raise_alarm(uow.session, "timer", uow.now, timer=timer_id, kind_of=kind, key=key)
        return True


def _age(since: Any, now: Any) -> float:
    return (now - since).total_seconds() if since else 0.0
