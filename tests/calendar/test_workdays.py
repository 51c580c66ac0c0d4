"""The production calendar against the vectors, the law and the `holidays` package (R8.1)."""

from datetime import date, timedelta

import holidays
import pytest

from bot.calendar.workdays import NoCalendarError, production_calendar

RU = production_calendar("RU")
YEARS = (2024, 2025, 2026, 2027)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(passed) for passed in range((date(year + 1, 1, 1) - first).days)]


def test_2026_has_247_working_days_and_1972_hours() -> None:
    year = RU.between(date(2026, 1, 1), date(2026, 12, 31))
    assert (year.days, year.minutes) == (247, 1972 * 60)


def test_days_off_and_short_days_of_2026() -> None:
    for day in (date(2026, 1, 9), date(2026, 3, 9), date(2026, 5, 11), date(2026, 12, 31)):
        assert RU.minutes(day) == 0
    short = [day for day in days_of(2026) if RU.minutes(day) == 420]
    assert short == [date(2026, 4, 30), date(2026, 5, 8), date(2026, 6, 11), date(2026, 11, 3)]


@pytest.mark.parametrize("year", YEARS)
def test_working_days_are_those_of_the_holidays_package(year: int) -> None:
    published = holidays.country_holidays("RU", years=year)
    for day in days_of(year):
        assert (RU.minutes(day) > 0) == published.is_working_day(day), day


@pytest.mark.parametrize("year", YEARS)
def test_the_day_before_a_holiday_is_short_and_a_saturday_keeps_the_length_of_the_day_it_stands_in_for(
    year: int,
) -> None:
    data = RU.years[year]
    before = {day for day in days_of(year) if RU.minutes(day) and day + timedelta(1) in data.holidays}
    standing_in = {saturday for saturday in data.working if replaced_day(saturday) + timedelta(1) in data.holidays}
    assert data.short == before | standing_in


def replaced_day(saturday: date) -> date:
    """The week day off that a working Saturday was exchanged for, as the decrees say."""
    return {
        date(2024, 4, 27): date(2024, 4, 29),
        date(2024, 11, 2): date(2024, 4, 30),
        date(2024, 12, 28): date(2024, 12, 30),
        date(2025, 11, 1): date(2025, 11, 3),
        date(2027, 2, 20): date(2027, 2, 22),
    }[saturday]


@pytest.mark.parametrize(("year", "hours"), [(2024, 1979), (2025, 1972), (2026, 1972), (2027, 1972)])
def test_the_norm_of_the_year(year: int, hours: int) -> None:
    assert RU.between(date(year, 1, 1), date(year, 12, 31)).minutes == hours * 60


def test_both_ends_count() -> None:
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    assert RU.between(friday, monday).days == 2
    assert RU.between(friday, friday).minutes == 480


@pytest.mark.parametrize(
    ("start", "end", "year"),
    [
        (date(2023, 12, 31), date(2024, 1, 10), 2023),
        (date(2027, 12, 31), date(2028, 1, 1), 2028),
        (date(2023, 1, 1), date(2028, 1, 1), 2023),
    ],
)
def test_a_year_without_data_is_an_error_not_week_ends(start: date, end: date, year: int) -> None:
    with pytest.raises(NoCalendarError, match=f"no production calendar of RU for {year}") as caught:
        RU.between(start, end)
    assert (caught.value.region, caught.value.year) == ("RU", year)


@pytest.mark.parametrize("region", ["KZ", "../RU", ""])
def test_an_unknown_region_has_no_calendar(region: str) -> None:
    with pytest.raises(NoCalendarError):
        production_calendar(region).minutes(date(2026, 1, 12))


def test_a_reversed_range_is_refused() -> None:
    with pytest.raises(ValueError, match="start is after end"):
        RU.between(date(2026, 1, 2), date(2026, 1, 1))


def test_working_days_after_a_day() -> None:
    assert RU.after(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert RU.after(date(2026, 11, 20), 3) == date(2026, 11, 25)
    assert RU.after(date(2026, 12, 30), 1) == date(2027, 1, 11)
    assert RU.after(date(2026, 11, 21), 0) == date(2026, 11, 21)
