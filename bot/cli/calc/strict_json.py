"""Strict reading of one JSON line: no duplicate keys, no NaN, exact types, no unknown keys.

Each reader takes a JSON value and its place, and returns the value or raises BadLineError naming the place.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import available_timezones

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOCAL_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.0+)?)?(Z|[+-][0-9]{2}:[0-9]{2})")
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Reader = Callable[[Any, str], T]


class BadLineError(ValueError):
    """What is wrong with a line, and where."""


def parse(line: bytes) -> dict[str, Any]:
    """Parse one line as a JSON object. Raises BadLineError."""
    try:
        text = line.decode("utf-8").strip("\r\n\t ")
        if not text:
            raise BadLineError("line: empty")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise BadLineError(f"line: not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise BadLineError(f"line: not JSON: {error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise BadLineError("line: nested too deep") from error
    if not isinstance(value, dict):
        raise BadLineError("line: must be an object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadLineError(f"{key}: given twice")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise BadLineError(f"line: {name} is not JSON")


class Fields:
    """The keys of one object, each read once; `done` refuses what was not asked for."""

    def __init__(self, value: Any, where: str) -> None:
        """Take the object at `where`. Raises BadLineError when it is none."""
        if not isinstance(value, dict):
            raise BadLineError(f"{where or 'line'}: must be an object")
        self._left: dict[str, Any] = dict(value)
        self._where = f"{where}." if where else ""

    def take(self, key: str, read: Reader[T]) -> T:
        """Read a required key."""
        if key not in self._left:
            raise BadLineError(f"{self._where}{key}: missing")
        return read(self._left.pop(key), f"{self._where}{key}")

    def maybe(self, key: str, read: Reader[T], default: T | None = None) -> T | None:
        """Read a key that may be left out."""
        return self.take(key, read) if key in self._left else default

    def done(self) -> None:
        """Raise BadLineError if any key is left."""
        if self._left:
            raise BadLineError(f"{self._where}{next(iter(self._left))}: unknown key")


def whole(value: Any, where: str) -> int:
    """Read an integer from zero up; `true` and `50.0` are none."""
    if type(value) is not int:
        raise BadLineError(f"{where}: must be an integer")
    if value < 0:
        raise BadLineError(f"{where}: must not be negative")
    return value


def positive(value: Any, where: str) -> int:
    """Read an integer from one up."""
    if whole(value, where) == 0:
        raise BadLineError(f"{where}: must be positive")
    return int(value)


def whole_or_null(value: Any, where: str) -> int | None:
    """Read an integer from zero up, or null."""
    return None if value is None else whole(value, where)


def flag(value: Any, where: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise BadLineError(f"{where}: must be true or false")
    return value


def text(value: Any, where: str) -> str:
    """Read a string."""
    if not isinstance(value, str):
        raise BadLineError(f"{where}: must be a string")
    return value


def text_or_number(value: Any, where: str) -> int | str:
    """Read an identifier: a string, or an integer."""
    if not isinstance(value, str) and type(value) is not int:
        raise BadLineError(f"{where}: must be a string or an integer")
    return value


def day(value: Any, where: str) -> date:
    """Read a date `YYYY-MM-DD`."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise BadLineError(f"{where}: must be a date YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise BadLineError(f"{where}: no such day") from error


def local_minute(value: Any, where: str) -> datetime:
    """Read a local date-time of a whole minute, `YYYY-MM-DDTHH:MM` with seconds of zero at most."""
    if not isinstance(value, str) or not _LOCAL_TIME.fullmatch(value):
        raise BadLineError(f"{where}: must be a local time YYYY-MM-DDTHH:MM")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise BadLineError(f"{where}: no such time") from error
    if moment.second or moment.microsecond:
        raise BadLineError(f"{where}: must be a whole minute")
    return moment


def moment(value: Any, where: str) -> datetime:
    """Read a moment of a whole second with its offset, `YYYY-MM-DDTHH:MM:SS+HH:MM` or `Z`; in UTC."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise BadLineError(f"{where}: must be a time with its offset YYYY-MM-DDTHH:MM:SS+HH:MM, in whole seconds")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadLineError(f"{where}: no such time") from error


def time_zone(value: Any, where: str) -> str:
    """Read the name of a time zone of the IANA data base."""
    if not isinstance(value, str) or value not in available_timezones():
        raise BadLineError(f"{where}: must be a time zone such as Europe/Moscow")
    return value


def clock(value: Any, where: str) -> int:
    """Read `HH:MM` from 00:00 to 23:59 as the minute of the day."""
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise BadLineError(f"{where}: must be a time HH:MM")
    return int(found[1]) * 60 + int(found[2])


def clock_end(value: Any, where: str) -> int:
    """Read `HH:MM` where `24:00` is the end of the day."""
    return 24 * 60 if value == "24:00" else clock(value, where)


def one_of(kind: type[E]) -> Reader[E]:
    """Return a reader of one of the enum's values."""

    def read(value: Any, where: str) -> E:
        if not isinstance(value, str) or value not in set(kind):
            raise BadLineError(f"{where}: must be one of {', '.join(kind)}")
        return kind(value)

    return read


def each(read: Reader[T]) -> Reader[list[T]]:
    """Return a reader of a list of what `read` reads."""

    def read_all(value: Any, where: str) -> list[T]:
        if not isinstance(value, list):
            raise BadLineError(f"{where}: must be a list")
        return [read(item, f"{where}[{place}]") for place, item in enumerate(value)]

    return read_all


def shaped(build: Callable[[Fields], T]) -> Reader[T]:
    """Return a reader of an object from whose keys `build` makes the value; unknown keys are refused."""

    def read(value: Any, where: str) -> T:
        fields = Fields(value, where)
        try:
            made = build(fields)
        except BadLineError:
            raise
        except ValueError as error:
            raise BadLineError(f"{where or 'line'}: {error}") from error
        fields.done()
        return made

    return read


def in_order(start: date | None, end: date | None, where: str) -> None:
    """Raise BadLineError when both are given and reversed."""
    if start is not None and end is not None and start > end:
        raise BadLineError(f"{where}: start is after end")
