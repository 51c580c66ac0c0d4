"""Typesetting: a `.typ` form and the subject it names make a PDF; the same subject makes the same bytes."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst
from babel.dates import format_date

from bot.messaging.notices.subjects import Subject

FORMS = Path(__file__).resolve().parent / "forms"
FONTS = FORMS.with_name("fonts")
_LONG_WORD = re.compile(r"\S{24,}")
_PIECE = 16
_BREAK = "\u200b"


def typeset(form: str, subject: Subject, day: date) -> bytes:
    """PDF of `forms/<form>.typ`; `day` is the document's date, the only moment that gets into the file."""
    return _compiled(form, subject, day, format="pdf")[0]


def pictures(form: str, subject: Subject, day: date, ppi: int = 100) -> list[bytes]:
    """The same pages as PNG, to be looked at."""
    return _compiled(form, subject, day, format="png", ppi=ppi)


def _compiled(form: str, subject: Subject, day: date, **output: Any) -> list[bytes]:
    made: bytes | list[bytes] = typst.compile(
        str(FORMS / f"{form}.typ"),
        root=str(FORMS),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,  # a machine's own fonts would change the pages
        sys_inputs={"data": json.dumps(printable(asdict(subject)), ensure_ascii=False)},
        timestamp=int(datetime.combine(day, time(12), UTC).timestamp()),
        **output,
    )
    return made if isinstance(made, list) else [made]


def printable(value: Any) -> Any:
    """Values as a form may set them: no control characters, and long words that may be broken."""
    match value:
        case str():
            clean = "".join(sign for sign in value if sign >= " " or sign == "\n")
            return clean if clean.startswith("<svg") else _LONG_WORD.sub(_breakable, clean)
        case Mapping():
            return {key: printable(each) for key, each in value.items()}
        case list() | tuple():
            return [printable(each) for each in value]
        case _:
            return value


def amount(kopecks: int) -> str:
    """«3 750,00»: roubles and kopecks as accounting writes them; a minus before what is taken back."""
    roubles, rest = divmod(abs(kopecks), 100)
    return ("−" if kopecks < 0 else "") + f"{roubles:,}".replace(",", "\u00a0") + f",{rest:02}"


def long_day(day: date) -> str:
    """«3 декабря 2026 г.»."""
    return format_date(day, "d MMMM y 'г'.", locale="ru").replace(" ", "\u00a0")


def _breakable(match: re.Match[str]) -> str:
    word = match[0]
    return _BREAK.join(word[place : place + _PIECE] for place in range(0, len(word), _PIECE))
