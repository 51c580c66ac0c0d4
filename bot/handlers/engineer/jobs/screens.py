"""What the screens of an engineer's jobs tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.billing.prices.book import BookItem
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.pages import page_of
from bot.handlers.engineer.figures.unbooked import Unbooked
from bot.tickets.bill.card import SpecLine, works
from bot.tickets.life.models import Ticket
from bot.tickets.thread.listing import TicketLine
from bot.tickets.work.finish import offered_minutes, said_time

PAGE = 7


@dataclass(frozen=True, slots=True)
class MyJobs:
    """«Мои наряды» and the board."""

    jobs: Sequence[TicketLine]


@dataclass(frozen=True, slots=True)
class Specification:
    """What was done on a job, before it is handed over: its works, the minutes and why they are others than «начал —
    закончил»; `unbooked` ones are booked when it is."""

    ticket_id: int
    number: int
    works: Sequence[SpecLine]
    minutes: int
    reason: str | None
    unbooked: bool


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of the price list to add from."""

    ticket_id: int
    number: int
    items: Sequence[BookItem]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class HowMany:
    """An item of the price list to be added. `lines`: how many the ticket has had, so that a press counts once."""

    ticket_id: int
    number: int
    item_id: int
    name: str
    lines: int


def spec_of(turn: Conversation, ticket: Ticket, time: Unbooked | None = None) -> Specification:
    """`time` is booked when the work is handed over."""
    said = said_time(turn.session, ticket)
    minutes = offered_minutes(turn.session, ticket, turn.now) if time is None else time.minutes
    reason = time.reason if time is not None else said.reason if said else None
    return Specification(
        ticket.id, ticket.number, works(turn.session, ticket.id), minutes, reason, unbooked=time is not None
    )


def item_page(ticket: Ticket, found: Sequence[BookItem], number: int) -> ItemPage:
    """The page asked for, or the nearest that there is."""
    page = page_of(found, number, PAGE)
    return ItemPage(ticket.id, ticket.number, page.rows, page.number, page.pages)
