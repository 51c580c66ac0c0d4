"""Saying less where there is little to say: which suggestions, whether the reading, what is no question. Pure."""

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

from bot.kb.judging.reading import Hit
from bot.kb.line.text import is_cyrillic, normalise, word, word_lists

_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\W_]+")
_ADDRESSED = re.compile(r"\S*@\S*|\w+://\S*|www\.\S*")
_CODE = re.compile(
    r"(?:\b(?:ошибк|error)\w*(?:\s+(?:код\w*|номер|code|no))*[\s:№#-]*(?P<code>[a-zа-я0-9][a-zа-я0-9.-]*[a-zа-я0-9])"
    r"|\b(?:пиш|выда|показыва|код|says|shows|gives|code)\w*\s+(?P<told>[a-zа-я]-?\d{2,5}|[a-zа-я]{2}-?\d{3,5})"
    r"|\b(?P<hex>0x[0-9a-f]{4,}))(?!\w)(?!\s*(?:мин|час|дн|день|раз|шт|руб|сек|нед|мес|числ|day|min|hour|time|week))",
    re.I,
)
_CODE_DIGITS, _CODE_SIGNS = 6, 14  # more digits are a number of something
_ADDRESS = 6  # words: a longer line tells more than where


def near_first(hits: Sequence[Hit], percent: int) -> list[Hit]:
    """The first one and those that are no less likely than so many per cent of it."""
    return [hit for hit in hits if hit.score * 100 >= hits[0].score * percent]


def told_reading(line: str, read_as: str | None) -> str | None:
    """The line as it was understood, where it is worth saying: some word means something else now. Never over an
    address, a number, a Latin name among Russian words, a brand, or abuse."""
    if read_as is None or _ADDRESSED.search(line) or abusive(line):
        return None
    typed, meant = _tokens(line), _tokens(read_as)
    old, new = set(typed) - set(meant), set(meant) - set(typed)
    if not old or (old | new) & _words("brands") or any(char.isdigit() for each in old for char in each):
        return None
    russian = any(is_cyrillic(each) for each in typed)
    if russian and any(not is_cyrillic(each) for each in old):
        return None
    return None if {word(each).lemma for each in old} == {word(each).lemma for each in new} else read_as


def closes(line: str) -> str | None:
    """`agreed` for «ок», «ага»; `bye` for «до свидания»; None for a line that says anything else."""
    said = set(_tokens(line))
    if not said or "?" in line:
        return None
    both = _words("agreed") | _words("bye")
    if not said <= both:
        return None
    return "agreed" if said & _words("agreed") and not said <= _words("bye") else "bye"


def asks_something(line: str) -> bool:
    """Whether an unanswered line is a question for the base: no address, number, call or abuse alone."""
    left = _ADDRESSED.sub(" ", normalise(line))
    said = _WORD.findall(left)
    lists = word_lists()
    empty = lists.stop | lists.filler | _words("calls") | _words("agreed") | _words("bye")
    tell = [each for each in said if len(each) > 1 and not {each, word(each).lemma} & empty and not abusive(each)]
    if not tell:
        return False
    where = "?" not in line and len(said) <= _ADDRESS and any(char.isdigit() for char in left)
    return not (where and set(said) & _words("address") and not set(said) & lists.negation)


def error_code(line: str) -> str | None:
    """The code of an error that the line names, as it was typed."""
    found = _CODE.search(line)
    code = (found["code"] or found["told"] or found["hex"]) if found else ""
    longest = _CODE_DIGITS if code.isdigit() else _CODE_SIGNS
    known_name = code.lower() in _words("no_codes")
    return code if any(char.isdigit() for char in code) and len(code) <= longest and not known_name else None


def names_code(text: str, code: str) -> bool:
    """Whether a text has the code as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(code)}(?!\w)", text, re.I) is not None


def abusive(line: str) -> bool:
    """Whether the line has a word of abuse."""
    beginnings = tuple(_words("abuse"))
    return any(each.startswith(beginnings) for each in _tokens(line))


def _tokens(line: str) -> list[str]:
    return _TOKEN.findall(normalise(line))


@lru_cache(maxsize=8)
def _words(name: str) -> frozenset[str]:
    return frozenset(str(_file()[name]).split())


@lru_cache(maxsize=1)
def _file() -> dict[str, object]:
    return tomllib.loads(resources.files("bot.answers").joinpath("data/quiet.toml").read_text("utf-8"))
