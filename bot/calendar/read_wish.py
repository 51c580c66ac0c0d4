"""Reading a wished time as people say it: «завтра после обеда», «в четверг к 10», «после 15», "Friday afternoon".

A small grammar over words of `wish_words.toml`. The whole line must be understood: a word that says something else
makes it a line for people, and what could be meant two ways («10», «к 7», «завтра или в пятницу») is not guessed.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from bot.sums.written import folded

_WORDS = Path(__file__).resolve().parent / "wish_words.toml"
_TOKEN = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?(?![.:]?\d)|\d{1,2}:\d\d|\d+|[^\W\d_]+|[-–—]")
_APOSTROPHES = re.compile(r"['’`]")
_LONGEST = 16  # words
_FUZZY, _ALIKE = 5, 0.8  # a shorter word is another word, not a slip; how alike a slip is to what was meant
_HALF, _HOUR, _NOON, _DAY = 30, 60, 12 * 60, 24 * 60
_QUARTER = 15


class WishKind(StrEnum):
    """What a wished time says besides its moment."""

    BY = "by"
    AFTER = "after"
    BEFORE = "before"
    BETWEEN = "between"
    MORNING = "morning"
    DAY = "day"
    EVENING = "evening"
    THAT_DAY = "that_day"
    ANY = "any"
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class PartsOfDay:
    """The hours at which morning, day and evening begin."""

    morning: int
    day: int
    evening: int


@dataclass(frozen=True, slots=True)
class WishedTime:
    """A time on the wall of a place: the first moment that will do (None: any, soon) and the last one where said;
    `day_named` where the line says on which day."""

    kind: WishKind
    begins: datetime | None = None
    until: datetime | None = None
    day_named: bool = False


def read_wish(text: str, now: datetime, parts: PartsOfDay) -> WishedTime | None:
    """The time that a line wishes, `now` being what the wall clock of the place shows (naive); None where the line
    isn't wholly that. A time that is over is returned as it was said: it doesn't begin after `now`."""
    try:
        tokens = _tokens(text)
        vague = [each for each in tokens if each in (WishKind.ANY, WishKind.SOON)]
        rest = [each for each in tokens if each not in vague]
        if not rest:
            return WishedTime(WishKind(vague[0])) if vague else None
        return _resolved(_read(" ".join(rest), now), now, parts)
    except (ValueError, OverflowError):  # an _UnreadError, or a day that no calendar has
        return None


class _UnreadError(ValueError):
    """The line says something else, or two things."""


@dataclass(slots=True)
class _WishSaid:
    """What was read so far; nothing may be said twice."""

    weekday: int | None = None
    next_week: bool = False
    may_be_today: bool = False
    day: date | None = None
    part: str | None = None
    clock: tuple[WishKind, str, str | None] | None = None  # its kind, the clock, the one it lasts until
    at: datetime | None = None


def _tokens(text: str) -> list[str]:
    """A line in the words of the grammar."""
    words = _TOKEN.findall(_APOSTROPHES.sub("", folded(text)))
    if len(words) > _LONGEST:
        raise _UnreadError
    meanings, longest = _meanings()
    found: list[str] = []
    while words:
        for size in range(min(longest, len(words)), 0, -1):
            meant = meanings.get(" ".join(words[:size]))
            if meant is not None:
                break
        else:
            size, meant = 1, _one(words[0])
        if meant != "filler":
            found.append(meant)
        words = words[size:]
    return found


def _one(word: str) -> str:
    if word[0].isdigit():
        return word
    if not word[0].isalpha():
        return "-"
    meanings, _ = _meanings()
    ordinal = meanings.get(word.removeprefix("пол"), "")
    if word.startswith("пол") and re.fullmatch(r"o\d+", ordinal):
        return f"half {ordinal}"
    alike = get_close_matches(word, _long_words(), 3, _ALIKE) if len(word) >= _FUZZY else []
    meant = {meanings[each] for each in alike}
    if len(meant) != 1:
        raise _UnreadError
    return meant.pop()


@lru_cache(maxsize=1)
def _meanings() -> tuple[dict[str, str], int]:
    """What each phrase means, and of how many words the longest is."""
    found: dict[str, str] = {}
    for group in tomllib.loads(_WORDS.read_text("utf-8")).values():
        for meant, phrases in group.items():
            for phrase in phrases:
                found.setdefault(phrase, meant)
    return found, max(phrase.count(" ") + 1 for phrase in found)


@lru_cache(maxsize=1)
def _long_words() -> list[str]:
    return [phrase for phrase in _meanings()[0] if len(phrase) >= _FUZZY and " " not in phrase]


_N = r"(?:\d{1,2}|n\d{1,2})"
_MINUTES = r"(?:0[05]|30|45)(?= |$)"  # of «10-30», which no span of hours is
_CLOCK = (
    r"(?:\d{1,2}[:.]\d\d|half o\d{1,2}|half (?:\d{1,2}|n\d{1,2})|noon|h|"
    rf"{_N} - {_MINUTES}|{_N}(?: h(?: \d\d min)?)?)(?: (?:morning|day|evening|night|am|pm))?"
)
_AT = rf"(?P<at>{_CLOCK})"
_ON = r"(?:(?:on|by) )*"

Take = Callable[[_WishSaid, re.Match[str], datetime], None]


def _read(line: str, now: datetime) -> _WishSaid:
    said, at = _WishSaid(), 0
    while at < len(line):
        for pattern, take in _RULES:
            if found := pattern.match(line, at):
                take(said, found, now)
                at = found.end()
                break
        else:
            raise _UnreadError
    return said


def _once(free: bool) -> None:
    if not free:
        raise _UnreadError


def _on(said: _WishSaid, day: date) -> None:
    _once(said.day is None)
    said.day = day


def _near(said: _WishSaid, found: re.Match[str], now: datetime) -> None:
    _on(said, now.date() + timedelta(days={"today": 0, "tomorrow": 1, "after_tomorrow": 2}[found["near"]]))


def _days_on(said: _WishSaid, found: re.Match[str], now: datetime) -> None:
    _on(said, now.date() + timedelta(days=_number(found["n"])))


def _weeks_on(said: _WishSaid, found: re.Match[str], now: datetime) -> None:
    _on(said, now.date() + timedelta(weeks=_number(found["n"] or "1")))


def _hours_on(said: _WishSaid, found: re.Match[str], now: datetime) -> None:
    _once(said.at is None)
    said.at = now + timedelta(minutes=_HALF if found["half"] else _number(found["n"] or "1") * _HOUR)


def _weekday(said: _WishSaid, found: re.Match[str], _now: datetime) -> None:
    _once(said.weekday is None)
    said.weekday = int(found["wd"])
    said.next_week, said.may_be_today = found["which"] == "next", found["which"] == "this"


def _date(said: _WishSaid, found: re.Match[str], now: datetime) -> None:
    day, month, year = _number(found["d"]), int(found["m"]), found["y"]
    if year:
        _on(said, date(int(year) % 100 + 2000, month, day))
        return
    later = (month, day) >= (now.month, now.day)
    _on(said, date(now.year if later else now.year + 1, month, day))


def _iso(said: _WishSaid, found: re.Match[str], _now: datetime) -> None:
    _on(said, date.fromisoformat(found["day"]))


def _day_of_month(said: _WishSaid, found: re.Match[str], now: datetime) -> None:
    day, today = _number(found["d"]), now.date()
    months = today.year * 12 + today.month - (1 if day >= today.day else 0)
    _on(said, date(months // 12, months % 12 + 1, day))


def _part(said: _WishSaid, found: re.Match[str], now: datetime) -> None:
    _once(said.part is None)
    said.part = found["part"]
    if found["this"]:
        _on(said, now.date())


def _before_part(said: _WishSaid, found: re.Match[str], _now: datetime) -> None:
    _once(said.clock is None)
    said.clock = WishKind.BEFORE, found["part"], None


def _clock(kind: WishKind) -> Take:
    def take(said: _WishSaid, found: re.Match[str], _now: datetime) -> None:
        _once(said.clock is None)
        said.clock = kind, found["at"], found["to"] if kind is WishKind.BETWEEN else None

    return take


def _bare_clock(said: _WishSaid, found: re.Match[str], _now: datetime) -> None:
    """A clock with nothing before it: «завтра 10:00»; a number alone may be a day as well."""
    _once(said.clock is None and not found["at"].isdigit())
    said.clock = WishKind.BY, found["at"], None


def _rule(pattern: str, take: Take) -> tuple[re.Pattern[str], Take]:
    return re.compile(rf"{pattern}(?: |$)"), take


# The first that fits at a place is taken, so what is longer stands first.
_RULES = (
    _rule(rf"in (?:(?P<half>half_an_hour)|(?:(?P<n>{_N}) )?h)", _hours_on),
    _rule(rf"in (?P<n>{_N}) days?", _days_on),
    _rule(rf"in (?:(?P<n>{_N}) )?week", _weeks_on),
    _rule(rf"{_ON}(?P<near>today|tomorrow|after_tomorrow)", _near),
    _rule(rf"{_ON}(?:(?P<which>this|next) )?wd(?P<wd>\d)", _weekday),
    _rule(rf"{_ON}(?P<d>\d{{1,2}}|o\d{{1,2}})(?:(?: -)? th)? m(?P<m>\d{{1,2}})(?: (?P<y>20\d\d)(?: year)?)?", _date),
    _rule(rf"{_ON}m(?P<m>\d{{1,2}}) (?P<d>\d{{1,2}})(?: th)?(?: (?P<y>20\d\d))?", _date),
    _rule(rf"{_ON}(?P<d>\d{{1,2}})[./](?P<m>0?[1-9]|1[0-2])(?:[./](?P<y>20\d\d|\d\d))?", _date),
    _rule(rf"{_ON}(?P<day>\d{{4}}-\d\d-\d\d)", _iso),
    _rule(rf"{_ON}(?P<d>\d{{1,2}})(?: -)? th", _day_of_month),
    _rule(
        rf"(?:(?:from|on|between|by) )?{_AT} (?:to|before|-|and) (?!{_MINUTES})(?P<to>{_CLOCK})",
        _clock(WishKind.BETWEEN),
    ),
    _rule(rf"(?:after|from) {_AT}", _clock(WishKind.AFTER)),
    _rule(rf"before {_AT}", _clock(WishKind.BEFORE)),
    _rule(r"before (?P<part>day|evening)", _before_part),
    _rule(rf"(?:(?:on|by) )+{_AT}", _clock(WishKind.BY)),
    _rule(r"(?:(?:on|in|by) )*(?P<this>this )?(?P<part>morning|day|evening)", _part),
    _rule(_AT, _bare_clock),
)


def _resolved(said: _WishSaid, now: datetime, parts: PartsOfDay) -> WishedTime:
    if said.at is not None:
        _once(said == _WishSaid(at=said.at))
        return WishedTime(WishKind.BY, _rounded(said.at), day_named=True)
    day = _day(said, now)
    kind, begin, end = _window(said, parts)
    if day is None:
        lasts = end if kind in (WishKind.BEFORE, WishKind.BETWEEN) else begin
        ahead = datetime.combine(now.date(), time()) + timedelta(minutes=lasts or 0) > now
        begins_on = now.date() + timedelta(days=0 if ahead else 1)
    else:
        begins_on = day
    midnight = datetime.combine(begins_on, time())
    begins = midnight + timedelta(minutes=begin)
    until = midnight + timedelta(minutes=_DAY if end is None else end)
    if kind is not WishKind.BY and begins <= now < until:
        soonest = _rounded(now + timedelta(minutes=1))
        begins = soonest if soonest < until else begins
    shown = until if kind in (WishKind.BEFORE, WishKind.BETWEEN) else None
    return WishedTime(kind, begins, shown, day is not None)


def _day(said: _WishSaid, now: datetime) -> date | None:
    if said.weekday is None:
        return said.day
    if said.day is not None:
        _once(said.day.weekday() == said.weekday)
        return said.day
    today = now.date()
    if said.next_week:
        return today + timedelta(days=7 - today.weekday() + said.weekday)
    ahead = (said.weekday - today.weekday()) % 7
    return today + timedelta(days=ahead if ahead or said.may_be_today else 7)


def _window(said: _WishSaid, parts: PartsOfDay) -> tuple[WishKind, int, int | None]:
    """What is said of the hour, as minutes of the day: the first that will do and the last."""
    begins = {"morning": parts.morning * _HOUR, "day": parts.day * _HOUR, "evening": parts.evening * _HOUR}
    ends = {"morning": min(begins["day"], _NOON), "day": begins["evening"], "evening": None}
    if said.clock is None:
        if said.part is None:
            return WishKind.THAT_DAY, begins["morning"], None
        return WishKind(said.part), begins[said.part], ends[said.part]
    kind, at, to = said.clock
    if at in begins:
        return kind, begins["morning"], begins[at]
    minutes = _minutes(at, said.part)
    if kind is WishKind.BEFORE:
        return kind, min(begins["morning"], max(minutes - _HOUR, 0)), minutes
    if kind is WishKind.BETWEEN and to is not None:
        last = _minutes(to, said.part)
        _once(minutes < last)
        return kind, minutes, last
    return kind, minutes, None


def _minutes(clock: str, part: str | None) -> int:
    """Minutes of the day that a clock says, with the part of the day that it or its line names."""
    head, _, tail = clock.rpartition(" ")
    if tail in _HOURS_OF:
        clock, part = head, tail
    if clock == "noon":
        return _NOON
    hour, minute = _dial(clock)
    if part is None:
        sure = clock[0] == "0" or ":" in clock or "." in clock
        _once(hour != 7 or sure)
        hour += 12 if 1 <= hour <= 6 and clock[0] != "0" else 0  # nobody is called at five in the morning
    else:
        hour = next((each for each in (hour, hour + 12) if each in _HOURS_OF[part]), 24)
    _once(hour < 24 and minute < _HOUR)
    return hour * _HOUR + minute


# «8 вечера» and "8 pm" are 20, «12 дня» is noon, «2 ночи» is 2; «9 дня» and «12 ночи» are no hours.
_HOURS_OF = {
    "morning": range(4, 12),
    "day": range(11, 19),
    "evening": range(16, 24),
    "night": (1, 2, 3, 22, 23),
    "am": range(1, 12),
    "pm": range(12, 24),
}


def _dial(clock: str) -> tuple[int, int]:
    """Hour and minute as a clock face shows them."""
    if clock == "h":
        return 1, 0
    if clock.startswith("half o"):
        return (int(clock[len("half o") :]) - 1) or 12, _HALF
    if clock.startswith("half "):
        return _number(clock[len("half ") :]), _HALF
    first, *more = re.findall(r"\d+", clock)
    return int(first), int(more[0]) if more else 0


def _number(token: str) -> int:
    return int(token.lstrip("no"))


def _rounded(moment: datetime) -> datetime:
    """This quarter of an hour if it begins, else the next."""
    begun = moment.replace(second=0, microsecond=0)
    return begun + timedelta(minutes=-begun.minute % _QUARTER)
