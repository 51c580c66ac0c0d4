"""What a ticket is billed: the one function that acceptance, the card and the proof read, judged as the month judges
(R10.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.billing.hours.holds import unit_of_ticket
from bot.billing.hours.units import MINUTES
from bot.billing.seller.particulars import regime_of, seller_of
from bot.billing.statements.rows import agreed_quotes
from bot.billing.statements.rule import DraftLine, Facts, LineKind, draft_statement
from bot.billing.work.models import TimeEntry
from bot.calendar.periods import Period, month_of
from bot.sums.vat import Regime
from bot.tickets.bill.billable import Billable, ToJudge, judged
from bot.tickets.bill.count_minutes import standing_entries
from bot.tickets.bill.promised import time_to_draw
from bot.tickets.bill.rows import lines_of_ticket, times_of_ticket
from bot.tickets.life.deadlines import work_day
from bot.tickets.life.models import Ticket


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line that the client pays: its quantity in `unit`, and its kopecks with VAT, as the statement has it."""

    name: str
    unit: str
    quantity: int
    gross: int


@dataclass(frozen=True, slots=True)
class TicketBill:
    """All that a ticket is billed, in kopecks; `vat_percent` is None where the seller has no VAT.

    It is the whole of it, whatever a statement has already; what is disputed, or waits for its yes or prepayment, is
    not in it.
    """

    number: int
    lines: Sequence[BilledLine]
    net: int
    vat: int
    gross: int
    vat_percent: int | None


def bill_of(session: Session, ticket: Ticket, now: datetime) -> TicketBill:
    """What a ticket is billed if all that isn't disputed is accepted now; once accepted, what its statements bill."""
    rows = ToJudge(
        agreed_quotes(session, ticket.id),
        times_of_ticket(session, ticket.id, now),
        lines_of_ticket(session, ticket.id),
    )
    month = month_of(max((time.day for time in rows.times), default=work_day(session, ticket, now)))
    to_come = {ticket.id: _minutes_to_come(session, ticket)}
    facts = judged(session, rows, month, to_come=to_come).get(ticket.contract_id)
    regime = _regime(session, month)
    draft = draft_statement(_facts(facts or Billable()), month, regime)
    paid = [line for line in draft.lines if line.kind is LineKind.QUOTE and line.gross]
    return TicketBill(
        number=ticket.number,
        lines=[_billed(line) for line in paid],
        net=draft.net,
        vat=draft.vat,
        gross=draft.gross,
        vat_percent=regime.rate // 100 if regime.rate is not None else None,
    )


def _facts(found: Billable) -> Facts:
    return Facts(None, found.times, found.approved, found.works)


def _billed(line: DraftLine) -> BilledLine:
    return BilledLine(line.name, line.unit, line.quantity, line.gross)


def _regime(session: Session, month: Period) -> Regime:
    """VAT by the date of the act, the last of the month (R6.3)."""
    seller = seller_of(session)
    return regime_of(session, seller, month.end) if seller is not None else Regime(month.start, None)


def _minutes_to_come(session: Session, ticket: Ticket) -> int:
    """Minutes that pools will give for time which isn't settled yet: nobody pays them."""
    if unit_of_ticket(session, ticket.id) != MINUTES:
        return 0
    open_ones: list[TimeEntry] = [row for row in standing_entries(session, ticket.id) if row.settled_at is None]
    standing = [row for row in open_ones if row.disputed_at is None]
    frozen = [row for row in open_ones if row.disputed_at is not None]
    draws = time_to_draw(session, ticket, standing, frozen)
    return sum(draws[row.id].amount for row in standing if row.id in draws)
