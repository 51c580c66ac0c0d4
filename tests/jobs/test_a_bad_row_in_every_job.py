"""A row that can't be worked on stops only itself, in every job of the ticker: the others are done, that one is set
aside or tried again ever later, and people hear of it once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select, update

from bot.jobs.ticker import Ticker
from bot.jobs.timers import TIMERS
from bot.messaging.models import Alarm, Timer
from bot.messaging.runner import Bell
from bot.tickets.dispatch.alarms import tell_alarms
from tests.conftest import TestOffice
from tests.jobs.bad_rows import BOT, PLANTS


def beat(office: TestOffice) -> None:
    """The ticker's beat at the office's moment."""
    Ticker(office, TIMERS, BOT, Bell(), Bell()).tick()


def failing(session: Session) -> list[Any]:
    """Timers that were tried in vain and wait: their keys, tries and moments."""
    tried = col(Timer.done_at).is_(None), Timer.attempts > 0
    return list(session.exec(select(Timer.key, Timer.attempts, Timer.due_at).where(*tried)).all())


def told_of(session: Session) -> list[Any]:
    return list(session.exec(select(Alarm.details).where(Alarm.kind == "timer")).all())


@pytest.mark.parametrize("kind", TIMERS)
def test_a_bad_row_stops_only_itself(office: TestOffice, kind: str) -> None:
    planted = PLANTS[kind](office)
    assert kind in planted.kinds
    with office.work() as uow:  # nothing but the job is due
        others = update(Timer).where(col(Timer.kind).not_in(planted.kinds))
        uow.session.connection().execute(others.values(done_at=uow.now))
    beat(office)
    with office.database.read() as session:
        assert planted.good(session)
        first = failing(session)
        assert [each[1] for each in first] == [1] * planted.failing
        assert len(told_of(session)) == planted.failing
    for key, _, due_at in first:
        office.moment = due_at
        beat(office)
        with office.database.read() as session:
            ((again, attempts, later),) = failing(session)
            assert (again, attempts) == (key, 2)
            assert later - office.moment > due_at - office.moment + timedelta(seconds=30)
            assert len(told_of(session)) == 1, "once, however often it is tried"


def test_every_job_has_its_planted_row() -> None:
    assert set(PLANTS) == set(TIMERS)


NAMED = {
    "appeal_silence": "Гусев",
    "send_invoices": "Ромашка · №",
    "tell_calls": "Пётр · +7 916 111-22-33",
    "group_back": "Ромашка · №",
    "group_lost": "Инженеры",
    "pass_on": "Гусев",
    "grant_included": "Ромашка · Д",
    "pool_life": "Ромашка · Д",
    "debt_check": "Ромашка",
    "release_held": "Ромашка · №",
    "accept_silence": "Ромашка · №",
    "quote_expire": "Ромашка · №",
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", NAMED)
def test_the_alarm_says_whose_row_it_is(office: TestOffice, kind: str) -> None:
    PLANTS[kind](office)
    beat(office)
    office.told.clear()
    with office.work() as uow:
        tell_alarms(uow, {})
    assert any(each.about.startswith(NAMED[kind]) for each in office.told[0].values["alarms"])
