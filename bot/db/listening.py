"""Hearing PostgreSQL's NOTIFY: a wake-up between processes; whoever needs certainty polls as well."""

import threading
from collections.abc import Callable, Mapping

import psycopg
import structlog

from bot.db.engine import Database

log = structlog.get_logger()

LOOK_SECONDS = 0.5
RETRY_SECONDS = 3.0


def listen(database: Database, heard: Mapping[str, Callable[[], None]], stopping: threading.Event) -> None:
    """Call what belongs to a channel for each notification on it, and all after each connection, until stopping is set.

    SQLite has no such thing: returns at once. A lost connection is made anew.
    """
    if database.is_sqlite:
        return
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while not stopping.is_set():
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                for channel in heard:
                    connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
                for act in heard.values():
                    act()
                while not stopping.is_set():
                    for said in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
                        heard[said.channel]()
        except psycopg.OperationalError as error:
            log.warning("listening_again", channels=[*heard], error=type(error).__name__)
            stopping.wait(RETRY_SECONDS)
