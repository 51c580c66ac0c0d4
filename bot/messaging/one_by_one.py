"""Rows of one job, each by itself: one that fails stops only itself, and an alarm names it."""

from collections.abc import Callable, Iterable

import structlog

from bot.db.last import savepoint
from bot.db.trouble import passing, storage_trouble
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.alarms import raise_alarm

log = structlog.get_logger()


def one_by_one(uow: UnitOfWork, subject: str, rows: Iterable[int], act: Callable[[int], object]) -> list[int]:
    """Do an act for each row by its id. What one that fails has done is taken back; returns the ids of those.

    `subject` is what the rows are: the alarm looks them up by it. Trouble of the database itself is nobody's row.
    """
    failed = []
    for row in rows:
        try:
            with savepoint(uow.session):
                act(row)
        except Exception as error:
            if storage_trouble(error) or passing(error):
                raise
            log.error("row_failed", subject=subject, row=row, error=type(error).__name__)
            raise_alarm(uow.session, "timer", uow.now, kind_of=subject, key=f"{subject}:{row}")
            failed.append(row)
    return failed
