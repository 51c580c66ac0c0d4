"""A sum or a time as it was understood, said back before anything is done with it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeWithout:
    """Minutes that lack their reason."""

    ticket_id: int
    number: int
    minutes: int


@dataclass(frozen=True, slots=True)
class TimeRead:
    """Minutes and their reason, as the message `said` was understood."""

    ticket_id: int
    number: int
    said: int
    minutes: int
    reason: str


@dataclass(frozen=True, slots=True)
class EstimateRead:
    """Kopecks with VAT and what for, as the message `said` was understood; all but the first are for the client to
    choose."""

    ticket_id: int
    number: int
    said: int
    lines: Sequence[tuple[int, str]]
