"""What the screens of a client's tickets tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from bot.tickets.bill.card import SpecLine, TimeLine, times, works
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.thread.listing import TicketLine, TicketTitled


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A page of «Мои заявки»; `more` follow on the next."""

    tickets: Sequence[TicketLine]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class Cancelling:
    """A ticket to be cancelled, once the client is sure; `held`: what is reserved for it goes back."""

    ticket_id: int
    number: int
    held: bool


@dataclass(frozen=True, slots=True)
class Disputable:
    """Works and times of a ticket that the client may contest, line by line."""

    ticket_id: int
    number: int
    works: Sequence[SpecLine]
    times: Sequence[TimeLine]


@dataclass(frozen=True, slots=True)
class TicketRated:
    """The mark that the client gave, 1–5."""

    ticket_id: int
    number: int
    rating: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoseWords:
    """To which of these tickets belongs what was said; after so many minutes it goes to the ticket of the number
    `goes_to`, else to people. `state` of a ticket that is over, which may be opened again where it `reopens`."""

    appeal_id: int
    ticket_id: int | None
    tickets: Sequence[TicketTitled]
    goes_to: int | None
    minutes: int
    state: TicketState | None
    reopens: bool


def disputable(session: Session, ticket: Ticket) -> Disputable:
    """The lines that are not contested yet and still stand."""
    open_works = [line for line in works(session, ticket.id) if not line.disputed]
    open_times = [entry for entry in times(session, ticket.id) if not entry.disputed and not entry.struck]
    return Disputable(ticket.id, ticket.number, open_works, open_times)
