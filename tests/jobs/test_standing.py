from datetime import timedelta

from sqlmodel import select

from bot.jobs.standing import FIRST, start_standing
from bot.jobs.ticker import Ticker
from bot.jobs.timers import TIMERS
from bot.messaging.models import Timer
from bot.messaging.signal import Bell
from tests.conftest import TestOffice


def test_standing_timers_are_set_once_and_set_themselves_again(office: TestOffice) -> None:
    with office.work() as uow:
        assert start_standing(uow) == list(FIRST)
        assert start_standing(uow) == []
        first = {timer.key: timer.due_at for timer in uow.session.exec(select(Timer)).all()}
    office.moment += timedelta(days=8)
    Ticker(office, TIMERS, 1, Bell(), Bell()).tick()
    with office.work() as uow:
        timers = uow.session.exec(select(Timer)).all()
        assert {timer.key for timer in timers if timer.done_at is None} == set(FIRST)
        assert all(timer.due_at > office.moment and timer.due_at > first[timer.key] for timer in timers)
        assert start_standing(uow) == []
