"""Phone numbers as E.164: one reading for what a messenger vouches for, one for what people and files write."""

import phonenumbers
from phonenumbers import PhoneNumber

HOME = "RU"
_SHORTEST, _LONGEST = 7, 15  # digits of an international number (ITU-T E.164)


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


def extension_of(text: str) -> str | None:
    """«12» of «+7 495 123-45-67 доб. 12»; None where none is said."""
    parsed = _parsed(text)
    return parsed.extension if parsed is not None else None


def exists(number: str) -> bool:
    """Whether the numbering plans know such a number, given as E.164."""
    parsed = _parsed(number)
    return parsed is not None and phonenumbers.is_valid_number(parsed)


def _parsed(text: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
