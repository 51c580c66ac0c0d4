"""Lines and totals of a quote, their hash, validity and the approver's limits (R7)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from bot.billing.prices.rule import HOUR, labour
from bot.calendar.workdays import ProductionCalendar
from bot.sums.vat import Regime, VatTotals, vat_of_lines

MINUTE = "minute"
PIECE = "piece"


class ApprovalWay(StrEnum):
    """How a yes came: by the button of who was asked or of a deputy, by word (R7.7), by a ceiling (R7.6)."""

    BUTTON = "button"
    DEPUTY = "deputy"
    ORAL = "oral"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """What is offered: `quantity` in `unit`, `price` in kopecks for one unit (for minutes: per hour), sum in kopecks.

    `optional` lines are priced but count only once chosen. `band` is the multiplier of the hours it falls into, in
    basis points, zero for ordinary ones; `credit` is what diagnostics paid before took off its price (R5.6). Both only
    explain the price, which has them in it."""

    item: str
    name: str
    unit: str
    quantity: int
    price: int
    kopecks: int
    optional: bool = False
    band: int = 0
    credit: int = 0

    @property
    def work(self) -> str:
        """The code of what is sold: work by the hour is named beside the rate that prices it (R5.1)."""
        return self.name if self.item.startswith(HOUR) else self.item

    def of_time(self, *, up_to: bool) -> bool:
        """Whether the time of the job is billed by this line: hours of the job itself, and hours agreed as «до N».

        A work with a name is agreed by itself and costs what was agreed, whatever time it took (R5.7, R7.8)."""
        return self.item.startswith(HOUR) and self.unit == MINUTE and (up_to or self.work == self.item)


@dataclass(frozen=True, slots=True)
class QuoteTotals:
    """Lines that count, VAT of each, and the sums in kopecks; `rate` None is «без НДС»."""

    lines: tuple[QuoteLine, ...]
    vat: VatTotals
    rate: int | None

    @property
    def gross(self) -> int:
        """What the client pays."""
        return self.vat.gross


_SAID = tuple(each.name for each in fields(QuoteLine))
_EXPLAINING = ("band", "credit")  # nothing is said of them where they are nothing
_SAID_OF_VAT = tuple(each.name for each in fields(VatTotals))


class Limit(StrEnum):
    """Whether an approver may say yes to a sum (R7.6)."""

    WITHIN = "within"
    OVER_JOB = "over_job"
    OVER_MONTH = "over_month"


def pieces_line(item: str, name: str, unit: str, quantity: int, price: int) -> QuoteLine:
    """Return a line of whole units at a price each. Raises ValueError for no units or a negative price."""
    if quantity < 1 or price < 0:
        raise ValueError("a line needs a quantity and a price")
    return QuoteLine(item, name, unit, quantity, price, quantity * price)


def labour_line(item: str, name: str, minutes: int, rate: int, band: int = 0) -> QuoteLine:
    """Return a line of minutes at kopecks per hour (R5.4). Raises ValueError for no minutes or a negative rate."""
    if minutes < 1:
        raise ValueError("a line needs a quantity and a price")
    return QuoteLine(item, name, MINUTE, minutes, rate, labour(minutes, rate), band=band)


def less(lines: Sequence[QuoteLine], kopecks: int) -> tuple[tuple[QuoteLine, ...], int]:
    """Take a sum off the lines that count, in order; a line that is lessened becomes one piece at what is left of it.

    Returns the lines and what could not be taken off: no line falls below zero. Raises ValueError below zero.
    """
    if kopecks < 0:
        raise ValueError("a sum to take off must not be negative")
    made: list[QuoteLine] = []
    for line in lines:
        taken = 0 if line.optional else min(kopecks, line.kopecks)
        kopecks -= taken
        rest = line.kopecks - taken
        made.append(replace(line, unit=PIECE, quantity=1, price=rest, kopecks=rest) if taken else line)
    return tuple(made), kopecks


def quote_totals(lines: Sequence[QuoteLine], regime: Regime, chosen: frozenset[int] = frozenset()) -> QuoteTotals:
    """Add up the lines that count, VAT by line (R6.2). `chosen` are positions of optional lines that are wanted.

    Raises ValueError for a chosen position that is no optional line, or a quote without lines.
    """
    if any(place >= len(lines) or place < 0 or not lines[place].optional for place in chosen):
        raise ValueError("only optional lines can be chosen")
    counted = tuple(line for place, line in enumerate(lines) if not line.optional or place in chosen)
    if not counted:
        raise ValueError("a quote needs a line")
    vat = vat_of_lines([line.kopecks for line in counted], regime.rate, inclusive=regime.inclusive)
    return QuoteTotals(counted, vat, regime.rate)


def lines_hash(totals: QuoteTotals, *, up_to: bool = False) -> str:
    """Return the SHA-256 of everything a yes is given to: lines, order, VAT, sums and «до N» (R7.4)."""
    said = {
        "lines": [_hashed(line) for line in totals.lines],
        "vat": {name: getattr(totals.vat, name) for name in _SAID_OF_VAT},
        "rate": totals.rate,
        "up_to": up_to,
    }
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _hashed(line: QuoteLine) -> dict[str, Any]:
    said = {name: getattr(line, name) for name in _SAID}
    return {name: value for name, value in said.items() if value or name not in _EXPLAINING}


def check_limits(gross: int, month_approved: int, job_limit: int | None, month_limit: int | None) -> Limit:
    """Compare a sum with an approver's limits per job and per month; None is no limit. All in kopecks (R7.4)."""
    if job_limit is not None and gross > job_limit:
        return Limit.OVER_JOB
    if month_limit is not None and month_approved + gross > month_limit:
        return Limit.OVER_MONTH
    return Limit.WITHIN


def within_ceiling(gross: int, ceiling: int | None) -> bool:
    """Tell whether a pre-authorised ceiling («до 5 000 ₽ без звонка») approves the sum by itself (R7.6)."""
    return ceiling is not None and gross <= ceiling


def billed_up_to(fact: int, approved: int) -> int:
    """Return what an «до N» estimate bills: the fact, never above the approved sum (R7.8). Kopecks."""
    return min(fact, approved)


def last_day_of_job_quote(sent_on: date, working_days: int, calendar: ProductionCalendar) -> date:
    """Return the last day to approve a job, counted in working days after sending (R7.8). Raises NoCalendarError."""
    return calendar.after(sent_on, working_days)


def last_day_of_project_quote(sent_on: date, days: int) -> date:
    """Return the last day to approve a project, counted in calendar days after sending (R7.8)."""
    return sent_on + timedelta(days=days)
