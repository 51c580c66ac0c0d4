"""Alerts, rollover and periods (R4.6, R4.8)."""

from datetime import date, timedelta

import pytest

from bot.billing.hours.alerts import ending_alert, usage_alert
from bot.billing.hours.rollover import Carried, Rollover, RolloverKind, carried, months_later
from bot.calendar.periods import Billed, Period, billed_in, month_of

USED = (8000, 9500, 10_000)
BEFORE = (30, 7, 1)
END = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("consumed", "told", "alert"),
    [
        (79, (), None),
        (80, (), 8000),
        (94, (8000,), None),
        (95, (8000,), 9500),
        (95, (), 9500),
        (95, (9500,), None),
        (100, (8000,), 10_000),
        (130, (8000, 9500), 10_000),
        (130, (10_000,), None),
    ],
)
def test_only_the_highest_newly_crossed_threshold_is_told(
    consumed: int, told: tuple[int, ...], alert: int | None
) -> None:
    assert usage_alert(100, consumed, USED, told) == alert


def test_an_empty_pool_alerts_nobody() -> None:
    assert usage_alert(0, 0, USED, ()) is None
    assert usage_alert(1, 1, USED, ()) == 10_000


@pytest.mark.parametrize(
    ("left", "told", "alert"),
    [
        (31, (), None),
        (30, (), 30),
        (29, (30,), None),
        (8, (30,), None),
        (7, (30,), 7),
        (5, (), 7),
        (1, (30, 7), 1),
        (0, (), 1),
        (0, (1,), None),
        (-1, (), None),
    ],
)
def test_days_before_the_end_are_told_once(left: int, told: tuple[int, ...], alert: int | None) -> None:
    assert ending_alert(END, END - timedelta(days=left), BEFORE, told) == alert


def test_a_pool_without_end_never_ends() -> None:
    assert ending_alert(None, END, BEFORE, ()) is None


@pytest.mark.parametrize(
    ("left", "rule", "expected"),
    [
        (90, Rollover(RolloverKind.NONE), None),
        (90, Rollover(RolloverKind.ALL), Carried(90, date(2026, 7, 31))),
        (90, Rollover(RolloverKind.UP_TO, cap=60, months=3), Carried(60, date(2026, 9, 30))),
        (30, Rollover(RolloverKind.UP_TO, cap=60), Carried(30, date(2026, 7, 31))),
        (0, Rollover(RolloverKind.ALL), None),
        (-5, Rollover(RolloverKind.ALL), None),
        (5, Rollover(RolloverKind.UP_TO, cap=0), None),
        (1, Rollover(RolloverKind.ALL), Carried(1, date(2026, 7, 31))),
    ],
)
def test_what_goes_on(left: int, rule: Rollover, expected: Carried | None) -> None:
    assert carried(left, END, rule) == expected


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 2, 28), 1, date(2026, 3, 31)),
        (date(2026, 1, 30), 1, date(2026, 2, 28)),
        (date(2026, 3, 15), 10, date(2027, 1, 15)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 11, 5), 1, date(2026, 12, 5)),
        (date(2026, 3, 15), 0, date(2026, 3, 15)),
    ],
)
def test_months_later(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


def test_a_month_has_its_first_and_last_day() -> None:
    assert month_of(date(2024, 2, 10)) == Period(date(2024, 2, 1), date(2024, 2, 29))


@pytest.mark.parametrize(
    ("work", "locked", "expected"),
    [
        (date(2026, 3, 31), None, Billed(month_of(date(2026, 3, 1)), late=False)),
        (date(2026, 4, 1), date(2026, 3, 31), Billed(month_of(date(2026, 4, 1)), late=False)),
        (date(2026, 3, 31), date(2026, 3, 31), Billed(month_of(date(2026, 4, 1)), late=True)),
        (date(2026, 1, 5), date(2026, 3, 31), Billed(month_of(date(2026, 4, 1)), late=True)),
        (date(2026, 4, 29), date(2026, 4, 29), Billed(month_of(date(2026, 4, 1)), late=True)),
        (date(2026, 12, 5), date(2026, 12, 31), Billed(month_of(date(2027, 1, 1)), late=True)),
    ],
)
def test_a_late_entry_goes_to_the_next_statement(work: date, locked: date | None, expected: Billed) -> None:
    assert billed_in(work, locked) == expected
