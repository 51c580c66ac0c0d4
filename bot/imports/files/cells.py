"""One cell as a person would type it, whatever a spreadsheet or 1C keeps it as; what lost its value is a trouble."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

DIGITS = 15  # a spreadsheet keeps no more
_SPACES = str.maketrans(
    {"\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u200b": "", "\ufeff": "", "\u00ad": ""}
)
_ERRORS = re.compile(
    r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|GETTING_DATA|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|"
    r"ПУСТО!|ДЕЛ/0!|ЗНАЧ!|ССЫЛКА!|ИМЯ\?|ЧИСЛО!|Н/Д|ПЕРЕНОС!|ВЫЧИСЛ!|ПОЛЕ!|#+)|(?:Err|Ошибка|Ош):\s?[0-9]{3}"
)
_EXPONENT = re.compile(r"[0-9]+[.,][0-9]+[eE]\+?[0-9]+|[0-9][eE]\+[0-9]+")
# 1C writes a date that isn't set as its first day, or as dots with nothing between.
_NO_DATE = re.compile(
    r"0?1[./]0?1[./]0001(?: 0?0:00(?::00)?)?|0001-01-01(?:[T ]00:00(?::00)?)?|\.\s*\.(?:\s*:\s*:?)?", re.ASCII
)
_KEPT_AS_TEXT = re.compile(r"'(?=[0-9=+-])|=\"([^\"]*)\"")
_ZEROS = re.compile(r"0{2,}")
_DASH = re.compile(r"[-\u2010-\u2015\u2212]{1,3}")
_LITERAL = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A cell whose value can't be trusted; `key` is a label of section `import_error`."""

    key: str
    shown: str = ""


def native_text(value: Any, shown_as: str) -> str | Trouble:
    """A value of a workbook, with its number format, as text: money with its kopecks, a percentage with its sign,
    a code with the zeros that its format shows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | timedelta | date | time):
        return _time_text(value, shown_as)
    if isinstance(value, int | float):
        return _number_text(value, shown_as)
    return str(value)


def cleaned(cell: str) -> str | Trouble:
    """A cell's text without what only its way here put there."""
    text = cell.translate(_SPACES).strip()
    if kept := _KEPT_AS_TEXT.match(text):
        text = kept[1] if kept[1] is not None and kept.end() == len(text) else text.removeprefix("'")
    if _ERRORS.fullmatch(text):
        return Trouble("excel_error", text)
    if _EXPONENT.fullmatch(text):
        return Trouble("digits_lost", text)
    if text.startswith("=") and len(text) > 1:
        return Trouble("formula_text", text[:60])
    return text


def is_no_date(text: str) -> bool:
    """Whether a cell for a date holds what 1C writes for one that isn't set."""
    return _NO_DATE.fullmatch(text) is not None


def is_dash(text: str) -> bool:
    """Whether a cell holds a dash alone, which people write for nothing."""
    return _DASH.fullmatch(text) is not None


def _number_text(value: float, shown_as: str) -> str | Trouble:
    plain = _LITERAL.sub("", shown_as.split(";", maxsplit=1)[0])
    if isinstance(value, float) and abs(value) >= 10**DIGITS:
        return Trouble("digits_lost", f"{value:g}")
    exact = Decimal(value) if isinstance(value, int) else Decimal(format(value, f".{DIGITS}g"))
    if "%" in plain:
        return f"{_plain(exact * 100)} %"
    text = _plain(exact)
    return text.zfill(len(plain)) if _ZEROS.fullmatch(plain) and text.isdecimal() else text


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _time_text(value: Any, shown_as: str) -> str:
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        text = f"{seconds // 3600}:{seconds // 60 % 60:02}"
        return f"{text}:{seconds % 60:02}" if seconds % 60 else text
    if isinstance(value, datetime):
        value = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        if value.time() == time() and "h" not in _LITERAL.sub("", shown_as).lower():
            return str(value.date())
        return str(value.isoformat(" ", "seconds" if value.second else "minutes"))
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    return str(value)
