"""A client's own names of places and things, which no article knows: a line is looked for without them. Pure."""

import re
from collections.abc import Collection
from functools import lru_cache

from bot.kb.line.text import FILLER_WEIGHT, STOP_WEIGHT, Word, stem, words

_PIECE = re.compile(r"[^\W_]+(?:[-./][^\W_]+)*")
_SHORT = 2  # letters of a preposition
_HOUSE = 3  # digits


@lru_cache(maxsize=256)
def names_in(texts: frozenset[str]) -> frozenset[str]:
    """What the words of these texts are known by; people of one company share them."""
    return frozenset(form for text in texts for word in words(text) if _tells(word) for form in _forms(word))


def without_names(line: str, names: Collection[str], known: Collection[str]) -> str:
    """The line without words that are among the `names` and that the base doesn't have (`known`: its words in base
    form), with the preposition before and the house after them: «касса на Арбате, 30» is «касса». As it was where
    nothing else would be left."""
    if not names:
        return line
    pieces = list(_PIECE.finditer(line))
    said = [words(piece.group()) for piece in pieces]
    own = [bool(each) and all(_is_own(word, names, known) for word in each) for each in said]
    for place, each in enumerate(said):
        after = place > 0 and own[place - 1]
        own[place] = own[place] or (after and all(w.text.isdigit() and len(w.text) <= _HOUSE for w in each))
    gone = [is_own or _leads(place, said, own) for place, is_own in enumerate(own)]
    if not any(own) or not any(_tells(w) for each, off in zip(said, gone, strict=True) if not off for w in each):
        return line
    left = line
    for piece, off in reversed(list(zip(pieces, gone, strict=True))):
        if off:
            left = f"{left[: piece.start()]}{left[piece.end() :]}"
    # A lone sign that stood beside a name would be read as a letter on the wrong layout.
    return " ".join(each for each in left.split() if "?" in each or any(char.isalnum() for char in each))


def _leads(place: int, said: list[list[Word]], own: list[bool]) -> bool:
    """Whether a piece is the preposition of a name."""
    here = said[place]
    return (
        place + 1 < len(said)
        and own[place + 1]
        and len(here) == 1
        and here[0].weight <= STOP_WEIGHT
        and len(here[0].text) <= _SHORT
    )


def _is_own(word: Word, names: Collection[str], known: Collection[str]) -> bool:
    return _tells(word) and word.lemma not in known and any(form in names for form in _forms(word))


def _forms(word: Word) -> tuple[str, ...]:
    if word.text.isdigit():
        return ()  # a house alone is no name
    return word.text, word.lemma, stem(word.lemma)


def _tells(word: Word) -> bool:
    return word.weight > FILLER_WEIGHT
