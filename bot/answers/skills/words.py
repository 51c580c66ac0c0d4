"""What a line names besides the skill it asks for: a ticket's number, a month. Pure."""

import re
from collections.abc import Collection
from datetime import date

from bot.kb.line.text import normalise, words

_TICKET = r"(?:заявк\w*|тикет\w*|наряд\w*|обращени\w*|вызов\w*|ticket|request|job)"
_NO = r"(?:номер\w*|number|no|n)"  # «№» is `no` once compatible forms are folded
_NUMBERED = re.compile(rf"(?:\b{_TICKET}\s*(?:под\s+)?{_NO}?|\bno|#)[\s.:#]*(\d{{1,9}})(?!\w)")
_ASKED = r"(?:ну|а|что|чо|че|шо|как|там|с|со|по|про|статус|покажи\w*|открой\w*|show|open|status|what|about|of|on)"
_BARE = re.compile(rf"\W*(?:(?:{_TICKET}|{_ASKED})\b\W*|{_NO}\W*)*(\d{{1,9}})\W*")
_SAID = re.compile(
    r"\b(?:по|с|со|про)\s+(\d{1,6})\b(?!\s*(?:до|час|мин|дн|руб|касс|числ|\d))"
    r"|\b(\d{1,6})-?(?:ю|ую|ой|й|я|ая)\b"
)
_MONTHS = (
    *("январ|januar", "феврал|februar", "март|march", "апрел|april", "ма[йяе]|may", "июн|june"),
    *("июл|july", "август|august", "сентябр|september", "октябр|october", "ноябр|november", "декабр|december"),
)
_MONTH_NAMED = [re.compile(rf"\b(?:{stem})\w*") for stem in _MONTHS]
_LAST_MONTH = re.compile(r"\b(прошл\w*|предыдущ\w*|last|previous)\b")
_THIS_MONTH = re.compile(r"\b(эт\w+|текущ\w*|this|current) (месяц|month)\w*")
_IN_YEAR = re.compile(r"\b(20\d\d)\b")


def ticket_number(line: str) -> int | None:
    """The number of a ticket that a line names: «что по заявке 12», «№ 12»."""
    found = _NUMBERED.search(normalise(line))
    return int(found[1]) if found is not None else None


def bare_number(line: str) -> int | None:
    """The number that a line is, with nothing but «заявка» or «что с» beside it."""
    found = _BARE.fullmatch(normalise(line).strip())
    return int(found[1]) if found is not None else None


def number_said(line: str) -> int | None:
    """The number that staff says like a name: «по 49 что там», «49ю открой»."""
    found = _SAID.search(normalise(line))
    return int(found[1] or found[2]) if found is not None else None


def are_named(line: str, names: Collection[str]) -> bool:
    """Whether a line has two or more of the names, in any form: «чем Бизнес отличается от Максимума»."""
    said = {each.lemma for each in words(line)}
    return sum(said >= {each.lemma for each in words(name)} for name in names) > 1


def month_named(line: str, today: date) -> date | None:
    """The first day of the month that a line names, the latest one that has begun; None where it names none."""
    text = normalise(line)
    if (number := next((n for n, month in enumerate(_MONTH_NAMED, 1) if month.search(text)), None)) is not None:
        year = _IN_YEAR.search(text)
        if year is not None:
            return date(int(year[1]), number, 1)
        return date(today.year if number <= today.month else today.year - 1, number, 1)
    if _THIS_MONTH.search(text):
        return today.replace(day=1)
    if _LAST_MONTH.search(text):
        return date(today.year - (today.month == 1), 12 if today.month == 1 else today.month - 1, 1)
    return None
