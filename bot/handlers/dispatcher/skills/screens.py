"""What staff's skills tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.skills.clients import ClientFound
from bot.answers.skills.debtors import Debtor
from bot.tickets.thread.listing import TicketOfOffice


@dataclass(frozen=True, slots=True)
class DebtorsTold:
    """Who owes us, the longest overdue first; `total` in kopecks."""

    debtors: Sequence[Debtor]
    total: int


@dataclass(frozen=True, slots=True)
class ClientsTold:
    """Clients that a line names; `manages`: their people can be looked at."""

    clients: Sequence[ClientFound]
    manages: bool


@dataclass(frozen=True, slots=True)
class AllOpen:
    """Tickets that are open now, of `count`."""

    tickets: Sequence[TicketOfOffice]
    count: int


@dataclass(frozen=True, slots=True)
class TicketUnknown:
    """There is no ticket of this number."""

    number: int
