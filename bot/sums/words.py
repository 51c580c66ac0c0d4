"""A sum in words for Russian documents (R11.1)."""

from decimal import Decimal

from num2words import num2words

_ROUBLE = ("рубль", "рубля", "рублей")
_KOPECK = ("копейка", "копейки", "копеек")


def sum_in_words(kopecks: int) -> str:
    """Return «Три тысячи семьсот пятьдесят рублей 00 копеек».

    Raises ValueError for a negative sum or one that has no name in Russian (from 10³³ roubles).
    """
    if kopecks < 0:
        raise ValueError("a sum in words must not be negative")
    roubles, rest = divmod(kopecks, 100)
    try:
        words = num2words(Decimal(roubles), lang="ru")
    except KeyError as error:  # the library's table of names ends there
        raise ValueError("the sum is too large for words") from error
    return f"{words[:1].upper()}{words[1:]} {plural(roubles, _ROUBLE)} {rest:02d} {plural(rest, _KOPECK)}"


def plural(count: int, forms: tuple[str, str, str]) -> str:
    """Choose the Russian form for a count: one (1, 21), few (2–4, 22), many (0, 5–20)."""
    if count % 10 == 1 and count % 100 != 11:
        return forms[0]
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return forms[1]
    return forms[2]
