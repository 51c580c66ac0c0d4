"""A timer's act against a turn that drops, moves or asks for the same timer at that moment, on PostgreSQL, through the
real ticker: nobody waits for ever, and nothing is done for a timer that is no longer wanted, twice or not at all."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.db.unit_of_work import UnitOfWork
from bot.jobs.ticker import Ticker, TimerAct
from bot.jobs.timers import TIMERS
from bot.messaging.models import Timer
from bot.messaging.runner import Bell
from bot.messaging.timers import drop_timer, set_timer, want_timer
from bot.telegram.ids import bot as telegram_bot
from bot.tickets.dispatch.take import take_ticket
from bot.tickets.life.lifecycle import history, locked_ticket
from tests.builders.jobs import build_firm, opened
from tests.conftest import NOON, TestOffice

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
ONE = "one"


def ticker(office: TestOffice, acts: Any) -> Ticker:
    return Ticker(office, acts, telegram_bot(1), Bell(), Bell())


def until(office: TestOffice, words: str) -> None:
    """Wait until a session waits for a row in a statement of these words."""
    end = monotonic() + 20
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE :words")
    while monotonic() < end:
        with office.database.read() as session:
            if session.connection().execute(waits, {"words": f"%{words}%"}).scalar():
                return
        sleep(0.02)
    raise AssertionError(f"nobody waits: {words}")


def timer_of(office: TestOffice, key: str) -> Timer:
    with office.database.read() as session:
        return session.exec(select(Timer).where(Timer.key == key)).one()


def test_a_turn_that_takes_the_ticket_drops_the_timer_that_waits_for_it(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = opened(uow, firm)
        key, number = f"take:{ticket.id}", ticket.id
    office.moment = timer_of(office, key).due_at
    beat = Thread(target=ticker(office, TIMERS).tick)
    with office.work() as turn:
        locked_ticket(turn.session, number)
        beat.start()
        until(office, "FROM ticket")
        take_ticket(turn, number, firm.engineer)
    beat.join(30)
    assert not beat.is_alive()
    assert timer_of(office, key).attempts == 0
    with office.database.read() as session:
        assert {"taken"} <= {each.kind for each in history(session, number)}
        assert "escalated" not in {each.kind for each in history(session, number)}
        assert timer_of(office, key).done_at is not None


def while_it_runs(office: TestOffice, meanwhile: Callable[[UnitOfWork], None]) -> int:
    """Let another transaction commit while the timer's act is under way; how often the act ran in all."""
    begun, over, runs = Event(), Event(), []

    def act(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
        runs.append(uow.now)
        set_timer(uow.session, "trace", "trace", NOON + timedelta(days=1), times=len(runs))
        begun.set()
        assert over.wait(20)

    with office.work() as uow:
        set_timer(uow.session, ONE, ONE, NOON)
    acts: dict[str, TimerAct] = {ONE: act}
    beat = Thread(target=ticker(office, acts).tick)
    beat.start()
    assert begun.wait(20)
    with office.work() as uow:
        meanwhile(uow)
    over.set()
    beat.join(30)
    assert not beat.is_alive()
    return len(runs)


def traces(office: TestOffice) -> list[int]:
    with office.database.read() as session:
        return [payload["times"] for payload in session.exec(select(Timer.payload).where(Timer.key == "trace"))]


def test_what_is_dropped_while_it_runs_is_taken_back(office: TestOffice) -> None:
    assert while_it_runs(office, lambda uow: drop_timer(uow.session, ONE, uow.now)) == 1
    assert traces(office) == []


def test_what_is_moved_to_later_while_it_runs_is_taken_back_and_waits(office: TestOffice) -> None:
    later = NOON + timedelta(hours=1)
    assert while_it_runs(office, lambda uow: set_timer(uow.session, ONE, ONE, later)) == 1
    assert traces(office) == []
    found = timer_of(office, ONE)
    assert (found.done_at, found.due_at, found.attempts) == (None, later, 0)


def test_what_is_wanted_while_it_runs_runs_again(office: TestOffice) -> None:
    assert while_it_runs(office, lambda uow: want_timer(uow.session, ONE, ONE, NOON + timedelta(seconds=20))) == 2
    assert traces(office) == [2]
    assert timer_of(office, ONE).done_at == NOON


def test_two_processes_never_run_one_timer_at_once(office: TestOffice) -> None:
    other: list[int] = []
    acts: dict[str, TimerAct] = {ONE: lambda _uow, _payload: other.append(1)}
    assert while_it_runs(office, lambda _uow: ticker(office, acts).tick()) == 1
    assert (other, traces(office)) == ([], [1])


def test_a_ticker_that_dies_lets_go_of_its_timer(office: TestOffice) -> None:
    """Its connection ends in the middle of the act: the next one runs the timer at once."""
    ran: list[int] = []

    def dies(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
        mine = uow.session.connection().execute(text("SELECT pg_backend_pid()")).scalar()
        with office.database.engine.connect() as admin:
            admin.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        uow.session.connection().execute(text("SELECT 1"))

    with office.work() as uow:
        set_timer(uow.session, ONE, ONE, NOON)
    ticker(office, {ONE: dies}).tick()
    ticker(office, {ONE: lambda _uow, _payload: ran.append(1)}).tick()
    assert ran == [1]
    assert timer_of(office, ONE).done_at == NOON
