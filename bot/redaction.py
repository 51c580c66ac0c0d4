"""What must never be read by anybody: tokens, passwords and phones, taken out of words before they are shown.

Two nets, one behind the other: the secrets of the settings, wherever and however they are written, and whatever looks
like one. The log and every line of a command pass through here; sources still take care not to say them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote

HIDDEN = "<secret>"
SHORTEST = 5  # a shorter secret is found by where it stands: hidden everywhere, it would blot out words

_TOKEN = re.compile(r"\d+(?::|%3A)[\w-]{20,}", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?<=://)(?!user:password@)[^\s'\"<>]*@")  # not the example; even with a stray / or @ in it
_IN_SETTING = re.compile(
    r"(\b(?:\w*password|passwd|pwd|secret(?:_token)?)\b['\"]?\s*[=:]\s*)('[^']*'|\"[^\"]*\"|[^\s&;,'\"]+)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"\+\d{10,15}\b")

_known: set[str] = set()
_found: re.Pattern[str] | None = None


def learn(secrets: Iterable[str]) -> None:
    """From now on these are hidden, in any spelling that an address, a form or a traceback gives them."""
    global _found  # noqa: PLW0603 - one process has one set of secrets
    for secret in secrets:
        for plain in {secret, unquote(secret)}:
            _known.update({plain, quote(plain, safe=""), quote(plain), quote_plus(plain), repr(plain)[1:-1]})
    longest_first = sorted((each for each in _known if len(each) >= SHORTEST), key=len, reverse=True)
    _found = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def secrets_in(address: str) -> Iterator[str]:
    """The password of an address, and its pieces where it was not percent-encoded and is taken for a host or a port."""
    _, _, rest = address.partition("://")
    user_info, at, _ = rest.rpartition("@")
    password = user_info.partition(":")[2] if at else ""
    if password:
        yield password
        yield from (*unquote(password).split("@"), *re.split(r"[@/?#:]", unquote(password)))


def conceal(words: str) -> str:
    """The words without secrets and phones."""
    if _found is not None:
        words = _found.sub(HIDDEN, words)
    words = _TOKEN.sub("<token>", words)
    words = _IN_ADDRESS.sub(f"{HIDDEN}@", words)
    return _PHONE.sub("<phone>", _IN_SETTING.sub(rf"\1{HIDDEN}", words))


def conceal_all(value: Any) -> Any:
    """The same for a value of any shape: texts in it are concealed, what is no plain value is written out first."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {conceal(str(key)): conceal_all(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [conceal_all(part) for part in value]
    return conceal(str(value))
