"""Hours without Telegram, by a clock that the test moves: nothing is lost, what was known comes once, in order."""

import asyncio
from datetime import timedelta

from sqlmodel import col, select

from bot.app import App
from bot.jobs.ticker import Ticker
from bot.jobs.timers import TIMERS
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.sandbox.client import Person, SandboxClient
from bot.telegram.ids import bot as telegram_bot
from tests.messaging.conftest import Clock, Planted, echo, link


def alarms(app: App, kind: str) -> int:
    with app.database.read() as session:
        return len(session.exec(select(Alarm).where(Alarm.kind == kind)).all())


def answers(app: App) -> int:
    with app.database.read() as session:
        return len(session.exec(select(Outbox.id)).all())


async def heard(person: Person, planted: Planted) -> list[str]:
    return [seen.text for seen in await person.sees(planted.handle) if not seen.mine]


async def test_six_hours_without_telegram_lose_nothing_and_staff_hears_of_it_once(
    planted: Planted, sandbox: SandboxClient
) -> None:
    planted.clock = clock = Clock()
    people = [await sandbox.person(name) for name in ("Анна", "Борис", "Вера")]
    group = await sandbox.group("Инженеры", people[0], planted.handle)
    for number in range(3):
        for person in people:
            await person.says(planted.handle, f"{number}")
    # The last message before the silence arrives, and the answer to its sending does not.
    await planted.handle.fails("drop_after", method="sendMessage", chat_id=people[0].id, count=1)
    await planted.handle.fails("drop_before", method="sendMessage", count=None)
    await planted.handle.fails("refuse", method="getMe", code=502, count=None)
    app = planted.start(echo, only=("intake", "turns"))
    link(app, group)
    for _ in range(200):
        if answers(app) == 10:  # three to each, and one to the group that was joined: the first of each leaves at once
            break
        await asyncio.sleep(0.05)
    planted.start(echo, only=("deliver",))
    ticker = Ticker(app.office, TIMERS, telegram_bot(planted.handle.id), app.arrived, app.outgoing)
    await planted.handle.makes_calls("getMe", count=2)
    await planted.handle.fails("refuse", method="getUpdates", code=502, count=None)
    for person in people:
        await person.says(planted.handle, "во время тишины")
    tries = len(await planted.handle.calls("sendMessage"))
    for _ in range(36):
        clock.ahead += timedelta(minutes=10)
        ticker.tick()
    assert len(await planted.handle.calls("sendMessage")) == tries  # asked for a sign of life meanwhile, no more
    assert alarms(app, "outbox_old") == 1

    await planted.handle.recovers()
    for person in people:
        await person.waits_for(planted.handle, "эхо: во время тишины", after=0)
    await people[0].waits_for(group, "нет связи с Telegram", after=0)
    await planted.sends_all()
    words = ["эхо: 0", "эхо: 1", "эхо: 2", "эхо: во время тишины"]
    assert [await heard(person, planted) for person in people] == [["эхо: 0", *words], words, words]
    with app.database.read() as session:
        assert set(session.exec(select(Inbox.state)).all()) == {InboxState.DONE}
        assert set(session.exec(select(Outbox.state)).all()) == {OutboxState.SENT}
        unsure = session.exec(select(Outbox.chat_id).where(col(Outbox.repeats) > 0)).all()
        assert sorted(unsure) == sorted([group.id, *(person.id for person in people)])  # one send a chat

    ticker.tick()  # the queue is young again: the next outage is an alarm of its own
    await planted.handle.fails("drop_before", method="sendMessage", count=None)
    await planted.handle.fails("refuse", method="getMe", code=502, count=None)
    await people[1].says(planted.handle, "снова")
    await planted.handle.makes_calls("getMe", after=(await planted.handle.calls())[-1]["id"])
    clock.ahead += timedelta(minutes=10)
    ticker.tick()
    assert alarms(app, "outbox_old") == 2
    assert alarms(app, "passed_send") == 0
