from datetime import timedelta

from sqlmodel import col, select

from bot.jobs.recurring import FIRST, start_recurring
from bot.jobs.ticker import Ticker
from bot.jobs.timers import TIMERS
from bot.messaging.models import Timer
from bot.messaging.runner import Bell
from bot.telegram.ids import bot as telegram_bot
from tests.conftest import TestOffice


def test_recurring_timers_are_set_once_and_set_themselves_again(office: TestOffice) -> None:
    with office.work() as uow:
        start_recurring(uow)
        start_recurring(uow)
        first = {timer.key: timer.due_at for timer in uow.session.exec(select(Timer)).all()}
        assert set(first) == set(FIRST)
    office.moment += timedelta(days=8)
    Ticker(office, TIMERS, telegram_bot(1), Bell(), Bell()).tick()
    with office.work() as uow:
        timers = uow.session.exec(select(Timer).where(col(Timer.key).in_(FIRST))).all()
        assert all(timer.done_at is None and timer.due_at > office.moment for timer in timers)
