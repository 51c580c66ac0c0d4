"""What recording an oral approval asks."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WhoSaidYes:
    """Ids and names of those whose yes a quote of `gross` kopecks waits for."""

    ticket_id: int
    number: int
    gross: int
    people: Sequence[tuple[int, str]]
