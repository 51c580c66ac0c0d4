"""Whose day it is (R3.5): the one place where a moment becomes a day or a wall time of a zone, and back.

There is no day without a zone, so that none is taken from UTC by mistake. Whose zone it is says `bot/clients/zones.py`.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOME = "Europe/Moscow"  # where nobody has said another zone yet


class NoSuchZoneError(ValueError):
    """A time zone that the IANA data base doesn't have."""


def utc_now() -> datetime:
    """The only place that reads the wall clock for rows; rules take `now` as an argument."""
    return datetime.now(UTC)


@lru_cache(maxsize=600)
def known_zone(name: str) -> ZoneInfo:
    """A time zone by its name. Raises NoSuchZoneError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NoSuchZoneError(name) from error


def local(moment: datetime, zone: str) -> datetime:
    """What the clocks of a zone show at a moment; still the same moment."""
    return moment.astimezone(known_zone(zone))


def day_of(moment: datetime, zone: str) -> date:
    """The day on which a moment lies in a zone."""
    return local(moment, zone).date()


def at(day: date, wall: time, zone: str) -> datetime:
    """The moment when the clocks of a zone show a time on a day."""
    return datetime.combine(day, wall, known_zone(zone))


def there(wall: datetime, zone: str) -> datetime:
    """The moment, in UTC, of a local time that came without a zone, as files have it."""
    return wall.replace(tzinfo=known_zone(zone)).astimezone(UTC)


def month_began(moment: datetime, zone: str) -> datetime:
    """The moment when the month that a moment lies in began in a zone."""
    return at(day_of(moment, zone).replace(day=1), time(), zone)


def same_wall(moment: datetime, one: str, other: str) -> bool:
    """Whether the clocks of two zones show the same at a moment."""
    return local(moment, one).utcoffset() == local(moment, other).utcoffset()
