"""Whether a line tells of several problems, and which. Pure: a line in, its parts out.

A line is cut where another problem may begin. A part counts that names what is wrong and with what by itself, and
something else than the parts before it; any other part tells more of its neighbour and stays with it, so that nothing
of the line is lost.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from importlib import resources
from typing import Any

from bot.kb.judging.reading import Reading
from bot.kb.line.text import MAX_LINE, Word, is_cyrillic, normalise, words

MOST = 5
IN_SCOPE = 0.7  # probability that anything answers a part: what is none of our business has up to 0.75
_TELLING = 2  # words that say something: fewer are no problem where the thing is none of those known
_NUMBER = re.compile(r"(?:^|(?<=[\s,;.:]))(\d)\s?[.)]\s*(?=[^\W\d])")
_BULLET = re.compile(r"^[ \t]*[-–—•*][ \t]+", re.M)
_PLUS = re.compile(r"\s\+\s")
_STOP = re.compile(r"\n|;|[.!?…](?=\s|$)|:(?=\s)")
_PAUSE = re.compile(r",(?!\d)|\s[-–—]\s")
_AS_WRITTEN = str.maketrans("ёЁ", "еЕ")  # no other letter of the lists is written in two ways
_DONE = re.compile(r"(?:л|ла|ло|ли)(?:сь|ся)?$|[еа]н[аоы]?$")  # «поменяли картридж» asks for nothing
_EDGE = " \t\n,;.:!?…–—-+•*"


class _Cut(IntEnum):
    """How surely another problem begins behind a mark: at a pause or «и», at the end of a sentence, where the client
    counts («1) … 2) …», «а ещё»)."""

    MAYBE = 0
    STOP = 1
    COUNTED = 2


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a line from `start` to `end`. `things`: families of what it names, the first one first; `says`:
    whether it holds a problem by itself; `tells`: whether it says anything at all."""

    start: int
    end: int
    cut: _Cut
    things: tuple[str, ...]
    says: bool
    tells: bool
    before: bool


def problems(line: str) -> list[str]:
    """The problems of a line in the client's words, at most MOST; none where there are not at least two."""
    line = line[:MAX_LINE]
    parts = list(_parts(line))
    if sum(part.says for part in parts) < 2:
        return []
    spans = _joined(parts)
    if len(spans) > MOST:
        spans = [*spans[: MOST - 1], (spans[MOST - 1][0], spans[-1][1])]
    return [line[start:end].strip(_EDGE) for start, end in spans] if len(spans) > 1 else []


def may_answer(reading: Reading) -> bool:
    """Whether the first article found for one problem is worth showing."""
    return reading.decision != "none" and reading.in_scope >= IN_SCOPE


def are_several(readings: Sequence[Reading]) -> bool:
    """Whether these parts of a line are problems apart: different articles answer two of them at least."""
    return len({reading.hits[0].id for reading in readings if may_answer(reading)}) > 1


def _joined(parts: Sequence[_Part]) -> list[tuple[int, int]]:
    """Where each problem begins and ends."""
    spans: list[tuple[int, int]] = []
    named: list[set[str]] = []
    waits: int | None = None  # where what tells of the next problem begins
    for part in parts:
        if part.says and not part.before and _is_other(part, named):
            spans.append((part.start if waits is None else waits, part.end))
            named.append(set(part.things))
            waits = None
        elif part.before or not spans:
            waits = part.start if waits is None and part.tells else waits
        elif part.tells and waits is None:
            spans[-1] = (spans[-1][0], part.end)
    if waits is not None and spans:
        spans[-1] = (spans[-1][0], parts[-1].end)
    return spans


def _is_other(part: _Part, named: Sequence[set[str]]) -> bool:
    if part.cut is _Cut.COUNTED:
        return True
    if part.cut is _Cut.STOP:
        return all(part.things[0] not in each for each in named)
    return all(each.isdisjoint(part.things) for each in named)


def _parts(line: str) -> Iterator[_Part]:
    start, cut = 0, _Cut.STOP
    for begins, ends, following in [*_marks(line), (len(line), len(line), _Cut.STOP)]:
        if line[start:begins].strip(_EDGE):
            yield _part(line, start, begins, cut)
            cut = following
        else:
            cut = max(cut, following)
        start = ends


