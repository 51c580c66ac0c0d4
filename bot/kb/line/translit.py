"""Russian in Latin letters: a phonetic key that a word and its informal spellings share, and reading by rule."""

import re

_SOUNDS = "a b v g d e 1 z i i k l m n o p r s t u f h c 2 3 3 _ i _ e iu ia"
_SOUND = dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюя", _SOUNDS.split(" "), strict=True))
_LATIN_RULES = (
    ("shch", "3"), ("sch", "3"), ("sh", "3"), ("tch", "2"), ("ch", "2"), ("zh", "1"), ("kh", "h"),
    ("ya", "ia"), ("ja", "ia"), ("yu", "iu"), ("ju", "iu"), ("yo", "e"), ("jo", "e"), ("io", "e"),
    ("ye", "e"), ("je", "e"), ("ie", "e"), ("ts", "c"), ("tz", "c"), ("x", "h"), ("w", "v"), ("q", "k"),
    ("y", "i"), ("j", "i"), ("'", ""), ("`", ""), ("4", "2"), ("6", "3"),
)  # fmt: skip
_READ_RULES = (
    ("shch", "щ"), ("sch", "щ"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("kh", "х"), ("ya", "я"), ("ja", "я"),
    ("ia", "ия"), ("yu", "ю"), ("ju", "ю"), ("yo", "е"), ("jo", "е"), ("ye", "е"), ("je", "е"), ("ts", "ц"),
    ("iy", "ий"), ("ij", "ий"), ("yy", "ый"), ("yj", "ый"), ("ay", "ай"), ("ey", "ей"), ("oy", "ой"), ("uy", "уй"),
)  # fmt: skip
_READ_LETTER = str.maketrans(
    {
        "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "j": "й", "k": "к",
        "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в",
        "w": "в", "x": "х", "y": "ы", "z": "з", "'": "ь", "`": "ь",
    }
)  # fmt: skip


def phonetic_key(word: str) -> str:
    """The key of a Russian word (lower case, ё as е)."""
    return _folded("".join(_SOUND.get(letter, letter) for letter in word).replace("_", ""))


def latin_keys(token: str) -> list[str]:
    """Keys a Latin spelling may stand for, the likeliest first: `j` is й or ж, a last `tsa` is ца or тся."""
    keys = [_key_of_latin(token)]
    if token.endswith(("tsa", "tca")):
        keys.append(_key_of_latin(token[:-3] + "tsya"))
    if "j" in token:
        keys.append(_key_of_latin(re.sub(r"j(?![aeou])", "zh", token)))
        keys.append(_key_of_latin(token.replace("j", "zh")))
    return list(dict.fromkeys(keys))


def read_by_rule(token: str) -> str:
    """A Latin spelling letter by letter, for words no list has."""
    for latin, cyrillic in _READ_RULES:
        token = token.replace(latin, cyrillic)
    return token.translate(_READ_LETTER)


def _key_of_latin(token: str) -> str:
    for latin, sound in _LATIN_RULES:
        token = token.replace(latin, sound)
    return _folded(token)


def _folded(key: str) -> str:
    key = key.replace("ts", "c").replace("s2", "3").replace("ie", "e").replace("io", "e")
    return re.sub(r"(.)\1+", r"\1", key)
