"""Deadlines on the working clock of a site (R8.1): pure functions of calendar, hours and time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.calendar.workdays import FULL_DAY, EveryDay, ProductionCalendar

DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class WorkingClock:
    """Working hours at a place: `opens` and `closes` in minutes after local midnight, `closes` up to 24:00.

    `closes` before `opens` is over midnight: such a stretch belongs to the day it begins on. A short day closes an hour
    earlier on the wall. A missing wall time is the moment of the jump; of a doubled one the opening is the first and
    the closing the second.
    """

    calendar: ProductionCalendar | EveryDay
    timezone: str
    opens: int
    closes: int

    def after(self, start: datetime, minutes: int) -> datetime:
        """The moment when so many working minutes have passed since `start`. Raises NoCalendarError."""
        left = timedelta(minutes=minutes)
        for begin, end in self.stretches(start):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise AssertionError("days never end")

    def between(self, start: datetime, end: datetime) -> int:
        """Whole working minutes from `start` to `end`, none if reversed. Raises NoCalendarError."""
        passed = timedelta()
        for opens, closes in self.stretches(start, end):
            passed += min(closes, end) - opens
        return int(passed.total_seconds() // 60)

    def stretches(self, start: datetime, until: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
        """Half-open working times from `start` on, in UTC, the first one cut to it; those that begin before `until`.

        The calendar is asked only of days that may matter. Raises NoCalendarError.
        """
        zone = ZoneInfo(self.timezone)
        length = (self.closes - self.opens) % DAY or DAY
        worked_until = start.astimezone(UTC)
        day = start.astimezone(zone).date() - timedelta(days=1)  # its stretch may pass midnight
        while True:
            begin = max(_instant(day, self.opens, zone, fold=0), worked_until)
            if until is not None and begin >= until:
                return
            end = _instant(day, self.opens + length, zone, fold=1)
            if begin < end and (worked := self.calendar.minutes(day)):
                if shorter := FULL_DAY - worked:
                    end = _instant(day, self.opens + length - shorter, zone, fold=1)
                if shorter < length and begin < end:  # of a doubled hour nothing is left either
                    yield begin, end
                    worked_until = end
            day += timedelta(days=1)


def warn_at(start: datetime, due: datetime, percent: int, clock: WorkingClock) -> datetime:
    """The moment when so many per cent of a target have passed on the working clock (R8.3)."""
    return clock.after(start, clock.between(start, due) * percent // 100)


def _instant(day: date, minutes: int, zone: ZoneInfo, *, fold: int) -> datetime:
    """The moment of a wall time, counted in minutes from the midnight of a day, in UTC."""
    wall = datetime.combine(day + timedelta(days=minutes // DAY), time(minutes // 60 % 24, minutes % 60))
    moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    return after.replace(microsecond=0)
