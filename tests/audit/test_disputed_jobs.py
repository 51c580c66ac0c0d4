"""Several entries a ticket, added works of every kind, and disputes decided after the month, over a change of VAT."""

from datetime import date, datetime
from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from tests.audit.firm import Regime, Terms
from tests.audit.house import MOSCOW, opened_house
from tests.audit.play import new_player

REGIMES = [Regime(date(2026, 1, 1), 2200, True), Regime(date(2027, 1, 1), 2000, False)]
START = date(2026, 12, 1)
HOURS = Terms("alfa", fee=1_000_000, included=600, rate=199_900)
PAID = Terms("beta", fee=33_333, call_out=True, rate=199_900)
BY_FACT = Terms("gamma", by_fact=True, step=30, scope="ticket")
PARTLY = Terms("delta", included=100, rate=199_900, scope="entry", visit=15)


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_invoice_is_the_auditors_to_the_kopeck(
    audit_server: Sandbox, database_url: str, tmp_path: Path
) -> None:
    firms = (HOURS, PAID, BY_FACT, PARTLY)
    start = datetime(2026, 12, 1, 10, tzinfo=MOSCOW)
    async with opened_house(audit_server, database_url, tmp_path, firms, REGIMES, start, START) as house:
        hours, paid, by_fact, partly = players = [new_player(house, each, REGIMES, START) for each in firms]

        in_hours = await hours.whole(70, ("ROLLER", 3), ("BOARD", 1), accept=False)
        await hours.disputes_work(in_hours, "Ролик подачи")
        await hours.accepts(in_hours)
        await hours.compare_balance()

        agreed = await paid.opens()
        await paid.approves(agreed)
        await paid.begins(agreed)
        await paid.calls(agreed, 90, 90, 100)
        await paid.adds(agreed, "SCREEN", 2)
        await paid.adds(agreed, "TUNING", 1)
        await paid.adds(agreed, "TUNING", 3)
        await paid.adds(agreed, "BOARD", 2, yes=False)
        await paid.adds(agreed, "CHECK", 3)
        await paid.finishes(agreed, 50)
        await paid.disputes_time(agreed, 1)
        await paid.accepts(agreed)

        again = await by_fact.whole(20)
        await by_fact.reopens(again)
        await by_fact.begins(again)
        await by_fact.calls(again, 61)
        await by_fact.finishes(again, 15)
        await by_fact.accepts(again)

        await partly.whole(50, ("TUNING", 2))
        rest = await partly.opens()
        await partly.approves(rest)
        await partly.begins(rest)
        await partly.calls(rest, 130)
        await partly.finishes(rest, 95)
        await partly.compare_balance()
        await partly.accepts(rest)
        await partly.compare_balance()

        await house.until(date(2027, 1, 6))
        await hours.settles(in_hours, keep=True)
        await hours.accepts(in_hours)
        await paid.settles(agreed, keep=False)
        await paid.accepts(agreed)
        await paid.whole(50, ("ROLLER", 3))
        await house.until(date(2027, 2, 6))
        for each in players:
            await each.compare_months()
            await each.compare_balance()
        differences = [each for player in players for each in player.differences]
        assert not differences, "\n".join(differences)
        assert sum(player.invoices for player in players) == 6
