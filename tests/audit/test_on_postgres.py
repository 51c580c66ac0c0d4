"""A smaller sample on PostgreSQL: hours for a part of a job, a call, a dispute that outlives its month."""

from datetime import date, datetime
from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from tests.audit.firm import Regime, Terms
from tests.audit.house import MOSCOW, opened_house
from tests.audit.play import new_player

REGIMES = [Regime(date(2026, 1, 1), 2200, True)]
START = date(2026, 12, 1)
PARTLY = Terms("delta", fee=77_777, included=40, rate=199_900, visit=15)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_part_from_hours_and_the_rest_paid(audit_server: Sandbox, database_url: str, tmp_path: Path) -> None:
    start = datetime(2026, 12, 1, 10, tzinfo=MOSCOW)
    async with opened_house(audit_server, database_url, tmp_path, [PARTLY], REGIMES, start, START) as house:
        partly = new_player(house, PARTLY, REGIMES, START)
        number = await partly.opens()
        await partly.approves(number)
        await partly.begins(number)
        await partly.calls(number, 400)
        await partly.adds(number, "ROLLER", 3)
        await partly.finishes(number, 55)
        await partly.disputes_work(number, "Ролик подачи")
        await partly.accepts(number)
        await partly.compare_balance()
        await house.until(date(2027, 1, 6))
        await partly.settles(number, keep=True)
        await partly.accepts(number)
        await house.until(date(2027, 2, 6))
        await partly.compare_months()
        assert partly.differences == []
        assert partly.invoices == 2
