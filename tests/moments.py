"""Awkward moments: where a day is not the same everywhere, or no ordinary one. Rules and stories run at each."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest


@dataclass(frozen=True)
class Moment:
    """A moment with what is true of it at the site, said by hand: its day there, and the next day on which people
    work (at 9 to 18), which is the day itself while they do."""

    name: str
    zone: str
    at: datetime
    day: date
    works: date

    def __str__(self) -> str:
        return self.name


def _moment(name: str, zone: str, utc: str, day: str, works: str) -> Moment:
    found = datetime.fromisoformat(f"{utc}:00+00:00")
    return Moment(name, zone, found, date.fromisoformat(day), date.fromisoformat(works))


MOMENTS = (
    _moment("00:30 on the 1st, UTC is yesterday", "Europe/Moscow", "2026-11-30T21:30", "2026-12-01", "2026-12-01"),
    _moment("01:00 on the 1st", "Europe/Moscow", "2026-09-30T22:00", "2026-10-01", "2026-10-01"),
    _moment("23:45 on the last", "Europe/Moscow", "2026-11-30T20:45", "2026-11-30", "2026-12-01"),
    _moment("Saturday 31 October", "Europe/Moscow", "2026-10-31T09:00", "2026-10-31", "2026-11-02"),
    _moment("09:30 on the 1st in Vladivostok", "Asia/Vladivostok", "2026-11-30T23:30", "2026-12-01", "2026-12-01"),
    _moment("23:30 on the last in Kaliningrad", "Europe/Kaliningrad", "2026-11-30T21:30", "2026-11-30", "2026-12-01"),
    _moment("New Year's holidays", "Europe/Moscow", "2026-01-01T09:00", "2026-01-01", "2026-01-12"),
    _moment("a short day after its end", "Europe/Moscow", "2026-11-03T14:30", "2026-11-03", "2026-11-05"),
    _moment("an hour that comes twice", "Europe/Berlin", "2026-10-25T01:30", "2026-10-25", "2026-10-26"),
    _moment("29 February", "Europe/Moscow", "2024-02-29T09:00", "2024-02-29", "2024-02-29"),
)

# The first and the last day of a contract that begins or ends on 25 or 24 November, by its client's clocks.
EVE = _moment("23:30 on the eve of the first day", "Asia/Vladivostok", "2026-11-24T13:30", "2026-11-24", "2026-11-25")
FIRST = _moment("00:30 on the first day", "Asia/Vladivostok", "2026-11-24T14:30", "2026-11-25", "2026-11-25")
LAST = _moment("23:30 on the last day", "Europe/Kaliningrad", "2026-11-24T21:30", "2026-11-24", "2026-11-25")
OVER = _moment("00:30 after the last day", "Asia/Vladivostok", "2026-11-24T14:30", "2026-11-25", "2026-11-25")

at_each = pytest.mark.parametrize("moment", MOMENTS, ids=str)
