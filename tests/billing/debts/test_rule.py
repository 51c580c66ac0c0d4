"""Levels of debt at their borders (R9.1, R9.2)."""

from datetime import date, timedelta

import pytest

from bot.billing.debts.rule import DebtLevel, DebtOverride, DebtSettings, DebtState, OwedInvoice, debt_state

TODAY = date(2026, 3, 10)
SETTINGS = DebtSettings(remind_days=1, prepay_days=15, hold_days=30, hold_kopecks=100_000, fresh_days=7)


def owed(days: int, kopecks: int = 100_000, id: str = "i", disputed: bool = False) -> OwedInvoice:
    return OwedInvoice(id, kopecks, TODAY - timedelta(days=days), disputed)


def standing(*invoices: OwedInvoice, reported: date | None = TODAY, override: DebtOverride | None = None) -> DebtState:
    return debt_state(invoices, reported, TODAY, SETTINGS, override)


@pytest.mark.parametrize(
    ("days", "kopecks", "level"),
    [
        (-5, 100_000, DebtLevel.D0),
        (0, 100_000, DebtLevel.D0),
        (1, 1, DebtLevel.D1),
        (14, 100_000, DebtLevel.D1),
        (15, 1, DebtLevel.D2),
        (29, 100_000, DebtLevel.D2),
        (30, 99_999, DebtLevel.D2),
        (30, 100_000, DebtLevel.D3),
        (400, 100_001, DebtLevel.D3),
    ],
)
def test_levels_begin_at_their_day_and_sum(days: int, kopecks: int, level: DebtLevel) -> None:
    assert standing(owed(days, kopecks)).level is level


def test_no_debt_is_d0() -> None:
    assert standing() == DebtState(DebtLevel.D0)


def test_a_disputed_invoice_does_not_count() -> None:
    assert standing(owed(40, disputed=True)) == DebtState(DebtLevel.D0)


def test_the_standing_sums_what_is_overdue_oldest_first() -> None:
    found = standing(owed(3, 500, "new"), owed(20, 70, "b"), owed(20, 30, "a"), owed(-1, 9, "not-due"))
    assert found == DebtState(DebtLevel.D2, 20, 600, ("a", "b", "new"))


def test_a_fresh_invoice_does_not_turn_an_old_trifle_into_a_stop() -> None:
    assert standing(owed(40, 1, "old"), owed(2, 10**7, "new")).level is DebtLevel.D2
    assert standing(owed(40, 60_000, "a"), owed(30, 40_000, "b")).level is DebtLevel.D3


@pytest.mark.parametrize(("age", "level"), [(7, DebtLevel.D3), (8, DebtLevel.UNKNOWN)])
def test_old_data_are_unknown(age: int, level: DebtLevel) -> None:
    assert standing(owed(40), reported=TODAY - timedelta(days=age)).level is level


def test_no_data_are_unknown() -> None:
    assert standing(owed(40), reported=None).level is DebtLevel.UNKNOWN


@pytest.mark.parametrize(
    ("until", "level", "overridden"), [(TODAY, DebtLevel.D1, True), (TODAY - timedelta(1), DebtLevel.D3, False)]
)
def test_a_manager_overrides_until_a_day(until: date, level: DebtLevel, overridden: bool) -> None:
    found = standing(owed(40), override=DebtOverride(DebtLevel.D1, "обещал", until))
    assert (found.level, found.overridden, found.kopecks) == (level, overridden, 100_000)
