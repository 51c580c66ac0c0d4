"""Read a line as it was meant: wrong keyboard layout, Russian in Latin letters, slips of the finger."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bot.kb.line.text import MAX_LINE, is_cyrillic, normalise, word_lists
from bot.kb.line.translit import latin_keys, phonetic_key, read_by_rule
from bot.kb.line.vocabulary import Vocabulary, WordList

_QWERTY = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?@#$^&"
_RUSSIAN = 'ёйцукенгшщзхъфывапролджэячсмитьбю.ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,"№;:?'
_TO_RUSSIAN = str.maketrans(_QWERTY, _RUSSIAN)
_TO_LATIN = str.maketrans(_RUSSIAN, _QWERTY)
_CHUNK = re.compile(r"\S+")
_LETTERS = re.compile(r"[^\W\d_]+")
_BY_ITSELF = re.compile(r"(?<![\d][-./])(?<![^\W_])[^\W_]++(?![-./]\d)")  # «ПРН-0008» is a number
_ROMAN = re.compile(r"[IVXLCM]{2,}[.,:;?!)]*")
_TRANSLIT_WORD = re.compile(r"(?<![^\W_])[A-Za-z][A-Za-z'`]*(?![^\W_])")  # M404dn is no word
_MODEL = re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Za-z\d-]+[.,:;?!)]*")

GAIN = 0.2
SHARE = 0.4
MISSING_ZIPF = 2.0
MAX_COST = 0.5
MAX_COST_A_LETTER = 0.3
NEAR_A_LETTER = 0.27
NEAR_SHARE = 0.7
MAX_REPAIRS = 40
_ROWS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> frozenset[tuple[str, str]]:
    pairs: set[tuple[str, str]] = set()
    for rows in (_ROWS[:3], _ROWS[3:]):
        for number, row in enumerate(rows):
            for place, letter in enumerate(row):
                near = {row[place + step] for step in (-1, 1) if 0 <= place + step < len(row)}
                for other in (number - 1, number + 1):
                    if 0 <= other < len(rows):
                        near |= {rows[other][p] for p in (place - 1, place, place + 1) if 0 <= p < len(rows[other])}
                pairs |= {(letter, other_letter) for other_letter in near}
    return frozenset(pairs)


_NEAR_KEYS = _neighbours()


@dataclass(frozen=True, slots=True)
class Repaired:
    """A line as read. `ways` names what was done: layout, translit, typo; `before_typos` lacks the last."""

    text: str
    ways: tuple[str, ...]
    before_typos: str


class Repairer:
    """Repairs lines against the general vocabulary and the words of one base. Immutable."""

    def __init__(self, general: Vocabulary, base: Mapping[str, int]) -> None:
        """`base` holds the written words of the articles (lower case) with the number of articles that have them."""
        self._general = general
        self._base = dict(base)
        rare = sorted(word for word in base if word not in general.zipf and word.isalpha())
        self._rare_russian = WordList([word for word in rare if is_cyrillic(word)])
        self._rare_english = WordList([word for word in rare if not is_cyrillic(word)])
        sounds: dict[str, list[str]] = {}
        for word in self._rare_russian.words:
            sounds.setdefault(phonetic_key(word), []).append(word)
        self._rare_sounds = sounds
        self._reads_russian = any(is_cyrillic(word) for word in base)
        self._respell = lru_cache(maxsize=20_000)(self._respell_word)
        self.repair = lru_cache(maxsize=64)(self._repair)  # a line that was read ahead comes again a moment later

    def _repair(self, line: str) -> Repaired:
        """The line as meant. Lines that read well come back as they are."""
        text = line[:MAX_LINE]
        ways: list[str] = []
        for name, way in (("layout", self._layout), ("translit", self._translit)):
            changed = way(text)
            if changed != text:
                text = changed
                ways.append(name)
        mended = self._typos(text)
        if mended != text:
            ways.append("typo")
        return Repaired(mended, tuple(ways), text)

    def knows(self, token: str) -> bool:
        """Whether the base, the general vocabulary or the list of small words has this written word."""
        lists = word_lists()
        return (
            token in self._base
            or self._general.knows(token)
            or token in lists.filler
            or token in lists.stop
            or token.startswith(lists.jargon)
        )

    def unknown_share(self, line_tokens: list[str]) -> float:
        """The share of words nobody knows, 0 to 1."""
        alphabetic = [token for token in line_tokens if token.isalpha() and len(token) > 2]
        return sum(not self.knows(token) for token in alphabetic) / max(1, len(alphabetic))

    def _share_known(self, pieces: list[str]) -> float:
        known = total = 0
        for piece in pieces:
            for token in _LETTERS.findall(normalise(piece)):
                total += len(token)
                if len(token) < 3:
                    known += len(token) * (self._general.zipf.get(token, 0.0) > 5.0 or token in self._base)
                else:
                    known += len(token) * self.knows(token)
        return known / total if total else 0.0

    def _layout(self, line: str) -> str:
        for latin in (True, False):
            table = _TO_RUSSIAN if latin else _TO_LATIN
            chunks = [chunk for chunk in _CHUNK.findall(line) if _is_latin(chunk) is latin]
            if not chunks:
                continue
            swapped = [chunk.translate(table) for chunk in chunks]
            share = self._share_known(swapped)
            if share <= SHARE or share - self._share_known(chunks) <= GAIN:
                continue
            line = self._swapped(line, latin, table)
        return _CHUNK.sub(lambda match: self._swap_alone(match.group()), line)

    def _swap_alone(self, chunk: str) -> str:
        """One word on the wrong layout in a line that reads well: «цшаш» among Russian words is wifi."""
        latin = _is_latin(chunk)
        if latin is None or len(_LETTERS.findall(normalise(chunk))) != 1 or self._share_known([chunk]):
            return chunk
        swapped = chunk.translate(_TO_RUSSIAN if latin else _TO_LATIN)
        return swapped if self._in_base(swapped) else chunk

    def _swapped(self, line: str, latin: bool, table: dict[int, int]) -> str:
        return _CHUNK.sub(lambda match: self._swap(match.group(), latin, table), line)

    def _swap(self, chunk: str, latin: bool, table: dict[int, int]) -> str:
        if _is_latin(chunk) is not latin or self._in_base(chunk) or _ROMAN.fullmatch(chunk) or _MODEL.fullmatch(chunk):
            return chunk
        whole = chunk.translate(table)
        if not latin or self._share_known([whole]) == 1.0:
            return whole
        bare = chunk.rstrip(",.;:'\"]}")  # a real comma and the letter б are one key
        trimmed = bare.translate(table)
        if bare != chunk and self._share_known([trimmed]) > self._share_known([whole]):
            return trimmed + chunk[len(bare) :]
        return whole

    def _in_base(self, chunk: str) -> bool:
        pieces = _LETTERS.findall(normalise(chunk))
        return bool(pieces) and all(len(piece) > 2 and piece in self._base for piece in pieces)

    def _translit(self, line: str) -> str:
        if not self._reads_russian:
            return line
        shouted = line.isupper()
        pieces = [piece for piece in _TRANSLIT_WORD.findall(line) if not self._stays(piece, shouted)]
        if not pieces:
            return line
        read = {piece: self._reading(piece) for piece in pieces}
        share = self._share_read(read, pieces)
        if share <= SHARE or share - self._share_known(pieces) <= GAIN:
            return line
        return _TRANSLIT_WORD.sub(lambda match: read.get(match.group(), match.group()), line)

    def _reading(self, piece: str) -> str:
        read = self._from_latin(piece.lower())
        return piece if not self.knows(read) and self._general.knows(piece.lower()) else read

    def _stays(self, piece: str, shouted: bool) -> bool:
        """Whether a Latin word is meant as it is: the base has it, or it is a known name in capitals (HP, USB)."""
        name = not shouted and len(piece) > 1 and piece.isupper()
        return self._in_base(piece) or (name and piece.lower() in self._general.zipf)

    def _share_read(self, read: Mapping[str, str], pieces: list[str]) -> float:
        """The share of known letters of a reading from Latin; a word one slip from a known one is mostly known:
        nobody agrees on how ю is spelt."""
        share = self._share_known([read[piece] for piece in pieces])
        near = total = 0
        for piece in pieces:
            total += len(read[piece])
            word = normalise(read[piece])
            if len(word) < 5 or not word.isalpha() or self.knows(word) or self.knows(piece.lower()):
                continue
            meant = self._respell(word)
            if meant is not None and _edit_cost(word, meant) <= NEAR_A_LETTER * len(word):
                near += len(word)
        return share + NEAR_SHARE * near / max(1, total)

    def _from_latin(self, token: str) -> str:
        best, best_score = "", -math.inf
        for place, key in enumerate(latin_keys(token)):
            for word in self._general.by_sound(key) + self._rare_sounds.get(key, []):
                plain_reading = read_by_rule(token)
                score = self._liking(word) - 0.5 * place - 0.7 * _edit_cost(plain_reading, word)
                if score > best_score:
                    best, best_score = word, score
        if best:
            return best
        readings = [read_by_rule(token)]
        if "j" in token:
            readings.append(read_by_rule(token.replace("j", "zh")))
        return next((reading for reading in readings if self.knows(reading)), readings[0])

    def _typos(self, line: str) -> str:
        left = MAX_REPAIRS

        def mend(match: re.Match[str]) -> str:
            nonlocal left
            token = match.group()
            folded = normalise(token)
            if len(folded) < 3 or len(folded) > 30 or not folded.isalpha() or self.knows(folded) or left <= 0:
                return token
            left -= 1
            return self._respell(folded) or token

        return _BY_ITSELF.sub(mend, line)

    def _respell_word(self, token: str) -> str | None:
        limit = 1 if len(token) <= 4 else 2 if len(token) <= 7 else 3
        rare = self._rare_russian if is_cyrillic(token) else self._rare_english
        for tries in sorted({min(limit, 2), limit}):
            found: list[tuple[float, str]] = []
            for listed in (self._general.of_script(token), rare):
                places, distances = listed.near(token, tries)
                for place, distance in zip(places.tolist(), distances.tolist(), strict=True):
                    candidate = listed.words[place]
                    found.append((self._liking(candidate) - 2.6 * 0.8 * distance, candidate))
            if found:
                return _best(token, found, self._liking)
        return None

    def _liking(self, word: str) -> float:
        articles = self._base.get(word, 0)
        frequency = self._general.zipf.get(word, MISSING_ZIPF)
        return 0.45 * frequency + (1.0 + 0.35 * math.log1p(articles) if articles else 0.0)


def _best(token: str, found: list[tuple[float, str]], liking: Callable[[str], float]) -> str | None:
    best: str | None = None
    best_score = -math.inf
    for optimistic, candidate in sorted(found, key=lambda pair: (-pair[0], pair[1])):
        if optimistic <= best_score:
            break
        cost = _edit_cost(token, candidate)
        score = liking(candidate) - 2.6 * cost
        if score > best_score and cost <= MAX_COST + MAX_COST_A_LETTER * len(token):
            best, best_score = candidate, score
    return best


def _edit_cost(typed: str, meant: str) -> float:
    """Cost of the slips that turn `meant` into `typed`: neighbour key or transposition .8, missing .9, extra 1.3,
    other 1.4."""
    rows = np.zeros((len(typed) + 1, len(meant) + 1)).tolist()
    for i in range(1, len(typed) + 1):
        rows[i][0] = 1.3 * i
    for j in range(1, len(meant) + 1):
        rows[0][j] = 0.9 * j
    for i, a in enumerate(typed, 1):
        row, above = rows[i], rows[i - 1]
        for j, b in enumerate(meant, 1):
            if a == b:
                row[j] = above[j - 1]
                continue
            cost = min(above[j - 1] + (0.8 if (a, b) in _NEAR_KEYS else 1.4), above[j] + 1.3, row[j - 1] + 0.9)
            if i > 1 and j > 1 and a == meant[j - 2] and typed[i - 2] == b:
                cost = min(cost, rows[i - 2][j - 2] + 0.8)
            row[j] = cost
    return float(rows[-1][-1])


def _is_latin(chunk: str) -> bool | None:
    latin = sum(c.isascii() and c.isalpha() for c in chunk)
    cyrillic = len(re.findall(r"[а-яёА-ЯЁ]", chunk))
    if latin or cyrillic:
        return latin >= cyrillic
    # a chunk of `[ ] ; ' , .` alone can be a Russian word typed on the wrong layout
    return True if chunk and all(c in "[];',.`<>{}:\"" for c in chunk) else None
