"""Two transactions that write the same thing at the same moment: the second gives way, and no loop ends of it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import select

from bot.db.engine import Database
from bot.db.trouble import lost_race
from bot.messaging.outgoing import outbox
from bot.messaging.outgoing.models import Reach
from bot.messaging.outgoing.outbox import mark_unreachable
from bot.sandbox.client import SandboxClient
from bot.telegram.ids import bot as telegram_bot
from tests.conftest import NOON, TestOffice
from tests.messaging.conftest import Planted, echo


def test_a_block_that_is_heard_and_met_at_once_is_kept_once(office: TestOffice) -> None:
    """The turn of `my_chat_member` and delivery's 403 (R2.6)."""

    def delivery() -> None:
        with office.work() as other:
            mark_unreachable(other.session, telegram_bot(1), 7, "Forbidden: bot was blocked by the user", NOON)

    with ThreadPoolExecutor(1) as meanwhile:
        with office.work() as turn:
            mark_unreachable(turn.session, telegram_bot(1), 7, "bot was blocked by the user", NOON)
            met = meanwhile.submit(delivery)
            sleep(0.1)  # the other one has come to the same row and waits for this transaction
        met.result(10)
    with office.database.read() as session:
        assert session.exec(select(Reach.reason)).all() == ["bot was blocked by the user"]


async def test_delivery_does_a_round_anew_when_another_came_between(
    planted: Planted, sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, lost = outbox.arrived, [StaleDataError("1 row expected, 0 matched")]

    def raced(*what: object) -> None:
        if what[1] and lost:
            raise lost.pop()
        arrived(*what)  # type: ignore[arg-type] # passed on as they came

    monkeypatch.setattr(outbox, "arrived", raced)
    anna = await sandbox.person("Анна")
    app = planted.start(echo)
    await anna.says(planted.handle, "раз")
    await anna.says(planted.handle, "два")
    await anna.waits_for(planted.handle, "эхо: два")
    assert lost == []
    assert [seen.text for seen in await anna.sees(planted.handle) if not seen.mine] == ["эхо: раз", "эхо: два"]
    assert await asyncio.to_thread(app.stop) == 0


@pytest.mark.parametrize(("reason", "race"), [("again", True), (None, False)])
def test_a_row_that_is_there_already_is_a_lost_race_and_a_wrong_one_is_not(
    database: Database, reason: str | None, race: bool
) -> None:
    row = {"messenger": "telegram", "bot_id": 1, "chat_id": 7, "reason": "once", "since": NOON}
    with database.write() as session:
        session.connection().execute(insert(Reach), row)
    with pytest.raises(IntegrityError) as failed, database.write() as session:
        session.connection().execute(insert(Reach), {**row, "reason": reason})
    # SQLite has one writer: nobody can come between.
    assert lost_race(failed.value) is (race and not database.is_sqlite)
