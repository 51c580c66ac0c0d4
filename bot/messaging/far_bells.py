"""Bells between processes, over PostgreSQL's NOTIFY: who has the part that waits for a bell hears it, who has not tells
of it. A word that is lost costs a moment: every loop looks by itself too."""

from collections.abc import Mapping
from functools import partial
from threading import Event

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.db.engine import Database
from bot.db.listening import listen
from bot.messaging.runner import Bell, Runner

log = structlog.get_logger()

ARRIVED, OUTGOING = "firstline_arrived", "firstline_outgoing"  # channels
GATHER = 0.005  # seconds: what is rung meanwhile is told with it
TROUBLE_PAUSE = 1.0
_TELL = text("SELECT pg_notify(:channel, '')")


def carry(database: Database, runner: Runner, near: Mapping[str, Bell], far: Mapping[str, Bell]) -> None:
    """Have the `near` bells, whose listeners are in this process, rung by others, and the `far` ones heard by others;
    both by channel. On SQLite there is one process: nothing is to be carried."""
    if database.is_sqlite:
        return
    if near:
        heard = {channel: bell.ring for channel, bell in near.items()}
        runner.thread("bells-heard", lambda: listen(database, heard, runner.stopping))
    for channel, bell in far.items():
        rung = bell.listener()
        runner.on_stop(rung.set)
        runner.thread(f"bell-{channel}", partial(_tell, database, channel, rung, runner.stopping))


def _tell(database: Database, channel: str, rung: Event, stopping: Event) -> None:
    """Tell the others each time the bell is rung, until stopping is set. What rings is committed by then."""
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    while True:
        rung.wait()
        if stopping.is_set():
            return
        rung.clear()
        try:
            with engine.connect() as connection:
                connection.execute(_TELL, {"channel": channel})
        except SQLAlchemyError as error:
            log.warning("bell_not_told", channel=channel, error=type(error).__name__)
            stopping.wait(TROUBLE_PAUSE)
        stopping.wait(GATHER)
