"""Splitting work over time bands by minutes (R5.3)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the week with its multiplier: `days` 1–7 (Monday is 1), minutes of the day, `bp` basis points.

    With `end` before `start` it passes midnight and belongs to the day it starts on.
    """

    days: frozenset[int]
    start: int
    end: int
    bp: int

    def __post_init__(self) -> None:
        """Raise ValueError for days outside 1–7, times outside the day, or an empty band."""
        if not self.days <= frozenset(range(1, 8)):
            raise ValueError("days must be 1 to 7")
        if not (0 <= self.start < DAY and 0 <= self.end <= DAY):
            raise ValueError("a band must begin and end within a day")
        if self.start == self.end:
            raise ValueError("a band must not end where it begins")


@dataclass(frozen=True, slots=True)
class Part:
    """Minutes worked at one multiplier."""

    bp: int
    minutes: int


def split(start: datetime, end: datetime, bands: Sequence[Band], default: int) -> list[Part]:
    """Split local time from `start` to `end` into parts of equal multiplier, in order of time (R5.3).

    Overlapping bands: the larger multiplier; outside all bands: `default`. Raises ValueError for a reversed range or
    times that are not whole minutes.
    """
    if start > end:
        raise ValueError("start is after end")
    begin, finish = _minute(start), _minute(end)
    week = {day: _day_pieces(day, bands, default) for day in range(1, 8)}
    joined: list[Part] = []
    for midnight in range(begin - begin % DAY, finish, DAY):
        for piece_start, piece_end, bp in week[_weekday(midnight)]:
            minutes = min(finish, midnight + piece_end) - max(begin, midnight + piece_start)
            if minutes <= 0:
                continue
            if joined and joined[-1].bp == bp:
                minutes += joined.pop().minutes
            joined.append(Part(bp, minutes))
    return joined


def spread_added(parts: Sequence[Part], added: int) -> list[Part]:
    """Give the minutes that rounding added to the cheapest band of the group (R5.5); a group that bills less than was
    worked, since others of it were billed before, has them taken from there first. A part may end with no minutes.

    Raises ValueError when there is no part to take them, or fewer minutes were worked than are taken off.
    """
    left = list(parts)
    if added > 0 and not left:
        raise ValueError("added minutes need a part to go to")
    if -added > sum(part.minutes for part in left):
        raise ValueError("minutes taken off need a part to come from")
    for place in sorted(range(len(left)), key=lambda place: left[place].bp):
        change = max(added, -left[place].minutes)
        left[place] = Part(left[place].bp, left[place].minutes + change)
        added -= change
        if not added:
            break
    return left


def _minute(moment: datetime) -> int:
    if moment.second or moment.microsecond:
        raise ValueError("times must be whole minutes")
    return moment.toordinal() * DAY + moment.hour * 60 + moment.minute


def _weekday(minute: int) -> int:
    return (minute // DAY - 1) % 7 + 1  # day 1 of the calendar was a Monday


def _day_pieces(day: int, bands: Iterable[Band], default: int) -> list[tuple[int, int, int]]:
    """Cut one day of the week into (start, end, bp) pieces, with what passes midnight from the day before."""
    spans = [span for band in bands for span in _spans_on(day, band)]
    cuts = sorted({0, DAY, *(start for start, _, _ in spans), *(end for _, end, _ in spans)})
    return [
        (left, right, max((bp for start, end, bp in spans if start <= left and right <= end), default=default))
        for left, right in pairwise(cuts)
    ]


def _spans_on(day: int, band: Band) -> Iterator[tuple[int, int, int]]:
    passes = band.end < band.start
    if day in band.days:
        yield band.start, DAY if passes else band.end, band.bp
    before = 7 if day == 1 else day - 1
    if passes and band.end and before in band.days:
        yield 0, band.end, band.bp