def _marks(line: str) -> list[tuple[int, int, _Cut]]:
    """Where the line may be cut, in order; what overlaps is one mark, as sure as the surest."""
    known, line = _lists(), line.translate(_AS_WRITTEN)
    counted = list(_NUMBER.finditer(line))
    if [int(found[1]) for found in counted] != list(range(1, len(counted) + 1)) or len(counted) < 2:
        counted = []
    found = [(each.start(), each.end(), _Cut.COUNTED) for each in counted]
    for pattern, cut in (
        (_BULLET, _Cut.COUNTED),
        (_PLUS, _Cut.COUNTED),
        (known.surely, _Cut.COUNTED),
        (_STOP, _Cut.STOP),
        (_PAUSE, _Cut.MAYBE),
        (known.maybe, _Cut.MAYBE),
    ):
        found += [(each.start(), each.end(), cut) for each in pattern.finditer(line)]
    merged: list[tuple[int, int, _Cut]] = []
    for begins, ends, cut in sorted(found):
        if merged and begins < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]), max(cut, merged[-1][2]))
        else:
            merged.append((begins, ends, cut))
    return merged


def _part(line: str, start: int, end: int, cut: _Cut) -> _Part:
    text = line[start:end]
    flat = normalise(text).strip(_EDGE)
    found, known = words(text), _lists()
    forms = [{each.text, each.lemma} for each in found]
    forms += [{each} for each in flat.split()]  # as typed: «isn't», «wi-fi»
    said = set().union(*forms)
    asked = [each for each in found if each.part != "verb" or not _DONE.search(each.text)]
    begins_on = cut is not _Cut.COUNTED and known.goes_on.match(flat) is not None
    wrong = bool(said & known.failing)
    wanted = any(known.wanting & ({each.text, each.lemma} if is_cyrillic(each.text) else {each.text}) for each in asked)
    things = _things(found, forms) or (_subject(found) if wrong else ())
    own = not (said & known.refers or said & known.no_failing or begins_on)
    return _Part(
        start=start,
        end=end,
        cut=cut,
        things=things,
        says=own and bool(things) and (wrong or wanted),
        tells=any(each.weight == 1.0 and not {each.text, each.lemma} & known.leads for each in found)
        or bool(said & (known.failing - known.leads)),
        before=cut is not _Cut.COUNTED and known.comes_before.match(flat) is not None,
    )


def _things(found: Sequence[Word], forms: Sequence[set[str]]) -> tuple[str, ...]:
    known = _lists().things
    named = [family for each in forms for form in sorted(each) if (family := known.get(form)) is not None]
    return tuple(dict.fromkeys(named)) if found else ()


def _subject(found: Sequence[Word]) -> tuple[str, ...]:
    """What nothing is known of, where it stands before what is said of it."""
    known = _lists()
    if sum(each.weight == 1.0 for each in found) < _TELLING:
        return ()
    for each in found:
        if each.part == "verb" or each.text in ("не", "нет"):
            return ()
        if each.part == "noun" and each.weight == 1.0 and is_cyrillic(each.text) and len(each.text) > 2:
            return () if {each.text, each.lemma} & (known.belongings | known.failing) else (each.lemma,)
    return ()


@dataclass(frozen=True, slots=True)
class _Lists:
    """The lists of `data/several.toml`."""

    surely: re.Pattern[str]
    maybe: re.Pattern[str]
    goes_on: re.Pattern[str]
    comes_before: re.Pattern[str]
    refers: frozenset[str]
    failing: frozenset[str]
    wanting: frozenset[str]
    no_failing: frozenset[str]
    leads: frozenset[str]
    things: dict[str, str]
    belongings: frozenset[str]


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    data: dict[str, Any] = tomllib.loads(
        resources.files("bot.answers").joinpath("data/several.toml").read_text("utf-8")
    )

    def any_of(name: str) -> str:
        return "|".join(data[name].split("\n")).strip("|")

    def listed(name: str) -> frozenset[str]:
        return frozenset(data[name].split())

    return _Lists(
        surely=re.compile(rf"(?:^|(?<=[\s,.;(]))(?:{any_of('surely')})(?=[\s,:—–-])[,:]?", re.I),
        maybe=re.compile(rf"\s(?:{any_of('maybe')})(?=\s)", re.I),
        goes_on=re.compile(rf"(?:{any_of('goes_on')})\b", re.I),
        comes_before=re.compile(rf"(?:{any_of('comes_before')})\b", re.I),
        refers=listed("refers"),
        failing=listed("failing"),
        wanting=listed("wanting"),
        no_failing=listed("no_failing"),
        leads=listed("leads"),
        things={name: family for family, names in data["things"].items() for name in names.split()},
        belongings=frozenset(data["belongings"]["words"].split()),
    )
