"""Deadlines by the production calendar, the seller's hours and the site's time zone (R8.1, R8.3)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.calendar.workdays import NoCalendarError, production_calendar
from bot.calendar.working_clock import WorkingClock, warn_at

MOSCOW = ZoneInfo("Europe/Moscow")


def clock(zone: str = "Europe/Moscow") -> WorkingClock:
    return WorkingClock(production_calendar(), zone, 9 * 60, 18 * 60)


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-24 12:00", 120, "2026-11-24 14:00"),
        ("2026-11-24 17:30", 60, "2026-11-25 09:30"),
        ("2026-11-24 20:00", 60, "2026-11-25 10:00"),  # the night doesn't count
        ("2026-11-24 06:00", 540, "2026-11-24 18:00"),  # a whole day ends with it
        ("2026-11-27 17:00", 120, "2026-11-30 10:00"),  # over a weekend
        ("2026-11-03 16:30", 60, "2026-11-05 09:30"),  # a short day, then the holiday of 4 November
        ("2026-05-08 16:00", 120, "2026-05-12 10:00"),  # short day; 11 May is off
        ("2026-01-01 12:00", 30, "2026-01-12 09:30"),  # New Year; 9 January is off
    ],
)
def test_working_minutes_are_counted_on_working_days_only(start: str, minutes: int, due: str) -> None:
    assert clock().after(at(start), minutes) == at(due)
    assert clock().between(at(start), at(due)) == minutes


def test_the_clock_runs_in_the_time_zone_of_the_site() -> None:
    start = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 12:00 in Moscow, 19:00 in Vladivostok
    assert clock("Asia/Vladivostok").after(start, 60) == at("2026-11-25 10:00", ZoneInfo("Asia/Vladivostok"))


def test_nothing_is_between_a_moment_and_an_earlier_one() -> None:
    assert clock().between(at("2026-11-24 12:00"), at("2026-11-24 11:00")) == 0


def test_the_warning_comes_at_its_share_of_working_time() -> None:
    start = at("2026-11-24 17:00")
    assert warn_at(start, clock().after(start, 120), 75, clock()) == at("2026-11-25 09:30")


def test_a_year_without_a_calendar_is_never_guessed() -> None:
    with pytest.raises(NoCalendarError):
        clock().after(at("2035-03-01 12:00"), 60)
