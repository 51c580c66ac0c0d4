"""Closed months and settled lines as a manager is shown them; kopecks with VAT inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.billing.documents.issued import ClosedMonth


@dataclass(frozen=True, slots=True)
class ClosedMonths:
    """The newest first."""

    months: Sequence[ClosedMonth]


@dataclass(frozen=True, slots=True)
class MonthSending:
    """A month whose invoices go out: how many."""

    month: date
    count: int


@dataclass(frozen=True, slots=True)
class LineDecided:
    """What the manager has decided of a line; `number` is the credit note over `kopecks`."""

    credited: bool
    number: int | None
    kopecks: int
