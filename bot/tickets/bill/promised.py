"""What the time and works of a ticket may draw from its pools, and which of its time was agreed to be paid."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.billing.hours.holds import drawn, held_by_works, unit_of_ticket
from bot.billing.hours.units import BY_PRICE, MINUTES
from bot.billing.prices.models import WorkItem
from bot.billing.prices.rule import PriceMode
from bot.billing.quotes.diagnostics import AGREED
from bot.billing.quotes.models import Quote
from bot.billing.quotes.rule import MINUTE
from bot.billing.quotes.send import version_of
from bot.billing.scope.rule import Result
from bot.billing.work.models import TimeEntry, WorkLine
from bot.tickets.bill.drawn_need import drawn_need
from bot.tickets.life.models import Ticket


@dataclass(frozen=True, slots=True)
class ToDraw:
    """What a time entry needs of the pools, and how much of it the ticket may draw, in the pools' unit."""

    need: int
    amount: int


def draws_hours(ticket: Ticket) -> bool:
    """Whether time of the ticket takes anything from its pools."""
    return ticket.coverage == Result.COVERED_BY_HOURS or bool(ticket.held_amount)


def time_to_draw(
    session: Session, ticket: Ticket, standing: Sequence[TimeEntry], frozen: Sequence[TimeEntry]
) -> dict[int, ToDraw]:
    """What the entries to be settled draw at acceptance, by the entry's id, and what the disputed ones may need later;
    nothing for a ticket that holds nothing (R4.3, R4.10)."""
    if not draws_hours(ticket):
        return {}
    limit = limit_of_time(session, ticket)
    needs = drawn_need(session, ticket, [*standing, *frozen])
    for entry_id, paid in paid_beside(session, ticket, standing).items():
        needs[entry_id] -= paid
    found = {entry.id: ToDraw(needs[entry.id], 0) for entry in frozen}
    for entry in standing:
        need = amount = needs[entry.id]
        if limit is not None:
            amount, limit = min(need, limit), max(limit - need, 0)
        found[entry.id] = ToDraw(need, amount)
    return found


def limit_of_time(session: Session, ticket: Ticket) -> int | None:
    """How much the ticket's time may draw yet; None: all of it is covered. What is held for the ticket and for works
    added to it is a limit of the whole ticket, not of each acceptance (R4.10). Works priced by themselves draw that."""
    if ticket.coverage == Result.COVERED_BY_HOURS:
        return None
    taken = drawn(session, ticket.id)
    if unit_of_ticket(session, ticket.id) in BY_PRICE:
        return max(ticket.held_amount - sum(_priced(session, ticket).values()) - taken.get(None, 0), 0)
    return max(ticket.held_amount - sum(taken.values()), 0)


def works_to_draw(session: Session, ticket: Ticket) -> dict[int, int]:
    """In roubles and points a work added on site draws its own price, once: no time tells it. By its line."""
    taken = drawn(session, ticket.id)
    return {line: amount for line, amount in _priced(session, ticket).items() if line not in taken}


def paid_beside(session: Session, ticket: Ticket, entries: Sequence[TimeEntry]) -> dict[int, int]:
    """Minutes of each time entry that a quote for a work added to a ticket by hours pays, by the entry's id.

    The time fills what is held for the job first, then what was agreed to be paid; what is beyond is drawn again, and
    free where no pool has it (R4.7). `entries` are those to be settled, in order.
    """
    if ticket.coverage != Result.COVERED_BY_HOURS or unit_of_ticket(session, ticket.id) != MINUTES:
        return {}
    quoted = _quoted_minutes(session, ticket)
    settled = session.exec(
        select(TimeEntry.billed_minutes)
        .where(TimeEntry.ticket_id == ticket.id, col(TimeEntry.settled_at).is_not(None))
        .where(col(TimeEntry.struck_at).is_(None))
    ).all()
    before, found = sum(minutes or 0 for minutes in settled), {}
    for entry in entries:
        minutes = entry.billed_minutes or 0
        found[entry.id] = within(before, minutes, ticket.held_amount, quoted)
        before += minutes
    return found


def within(before: int, amount: int, start: int, width: int) -> int:
    """How much of `amount` that follows `before` lies in the `width` that begins at `start`."""
    return max(min(before + amount, start + width) - max(before, start), 0)


def _priced(session: Session, ticket: Ticket) -> dict[int, int]:
    """What is held in roubles or points for works with a price of their own; work by the hour is drawn by its time."""
    if unit_of_ticket(session, ticket.id) not in BY_PRICE:
        return {}
    holds = held_by_works(session, ticket.id)
    by_time = session.exec(
        select(WorkLine.id)
        .join(WorkItem, col(WorkItem.code) == col(WorkLine.item_code))
        .where(col(WorkLine.id).in_(holds), WorkItem.mode == PriceMode.ACTUAL)
    ).all()
    return {line: amount for line, amount in holds.items() if line not in by_time}


def _quoted_minutes(session: Session, ticket: Ticket) -> int:
    """Minutes that quotes for added works pay."""
    quotes = session.exec(
        select(Quote)
        .join(WorkLine, col(WorkLine.quote_id) == col(Quote.id))
        .where(WorkLine.ticket_id == ticket.id, col(WorkLine.removed_at).is_(None), col(Quote.state).in_(AGREED))
        .distinct()
    ).all()
    lines = [line for quote in quotes for line in version_of(session, quote).lines]
    return sum(line["quantity"] for line in lines if line["unit"] == MINUTE)
