"""What a line wants besides an answer: a person, help in danger, haste (R1.10, R1.12). Pure: a line in, wishes out."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from bot.kb.line.repair import Repairer
from bot.kb.line.text import MAX_LINE, normalise
from bot.kb.line.vocabulary import vocabulary
from bot.tickets.intake.triage import WISHES

_NO_WORD = re.compile(r"[^\w]+|_+")
_PLAIN_WORD = re.compile(r"[а-яa-z]{4,}")
_RUSSIAN = re.compile(r"[а-я ]*")
_PARTED = " | "  # where something was cut out, words on its sides are no neighbours


@dataclass(frozen=True, slots=True)
class LineWish:
    """What a line wants: `danger` is spoken of; `wish` one of WISHES, for which a person is called; `haste`."""

    danger: bool = False
    wish: str | None = None
    haste: bool = False


@dataclass(frozen=True, slots=True)
class _Spotter:
    """Says whether a line, in `flat` form, holds something of one kind."""

    spoken: re.Pattern[str]
    but: re.Pattern[str]

    def spots(self, line: str) -> bool:
        spoken = self.spoken.search(line) is not None  # seldom: only then what it is not is cut out
        return spoken and self.spoken.search(self.but.sub(_PARTED, line)) is not None


@lru_cache(maxsize=256)
def hear(line: str) -> LineWish:
    """What the line wants, as typed or as it was meant (wrong layout, Latin letters, slips). Any text is accepted."""
    typed = flat(line[:MAX_LINE])
    heard = _hear_flat(typed)
    if heard.danger or heard.wish is not None or _reads_well(typed):
        return heard
    meant = flat(_repairer().repair(line).text)
    if meant == typed:
        return heard
    again = _hear_flat(meant)
    return LineWish(again.danger, again.wish, heard.haste or again.haste)


def flat(line: str) -> str:
    """Lower case, ё as е, words parted by one space, no signs: the form in which `data/wishes.toml` is written."""
    return _NO_WORD.sub(" ", normalise(line)).strip()


def _reads_well(line: str) -> bool:
    """Whether there is nothing to repair: every word is a Russian one that is known."""
    return _RUSSIAN.fullmatch(line) is not None and all(map(_repairer().knows, line.split()))


def _hear_flat(line: str) -> LineWish:
    spotters = _spotters()
    wish = next((name for name in WISHES if spotters[name].spots(line)), None)
    return LineWish(spotters["danger"].spots(line), wish, spotters["haste"].spots(line))


@lru_cache(maxsize=1)
def _spotters() -> dict[str, _Spotter]:
    def any_of(patterns: list[str]) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))

    return {name: _Spotter(any_of(kind["is"]), any_of(kind["but"])) for name, kind in _kinds().items()}


@lru_cache(maxsize=1)
def _repairer() -> Repairer:
    """Reads lines as meant by the general vocabulary and the whole words of the lists."""
    told = _PLAIN_WORD.findall(" ".join(pattern for kind in _kinds().values() for pattern in kind["is"]))
    whole = {word for word in told if vocabulary().knows(word)} | set(str(_file()["names"]).split())
    return Repairer(vocabulary(), dict.fromkeys(sorted(whole), 1))


def _kinds() -> dict[str, dict[str, list[str]]]:
    return {name: kind for name, kind in _file().items() if isinstance(kind, dict)}


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    return tomllib.loads(resources.files("bot.answers").joinpath("data/wishes.toml").read_text("utf-8"))
