"""Which of a client's objects their words name: a kind, a model, a place, a number. Pure: words and a list in, the list
in order of how well each fits out."""

import math
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.kb.base.similar import shipped_synonyms
from bot.kb.line.repair import Repairer
from bot.kb.line.text import MAX_LINE, Word, in_dictionary, is_cyrillic, stem, words
from bot.kb.line.vocabulary import vocabulary
from bot.tickets.intake.numbers_said import folded, numbers_in
from bot.tickets.intake.sounding import sound

_KINDS = Path(__file__).resolve().parent / "kind_words.toml"

TELLING = 0.5  # weight of a word that says what is meant
SIGN = 0.4  # how surely a sign («чек») is the kind that it hints at
SYNONYM, STEM, SOUND, BEGINNING, SHORT_FORM = 0.9, 0.85, 0.75, 0.7, 0.7
NUMBER, PART_OF_NUMBER = 30.0, 10.0
SHORT_NUMBER = 3  # digits: a house or «касса 2», which says something beside another word only
BEGINNING_LETTERS = 3
PART, PART_DIGITS, MIDDLE = 4, 3, 0.7  # of a number: letters and digits at least, digits of them; worth of its middle
SHORT_FORM_LETTERS, SHORT_FORM_OF_A_WORD = 5, 7  # in common, of a word that no dictionary has, and of one that it has
SHORT_FORM_TAIL, LONG_FORM_TAIL = 3, 4  # «лиговка» for «Лиговский»


