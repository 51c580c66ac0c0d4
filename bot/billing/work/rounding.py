"""Rounding of time to billed minutes (R5.5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.sums.exact import up_to_step


class RoundingScope(StrEnum):
    """What is summed before it is rounded."""

    ENTRY = "entry"
    TICKET_DAY = "ticket_day"
    TICKET = "ticket"


class Way(StrEnum):
    """How work is done; the two are always rounded apart."""

    REMOTE = "remote"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Rounding:
    """The rounding of a contract: step and minimums in minutes."""

    scope: RoundingScope
    step: int
    minimum_remote: int
    minimum_visit: int

    def minimum(self, way: Way) -> int:
        """Return the least billed minutes of work done in that way."""
        return self.minimum_remote if way is Way.REMOTE else self.minimum_visit


@dataclass(frozen=True, slots=True)
class Spent:
    """Raw minutes of one time entry; `settled` are its billed minutes once they are accepted and never change."""

    minutes: int
    ticket: int | str
    day: date
    way: Way = Way.VISIT
    settled: int | None = None


@dataclass(frozen=True, slots=True)
class RoundedEntries:
    """Entries rounded together: raw and billed minutes, the positions of the entries and what each of them bills.

    `day` is None when the days of a ticket are rounded together.
    """

    ticket: int | str
    day: date | None
    way: Way
    raw: int
    billed: int
    entries: tuple[int, ...]
    shares: tuple[int, ...]


def round_minutes(raw: int, step: int, minimum: int) -> int:
    """Return billed minutes: up to the step, then at least the minimum; zero stays zero (R5.5).

    Raises ValueError for negative minutes or minimum, or a step below 1.
    """
    if raw < 0 or minimum < 0:
        raise ValueError("minutes and minimum must not be negative")
    billed = up_to_step(raw, step)
    return max(billed, minimum) if raw else 0


def round_entries(entries: Iterable[Spent], rounding: Rounding) -> list[RoundedEntries]:
    """Group entries by the scope and the way and round each group, in order of first appearance (R5.5).

    Each entry bills what the sum up to it comes to, less what is billed before it; what was settled comes first and
    stays as it is, so that acceptance in parts doesn't change the sum. Entries stand in order of work date, then id.
    """
    groups: dict[tuple[object, ...], list[tuple[int, Spent]]] = {}
    for position, entry in enumerate(entries):
        groups.setdefault(_key(position, entry, rounding.scope), []).append((position, entry))
    return [_rounded(members, rounding) for members in groups.values()]


def _key(position: int, entry: Spent, scope: RoundingScope) -> tuple[object, ...]:
    if scope is RoundingScope.ENTRY:
        return (position,)
    if scope is RoundingScope.TICKET_DAY:
        return (entry.ticket, entry.day, entry.way)
    return (entry.ticket, entry.way)


def _rounded(members: Sequence[tuple[int, Spent]], rounding: Rounding) -> RoundedEntries:
    first = members[0][1]
    shares = _shares([entry for _, entry in members], rounding)
    return RoundedEntries(
        ticket=first.ticket,
        day=None if rounding.scope is RoundingScope.TICKET else first.day,
        way=first.way,
        raw=sum(entry.minutes for _, entry in members),
        billed=sum(shares),
        entries=tuple(position for position, _ in members),
        shares=tuple(shares),
    )


def _shares(entries: Sequence[Spent], rounding: Rounding) -> list[int]:
    minimum = rounding.minimum(entries[0].way)
    raw = sum(entry.minutes for entry in entries if entry.settled is not None)
    billed = sum(entry.settled or 0 for entry in entries)
    shares = []
    for entry in entries:
        share = entry.settled
        if share is None:
            raw += entry.minutes
            share = max(round_minutes(raw, rounding.step, minimum) - billed, 0)
            billed += share
        shares.append(share)
    return shares
