"""A decision made in a process of its own: light to import, so that processes start fast."""

from datetime import datetime
from typing import Any

import bot.tables  # noqa: F401 - every table, as they refer to each other
from bot.billing.quotes.approve import Press
from bot.cli.importing import Silent
from bot.db.engine import Database
from bot.db.errors import Refusal
from bot.db.unit_of_work import Office
from bot.tickets.offers.answer import approve_paid_work, decline_paid_work
from bot.tickets.opening.release import release_hold


def decide(url: str, quote: int, who: int, no: bool, moment: datetime, gate: Any) -> None:
    """Wait for the others, then press; a polite no is an answer too."""
    database = Database(url)
    office = Office(database, Silent(), lambda: moment)
    gate.wait()
    try:
        with office.work() as uow:
            (decline_paid_work if no else approve_paid_work)(uow, quote, 1, who, Press(who, 1))
    except Refusal:
        pass
    finally:
        database.dispose()


def release_in_process(url: str, ticket: int, who: int, moment: datetime, gate: Any) -> None:
    """Wait for the other process, then end the hold of a ticket."""
    database = Database(url)
    office = Office(database, Silent(), lambda: moment)
    gate.wait()
    try:
        with office.work() as uow:
            release_hold(uow, ticket, who)
    except Refusal:
        pass
    finally:
        database.dispose()
