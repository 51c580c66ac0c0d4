"""Emergencies, debtors, noes and no answer; work before billing began, and a bot that was away for two months."""

from datetime import date, datetime
from pathlib import Path

import pytest

from bot.sandbox.client import Pressed
from bot.sandbox.server import Sandbox
from tests.audit.firm import Regime, Terms
from tests.audit.house import MOSCOW, House, opened_house
from tests.audit.play import new_player

REGIMES = [Regime(date(2026, 1, 1), 2200, True)]
BEGINS = date(2026, 12, 1)
URGENT = Terms("urgent", fee=12_345, call_out=True, rate=133_333, emergency=400_000)
DEBTOR = Terms("debtor", call_out=True, debt=(1_000_000, 20))
HOLDER = Terms("holder", included=60, fee=10_001)
FREE = Terms("free", fee=2_000_000, unlimited=True)


async def again(house: House, pressed: Pressed | None) -> None:
    """The same press comes once more."""
    assert pressed is not None
    await pressed.again()
    await house.quiet()


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_is_billed_without_a_yes_and_nothing_is_lost(
    audit_server: Sandbox, database_url: str, tmp_path: Path
) -> None:
    firms = (URGENT, DEBTOR, HOLDER, FREE)
    start = datetime(2026, 11, 24, 10, tzinfo=MOSCOW)
    async with opened_house(audit_server, database_url, tmp_path, firms, REGIMES, start, BEGINS) as house:
        urgent, debtor, holder, free = players = [new_player(house, each, REGIMES, BEGINS) for each in firms]
        first = await urgent.opens(urgent=True)  # within what is pre-authorised
        await urgent.begins(first)
        await urgent.adds(first, "BOARD", 1, yes=None)
        await urgent.finishes(first, 45)
        await urgent.accepts(first)

        owed = await debtor.opens()
        await debtor.approves(owed)
        await house.presses(house.boss, "💰 Предоплата получена", owed)
        paid = house.last
        await debtor.begins(owed)
        await again(house, paid)
        await debtor.finishes(owed, 40)
        await again(house, paid)
        await debtor.accepts(owed)
        await again(house, paid)

        await holder.whole(50)
        await holder.opens()  # nobody answers: it expires
        await holder.compare_balance()
        await free.whole(30, ("BOARD", 1), ("ROLLER", 2))

        await house.until(date(2026, 12, 2))
        await holder.whole(44, ("ROLLER", 1))
        third = await urgent.opens(urgent=True)
        await urgent.begins(third)
        await urgent.adds(third, "TUNING", 1)
        await urgent.adds(third, "TUNING", 1, yes=False)
        await urgent.finishes(third, 200)
        await urgent.accepts(third)
        late = await free.whole(30, ("ROLLER", 5), accept=False)
        await house.until(date(2026, 12, 3))
        await free.disputes_work(late, "Ролик подачи")
        await free.accepts(late)
        await house.until(date(2027, 2, 20))  # away all the while
        await free.settles(late, keep=True)
        await free.accepts(late)
        await house.until(date(2027, 3, 5))
        for each in players:
            await each.compare_months()
            await each.compare_balance()
        differences = [each for player in players for each in player.differences]
        assert not differences, "\n".join(differences)