@dataclass(frozen=True, slots=True)
class Described:
    """All that may be said of an object."""

    id: int
    kind: str
    model: str
    code: str
    serial: str | None = None
    inventory: str | None = None
    site: str | None = None
    address: str | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """Its numbers, in the form that numbers are compared in."""
        return tuple(folded(each) for each in (self.serial, self.inventory, self.code) if each)


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an object fits what was said: 0 where nothing names it. `whole`: each telling word is one of its;
    `number`: one of its numbers was said from end to end."""

    thing: Described
    score: float
    whole: bool
    number: bool


def fits(said: str, things: Sequence[Described]) -> list[Fit]:
    """The objects, those that fit best first; those that fit alike in the order given."""
    line = said[-MAX_LINE:]  # what was said last
    names = _Names(things)
    meant = names.repairer.repair(line).text
    readings = [names.read(line)] if meant == line else [names.read(line), names.read(meant)]
    numbers = numbers_in(line)
    found = [_fit(place, thing, readings, numbers) for place, thing in enumerate(things)]
    return sorted(found, key=lambda fit: -fit.score)


@dataclass(frozen=True, slots=True)
class TellingWord:
    """A telling word of a line: how much it says for which object, by its place in the list. `named`: those that it
    calls by their own name or place, not by their kind; `short`: a number which only says something beside such a
    name."""

    text: str
    short: bool
    places: dict[int, float]
    named: set[int]


def _fit(place: int, thing: Described, readings: Sequence[Sequence[TellingWord]], numbers: Collection[str]) -> Fit:
    own = thing.numbers if numbers else ()
    number = any(each in numbers for each in own)
    part = max((_part(each, of) for each in numbers for of in own), default=0.0)
    best, whole = 0.0, number
    for reading in readings:
        named = any(place in word.named and not word.short for word in reading)
        score = sum(word.places.get(place, 0.0) for word in reading if named or not word.short)
        if reading and (score or own):
            whole = whole or all(place in word.places or _in_number(word.text, own) for word in reading)
        best = max(best, score)
    return Fit(thing, best + (NUMBER if number else PART_OF_NUMBER * part), whole, number)


def _in_number(said: str, numbers: Collection[str]) -> bool:
    return len(said) >= PART_DIGITS and any(said in each for each in numbers)


def _part(said: str, number: str) -> float:
    """How much of a number was said, its end counting more: that is what people read out. 0 for too little of it."""
    if len(said) < PART or said not in number or sum(char.isdigit() for char in said) < PART_DIGITS:
        return 0.0
    return len(said) / len(number) * (1.0 if number.endswith(said) else MIDDLE)


class _Names:
    """The words of a list of objects, and what has them: kinds, and texts that objects are called by."""

    def __init__(self, things: Sequence[Described]) -> None:
        self._count = len(things)
        self._of_kind: dict[str, list[int]] = {}
        self._of_text: dict[str, list[int]] = {}
        for place, thing in enumerate(things):
            self._of_kind.setdefault(thing.kind, []).append(place)
            for text in (thing.model, thing.site, thing.address):
                if text:
                    self._of_text.setdefault(text, []).append(place)
        self._kinds: dict[str, dict[str, float]] = {}
        self._texts: dict[str, set[str]] = {}
        for kind in self._of_kind:
            for term, sureness in _kind_terms(kind):
                self._kinds.setdefault(term, {})[kind] = sureness
        for text in self._of_text:
            for word in _telling(text):
                for term in (word.lemma, word.text):
                    self._texts.setdefault(term, set()).add(text)
        self._terms = [*self._kinds, *(term for term in self._texts if term not in self._kinds)]
        self._stems, self._sounds = _grouped(self._terms, stem), _grouped(self._terms, sound)
        self.repairer = Repairer(vocabulary(), {term: 1 for term in self._terms if term.isalpha()})

    def read(self, line: str) -> list[TellingWord]:
        """What the telling words of a line say."""
        return [self._said(word) for word in {word.text: word for word in _telling(line)}.values()]

    def _said(self, word: Word) -> TellingWord:
        places: dict[int, float] = {}
        named: set[int] = set()
        for term, sureness in self._like(word):
            its_texts = {place for text in self._texts.get(term, ()) for place in self._of_text[text]}
            named |= its_texts
            of_kinds = self._kinds.get(term, {})
            sure = {place: sureness * by for kind, by in of_kinds.items() for place in self._of_kind[kind]}
            sure |= dict.fromkeys(its_texts, sureness)
            rarity = math.log((self._count + 1) / (len(sure) + 0.5))  # the fewer have it, the more it says
            for place, strength in sure.items():
                places[place] = max(places.get(place, 0.0), rarity * strength)
        short = word.text.isdigit() and len(word.text) <= SHORT_NUMBER
        return TellingWord(folded(word.text), short, places, named)

    def _like(self, word: Word) -> Iterator[tuple[str, float]]:
        """Words of the list that a word may stand for, and how surely."""
        yield from ((term, 1.0) for term in {word.lemma, word.text} if self._has(term))
        if not word.text.isalpha():
            yield from ((term, BEGINNING) for term in self._terms if _is_code(term) and term.startswith(word.text))
            return
        synonyms = shipped_synonyms()
        for group in synonyms.of_word.get(word.lemma, ()):
            yield from ((term, SYNONYM) for term in synonyms.members[group] if self._has(term))
        yield from ((term, STEM) for term in self._stems.get(stem(word.lemma), ()))
        if (heard := sound(word.text)) is not None:
            yield from (
                (term, SOUND) for term in self._sounds.get(heard, ()) if is_cyrillic(term) != is_cyrillic(word.text)
            )
        if len(word.text) < BEGINNING_LETTERS or word.part == "verb":
            return
        known = is_cyrillic(word.text) and in_dictionary(word.text)
        for term in self._terms:
            if not known and term.startswith(word.text):
                yield term, BEGINNING
            elif _short_form(word.lemma, term, known):
                yield term, SHORT_FORM

    def _has(self, term: str) -> bool:
        return term in self._kinds or term in self._texts


def _short_form(said: str, term: str, known: bool) -> bool:
    """Whether a word is what people make of a name: «на лиговке» of «Лиговский»."""
    least = SHORT_FORM_OF_A_WORD if known else SHORT_FORM_LETTERS
    if said[:least] != term[:least] or len(said) < least or len(term) < least:
        return False
    common = next((n for n, (a, b) in enumerate(zip(said, term, strict=False)) if a != b), min(len(said), len(term)))
    return len(said) - common <= SHORT_FORM_TAIL and len(term) - common <= LONG_FORM_TAIL


def _is_code(term: str) -> bool:
    return any(char.isdigit() for char in term)


def _grouped(terms: Iterable[str], key: Callable[[str], str | None]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for term in terms:
        if term.isalpha() and (of := key(term)) is not None:
            groups.setdefault(of, []).append(term)
    return groups


@lru_cache(maxsize=20_000)
def _telling(text: str) -> tuple[Word, ...]:
    return tuple(word for word in words(text) if word.weight >= TELLING and (len(word.text) > 1 or word.text.isdigit()))


@lru_cache(maxsize=1_000)
def _kind_terms(kind: str) -> tuple[tuple[str, float], ...]:
    """What an object is called by its kind; one that the file doesn't have is called by its own name."""
    listed = _kinds().get(kind, {})
    names = [word.lemma for word in words(f"{kind} {listed.get('names', '')}")]
    signs = [word.lemma for word in words(listed.get("signs", ""))]
    return (*((name, 1.0) for name in names), *((sign, SIGN) for sign in signs if sign not in names))


@lru_cache(maxsize=1)
def _kinds() -> dict[str, dict[str, str]]:
    return tomllib.loads(_KINDS.read_text("utf-8"))
