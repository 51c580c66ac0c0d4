"""What the client's finance is asked and told of a debt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.billing.debts.owed import DebtLine


@dataclass(frozen=True, slots=True)
class DayOffered:
    """A day that may be promised, so many days from today."""

    days: int
    day: date


@dataclass(frozen=True, slots=True)
class PromiseChoice:
    """Until when a company will pay."""

    company_id: int
    company: str
    offered: Sequence[DayOffered]


@dataclass(frozen=True, slots=True)
class PromiseNoted:
    """What was promised is written down."""

    company_id: int
    until: date
    invoices: Sequence[str]


@dataclass(frozen=True, slots=True)
class InvoiceChoice:
    """Which of the unpaid invoices is disputed."""

    company_id: int
    company: str
    debts: Sequence[DebtLine]
