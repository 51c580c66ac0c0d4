"""General vocabulary of Russian and English with frequencies, and quick search of near words in a word list."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from bot.kb.line.text import in_dictionary, is_cyrillic
from bot.kb.line.translit import phonetic_key

_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz"
_BIT = {letter: np.uint64(1 << place) for place, letter in enumerate(_LETTERS)}
_ENDINGS = ("s", "es", "ed", "ing", "d")
_OTHER_BIT = np.uint64(1 << 63)


def letter_mask(word: str) -> np.uint64:
    """The set of letters of a word as bits; k edits change at most 2k of them."""
    mask = np.uint64(0)
    for letter in word:
        mask |= _BIT.get(letter, _OTHER_BIT)
    return mask


class WordList:
    """Words in a fixed order, searchable by edit distance. Immutable."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        self._mask = np.array([letter_mask(word) for word in self.words], dtype=np.uint64)
        self._length = np.array([len(word) for word in self.words], dtype=np.int16)

    def near(self, word: str, limit: int) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """Places of the words within `limit` edits (OSA) of `word`, and their distances."""
        close = (np.abs(self._length - len(word)) <= limit) & (
            np.bitwise_count(self._mask ^ letter_mask(word)) <= 2 * limit
        )
        places = np.flatnonzero(close)
        if not len(places):
            return places, np.zeros(0, dtype=np.int32)
        distance = cdist(
            [word], [self.words[place] for place in places], scorer=OSA.distance, score_cutoff=limit, dtype=np.int32
        )[0]
        inside = distance <= limit
        return places[inside], distance[inside]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The general vocabulary: `zipf` is log10 of occurrences per billion words."""

    zipf: dict[str, float]
    russian: WordList
    english: WordList
    key_hash: NDArray[np.int64]
    key_place: NDArray[np.int32]

    def knows(self, token: str) -> bool:
        """Whether a word is a word, in either language (lower case, ё as е)."""
        if token in self.zipf:
            return True
        if len(token) <= 3:
            return False
        if is_cyrillic(token):
            return in_dictionary(token)
        return any(token.endswith(end) and token[: -len(end)] in self.zipf for end in _ENDINGS)

    def of_script(self, token: str) -> WordList:
        """The word list of the token's script."""
        return self.russian if is_cyrillic(token) else self.english

    def by_sound(self, key: str) -> list[str]:
        """Russian words with this phonetic key."""
        wanted = hash_of(key)
        left = int(np.searchsorted(self.key_hash, wanted, side="left"))
        right = int(np.searchsorted(self.key_hash, wanted, side="right"))
        candidates = [self.russian.words[self.key_place[place]] for place in range(left, right)]
        return [word for word in candidates if phonetic_key(word) == key]


def hash_of(key: str) -> int:
    """A hash of a short text that is the same in every process (63 bits)."""
    value = 1469598103934665603
    for code in key.encode():
        value = ((value ^ code) * 1099511628211) & 0x7FFFFFFFFFFFFFFF
    return value


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Load the general vocabulary once (about 0.5 s)."""
    raw = resources.files("bot.kb").joinpath("data/vocabulary.txt.gz").read_bytes()
    zipf: dict[str, float] = {}
    by_lang: dict[str, list[str]] = {"ru": [], "en": []}
    for line in gzip.decompress(raw).decode().splitlines():
        lang, frequency, *listed = line.split(" ")
        by_lang[lang] += listed
        value = float(frequency)
        for word in listed:
            zipf.setdefault(word, value)
    hashes = np.array([hash_of(phonetic_key(word)) for word in by_lang["ru"]], dtype=np.int64)
    order = np.argsort(hashes, kind="stable")
    return Vocabulary(
        zipf=zipf,
        russian=WordList(by_lang["ru"]),
        english=WordList(by_lang["en"]),
        key_hash=hashes[order],
        key_place=order.astype(np.int32),
    )
