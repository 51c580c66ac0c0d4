"""Which words of a base a client's word may stand for, and how surely: form, synonym, common stem, slip.

Synonyms are groups of words that a service company's clients use for one thing, shop talk among them.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Prefix

from bot.kb.base.words import Base
from bot.kb.line.text import stem, words
from bot.kb.line.vocabulary import Vocabulary, WordList


class SynonymError(Exception):
    """A line of the synonyms file that can't be used."""


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Groups of lemmas. A phrase stands for its words only where all of them follow one another."""

    of_word: dict[str, tuple[int, ...]]
    of_phrase: dict[str, tuple[tuple[tuple[str, ...], int], ...]]
    members: tuple[tuple[str, ...], ...]

    def groups(self, lemmas: list[str]) -> list[tuple[int, ...]]:
        """For each word of a line the groups it belongs to, by itself or within a phrase."""
        found = [self.of_word.get(lemma, ()) for lemma in lemmas]
        for place, lemma in enumerate(lemmas):
            for phrase, group in self.of_phrase.get(lemma, ()):
                if tuple(lemmas[place : place + len(phrase)]) == phrase:
                    for inner in range(place, place + len(phrase)):
                        found[inner] = (*found[inner], group)
        return found


def parse_synonyms(text: str) -> Synonyms:
    """Read a file of groups: one a line, members parted by commas, `#` begins a comment.

    Raises SynonymError with the line when a group has fewer than two members.
    """
    of_word: dict[str, list[int]] = {}
    of_phrase: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    members: list[tuple[str, ...]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        phrases = [tuple(word.lemma for word in words(part)) for part in line.split(",")]
        phrases = list(dict.fromkeys(phrase for phrase in phrases if phrase))
        if len(phrases) < 2:
            raise SynonymError(f"line {number}: a group needs two words or more, parted by commas")
        group = len(members)
        members.append(tuple(phrase[0] for phrase in phrases if len(phrase) == 1))
        for phrase in phrases:
            if len(phrase) == 1:
                of_word.setdefault(phrase[0], []).append(group)
            else:
                of_phrase.setdefault(phrase[0], []).append((phrase, group))
    return Synonyms(
        of_word={word: tuple(groups) for word, groups in of_word.items()},
        of_phrase={word: tuple(entries) for word, entries in of_phrase.items()},
        members=tuple(members),
    )


@lru_cache(maxsize=1)
def shipped_synonyms() -> Synonyms:
    """The groups that come with the bot."""
    return parse_synonyms(resources.files("bot.kb").joinpath("data/synonyms.txt").read_text("utf-8"))


SYNONYM, STEM, SLIP = 0.9, 0.85, 0.9
SHORTEST_STEM = 4
LEAST_COMMON = 0.6


class SimilarWords:
    """Terms of a base near a word. Immutable but for a cache of words asked before."""

    def __init__(self, base: Base, synonyms: Synonyms, general: Vocabulary) -> None:
        self._lexicon = base.lexicon
        self._terms = base.terms
        self._synonyms = synonyms
        self._general = general
        self._list = WordList(base.terms)
        self._stems: dict[str, list[int]] = {}
        for number, term in enumerate(base.terms):
            self._stems.setdefault(stem(term), []).append(number)
        self._sorted = sorted((term, number) for number, term in enumerate(base.terms))
        self.of = lru_cache(maxsize=4_000)(self._of)

    def groups(self, lemmas: list[str]) -> list[tuple[int, ...]]:
        """For each word of a line its synonym groups."""
        return self._synonyms.groups(lemmas)

    def _of(self, lemma: str, groups: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Term numbers and how surely (0 to 1) each says what `lemma` says."""
        found: dict[int, float] = {}

        def keep(number: int, sureness: float) -> None:
            if sureness > found.get(number, 0.0):
                found[number] = sureness

        if (number := self._lexicon.get(lemma)) is not None:
            keep(number, 1.0)
        for group in groups:
            for member in self._synonyms.members[group]:
                if (number := self._lexicon.get(member)) is not None:
                    keep(number, SYNONYM)
        if lemma.isalpha():
            for number in self._stems.get(stem(lemma), ()):
                keep(number, STEM)
            if len(lemma) >= SHORTEST_STEM:
                for number, share in self._common_beginning(lemma):
                    keep(number, STEM * share)
                for number, closeness in self._slips(lemma):
                    keep(number, SLIP * closeness)
        numbers = sorted(found)
        return np.array(numbers, dtype=np.int64), np.array([found[n] for n in numbers], dtype=np.float32)

    def _common_beginning(self, lemma: str) -> list[tuple[int, float]]:
        beginning = lemma[:SHORTEST_STEM]
        place = bisect_left(self._sorted, (beginning, -1))
        near: list[tuple[int, float]] = []
        while place < len(self._sorted) and self._sorted[place][0].startswith(beginning):
            term, number = self._sorted[place]
            share = Prefix.similarity(lemma, term) / max(len(lemma), len(term))
            if share >= LEAST_COMMON:
                near.append((number, share))
            place += 1
        return near

    def _slips(self, lemma: str) -> list[tuple[int, float]]:
        limit = 1 if len(lemma) < 8 else 2
        places, distances = self._list.near(lemma, limit)
        if lemma in self._general.zipf:
            return []
        return [
            (place, 1.0 - distance / max(len(lemma), len(self._terms[place])))
            for place, distance in zip(places.tolist(), distances.tolist(), strict=True)
            if self._terms[place].isalpha()
        ]
