"""How a name sounds in either script, roughly: «кинетик» is Keenetic, «эвотор» Evotor. Pure."""

import re
from functools import lru_cache

_LETTERS = dict(zip("бвгджзйклмнпрстфхцчшщ", "bvgdjzyklmnprstfhccss", strict=True))
_LATIN = (
    ("sion", "jn"), ("sch", "s"), ("sh", "s"), ("ch", "\0"), ("zh", "j"), ("kh", "h"), ("ph", "f"), ("th", "z"),
    ("ck", "k"), ("ce", "s"), ("ci", "s"), ("cy", "s"), ("qu", "kv"), ("x", "ks"), ("w", "v"), ("q", "k"), ("c", "k"),
    ("\0", "c"),
)  # fmt: skip
_SILENT = re.compile(r"[^bvgdjzklmnprstfhc]")
LEAST = 3  # consonants: fewer are like too much else, but for a name of two letters: «хп»


@lru_cache(maxsize=20_000)
def sound(word: str) -> str | None:
    """The consonants of a word as they sound; None for a word with too few of them."""
    heard = word.replace("кс", "ks")
    if word.isascii():
        for latin, key in _LATIN:
            heard = heard.replace(latin, key)
    heard = _SILENT.sub("", "".join(_LETTERS.get(char, char) for char in heard))
    if len(heard) == len(word) == LEAST - 1:
        return heard
    heard = re.sub(r"(.)\1+", r"\1", heard)
    return heard if len(heard) >= LEAST else None
