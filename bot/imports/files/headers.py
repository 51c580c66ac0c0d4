"""Names of sheets, columns and words, Russian and English: `headers.toml`."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_IN_ROUBLES = re.compile(r",? ?\(?(?:в )?(?:рублях|руб|р|rub|₽)\)?$")
_ROW_NUMBER = re.compile(r"(?:(?:№|n|no|#) ?)?п ?/? ?п")
_TOTAL = re.compile(r"(?:общий )?итог|(?:итого|всего|(?:grand )?total)(?: (?:по|на|за|for) .*)?")
# What a table's name gets from spreadsheets and downloads: «Клиенты - Лист1», «Клиенты (1)», «Клиенты — копия».
_TAIL = re.compile(
    r"(?:\.(?:xlsx|csv)| [-–—] (?:лист|sheet) ?[0-9]*| ?\([0-9]{1,3}\)| [-–—] (?:копия|copy))$", re.IGNORECASE
)
_FILE = Path(__file__).with_name("headers.toml")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a kind of sheet: field names by what a header may say."""

    by_title: dict[str, str]
    shown: dict[str, str]  # what a field is called in messages

    @property
    def titles(self) -> tuple[str, ...]:
        """What the columns are called in messages."""
        return tuple(self.shown.values())

    def find(self, title: str) -> str | None:
        """The field that a header names, whatever its case, spaces, trailing mark of a required one and «, руб.»."""
        plain = folded(title)
        return self.by_title.get(plain) or self.by_title.get(_IN_ROUBLES.sub("", plain))


def counts_rows(title: str, position: int) -> bool:
    """Whether a column only numbers the rows: «№ п/п», or a «№» that is the first one."""
    return _ROW_NUMBER.fullmatch(folded(title)) is not None or (position == 0 and title.strip() in ("№", "#"))


def is_total(words: str) -> bool:
    """Whether a row that begins so adds up the others: «Итого», «Всего по клиенту»."""
    return _TOTAL.fullmatch(folded(words)) is not None


def folded(title: str) -> str:
    """A name as it is compared: small letters, е for ё, single spaces for underscores, dots and dashes."""
    plain = title.casefold().replace("ё", "е").replace("_", " ").replace(".", " ").replace("-", " ")
    return " ".join(plain.strip(" *:\t\n").split())


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


@cache
def _kinds() -> dict[str, str]:
    kinds: dict[str, str] = {}
    for kind, entry in _tables()["sheets"].items():
        kinds |= {folded(name): kind for name in (kind, *entry["names"])}
    return kinds


def sheet_named(name: str) -> str | None:
    """The kind of a sheet or file of this name; a leading number orders files and says nothing."""
    plain = name.lstrip("0123456789-_. ").strip()
    while (kind := _kinds().get(folded(plain))) is None and (tail := _TAIL.search(plain)) and tail.start():
        plain = plain[: tail.start()].strip()
    return kind


@cache
def columns_of(kind: str) -> Columns:
    """The columns that a kind of sheet may have."""
    entry = _tables()["sheets"][kind]
    fields: dict[str, list[str]] = {}
    for group in entry.get("like", []):
        fields |= _tables()["groups"][group]
    fields |= entry["columns"]
    by_title = {folded(title): name for name, titles in fields.items() for title in (name, *titles)}
    return Columns(by_title, {name: titles[0] for name, titles in fields.items()})


@cache
def words_of(name: str) -> dict[str, str]:
    """Values of a list of words by what a cell may say, e.g. «заявитель» for `requester`."""
    return {folded(said): value for value, others in _tables()["words"][name].items() for said in (value, *others)}
