"""What readers of typed sums and times share: spaces, letters without case, where a figure ends, words behind it."""

import re
import unicodedata

SPACE = "[ \u00a0\u2009\u202f\t]"
SPACES = " \u00a0\u2009\u202f\t"
NO_LETTER = r"(?![^\W\d_])"
_LEADING = SPACES + ",.:;–—-"
# A second figure, a sign that calculates, or a multiplication sign that is no first letter of a word («хомут»).
_MORE = re.compile(rf"[0-9%*×₽]|[xх]{NO_LETTER}|[+/−-]{SPACE}*[0-9]")
_INSIDE = re.compile(rf"(?:[^{SPACES}\w(\[{{«„“]|_)[0-9]")  # 12'500, 12_500: another separator of thousands
_WORD = re.compile(r"[^\W\d_]+")


class UnclearError(ValueError):
    """A text that is no sum or time, or could be read two ways; the message says which."""


def folded(text: str) -> str:
    """Letters without case and е for ё, of the same length, so that places in both texts agree."""
    small = (each.lower() for each in text)
    return "".join(low if len(low) == 1 else each for low, each in zip(small, text, strict=True)).replace("ё", "е")


def ended(text: str, at: int) -> bool:
    """Whether a figure may end at `at`: with the end, a space or punctuation, or a dot of its own unit before it."""
    if at == len(text) or text[at] in SPACES:
        return True
    return text[at - 1] == "." or unicodedata.category(text[at]).startswith("P")


def rest_of(text: str, at: int, units: re.Pattern[str]) -> str:
    """The words behind a figure that ends at `at`, trimmed. Raises UnclearError where another figure, a calculation or
    one of `units` follows, or the figure doesn't end there."""
    if not ended(text, at):
        raise UnclearError("a word is glued to the figure")
    if _INSIDE.match(text, at):
        raise UnclearError("a sign inside a figure")
    rest = text[at:].lstrip(_LEADING).rstrip(SPACES)
    small = folded(rest)
    if _MORE.match(small):
        raise UnclearError("another figure or sign follows")
    word = _WORD.match(small)
    if word and units.fullmatch(word[0]):
        raise UnclearError(f"{word[0]} follows")
    return rest
