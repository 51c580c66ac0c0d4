"""The production calendar: working days and minutes of a 5-day week (R8.1)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

CALENDARS = Path(__file__).resolve().parents[1] / "data" / "calendar"
FULL_DAY = 8 * 60
SHORT_DAY = 7 * 60
_SATURDAY = 6


class NoCalendarError(LookupError):
    """There is no production calendar for this year or region: nothing is counted, never guessed (R8.1)."""

    def __init__(self, region: str, year: int) -> None:
        """Keep the region and the year that has no data."""
        super().__init__(f"no production calendar of {region} for {year}")
        self.region = region
        self.year = year


@dataclass(frozen=True, slots=True)
class Year:
    """One year: public holidays, other days off in the week, working days at week ends, days an hour shorter."""

    holidays: frozenset[date]
    days_off: frozenset[date]
    working: frozenset[date]
    short: frozenset[date]


@dataclass(frozen=True, slots=True)
class WorkTime:
    """Working days and minutes of a range of days."""

    days: int
    minutes: int


@dataclass(frozen=True, slots=True)
class ProductionCalendar:
    """The calendar of a region, by year."""

    region: str
    years: Mapping[int, Year]

    def minutes(self, day: date) -> int:
        """Return the working minutes of a day: 480, 420 on a short day, 0 on a day off. Raises NoCalendarError."""
        year = self._year(day.year)
        if day not in year.working and (day.isoweekday() >= _SATURDAY or day in year.holidays or day in year.days_off):
            return 0
        return SHORT_DAY if day in year.short else FULL_DAY

    def between(self, start: date, end: date) -> WorkTime:
        """Count working days and minutes from `start` to `end`, both inclusive.

        Raises ValueError for a reversed range, NoCalendarError for a range that touches a year without data.
        """
        if start > end:
            raise ValueError("start is after end")
        for year in range(start.year, end.year + 1):
            self._year(year)
        each = [self.minutes(start + timedelta(days=passed)) for passed in range((end - start).days + 1)]
        return WorkTime(days=sum(1 for minutes in each if minutes), minutes=sum(each))

    def after(self, day: date, working_days: int) -> date:
        """Return the `working_days`-th working day after `day` (R7.8). Raises NoCalendarError."""
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= self.minutes(day) > 0
        return day

    def _year(self, year: int) -> Year:
        if year not in self.years:
            raise NoCalendarError(self.region, year)
        return self.years[year]


@dataclass(frozen=True, slots=True)
class EveryDay:
    """A calendar without days off: every day alike, in any year."""

    def minutes(self, _day: date) -> int:
        """Return the working minutes of a day: always 480."""
        return FULL_DAY


@cache
def production_calendar(region: str = "RU") -> ProductionCalendar:
    """Read the calendar shipped for a region, a file per year; an unknown region has no years."""
    folder = CALENDARS / region
    files = sorted(folder.glob("*.toml")) if region.isalpha() else []
    return ProductionCalendar(region, {int(file.stem): _read_year(file) for file in files})


def _read_year(file: Path) -> Year:
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return Year(**{name: frozenset(days) for name, days in data.items()})
