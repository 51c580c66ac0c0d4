"""The working clock beside one that walks through the world minute by minute (R8.1), over lines of `calc`.

The second one knows no arithmetic of zones: it looks at the wall clock of every minute and remembers which of them are
worked.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.calendar.workdays import production_calendar
from bot.cli.calc.lines import answers

FARTHEST = 60  # days of work: a due moment years ahead has no calendar
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

# Zone and the day around which something happens: its clocks change, or its calendar has a weekend, a holiday, a short
# day, a working Saturday. Years with data for those that ask the calendar.
COUNTED = [
    ("Europe/Moscow", date(2025, 12, 31)),
    ("Europe/Moscow", date(2024, 4, 27)),  # a working Saturday
    ("Asia/Vladivostok", date(2026, 11, 3)),
    ("Europe/Kaliningrad", date(2026, 5, 8)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/Havana", date(2024, 11, 3)),  # midnight comes twice
    ("America/St_Johns", date(2026, 11, 1)),
    ("Africa/Cairo", date(2026, 4, 24)),  # a working Friday has no midnight
    ("Asia/Almaty", date(2024, 3, 1)),
]
EVERY_DAY = [
    *COUNTED,
    ("America/Sao_Paulo", date(2018, 11, 4)),  # no midnight
    ("America/Sao_Paulo", date(2018, 2, 18)),
    ("Asia/Vladivostok", date(2011, 3, 27)),
    ("Asia/Vladivostok", date(2014, 10, 26)),
    ("Europe/Kaliningrad", date(2014, 10, 26)),
    ("Australia/Lord_Howe", date(2031, 4, 6)),  # half an hour
    ("Pacific/Apia", date(2011, 12, 30)),  # no such day at all
]
MOMENTS = st.sampled_from((0, 1, 30, 60, 90, 120, 150, 180, 539, 540, 1080, 1380, 1439))


@dataclass(frozen=True)
class Case:
    zone: str
    day: date
    counted: bool
    opens: int
    closes: int
    begins: int  # seconds from the midnight (UTC) of the day
    minutes: int

    @property
    def start(self) -> datetime:
        return datetime.combine(self.day, time(), UTC) + timedelta(seconds=self.begins)

    def line(self, calc: str, **more: Any) -> Any:
        asked = {
            "calc": calc,
            "start": self.start.astimezone(ZoneInfo(self.zone)).isoformat(),
            "zone": self.zone,
            "opens": hours(self.opens),
            "closes": hours(self.closes),
            "region": "RU",
            "calendar": self.counted,
        }
        (answer,) = answers([json.dumps(asked | more).encode()])
        return json.loads(answer)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    counted = draw(st.booleans())
    zone, day = draw(st.sampled_from(COUNTED if counted else EVERY_DAY))
    opens = draw(MOMENTS | st.integers(0, 1439))
    closes = draw((MOMENTS | st.just(1440) | st.integers(0, 1440)).filter(lambda each: each != opens))
    begins = draw(st.integers(-36 * 60, 36 * 60)) * 60
    if draw(st.booleans()):  # on a boundary, where half-open matters
        wall = datetime.combine(day, time()) + MINUTE * draw(st.sampled_from((opens, closes, closes - 60)))
        begins = int((wall.replace(tzinfo=ZoneInfo(zone)) - datetime.combine(day, time(), UTC)).total_seconds())
    begins += draw(st.sampled_from((0, 0, 0, 1, 59)))
    minutes = draw(st.sampled_from((0, 1, 59, 60)) | st.integers(0, 3000))
    minutes = min(minutes, FARTHEST * ((closes - opens) % 1440 or 1440))
    return Case(zone, day, counted, opens, closes, begins, minutes)


@settings(max_examples=50, deadline=None)
@given(cases())
@example(Case("Europe/Moscow", date(2026, 11, 24), True, 540, 1080, 14 * 3600, 60))  # 17:00 and an hour: 18:00
@example(Case("Europe/Moscow", date(2026, 11, 24), True, 540, 1080, 15 * 3600, 0))  # at 18:00: next morning
@example(Case("Europe/Berlin", date(2026, 10, 25), False, 150, 150 - 15, -7200, 3000))  # stretches that overlap
def test_the_clock_agrees_with_a_walk_minute_by_minute(case: Case) -> None:
    due = walk(case)
    assert case.line("deadline", minutes=case.minutes) == {"due": f"{due:%Y-%m-%dT%H:%M:%SZ}"}
    end = due + timedelta(seconds=case.begins % 7 * 1000)
    assert case.line("worked", end=end.isoformat()) == {"minutes": walked_until(case, end)}


def walk(case: Case) -> datetime:
    """When the minutes have passed: seconds are used up, minute by minute, of those that are worked."""
    left = case.minutes * 60
    for moment, seconds in worked_minutes(case):
        if seconds >= left:
            return moment + timedelta(seconds=left)
        left -= seconds
    raise AssertionError("walked too short")


def walked_until(case: Case, end: datetime) -> int:
    passed = 0
    for moment, seconds in worked_minutes(case):
        if moment >= end:
            break
        passed += min(seconds, int((end - moment).total_seconds()))
    return passed // 60


def worked_minutes(case: Case) -> Iterator[tuple[datetime, int]]:
    """Each worked minute from the start on, or what is left of it, with its seconds."""
    for ahead in range(-2, 4000):
        for moment in sorted(new_minutes(case, case.day + DAY * ahead)):
            if moment + MINUTE > case.start:
                begin = max(moment, case.start)
                yield begin, int((moment + MINUTE - begin).total_seconds())


def new_minutes(case: Case, day: date) -> set[datetime]:
    """What a day's stretch adds to that of the day before."""
    return stretch(case, day) - stretch(case, day - DAY)


def stretch(case: Case, day: date) -> set[datetime]:
    worked = production_calendar().minutes(day) if case.counted else 480
    over_midnight = 1440 if case.closes < case.opens else 0
    ends = case.closes + over_midnight - (480 - worked)
    if not worked or ends <= case.opens:
        return set()
    world = around(case.zone, day)
    first = min(moment for moment, wall in world if wall >= at_wall(day, case.opens))
    target = at_wall(day, ends)
    same = [moment for moment, wall in world if wall == target]
    last = same[-1] if same else min(moment for moment, wall in world if wall > target)
    return {moment for moment, _ in world if first <= moment < last}


def at_wall(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time()) + MINUTE * minutes


@lru_cache(maxsize=64)
def around(zone: str, day: date) -> list[tuple[datetime, datetime]]:
    """Every minute of the world around a day, with what the wall clock there shows."""
    begin = datetime.combine(day, time(), UTC) - timedelta(hours=38)
    world = (begin + MINUTE * passed for passed in range(38 * 60 + 76 * 60))
    return [(moment, moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for moment in world]


def hours(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
