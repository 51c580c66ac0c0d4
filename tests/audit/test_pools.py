"""Pools of every unit, drawn over a year's end with prices that change from VAT inside to VAT on top."""

from datetime import date, datetime
from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from tests.audit.firm import Bought, Regime, Terms
from tests.audit.house import MOSCOW, opened_house
from tests.audit.play import new_player

REGIMES = [
    Regime(date(2026, 1, 1), 2200, True),
    Regime(date(2027, 1, 1), 500, False),
    Regime(date(2027, 2, 1), None, False),
]
START = date(2026, 12, 1)
YEAR = date(2026, 12, 31)
MONEY = Terms("money", call_out=True, rate=199_900, pools=[Bought("prepaid", 1_000_000, START, None, "roubles")])
POINTS = Terms("points", point=10_000, pools=[Bought("prepaid", 50, START, None, "points")])
TICKETS = Terms("tickets", pools=[Bought("gift", 2, START, YEAR, "tickets")])
VISITS = Terms("visits", visits=1, call_out=True, rate=123_457)
OVER = Terms("over", included=60, overrun=5_000)
MIXED = Terms(
    "mixed",
    fee=99_999,
    included=30,
    pools=[Bought("prepaid", 600, START), Bought("gift", 20, START, date(2027, 3, 31))],
)


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_pools_give_and_what_is_left(audit_server: Sandbox, database_url: str, tmp_path: Path) -> None:
    firms = (MONEY, POINTS, TICKETS, VISITS, OVER, MIXED)
    start = datetime(2026, 12, 1, 10, tzinfo=MOSCOW)
    async with opened_house(audit_server, database_url, tmp_path, firms, REGIMES, start, START) as house:
        money, points, tickets, visits, over, mixed = players = [
            new_player(house, each, REGIMES, START) for each in firms
        ]
        await money.whole(70)
        held = await money.opens()
        await money.compare_balance()
        await money.begins(held)
        await money.finishes(held, 10)
        await money.accepts(held)

        await points.whole(70)
        for minutes in (20, 50, 30):
            await tickets.whole(minutes, ("SCREEN", 1))
        await visits.whole(61)
        await over.whole(85)
        await over.whole(10)
        await mixed.whole(75, ("ROLLER", 1))
        for each in players:
            await each.compare_balance()

        await house.until(date(2026, 12, 28))
        late = await mixed.whole(45, accept=False)  # three working days of silence end on 11 January only
        promised = await visits.opens()  # agreed before the year's end, done after it
        await house.until(YEAR, 20)
        ahead = await over.opens(day=date(2027, 1, 11))
        await house.until(date(2027, 1, 11))
        await mixed.accepts(late)
        await over.begins(ahead)
        await over.finishes(ahead, 55)
        await over.accepts(ahead)
        await visits.declines(promised)
        await money.whole(60)
        await points.whole(60)
        await tickets.whole(25)
        await visits.whole(60, ("ROLLER", 3), ("SCREEN", 2))
        await visits.whole(60, ("TUNING", 2))
        for each in players:
            await each.compare_balance()
        await house.until(date(2027, 2, 8))
        await house.everybody_pays()  # December's invoice is long overdue: work would wait for its payment (R9.1)
        await visits.whole(60, ("ROLLER", 3))
        await house.until(date(2027, 3, 6))
        for each in players:
            await each.compare_months()
            await each.compare_balance()
        differences = [each for player in players for each in player.differences]
        assert not differences, "\n".join(differences)
