"""Reading a sum of money as people write it: «12 500 замена термоблока», «2,5 тыс. доставка», «1 250 000 ₽».

One reader for chat, files and commands, open as `read_sum` of `python -m bot calc`. What could be read two ways is
refused, never guessed.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from bot.sums.written import NO_LETTER, SPACE, SPACES, UnclearError, folded, rest_of

HIGHEST = 10**12  # kopecks
_DIGITS = 13  # more than the highest sum has
_ROUBLES = rf"(?:руб\.|р\.|(?:₽|рублей|рубля|рубль|руб|р|rub){NO_LETTER})"
_THOUSAND = rf"(?:тыс\.|т\.р\.|(?:тысяча|тысячи|тысяч|тыс|тр|к)(?:{NO_LETTER}|(?={_ROUBLES})))"
_KOPECKS = rf"(?:коп\.|(?:копеек|копейки|коп){NO_LETTER})"
_SUM = re.compile(
    rf"(?P<whole>[0-9]{{1,3}}(?:{SPACE}[0-9]{{3}})+(?![0-9])|[0-9]+)"
    r"(?:[.,](?P<part>[0-9]+))?"
    rf"(?:{SPACE}*(?P<thousand>{_THOUSAND}))?"
    rf"(?:{SPACE}*(?P<roubles>{_ROUBLES}))?"
    rf"(?:{SPACE}*(?P<coins>[0-9]{{2}}){SPACE}*{_KOPECKS})?"
)
# What would make a count or a length of the figure, and х, which multiplies: «100 хомутов» is asked about as well.
_UNITS = re.compile("млн|млрд|шт|штук[аи]?|ч|час|час(?:а|ов)|мин|минут[аы]?|кг|м|км|[xх].*")


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum in kopecks and the words behind it."""

    kopecks: int
    rest: str


def read_sum(text: str) -> Sum:
    """The sum that a text begins with, and the words behind it. Raises UnclearError for what is no sum, is negative, is
    over 10¹² kopecks, or could be read two ways (calc.md, `read_sum`)."""
    start = len(text) - len(text.lstrip(SPACES))
    small = folded(text)
    found = _SUM.match(small, start)
    if found is None:
        raise UnclearError("no sum stands first")
    roubles = re.sub(SPACE, "", found["whole"])
    if len(found["whole"]) - len(roubles) > 1 and not (found["thousand"] or found["roubles"]):
        raise UnclearError("several groups of three without a currency")
    if len(found["part"] or "") > (len("000") if found["thousand"] else len("00")):
        raise UnclearError("too many decimals")
    if len(roubles.lstrip("0")) > _DIGITS:
        raise UnclearError("too large")
    exact = Decimal(f"{roubles}.{found['part'] or 0}") * (1000 if found["thousand"] else 1)
    kopecks = int(exact * 100) + int(found["coins"] or 0)
    if kopecks > HIGHEST:
        raise UnclearError("too large")
    return Sum(kopecks, rest_of(text, found.end(), _UNITS))
