"""Units of measure by their codes in ОКЕИ, read from what people and the product call them."""

import tomllib
from functools import lru_cache
from pathlib import Path

CODES = Path(__file__).resolve().parents[2] / "data" / "okei.toml"
MINUTE, HOUR, CONDITIONAL = "355", "356", "876"


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    found = tomllib.loads(CODES.read_text("utf-8"))
    return {_plain(name): code for code, names in found.items() for name in names}


def okei_of(unit: str) -> str | None:
    """The three digits of a unit («шт», «piece» → 796); None for what ОКЕИ doesn't know."""
    return _by_name().get(_plain(unit))


def _plain(name: str) -> str:
    return name.strip(" .").casefold().replace("ё", "е")
