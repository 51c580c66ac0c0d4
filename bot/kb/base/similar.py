"""Which words of a base a client's word may stand for, and how surely: form, synonym, common stem, slip."""

from bisect import bisect_left
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Prefix

from bot.kb.base.words import Base
from bot.kb.line.synonyms import Synonyms
from bot.kb.line.text import stem
from bot.kb.line.vocabulary import Vocabulary, WordList

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
