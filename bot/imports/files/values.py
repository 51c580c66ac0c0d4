"""What a cell may hold, and how it is read. Money to kopecks and shares to basis points exactly, never by floats."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Annotated, Any

from babel import Locale
from pydantic import BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from bot.billing.seller.requisites import bic_valid, inn_valid
from bot.calendar.read_minutes import read_minutes
from bot.clients.identification.phones import Reached, exists, written_number, written_numbers
from bot.db.clock import NoSuchZoneError, known_zone
from bot.imports.files.cells import DIGITS
from bot.imports.files.headers import folded, words_of
from bot.messaging.notices.texts import LANGUAGES
from bot.sums.read_sum import read_sum
from bot.sums.written import UnclearError

_SPACES = re.compile(r"[ \u00a0\u2009\u202f]")
_VAT = re.compile(r"^НДС\s*", re.IGNORECASE)
_SHARE = re.compile(r"(?P<number>[0-9]{1,4}(?:[.,][0-9]{1,2})?)\s*(?P<sign>%?)")
# What floats are written as: their 16 or 17 digits. Decimals that say nothing; three could be a group of thousands.
_MACHINE = re.compile(r"(?<![0-9.,])[0-9]{1,15}[.,][0-9]{8,17}(?![0-9.,])")
_IDLE = re.compile(r"(?<![0-9.,])([0-9]+[.,][0-9]{2})00+(?![0-9.,])")
_NO_PART = re.compile(r"(?<=[0-9])[.,]0{1,2}$")
_CURRENCY = re.compile(r"(?:₽|руб\.|руб(?= )|р\.|RUB) *(?=[0-9])", re.IGNORECASE)
_HANGING = re.compile(r"[,:;–—-]$|[0-9]\.$")
_WHOLE = re.compile(r"[0-9]+|[0-9]{1,3}(?: [0-9]{3})+")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::00)?")
_NO_SECONDS = re.compile(r"([0-9]+:[0-5][0-9]):00")
_MIDNIGHT = re.compile(r"[T ]0?0:00(?::00(?:\.0+)?)?$")
_FRACTION = re.compile(r"(?<=:[0-9]{2})\.[0-9]{1,9}$")
_YEAR = re.compile(r"(?<=[0-9]) ?(?:г\.?|года)$")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/[0-9]{4}(?![0-9])")
_IN_WORDS = re.compile(r"([0-9]{1,2})[ -]([^\W\d_]{3,12})\.?[ -]([0-9]{4})(?: ?г\.?| года)?(?![0-9\w])")
MONTHS = 12
_RELATIVE = re.compile(r"(сегодня|today)\s*([+-]\s*\d{1,4})?", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_SERIAL = re.compile(r"([3-6][0-9]{4})(?:[.,][0-9]+)?")  # from 1982 to 2091
DAY_ZERO = date(1899, 12, 30)
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%y")
_TIMES = ("%H:%M", "%H:%M:%S")
_MOMENTS = tuple(f"{day}{gap}{clock}" for day in _DATES for gap in " T" for clock in _TIMES)
EARLIEST = 1950  # an earlier year is a slip: 0026, 1900
LONGEST = 999_999  # minutes
UNCLEAR_SHARE = 3  # below it a bare fraction may mean itself or its hundredth: 0,22 and 22 %
UNCLEAR_MULTIPLIER = 10  # below it a bare multiplier may mean times: 2 and 200 %


def wrong(key: str, **values: Any) -> PydanticCustomError:
    """A mistake in a cell; `key` is a label of section `import_error`."""
    return PydanticCustomError("import", "{key}", {"key": key, **values})


def _plain(text: str) -> str:
    """A figure without what only its writer's machine put there: odd spaces, the dust of a float, idle decimals."""
    plain = _SPACES.sub(" ", text).strip().replace("−", "-")
    return _IDLE.sub(r"\1", _MACHINE.sub(_without_dust, plain))


def _without_dust(found: re.Match[str]) -> str:
    """«3.3000000000000003» as a spreadsheet shows it, by its 15 digits; what no float is written as stays as it is."""
    exact = found[0].replace(",", ".")
    return format(Decimal(format(float(exact), f".{DIGITS}g")), "f") if repr(float(exact)) == exact else found[0]


def kopecks(text: str) -> int:
    """«3 750,00», `3750.00`, `3750 ₽` → 375000. What could be read two ways («3,750») is refused."""
    plain = _plain(text)
    if before := _CURRENCY.match(plain):  # «₽ 1 250», as a format shows it
        plain = plain[before.end() :]
    try:  # a cell for money has its currency, written or not
        found = read_sum(f"{plain} ₽" if plain[-1:].isdigit() else plain)
    except UnclearError:
        raise wrong("money") from None
    if found.rest or _HANGING.search(plain):  # «1 500-» is how accountants write a negative sum
        raise wrong("money")
    return found.kopecks


def price(text: str) -> int:
    """A price in kopecks; zero is no price (R5.2)."""
    found = kopecks(text)
    if found == 0:
        raise wrong("price_zero")
    return found


def basis_points(text: str) -> int:
    """«22 %», `22`, «12,5 %» → 2200, 2200, 1250. A bare `0,22` could be read two ways."""
    return _share(text, lambda number: number < UNCLEAR_SHARE and number != int(number))


def vat(text: str) -> int | None:
    """A rate of VAT in basis points: «22», «22 %», «НДС 22 %» → 2200; «без НДС» → None, which is not 0 % (R6.1)."""
    if folded(text) in words_of("no_vat"):
        return None
    rate = _VAT.sub("", _plain(text))
    if not _SHARE.fullmatch(rate):
        raise wrong("vat")
    return basis_points(rate)


