"""Numbers as people say and write them: serial and inventory numbers, with dashes and spaces of their own. Pure."""

import re
from functools import lru_cache

from bot.kb.line.text import MAX_LINE, normalise

_LOOKALIKES = str.maketrans("асеорхкмтвну", "aceopxkmtbhy")
_CHUNK = re.compile(r"\S+")
# What stands beside a number that is said alone: «с/н», «инв. №», «serial number».
_CALLED = re.compile(
    r"\b(?:серийн\w*|инвентарн\w*|заводск\w*|номер\w*|серия|инв|сер|зав|serial|inventory|number|no|sn|s/n|с/н|сн|"
    r"вот|это)\b|[№#:.,;!()«»\"]"
)
PREFIX = 4  # letters that a number may begin with, parted from it
JOINED = 4  # chunks that may be one number, parted by spaces
IN_A_LINE, DIGITS = 5, 4  # letters and digits at least, and digits of them, for a number among other words
ALONE = 3  # letters and digits: what is shorter is no number to go by when it stands alone
CALLED = 8  # chunks of a line that is a number and its name


@lru_cache(maxsize=100_000)
def folded(text: str) -> str:
    """Letters and digits alone, in one case, letters that look alike in one script."""
    plain = "".join(char for char in text.casefold().replace("ё", "е") if char.isalnum())
    return plain.translate(_LOOKALIKES)


def numbers_in(line: str) -> frozenset[str]:
    """All that may be a number in a line, `folded`: what stands between spaces, and a few in a row as one, of which the
    first may be letters: «ККТ 0004»."""
    chunks = _chunks(line[-MAX_LINE:])
    found = set()
    for first, begins in enumerate(chunks):
        if not _has_digit(begins) and len(begins) > PREFIX:
            continue
        number = begins
        found.add(number)
        for chunk in chunks[first + 1 : first + JOINED]:
            if not _has_digit(chunk):
                break
            number += chunk
            found.add(number)
    return frozenset(filter(_has_digit, found))


def numbers_among(line: str) -> frozenset[str]:
    """What can't be but a number of something in a line of words: «35К» may be a door's code."""
    return frozenset(
        each for each in numbers_in(line) if len(each) >= IN_A_LINE and sum(map(str.isdigit, each)) >= DIGITS
    )


def numbers_alone(line: str) -> frozenset[str]:
    """The number that a line is with nothing but its name beside it, `folded`, with that name and without: «инв. 7» may
    be ИНВ-7. Nothing for any other line."""
    chunks, bare = _chunks(line), _chunks(_CALLED.sub(" ", normalise(line)))
    if not bare or len(bare) > JOINED or len(chunks) > CALLED or not all(map(_has_digit, bare[1:])):
        return frozenset()
    found = ("".join(each) for each in (chunks, bare))
    return frozenset(each for each in found if len(each) >= ALONE and _has_digit(each))


def _chunks(line: str) -> list[str]:
    return [each for chunk in _CHUNK.findall(line) if (each := folded(chunk))]


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)
