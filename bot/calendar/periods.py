"""To which statement a day's work belongs (R4.4). A period is a calendar month."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """A month of a contract: first and last day, inclusive."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Billed:
    """The statement that takes an entry; `late` marks it «за прошлый период»."""

    period: Period
    late: bool


def month_of(day: date) -> Period:
    """Return the month that a day lies in."""
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def billed_in(work_date: date, locked_until: date | None) -> Billed:
    """Return the statement for work of a day, when all days up to `locked_until` are locked by statements (R4.4)."""
    if locked_until is None or work_date > locked_until:
        return Billed(month_of(work_date), late=False)
    return Billed(month_of(locked_until + timedelta(days=1)), late=True)
