"""Deadlines on the working clock of a site (R8.1): pure functions of calendar, hours and time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.billing.workdays import FULL_DAY, ProductionCalendar


@dataclass(frozen=True, slots=True)
class WorkingClock:
    """Working hours at a place: `opens` and `closes` in minutes after local midnight; a short day ends earlier."""

    calendar: ProductionCalendar
    timezone: str
    opens: int
    closes: int

    def after(self, start: datetime, minutes: int) -> datetime:
        """The moment when so many working minutes have passed since `start`. Raises NoCalendarError."""
        for begin, end in self._windows(start):
            length = int((end - begin).total_seconds() // 60)
            if minutes <= length:
                return (begin + timedelta(minutes=minutes)).astimezone(UTC)
            minutes -= length
        raise AssertionError("days never end")

    def between(self, start: datetime, end: datetime) -> int:
        """Whole working minutes from `start` to `end`, none if reversed. Raises NoCalendarError."""
        if end <= start:
            return 0
        passed = timedelta()
        for opens, closes in self._windows(start):
            if opens >= end:
                break
            passed += min(closes, end) - opens
        return int(passed.total_seconds() // 60)

    def _windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        zone = ZoneInfo(self.timezone)
        day = start.astimezone(zone).date()
        while True:
            worked = self.calendar.minutes(day)
            if worked:
                begin = max(_at(day, self.opens, zone), start)
                end = _at(day, self.closes - (FULL_DAY - worked), zone)
                if begin < end:
                    yield begin, end
            day += timedelta(days=1)


def warn_at(start: datetime, due: datetime, percent: int, clock: WorkingClock) -> datetime:
    """The moment when so many per cent of a target have passed on the working clock (R8.3)."""
    return clock.after(start, clock.between(start, due) * percent // 100)


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone).astimezone(UTC)
