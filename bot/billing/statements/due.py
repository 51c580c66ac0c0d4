"""What an accepted quote comes to in a statement: as agreed, by the fact, less what was billed before (R7.8, R10.4).

Pure. Money in kopecks, time in minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.billing.quotes.rule import QuoteLine, billed_up_to
from bot.billing.scope.worked import RatedMinutes


@dataclass(frozen=True, slots=True)
class Earlier:
    """What statements have of a line of a quote already: its sum, quantity, and in how many lines."""

    gross: int = 0
    quantity: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line of an approved quote; `struck`: a granted dispute took it off, `frozen`: a dispute is open (R10.4).

    `lost` and `held` are kopecks of works within an «до N» that were taken off, or are disputed.
    """

    position: int
    name: str
    line: QuoteLine
    struck: bool = False
    frozen: bool = False
    before: Earlier = Earlier()
    lost: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class ApprovedWork:
    """An accepted quote whose approval stands.

    `worked` is what was worked, neither struck off nor disputed, by its rates: an «до N» estimate bills it up to the
    approved sum (R7.8), a fixed price of time is billed as it is unless some of its time was taken off or `waits` for
    a dispute (`by_fact`). What statements have of its time already is `before`.
    """

    quote_id: int
    approval_id: int
    ticket_id: int
    ticket_number: int
    work_date: date
    lines: tuple[PricedLine, ...]
    up_to: bool = False
    worked: tuple[RatedMinutes, ...] = ()
    by_fact: bool = False
    waits: bool = False
    before: Earlier = Earlier()


@dataclass(frozen=True, slots=True)
class Due:
    """What one line of approved work comes to."""

    source: str
    priced: PricedLine
    quantity: int
    price: int
    gross: int


def due_of(work: ApprovedWork) -> list[Due]:
    """What approved work bills: each line as agreed less what was billed of it before, the time of the job together."""
    live = [priced for priced in work.lines if not (priced.struck or priced.frozen)]
    timed = [priced for priced in live if priced.line.of_time(up_to=work.up_to)]
    due: list[Due] = []
    for priced in live:
        if priced not in timed:
            due += _agreed(work, priced)
        elif priced is timed[0]:
            due += _of_job(work, timed)
    return due


def _agreed(work: ApprovedWork, priced: PricedLine) -> list[Due]:
    line, before = priced.line, priced.before
    source = f"quote/{work.quote_id}/{priced.position}" + (f"+{before.lines}" if before.lines else "")
    gross = max(line.kopecks - priced.lost - priced.held - before.gross, 0)
    if gross == line.kopecks and not before.lines:
        return [Due(source, priced, line.quantity, line.price, gross)]
    if not gross and (before.lines or priced.held):
        return []
    return [Due(source, priced, 1, gross, gross)]


def _of_job(work: ApprovedWork, timed: Sequence[PricedLine]) -> list[Due]:
    """The time of the job: as agreed, or by the fact where it is so agreed or some of the time was taken off or is
    disputed; together never above what was approved (R7.8), and less what was billed before."""
    head, before = timed[0], work.before
    parts: list[tuple[PricedLine, str, int, int, int]] = []
    if work.up_to or work.by_fact:
        left = sum(each.line.kopecks for each in timed)
        for place, worked in enumerate(work.worked or (RatedMinutes(0, head.line.price),)):
            gross = billed_up_to(worked.kopecks, left)
            left -= gross
            own = f"{head.position}.{place}" if place else f"{head.position}"
            parts.append((head, own, worked.minutes, worked.rate, gross))
    else:
        for each in timed:
            parts.append((each, f"{each.position}", each.line.quantity, each.line.price, each.line.kopecks))
    billed, minutes = before.gross, before.quantity
    due = []
    for place, (priced, own, quantity, price, kopecks) in enumerate(parts):
        gross, count = max(kopecks - billed, 0), quantity - min(minutes, quantity)
        billed, minutes = max(billed - kopecks, 0), max(minutes - quantity, 0)
        if gross or not (before.lines or work.waits):
            again = f"+{before.lines + place}" if before.lines else ""
            due.append(Due(f"quote/{work.quote_id}/{own}{again}", priced, count or quantity, price, gross))
    return due
