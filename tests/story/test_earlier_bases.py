"""A base of an earlier commit goes on after the update: people go on, its month is closed, and it keeps its rows."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select

from bot.billing.documents.models import Document
from bot.billing.hours.models import Pool, PoolEntry
from bot.billing.quotes.models import Approval
from bot.billing.statements.models import Statement
from bot.calendar.periods import month_of
from bot.clients.models import Seller
from bot.db.engine import Database
from bot.db.schema.migrating import require_present, upgrade
from bot.demo.cast import Cast
from bot.demo.paid_story import approval
from bot.demo.story import question
from bot.sandbox.server import Sandbox
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.month.close import close_period
from tests.conftest import TestOffice
from tests.db.earlier.base import Rows, make, read
from tests.story.conftest import housed, met

# Rows of these are only added to, or go on from where they were: what was there is there.
KEPT = ("company", "site", "serviceobject", "poolentry", "approval", "quoteversion", "timeentry", "workline", "ticket")
GOES_ON = {"state", "billed_until", "closed_at", "number"}  # of a ticket that somebody works on


def held(database: Database) -> Rows:
    with database.read() as session:
        return read(session.connection())


def require_kept(before: Rows, after: Rows) -> None:
    """Every row of before is there, with all that it said."""
    for table in KEPT:
        now = {row["id"]: row for row in after[table]}
        for row in before[table]:
            there = now[row["id"]]
            assert {key: there[key] for key in row if key not in GOES_ON} == {
                key: value for key, value in row.items() if key not in GOES_ON
            }, (table, row["id"])


async def finished(cast: Cast, number: int) -> None:
    """The engineer takes the ticket and hands it over with an hour; the client accepts."""
    yulia, ilya, group = cast.yulia, cast.ilya, cast.group
    await ilya.presses("✋ Беру", group)
    await ilya.sees_toast("Ваша!", group)
    await ilya.sees(f"№ {number}", buttons=("▶️ Начал",), where=group)
    await ilya.presses("▶️ Начал", group)
    await ilya.sees(f"№ {number}", buttons=("🏁 Закончил",), where=group)
    await ilya.presses("🏁 Закончил", group)
    await ilya.sees("что сделано", buttons=("⏱ Время",))
    await ilya.presses("⏱ Время")
    await ilya.sees("сколько времени и почему")
    await ilya.says("1 ч ремонт")
    await ilya.sees("понял так: 1 ч", buttons=("⏱ Записать",))
    await ilya.presses("⏱ Записать")
    await ilya.sees("Время: 1 ч", buttons=("✅ Сдать работу",))
    await ilya.presses("✅ Сдать работу")
    await yulia.sees("работа закончена", buttons=("✅ Принять",))
    await yulia.presses("✅ Принять")
    await yulia.sees("закрыта")


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("empty", "shape"), [("sqlite", 0), ("postgres", 6)], indirect=["empty"])
async def test_people_go_on_with_a_base_of_an_earlier_commit(
    story_server: Sandbox, empty: Database, shape: int, tmp_path: Path
) -> None:
    make(empty, shape, tmp_path)
    before = held(empty)
    async with housed(story_server, empty.url.render_as_string(hide_password=False)) as (stage, app):
        cast = await met(stage, "pavel", "yulia", "andrey", "ilya")
        await question(stage, cast)
        number = await approval(stage, cast)
        await finished(cast, number)
        await stage.quiet()
        require_present(app.database)
        after = held(app.database)
        with app.database.read() as session:
            ticket = session.exec(select(Ticket).where(Ticket.number == number)).one()
            assert ticket.state is TicketState.CLOSED
    require_kept(before, after)
    for table in ("ticket", "approval", "timeentry", "quote"):
        assert len(after[table]) == len(before[table]) + 1, table
    kept = {row["id"] for row in before["poolentry"]}
    assert sum(row["amount"] for row in after["poolentry"] if row["id"] in kept) == sum(
        row["amount"] for row in before["poolentry"]
    )


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("empty", "shape"), [("sqlite", 9), ("postgres", 9)], indirect=["empty"])
def test_the_month_of_an_earlier_commit_s_story_is_closed(empty: Database, shape: int, tmp_path: Path) -> None:
    make(empty, shape, tmp_path)
    before = held(empty)
    upgrade(empty)
    with empty.read() as session:
        drawn = session.exec(select(func.sum(PoolEntry.amount))).one()
    after = held(empty)
    require_kept(before, after)
    assert sum(row["amount"] for row in before["poolentry"]) == drawn
    office = TestOffice(empty)
    office.moment = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
    with office.work() as uow:
        seller = uow.session.exec(select(Seller)).one()
        seller.billing_from = date(2026, 11, 1)
        uow.session.add(seller)
    closed: list[Any] = list(close_period(office, month_of(date(2026, 11, 1)), 200))
    assert sum(each.statements for each in closed) > 0
    with empty.read() as session:
        statements = session.exec(select(Statement)).all()
        documents = session.exec(select(Document)).all()
        assert sum(row.gross for row in statements) == sum(row.gross for row in documents if row.kind == "invoice") > 0
        assert len(session.exec(select(Ticket)).all()) == len(before["ticket"])
        assert len(session.exec(select(Approval)).all()) == len(before["approval"])
        assert session.exec(select(func.count(col(Pool.id)))).one() >= len(before["pool"])
    require_kept(before, held(empty))
