"""Which works of a price list a line asks the price of. Pure; how works are called is in `data/prices.toml`."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from bot.billing.prices.book import BookItem, search_prices
from bot.kb.line.text import normalise

MANY = 6  # items that match only a part of the words: more than so many are no answer
_WORD = re.compile(r"[\w-]+")
_HOUR = re.compile(r"\b(час|часа|часы|часов|нормо-?час\w*|hour|hours|hourly)\b")


@dataclass(frozen=True, slots=True)
class _Sayings:
    around: frozenset[str]
    same: tuple[tuple[re.Pattern[str], str], ...]


def works_asked(line: str, book: Sequence[BookItem]) -> list[BookItem]:
    """Items that have most of the words by which a line names a work, in the order of the book: «скока стоит поменять
    фискальник» asks for «Замена фискального накопителя»; «час» for the rates of an hour.

    Empty where it names none, or where no item comes near.
    """
    words = _words_of(line)
    hits = {word: {item.code for item in search_prices(book, word)} for word in words}
    if _HOUR.search(normalise(line)) is not None and not any(hits.values()):
        return [item for item in book if item.hourly]
    counts = {item.code: sum(item.code in found for found in hits.values()) for item in book}
    most = max(counts.values(), default=0)
    if not most:
        return []
    best = [item for item in book if counts[item.code] == most]
    return best if most == len(words) or len(best) <= MANY else []


def _words_of(line: str) -> list[str]:
    text = normalise(line)
    for spoken, word in _sayings().same:
        text = spoken.sub(f" {word} ", text)
    text = _HOUR.sub(" ", text)
    words = [found for found in _WORD.findall(text) if found not in _sayings().around and not found.isdigit()]
    return list(dict.fromkeys(words))


@lru_cache(maxsize=1)
def _sayings() -> _Sayings:
    file = tomllib.loads(resources.files("bot.answers").joinpath("data/prices.toml").read_text("utf-8"))
    same = tuple((re.compile(spoken), word) for word, spoken in file["same"].items())
    return _Sayings(frozenset(file["around"].split()), same)