def multiplier(text: str) -> int:
    """«150 %», `150` → 15000. A bare `1,5` or `2` could be read two ways."""
    return _share(text, lambda number: number < UNCLEAR_MULTIPLIER)


def _share(text: str, unclear: Callable[[Decimal], bool]) -> int:
    found = _SHARE.fullmatch(_plain(text))
    if found is None:
        raise wrong("share")
    number = Decimal(found["number"].replace(",", "."))
    if not found["sign"] and unclear(number):
        raise wrong("share_unclear")
    return int(number * 100)


def minutes(text: str) -> int:
    """`90`, `1:30`, «1,5 ч», «1 ч 30 мин», «90 мин» → 90, as in the chat; longer than a day too."""
    plain = _NO_PART.sub("", _plain(text))
    exact = _NO_SECONDS.fullmatch(plain)
    try:
        found = read_minutes(exact[1] if exact else plain, LONGEST)
    except UnclearError:
        raise wrong("minutes") from None
    if found.rest or _HANGING.search(plain):
        raise wrong("minutes")
    return found.minutes


def int_of(text: str) -> int:
    """A whole number, spaces between thousands allowed."""
    plain = _NO_PART.sub("", _plain(text))
    if not _WHOLE.fullmatch(plain) or len(plain) > len("999 999 999 999"):
        raise wrong("number")
    return int(plain.replace(" ", ""))


def clock(text: str) -> int:
    """A time of day, `09:00`, in minutes after midnight."""
    match = _CLOCK.fullmatch(_plain(text))
    if match is None or int(match[1]) > 24 or int(match[1]) * 60 + int(match[2]) > 24 * 60:
        raise wrong("clock")
    return int(match[1]) * 60 + int(match[2])


def day(text: str, today: date | None = None) -> date:
    """`2026-03-31`, `31.03.2026`; «сегодня-20» where a table is made for any day."""
    plain = _YEAR.sub("", _MIDNIGHT.sub("", _plain(text)).casefold())
    if today is not None and (match := _RELATIVE.fullmatch(plain)):
        return today + timedelta(days=int((match[2] or "0").replace(" ", "")))
    found = _first(_numbered(plain), _DATES)
    if found is None:
        raise _no_date(plain, "date")
    return found.date()


def _numbered(text: str) -> str:
    """A text that begins with a day as Excel and 1C write it, «1 ноября 2026 г.», with its month as a number.

    Day and month of `11/1/2026` change places between languages: that is asked about.
    """
    slashed = _SLASHED.match(text)
    if slashed is not None and slashed[1] != slashed[2] and max(int(slashed[1]), int(slashed[2])) <= MONTHS:
        raise wrong("date_unclear")
    found = _IN_WORDS.match(text)
    month = _months().get(found[2].casefold()) if found else None
    return f"{found[1]}.{month}.{found[3]}{text[found.end() :]}" if found and month else text


@cache
def _months() -> dict[str, int]:
    """Numbers of months by their names in the languages we speak, whole and cut short."""
    named: dict[str, int] = {}
    for language in LANGUAGES:
        for form in ("wide", "abbreviated"):
            for number, name in Locale(language).months["format"][form].items():
                named[name.casefold().rstrip(".")] = number
                named[name.casefold()[:3]] = number
    return named


def local_moment(text: str) -> datetime:
    """`2026-09-01 10:30`, `01.09.2026 10:30`: local time of the client, so without a zone."""
    found = _first(_numbered(_FRACTION.sub("", _plain(text).replace(", ", " "))), _MOMENTS)
    if found is None:
        raise _no_date(_plain(text), "moment")
    return found


def _no_date(text: str, key: str) -> PydanticCustomError:
    """A date as the number of its day since 1900 is what is left where a cell lost its format."""
    serial = _SERIAL.fullmatch(text)
    if serial is None:
        return wrong(key)
    return wrong("date_number", day=f"{DAY_ZERO + timedelta(days=int(serial[1])):%d.%m.%Y}")


def _first(text: str, forms: Sequence[str]) -> datetime | None:
    """The moment that one of the forms reads, of a year that people may mean."""
    for form in forms if text.isascii() else ():
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - a day has no zone; a moment has the company's
        except ValueError:
            continue
        return found if found.year >= EARLIEST else None
    return None


def phone(text: str) -> str:
    """A phone as E.164; a Russian one may begin with 8 or the code of its town."""
    number = written_number(text)
    if number is None or not exists(number):
        raise wrong("phone")
    return number


def phones(text: str) -> tuple[Reached, ...]:
    """All numbers of a cell with their extensions: «+7 … доб. 12, 8 …», with `;`, `/` or a line break between too. The
    first is the person's own."""
    found = written_numbers(text)
    if not found:
        raise wrong("phone")
    return found


def inn(text: str) -> str:
    """A taxpayer number with right control digits (R11.2)."""
    if inn_valid(f"0{text}"):
        raise wrong("inn_zero")
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
        known_zone(text)
    except NoSuchZoneError:
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
    return word("yes_no", _NO_PART.sub("", text)) == "yes"


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
Vat = Annotated[int | None, _read(vat)]
Multiplier = Annotated[int, _read(multiplier)]
Whole = Annotated[int, _read(int_of)]
Minutes = Annotated[int, _read(minutes)]
Clock = Annotated[int, _read(clock)]
Moment = Annotated[datetime, _read(local_moment)]
Phone = Annotated[str, _read(phone)]
Phones = Annotated[tuple[Reached, ...], _read(phones)]
Inn = Annotated[str, _read(inn)]
Bic = Annotated[str, _read(bic)]
Zone = Annotated[str, _read(zone)]
YesNo = Annotated[bool, _read(yes_no)]
Texts = Annotated[tuple[str, ...], _read(partial(listed, _same))]
Shares = Annotated[tuple[int, ...], _read(partial(listed, basis_points))]
