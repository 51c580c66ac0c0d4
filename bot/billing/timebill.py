"""From time entries to billed lines: rounding, bands and labour together (R5.3–R5.5)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.billing.bands import Part, spread_added
from bot.billing.labour import labour
from bot.billing.rounding import Channel, Rounding, Spent, round_entries


@dataclass(frozen=True, slots=True)
class Worked:
    """One time entry: its minutes by multiplier (`bands.split`)."""

    id: str
    ticket: str
    day: date
    channel: Channel
    parts: tuple[Part, ...]

    @property
    def minutes(self) -> int:
        """Raw minutes of the entry."""
        return sum(part.minutes for part in self.parts)


@dataclass(frozen=True, slots=True)
class BilledBand:
    """Billed minutes of a group at one multiplier: rate in kopecks per hour and the labour in kopecks."""

    bp: int
    raw: int
    billed: int
    rate: int
    kopecks: int


@dataclass(frozen=True, slots=True)
class BilledGroup:
    """Entries billed together; raw and billed minutes are both kept and both shown (R5.5)."""

    ticket: str
    day: date | None
    channel: Channel
    raw: int
    billed: int
    bands: tuple[BilledBand, ...]
    entries: tuple[str, ...]

    @property
    def kopecks(self) -> int:
        """Labour of the group."""
        return sum(band.kopecks for band in self.bands)


def bill_time(entries: Sequence[Worked], rounding: Rounding, rate_of: Callable[[int], int]) -> list[BilledGroup]:
    """Round entries by group and price each band of a group (R5.3–R5.5).

    `rate_of` gives kopecks per hour for a band's multiplier. Minutes that rounding adds go to the cheapest band.
    """
    spent = [Spent(entry.minutes, entry.ticket, entry.day, entry.channel) for entry in entries]
    billed: list[BilledGroup] = []
    for group in round_entries(spent, rounding):
        members = [entries[place] for place in group.entries]
        raw = _by_band(members)
        bands = tuple(
            BilledBand(part.bp, before.minutes, part.minutes, rate_of(part.bp), labour(part.minutes, rate_of(part.bp)))
            for before, part in zip(raw, spread_added(raw, group.billed - group.raw), strict=True)
        )
        ids = tuple(entry.id for entry in members)
        billed.append(BilledGroup(members[0].ticket, group.day, group.channel, group.raw, group.billed, bands, ids))
    return billed


def _by_band(entries: Sequence[Worked]) -> list[Part]:
    minutes: dict[int, int] = {}
    for entry in entries:
        for part in entry.parts:
            if part.minutes:
                minutes[part.bp] = minutes.get(part.bp, 0) + part.minutes
    return [Part(bp, total) for bp, total in sorted(minutes.items())]
