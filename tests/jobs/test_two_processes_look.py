"""What another process has under way is left to it: a lane and a ticker look again after their pause, not at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.jobs.ticker import Ticker
from bot.messaging import timers
from bot.messaging.incoming import inbox
from bot.messaging.incoming.inbox import Arrival
from bot.messaging.runner import Bell, Runner
from bot.messaging.turns.lanes import Lanes
from bot.telegram.ids import bot as telegram_bot
from tests.conftest import TestOffice

CHAT = 77


@contextmanager
def counted(office: TestOffice, words: str) -> Iterator[list[str]]:
    """Statements that have these words."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if words in statement:
            found.append(statement)

    event.listen(office.database.engine, "before_cursor_execute", note)
    yield found
    event.remove(office.database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_ticker_leaves_a_timer_that_another_has(office: TestOffice) -> None:
    with office.work() as uow:
        timers.set_timer(uow.session, "one", "one", uow.now)
        timers.set_timer(uow.session, "two", "two", uow.now)
    ran: list[str] = []
    acts = {name: lambda uow, payload, name=name: ran.append(name) for name in ("one", "two")}
    with office.work() as other, counted(office, "timer.due_at <=") as looks:
        found = timers.due(other.session, other.now)
        timers.take(other.session, found[0], office.clock)
        looks.clear()
        Ticker(office, acts, telegram_bot(1), Bell(), Bell()).tick()
    assert len(ran) == 1
    assert len(looks) == 3  # both tried, the one that is free read and run; then what is left tried once


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_lane_leaves_a_chat_that_another_has(office: TestOffice) -> None:
    with office.work() as uow:
        inbox.record(uow.session, [Arrival(telegram_bot(1), 1, CHAT, {}, "message")], uow.now)

    class Nobody:
        def foresee(self, rows: Any) -> None: ...

    runner = Runner()
    lanes: Any = Lanes(office, Nobody(), Bell(), Bell(), look_every=30.0)  # type: ignore[arg-type] # never asked to act
    with office.database.engine.connect() as held, counted(office, "pg_try_advisory_lock") as tries:
        held.execute(text("SELECT pg_advisory_lock(:chat)"), {"chat": CHAT})
        lanes.start(runner)
        begun = monotonic()
        while not tries and monotonic() - begun < 20:
            sleep(0.01)
        sleep(0.5)
        assert len(tries) == 1
        runner.stop()
        assert runner.join(10) == []
    assert runner.failed is None
