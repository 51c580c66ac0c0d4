"""The vectors of the business rules R4, R5 and R6, each by its number; what is around them is tested beside."""

from datetime import UTC, date, datetime

import pytest

from bot.billing.hours.draw import Draw, PoolKind, PoolToDraw, draw
from bot.billing.hours.ledger import LedgerEntry, Operation, OverdrawnError, add, balance
from bot.billing.prices.rule import ItemPrice, ListScope, PriceListVersion, find_price, hourly_rate, labour
from bot.billing.work.rounding import Rounding, RoundingScope, Spent, Way, round_entries, round_minutes
from bot.db.clock import HOME
from bot.messaging.notices.texts import render
from bot.sums.vat import Regime, regime_on, vat_of_line, vat_of_lines
from bot.tickets.bill.card import TimeLine
from bot.tickets.bill.of_ticket import TicketBill
from bot.tickets.work.finish import WorkDone

DAY = date(2026, 3, 10)
UNTIL = datetime(2026, 3, 13, 15, tzinfo=UTC)


def test_r4_2_need_105_draws_30_of_the_gift_45_until_march_and_30_until_june() -> None:
    pools = [
        PoolToDraw("june", PoolKind.PREPAID, 600, date(2026, 1, 1), date(2026, 6, 30)),
        PoolToDraw("march", PoolKind.PREPAID, 45, date(2026, 1, 1), date(2026, 3, 31)),
        PoolToDraw("gift", PoolKind.GIFT, 30, date(2026, 1, 1), date(2026, 12, 31)),
    ]
    assert draw(105, pools, DAY) == ([Draw("gift", 30), Draw("march", 45), Draw("june", 30)], 0)


def test_r4_3_granted_less_consumed_expired_and_held_never_falls_below_the_overrun_cap() -> None:
    grant = LedgerEntry("1", Operation.GRANT, 100)
    held = [grant, LedgerEntry("2", Operation.HOLD, 100, job="7")]
    assert balance(held).available == 0
    with pytest.raises(OverdrawnError):
        add(held, LedgerEntry("3", Operation.CONSUME, 11), overrun_bp=1_000)
    assert add(held, LedgerEntry("3", Operation.CONSUME, 10), overrun_bp=1_000).available == -10


def test_r5_2_each_date_of_work_has_the_version_of_its_list_and_no_price_is_none() -> None:
    former = PriceListVersion(ListScope.DEFAULT, (ItemPrice("fix", 250_000),), None, date(2026, 3, 9), "base v1")
    present = PriceListVersion(ListScope.DEFAULT, (ItemPrice("fix", 300_000),), DAY, None, "base v2")
    for lists in ([former, present], [present, former]):
        before, after = (find_price("fix", day, lists) for day in (date(2026, 3, 9), DAY))
        assert before is not None and (before.line.kopecks, before.source) == (250_000, "base v1")
        assert after is not None and (after.line.kopecks, after.source) == (300_000, "base v2")
        assert find_price("other", DAY, lists) is None


def test_r5_3_band_and_urgency_do_not_multiply_each_other() -> None:
    assert hourly_rate(250_000, 10_000, 15_000, 18_000) == 450_000


@pytest.mark.parametrize(
    ("minutes", "rate", "kopecks"),
    [(15, 250_000, 62_500), (20, 250_000, 83_333), (50, 199_900, 166_583), (90, 250_000, 375_000)],
)
def test_r5_4_labour_is_half_up(minutes: int, rate: int, kopecks: int) -> None:
    assert labour(minutes, rate) == kopecks


@pytest.mark.parametrize(
    ("step", "scope", "billed"),
    [
        (15, RoundingScope.ENTRY, 60),
        (15, RoundingScope.TICKET, 45),
        (15, RoundingScope.TICKET_DAY, 45),
        (30, RoundingScope.ENTRY, 90),
        (30, RoundingScope.TICKET, 60),
    ],
)
def test_r5_5_entries_7_6_and_20(step: int, scope: RoundingScope, billed: int) -> None:
    spent = [Spent(minutes, 1, DAY, Way.REMOTE) for minutes in (7, 6, 20)]
    groups = round_entries(spent, Rounding(scope, step, minimum_remote=15, minimum_visit=60))
    assert sum(group.billed for group in groups) == billed


def test_r5_5_ten_minutes_spent_are_fifteen_counted_and_both_are_said() -> None:
    assert (round_minutes(10, 15, 15), round_minutes(10, 15, 60), round_minutes(0, 15, 60)) == (15, 60, 0)
    times = [TimeLine(1, minutes=10, billed=15, disputed=False, struck=False)]
    bill = TicketBill(1, [], 0, 0, 0, None)
    done = WorkDone(
        ticket_id=1, number=1, works=[], times=times, quotes=[], price_waits=None, bill=bill, until=UNTIL, zone=HOME
    )
    assert "потрачено 10 мин → учтено 15 мин" in render("ticket/done", "ru", done).replace("\u00a0", " ")


def test_r6_1_twenty_two_percent_apply_from_2026_and_without_vat_is_not_zero() -> None:
    regimes = [Regime(date(2019, 1, 1), 2_000), Regime(date(2026, 1, 1), 2_200)]
    assert [regime_on(regimes, day).rate for day in (date(2025, 12, 31), date(2026, 1, 1))] == [2_000, 2_200]
    assert (vat_of_line(100_000, None, inclusive=True), vat_of_line(100_000, 0, inclusive=True)) == (0, 0)
    assert Regime(date(2026, 1, 1), None) != Regime(date(2026, 1, 1), 0)


@pytest.mark.parametrize(
    ("gross", "rate", "vat"),
    [(375_000, 2_200, 67_623), (375_000, 500, 17_857), (375_000, 700, 24_533), (100_000, 2_200, 18_033)],
)
def test_r6_2_vat_inside_a_line(gross: int, rate: int, vat: int) -> None:
    assert vat_of_line(gross, rate, inclusive=True) == vat


def test_r6_2_three_lines_of_833_33_have_450_81_in_all_and_not_450_82() -> None:
    assert vat_of_lines([83_333] * 3, 2_200, inclusive=True).total_vat == 45_081
