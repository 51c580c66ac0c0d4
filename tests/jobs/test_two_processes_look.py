"""What another process has under way is left to it: a lane and a ticker look again after their pause, not at once.
Who finds nothing looks ever less often, and is woken when there is something, from whichever process that comes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.jobs.ticker import Ticker
from bot.messaging import timers
from bot.messaging.far_bells import carry
from bot.messaging.incoming import inbox
from bot.messaging.incoming.inbox import Arrival
from bot.messaging.messengers import Messenger
from bot.messaging.outgoing import outbox
from bot.messaging.outgoing.delivery import Delivery
from bot.messaging.outgoing.doubts import Patience
from bot.messaging.outgoing.outcomes import Sent
from bot.messaging.runner import Bell, Lull, Runner
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

    engines = {office.database.engine, office.database._reader}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


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


class Taking:
    """Turns and sends that say when they began."""

    def __init__(self) -> None:
        self.began: list[float] = []
        self.messenger = Messenger.TELEGRAM

    def foresee(self, rows: Any) -> None: ...

    async def prepare(self, _row: Any) -> None:
        self.began.append(monotonic())

    async def handle(self, _turn: Any) -> None: ...

    def wait_for(self, _row: Any) -> float:
        return 0.0

    async def send(self, _parcel: Any) -> Sent:
        self.began.append(monotonic())
        return Sent(1)

    async def close(self) -> None: ...


@contextmanager
def idling(office: TestOffice, part: str, taking: Any, near: Bell) -> Iterator[Runner]:
    """A part that has found nothing for a while, in a process of its own."""
    runner = Runner()
    if part == "lane":
        Lanes(office, taking, near, Bell()).start(runner)
    else:
        Delivery(office, taking, near, lambda _session: Patience(5, timedelta(minutes=30))).start(runner)
    sleep(2.5)
    yield runner
    runner.stop()
    assert runner.join(10) == []
    assert runner.failed is None


def arrives(office: TestOffice, part: str) -> None:
    """Something for the part is committed."""
    with office.work() as uow:
        if part == "lane":
            inbox.record(uow.session, [Arrival(telegram_bot(1), 1, CHAT, {}, "message")], uow.now)
        else:
            outbox.put(uow.session, telegram_bot(1), "sendMessage", {"chat_id": CHAT}, uow.now, chat_id=CHAT)


LOOKS = {"lane": "FROM inbox", "delivery": "FROM outbox"}


@pytest.mark.parametrize("part", LOOKS)
def test_who_finds_nothing_looks_once_a_second(office: TestOffice, part: str) -> None:
    with idling(office, part, Taking(), Bell()), counted(office, LOOKS[part]) as looks:
        looks.clear()
        sleep(3)
        assert 1 <= len(looks) <= 4


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("part", LOOKS)
def test_what_comes_from_another_process_wakes_who_is_to_take_it(
    office: TestOffice, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taking, near, far, intake = Taking(), Bell(), Bell(), Runner()
    monkeypatch.setattr(Lull, "next", lambda _lull, *_due: 600.0)
    with idling(office, part, taking, near) as runner:
        carry(office.database, runner, {part: near}, {})
        carry(office.database, intake, {}, {part: far})
        arrives(office, part)
        begun = monotonic()
        while not taking.began and monotonic() - begun < 60:
            far.ring()  # a word is lost while nobody listens yet
            sleep(0.05)
        assert taking.began
    intake.stop()
    assert intake.join(10) == []
