"""A timer that can't be run costs no other: it is put off without being read again."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from bot.db.unit_of_work import UnitOfWork
from bot.jobs.ticker import Ticker, TimerAct
from bot.messaging.models import Alarm, Timer
from bot.messaging.runner import Bell
from bot.messaging.timers import LONGEST_PAUSE, RACE_PAUSE, set_timer
from bot.telegram.ids import bot as telegram_bot
from tests.conftest import NOON, TestOffice


def fails(_uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    raise ZeroDivisionError


class Deadlock(Exception):
    sqlstate = "40P01"


def loses(_uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    raise OperationalError("UPDATE ticket", {}, Deadlock("deadlock detected"))


def ticked(office: TestOffice, **acts: TimerAct) -> list[str]:
    """Run what is due; the kinds that were done, in order."""
    done: list[str] = []

    def runs(_uow: UnitOfWork, payload: dict[str, Any]) -> None:
        done.append(payload["name"])

    Ticker(office, {"runs": runs, **acts}, telegram_bot(1), Bell(), Bell()).tick()
    return done


def due_of(office: TestOffice, key: str) -> Timer:
    with office.database.read() as session:
        found = session.exec(select(Timer.kind, Timer.due_at, Timer.attempts).where(Timer.key == key)).one()
    return Timer(key=key, kind=found[0], due_at=found[1], attempts=found[2])


def test_one_that_holds_what_no_reader_takes_is_put_off_and_the_next_one_runs(office: TestOffice) -> None:
    with office.work() as uow:
        set_timer(uow.session, "odd", "runs", NOON - timedelta(hours=1), name="odd")
        set_timer(uow.session, "good", "runs", NOON, name="good")
    with office.work() as uow:
        uow.session.connection().execute(
            text("UPDATE timer SET payload = :deep WHERE key = 'odd'"), {"deep": "[" * 1_500 + "]" * 1_500}
        )
    assert ticked(office) == ["good"]
    odd = due_of(office, "odd")
    assert (odd.attempts, odd.due_at) == (1, NOON + timedelta(seconds=30))
    with office.database.read() as session:
        assert session.exec(select(Alarm.kind)).all() == ["timer"]


def test_one_that_has_failed_for_weeks_is_put_off_for_an_hour(office: TestOffice) -> None:
    with office.work() as uow:
        set_timer(uow.session, "old", "fails", NOON - timedelta(hours=1))
        set_timer(uow.session, "good", "runs", NOON, name="good")
        uow.session.exec(select(Timer).where(col(Timer.key) == "old")).one().attempts = 500
    assert ticked(office, fails=fails) == ["good"]
    old = due_of(office, "old")
    assert (old.attempts, old.due_at) == (501, NOON + LONGEST_PAUSE)


def test_a_lost_race_is_no_failure(office: TestOffice) -> None:
    with office.work() as uow:
        set_timer(uow.session, "unlucky", "loses", NOON)
    ticked(office, loses=loses)
    unlucky = due_of(office, "unlucky")
    assert (unlucky.attempts, unlucky.due_at) == (0, NOON + RACE_PAUSE)
    with office.database.read() as session:
        assert session.exec(select(Alarm)).all() == []
