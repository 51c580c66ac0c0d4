"""Reading a length of time as people write it: «90 ждал доступ», «1 ч 30», «1,5 ч», «полчаса», «с 10:15 до 12».

One reader for chat, files and commands, open as `read_minutes` of `python -m bot calc`. What could be read two ways is
refused, never guessed.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from bot.sums.written import NO_LETTER, SPACE, SPACES, UnclearError, folded, rest_of

LONGEST = 24 * 60
_DAY = 24 * 60
_ENOUGH = 9  # digits
_MINUTE = rf"(?:мин\.|(?:минута|минуты|минуту|минут|мин|м|minutes|minute|min|m){NO_LETTER})"
_HOUR = rf"(?:ч\.|(?:часа|часов|час|ч|hours|hour|hr|h){NO_LETTER})"
_BARE = re.compile(rf"(?P<minutes>[0-9]+)(?:{SPACE}*{_MINUTE})?")
_HOURS = re.compile(
    rf"(?P<hours>[0-9]+)(?:[.,](?P<part>[0-9]+))?{SPACE}*{_HOUR}"
    rf"(?:{SPACE}*(?P<minutes>[0-9]+)(?:{SPACE}*{_MINUTE})?)?"
)
_LENGTH = re.compile(r"(?P<hours>[0-9]+):(?P<minutes>[0-9]{2})(?![0-9])")
_RANGE = re.compile(rf"с{SPACE}+([0-9]+(?::[0-9]+)?){SPACE}+до{SPACE}+([0-9]+(?::[0-9]+)?)")
_DASHED = re.compile(rf"([0-9]+:[0-9]{{2}}){SPACE}*[-–]{SPACE}*([0-9]+:[0-9]{{2}})(?![0-9])")
_CLOCK = re.compile(r"([0-9]{1,2})(?::([0-5][0-9]))?")
_SAID = re.compile(
    rf"(?:(?P<m60>час)|(?P<m30>полчаса|пол{SPACE}+часа)|(?P<m90>полтора{SPACE}+часа)|(?P<m15>четверть{SPACE}+часа))"
    rf"{NO_LETTER}"
)
# What may not follow: a unit of time or count, in any of its forms, or one of another measure.
_UNITS = re.compile(
    r"м|мин|минут(?:а|ы|у|ам|ами|ах|ка|ки|ку|ок)?|ч|час|час(?:а|у|ов|ам|ами|ик|ика|иков)|сек|секунд(?:а|ы|у)?|"
    r"д|дн|день|дня|дней|дни|сутки|суток|нед|недел(?:я|и|ю|ь)|мес|месяц(?:а|ев)?|год|года|лет|полчаса|"
    r"шт|штук(?:а|и|у)?|раз|раза|ед|единиц(?:а|ы|у)?|кг|км|руб|рубл(?:ь|я|ей)|"
    r"m|mins?|minutes?|h|hrs?|hours?|s|secs?|seconds?|d|days?|weeks?|months?|years?|pcs|pieces?|times"
)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time in minutes and the words behind it."""

    minutes: int
    rest: str


def read_minutes(text: str, longest: int = LONGEST) -> Length:
    """The length of time that a text begins with, and the words behind it. Raises UnclearError for what is no length,
    is over `longest` minutes, or could be read two ways (calc.md, `read_minutes`)."""
    start = len(text) - len(text.lstrip(SPACES))
    small = folded(text)
    for pattern, meant in (
        (_RANGE, _between),
        (_DASHED, _between),
        (_LENGTH, _hours_and_minutes),
        (_HOURS, _hours_and_minutes),
        (_BARE, _bare),
        (_SAID, _said),
    ):
        if found := pattern.match(small, start):
            minutes = meant(found)
            if minutes > longest:
                raise UnclearError("too long")
            return Length(minutes, rest_of(text, found.end(), _UNITS))
    raise UnclearError("no length of time stands first")


def _bare(found: re.Match[str]) -> int:
    return _number(found["minutes"])


def _hours_and_minutes(found: re.Match[str]) -> int:
    hours, said = found["hours"], found["minutes"]
    part = found.groupdict().get("part")
    if part:
        whole = Decimal(f"{_number(hours)}.{part}") * 60
        if said is not None or len(part) > len("00") or whole != int(whole):
            raise UnclearError("a part of an hour that is no whole minutes")
        return int(whole)
    if said is not None and (len(said) > len("59") or int(said) > 59):
        raise UnclearError("60 minutes or more after hours")
    return _number(hours) * 60 + int(said or 0)


def _between(found: re.Match[str]) -> int:
    begin, end = _clock(found[1]), _clock(found[2])
    if begin == end:
        raise UnclearError("ends when it begins")
    return end - begin + (_DAY if end < begin else 0)


def _clock(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    at = int(found[1]) * 60 + int(found[2] or 0) if found else _DAY + 1
    if at > _DAY:
        raise UnclearError("no time of day")
    return at


def _said(found: re.Match[str]) -> int:
    return int((found.lastgroup or "m0").removeprefix("m"))


def _number(digits: str) -> int:
    """A number; one that nobody means is as good as the next."""
    return int(digits[-_ENOUGH:]) if len(digits.lstrip("0")) <= _ENOUGH else 10**_ENOUGH
