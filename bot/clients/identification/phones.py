"""Phone numbers as E.164: one reading for what a messenger vouches for, one for what people and files write."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber

HOME = "RU"
_SHORTEST, _LONGEST = 7, 15  # digits of an international number (ITU-T E.164)
_BETWEEN = re.compile(r"([,;/|\n]| и (?=[+0-9(]))")
_BEHIND = re.compile(
    r"(?P<before>.*?)[\s(]*(?:доб|внутр|вн|д|ext|x|#)[а-яa-z]*[.:=]*\s*(?P<digits>[0-9]{1,8})\)?", re.I
)
_BARE = re.compile(r"[0-9]{1,5}")  # «…-67, 12»: too short for a number, so behind it
_KIND = re.compile(r"\(?\b(?:моб|раб|сот|дом|гор|тел|mob|work|home|tel)[а-яa-z]*\.?\)?:?", re.I)


@dataclass(frozen=True, slots=True)
class Reached:
    """Where somebody is called: a number as E.164, and the extension that is dialled behind it, empty for none."""

    number: str
    extension: str = ""


def shared_number(text: str) -> str | None:
    """The number of a shared contact: international as it is, whether or not the app wrote the «+» (R2.1).

    «84932123456» is Vietnam here, never Ivanovo: a guess would let its owner in as somebody else. None for what is no
    number.
    """
    digits = "".join(char for char in text if char.isascii() and char.isdigit())
    return f"+{digits}" if _SHORTEST <= len(digits) <= _LONGEST and not digits.startswith("0") else None


def written_number(text: str) -> str | None:
    """The number that a person typed or a file brings; None for what is no number.

    With a «+» it is international. Without one it is read the Russian way where that makes a number that exists
    («8 (900) 123-45-67», «7900…», ten digits), else as an international one without its «+».
    """
    readings = [found for candidate in (text.strip(), f"+{text.strip()}") if (found := _parsed(candidate)) is not None]
    for fits in (phonenumbers.is_valid_number, phonenumbers.is_possible_number):
        for number in readings:
            if fits(number):
                return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def without_extension(text: str) -> tuple[str, str]:
    """A number as it is written, and the «12» of its «доб. 12», empty where none is said."""
    found = _BEHIND.fullmatch(text.strip())
    return (found["before"].rstrip(" ,;("), found["digits"]) if found else (text, "")


def written_numbers(text: str) -> tuple[Reached, ...]:
    """All numbers of a text, «+7 … доб. 12; 8 …», with `,` `;` `/` «и» or a line break between; each exists.

    Empty for a text with anything in it that is none.
    """
    found: list[Reached] = []
    gap, *rest = ["", *_BETWEEN.split(_KIND.sub("", text))]
    for between, part in zip([gap, *rest[1::2]], rest[::2], strict=True):
        before, extension = without_extension(part.strip())
        if between == "," and _BARE.fullmatch(before):
            before, extension = "", before
        if not before.strip():
            if extension:
                if not found or found[-1].extension:
                    return ()
                found[-1] = Reached(found[-1].number, extension)
            continue
        number = written_number(before)
        if number is None or not exists(number) or without_extension(before)[1]:
            return ()
        found.append(Reached(number, extension))
    return tuple(dict.fromkeys(found))


def exists(number: str) -> bool:
    """Whether the numbering plans know such a number, given as E.164."""
    parsed = _parsed(number)
    return parsed is not None and phonenumbers.is_valid_number(parsed)


def _parsed(text: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
