"""Break clean lines the way people do: slips of the finger, wrong layout, Latin letters. The same way each time."""

import random
from dataclasses import replace

from bench.kb.data import BROKEN, Query

LETTERS_A_SLIP = 8
_ROWS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?"
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю.ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,"
_SPELLINGS = "a b v g d e yo zh z i y k l m n o p r s t u f h ts ch sh sch _ y _ e yu ya"
_SPELLING = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", _SPELLINGS.split(" "), strict=True))


def with_broken(clean: tuple[Query, ...]) -> dict[str, tuple[Query, ...]]:
    """The queries beside three broken copies, broken the same way each time."""
    queries = {"clean": clean}
    for copy in BROKEN:
        queries[copy] = tuple(replace(query, text=broken(query.text, copy)) for query in clean)
    return queries


def broken(text: str, copy: str) -> str:
    """The text with typos, on the wrong layout, or in Latin letters."""
    if copy == "layout":
        return text.translate(str.maketrans(_CYRILLIC + _LATIN, _LATIN + _CYRILLIC))
    if copy == "translit":
        return "".join(_latin(letter) for letter in text)
    rng = random.Random(text)
    letters = list(text)
    place = 0
    while place < len(letters):
        if letters[place].isalpha() and rng.randrange(LETTERS_A_SLIP) == 0:
            slip = rng.randrange(3)
            if slip == 0:
                letters[place] = _neighbour(letters[place], rng)
            elif slip == 1 and place + 1 < len(letters):
                letters[place], letters[place + 1] = letters[place + 1], letters[place]
                place += 1
            else:
                letters[place] = ""
        place += 1
    return "".join(letters)


def _latin(letter: str) -> str:
    spelt = _SPELLING.get(letter.lower(), letter).replace("_", "")
    return spelt.capitalize() if letter.isupper() else spelt


def _neighbour(letter: str, rng: random.Random) -> str:
    for row in _ROWS:
        place = row.find(letter.lower())
        if place >= 0:
            near = [row[p] for p in (place - 1, place + 1) if 0 <= p < len(row)]
            return rng.choice(near)
    return letter
