"""Pools of hours and the order of drawing from them (R4.1, R4.2)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class PoolKind(StrEnum):
    """Where the hours of a pool come from."""

    INCLUDED = "included"
    GIFT = "gift"
    PREPAID = "prepaid"


DRAW_ORDER = (PoolKind.INCLUDED, PoolKind.GIFT, PoolKind.PREPAID)


@dataclass(frozen=True, slots=True)
class PoolToDraw:
    """A pool as the draw sees it: what is available now, and when and for what it may be used.

    `start` and `end` are inclusive days in the client's time zone; no `end` means it never ends. Empty `objects` or
    `work_types` mean all. `available` is in `unit`, for a pool of time in minutes.
    """

    id: str
    kind: PoolKind
    available: int
    start: date
    end: date | None = None
    unit: str = "minutes"
    objects: frozenset[str] = frozenset()
    work_types: frozenset[str] = frozenset()

    def usable(self, on: date) -> bool:
        """Tell whether the work date lies within the pool's days and something is left."""
        return self.available > 0 and self.start <= on and (self.end is None or on <= self.end)

    def serves(self, service_object: str | None, work_type: str | None) -> bool:
        """Tell whether the pool's scope takes in this object and work type (R4.1)."""
        return (not self.objects or service_object in self.objects) and (
            not self.work_types or work_type in self.work_types
        )


@dataclass(frozen=True, slots=True)
class Draw:
    """An amount taken from one pool, in the pool's unit: minutes, kopecks, points, visits or tickets."""

    pool: str
    amount: int

    def as_stored(self) -> dict[str, Any]:
        """As decisions and quotes keep it; there the amount is called `minutes`, whatever its unit."""
        return {"pool": self.pool, "minutes": self.amount}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> "Draw":
        """The draw that a decision or a quote kept."""
        return cls(str(stored["pool"]), int(stored["minutes"]))


def draw(
    need: int, pools: Sequence[PoolToDraw], on: date, order: Sequence[PoolKind] = DRAW_ORDER
) -> tuple[list[Draw], int]:
    """Split `need` over the pools usable on the work date (R4.2): kind, end, start, id; no draw of zero.

    Returns the draws in order and what no pool could cover. Raises ValueError for a negative need, pools of different
    units, or an order that does not name each kind once.
    """
    if need < 0:
        raise ValueError("need must not be negative")
    if sorted(order) != sorted(PoolKind):
        raise ValueError("order must name each kind once")
    if len({pool.unit for pool in pools}) > 1:
        raise ValueError("pools of different units don't mix")
    draws: list[Draw] = []
    for pool in sorted((pool for pool in pools if pool.usable(on)), key=draw_key(order)):
        if need == 0:
            break
        taken = min(need, pool.available)
        draws.append(Draw(pool.id, taken))
        need -= taken
    return draws, need


def merged(draws: Sequence[Draw]) -> list[Draw]:
    """Return the draws with those from one pool added up, in order of first appearance."""
    taken: dict[str, int] = {}
    for each in draws:
        taken[each.pool] = taken.get(each.pool, 0) + each.amount
    return [Draw(pool, amount) for pool, amount in taken.items()]


def draw_key(order: Sequence[PoolKind]) -> Callable[[PoolToDraw], tuple[int, bool, date, date, str]]:
    """Return the sort key of the draw: kind by `order`, end (none last), start, id as text (R4.2)."""
    rank = {kind: place for place, kind in enumerate(order)}
    return lambda pool: (rank[pool.kind], pool.end is None, pool.end or date.max, pool.start, pool.id)
