"""What a cell may hold, and how it is read. Money to kopecks and shares to basis points exactly, never by floats."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from bot.billing.requisites import bic_valid, inn_valid
from bot.clients.phones import exists, written_number
from bot.imports.headers import folded, words_of

_SPACES = re.compile(r"[ \u00a0\u2009\u202f]")
_MONEY = re.compile(r"(\d{1,13}|\d{1,3}( \d{3}){1,4})([.,]\d{1,2})?", re.ASCII)
_CURRENCY = re.compile(r"\s*(₽|руб\.?|р\.|rub)$", re.IGNORECASE)
_SHARE = re.compile(r"(\d{1,4})([.,]\d{1,2})?\s*%?", re.ASCII)
_MINUTES = re.compile(r"\d{1,6}", re.ASCII)
_CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)", re.ASCII)
_HOURS = re.compile(
    r"(\d{1,5})([.,]\d{1,2})?\s*(ч|час|часа|часов|h|hours?)\.?(?:\s*([0-5]?\d)\s*(мин|м|min|m)\.?)?", re.ASCII
)
_MIN_WORD = re.compile(r"(\d{1,6})\s*(мин|минут|минуты|min)\.?", re.ASCII)
_RELATIVE = re.compile(r"(сегодня|today)\s*([+-]\s*\d{1,4})?", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")
_MOMENTS = ("%Y-%m-%dT%H:%M", *(f"{day} {clock}" for day in _DATES for clock in ("%H:%M", "%H:%M:%S")))


def wrong(key: str, **values: Any) -> PydanticCustomError:
    """A mistake in a cell; `key` is a label of section `import_error`."""
    return PydanticCustomError("import", "{key}", {"key": key, **values})


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip().replace("−", "-")


def kopecks(text: str) -> int:
    """«3 750,00», `3750.00`, `3750 ₽` → 375000. What could be read two ways («3,750») is refused."""
    plain = _CURRENCY.sub("", _plain(text))
    if not _MONEY.fullmatch(plain):
        raise wrong("money")
    return int(Decimal(plain.replace(" ", "").replace(",", ".")) * 100)


def price(text: str) -> int:
    """A price in kopecks; zero is no price (R5.2)."""
    found = kopecks(text)
    if found == 0:
        raise wrong("price_zero")
    return found


def basis_points(text: str) -> int:
    """«22 %», `22`, «12,5 %» → 2200, 2200, 1250."""
    plain = _plain(text)
    if not _SHARE.fullmatch(plain):
        raise wrong("share")
    return int(Decimal(plain.rstrip("% ").replace(",", ".")) * 100)


def minutes(text: str) -> int:
    """`90`, `1:30`, «1,5 ч», «1 ч 30 мин», «90 мин» → 90."""
    plain = _plain(text).casefold()
    if _MINUTES.fullmatch(plain):
        return int(plain)
    if match := _CLOCK.fullmatch(plain):
        return int(match[1]) * 60 + int(match[2])
    if match := _MIN_WORD.fullmatch(plain):
        return int(match[1])
    if match := _HOURS.fullmatch(plain):
        whole = Decimal((match[1] + (match[2] or "")).replace(",", ".")) * 60
        if whole == int(whole):
            return int(whole) + int(match[4] or 0)
    raise wrong("minutes")


def int_of(text: str) -> int:
    """A whole number, spaces between thousands allowed."""
    plain = _plain(text).replace(" ", "")
    if not plain.isdecimal():
        raise wrong("number")
    return int(plain)


def clock(text: str) -> int:
    """A time of day, `09:00`, in minutes after midnight."""
    match = _CLOCK.fullmatch(_plain(text))
    if match is None or int(match[1]) > 24 or int(match[1]) * 60 + int(match[2]) > 24 * 60:
        raise wrong("clock")
    return int(match[1]) * 60 + int(match[2])


def day(text: str, today: date | None = None) -> date:
    """`2026-03-31`, `31.03.2026`; «сегодня-20» where a table is made for any day."""
    plain = _plain(text).casefold()
    if today is not None and (match := _RELATIVE.fullmatch(plain)):
        return today + timedelta(days=int((match[2] or "0").replace(" ", "")))
    for form in _DATES:
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise wrong("date")


def local_moment(text: str) -> datetime:
    """`2026-09-01 10:30`, `01.09.2026 10:30`: local time of the client, so without a zone."""
    plain = _plain(text)
    for form in _MOMENTS:
        try:
            return datetime.strptime(plain, form)  # noqa: DTZ007 - the zone is the company's, set at loading
        except ValueError:
            continue
    raise wrong("moment")


def phone(text: str) -> str:
    """A phone as E.164; a Russian one may begin with 8 or the code of its town."""
    number = written_number(text)
    if number is None or not exists(number):
        raise wrong("phone")
    return number


def inn(text: str) -> str:
    """A taxpayer number with right control digits (R11.2)."""
    if not inn_valid(text):
        raise wrong("inn_digits" if text.isdigit() and len(text) in (10, 12) else "inn")
    return text


def bic(text: str) -> str:
    """A bank identification code."""
    if not bic_valid(text):
        raise wrong("bic")
    return text


def zone(text: str) -> str:
    """A time zone by its IANA name."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong("timezone") from None
    return text


def word(name: str, text: str, *, open_ended: bool = False) -> str:
    """One of a list of words, in either language; an open-ended list takes codes of its user's own."""
    known = words_of(name)
    found = known.get(folded(text))
    if found is None and open_ended and _CODE.fullmatch(text):
        return text
    if found is None:
        raise wrong("word", expected=", ".join(dict.fromkeys(known.values())))
    return found


def yes_no(text: str) -> bool:
    """«да», «нет», `yes`, `no`, `1`, `0`."""
    return word("yes_no", text) == "yes"


def listed(each: Callable[[str], Any], text: str) -> tuple[Any, ...]:
    """Several values with commas, semicolons or line breaks between."""
    parts = [part.strip() for part in re.split(r"[,;|\n]", text)]
    return tuple(dict.fromkeys(each(part) for part in parts if part))


def _read(read: Callable[..., Any]) -> BeforeValidator:
    def validated(value: Any) -> Any:
        return read(value) if isinstance(value, str) else value

    return BeforeValidator(validated)


def _same(text: str) -> str:
    return text


def text_of(length: int) -> StringConstraints:
    """A text of at least one and at most `length` characters."""
    return StringConstraints(min_length=1, max_length=length)


def words(name: str, *, open_ended: bool = False) -> BeforeValidator:
    """A cell with several words of a list."""
    return _read(partial(listed, partial(word, name, open_ended=open_ended)))


def one_word(name: str, *, open_ended: bool = False) -> BeforeValidator:
    """A cell with one word of a list."""
    return _read(partial(word, name, open_ended=open_ended))


Kopecks = Annotated[int, _read(kopecks)]
Price = Annotated[int, _read(price)]
BasisPoints = Annotated[int, _read(basis_points)]
Minutes = Annotated[int, _read(minutes)]
Clock = Annotated[int, _read(clock)]
Moment = Annotated[datetime, _read(local_moment)]
Phone = Annotated[str, _read(phone)]
Inn = Annotated[str, _read(inn)]
Bic = Annotated[str, _read(bic)]
Zone = Annotated[str, _read(zone)]
YesNo = Annotated[bool, _read(yes_no)]
Texts = Annotated[tuple[str, ...], _read(partial(listed, _same))]
Shares = Annotated[tuple[int, ...], _read(partial(listed, basis_points))]
