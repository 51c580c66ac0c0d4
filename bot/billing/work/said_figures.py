"""A sum or a time that a person says in the chat: read as `calc` does, and what might mean another amount is asked."""

import re

from bot.calendar.read_minutes import Length, read_minutes
from bot.db.errors import Refusal
from bot.sums.read_sum import Sum, read_sum
from bot.sums.written import NO_LETTER, SPACE, UnclearError, folded

SHOWN = 60
# A sum would be another one by these: «50 коп», «5 т. р.», «5 тыщ», «5 k», «100 $», «2 часа», «100 и 50 коп».
_OTHER_SUM = re.compile(
    r"(?:(?:коп|копе(?:ек|йка|йки|йкой)|т|тр|тыс|тысяч\w{0,3}|тыщ\w*|k|кк|миллион\w*|миллиард\w*|лям(?:а|ов)?|"
    r"дол|долл|доллар(?:а|ов)?|usd|eur|евро|тенге|минут(?:а|ы|у)?|часа|часов|дня|дней|день|штук(?:а|и|у)?|метр(?:а|ов)?)"
    rf"{NO_LETTER}|[$€₸£¥]|и{SPACE}+[0-9])"
)
_MORE_TIME = re.compile(rf"и{SPACE}+(?:[0-9]|полчаса|пол{SPACE}|четверть)|с{SPACE}+половиной")


class SumUnclear(Refusal):
    """Not a sum, or one that could be read two ways; `line` is what was written."""

    key = "refusal.sum_unclear"


class TimeUnclear(Refusal):
    """Not a length of time, or one that could be read two ways; `line` is what was written."""

    key = "refusal.time_unclear"


def said_sum(line: str) -> Sum:
    """The sum that a line begins with and its words. Raises SumUnclear."""
    try:
        found = read_sum(line)
    except UnclearError:
        raise SumUnclear(line=line.strip()[:SHOWN]) from None
    if _OTHER_SUM.match(folded(found.rest)):
        raise SumUnclear(line=line.strip()[:SHOWN])
    return found


def said_minutes(line: str) -> Length:
    """The length of time that a line begins with and its words. Raises TimeUnclear."""
    try:
        found = read_minutes(line)
    except UnclearError:
        raise TimeUnclear(line=line.strip()[:SHOWN]) from None
    if _MORE_TIME.match(folded(found.rest)):
        raise TimeUnclear(line=line.strip()[:SHOWN])
    return found
