"""Numbers of tickets: what people know each by."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session, col, select

from bot.tickets.life.models import Ticket


class OfTicket(Protocol):
    """A subject that tells of one ticket: a button leads to it."""

    @property
    def ticket_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class TicketNamed:
    """A ticket that is named and no more: what is said of it is in the template."""

    ticket_id: int
    number: int


@dataclass(frozen=True, slots=True)
class TicketToChoose:
    """A ticket among those that something may go to."""

    id: int
    number: int
    description: str


def to_choose(ticket: Ticket) -> TicketToChoose:
    return TicketToChoose(ticket.id, ticket.number, ticket.description)


def named(ticket: Ticket) -> TicketNamed:
    return TicketNamed(ticket.id, ticket.number)


def ticket_numbers(session: Session, ids: Collection[int]) -> dict[int, int]:
    """By id, for rooms that know a ticket by its id only."""
    rows = session.exec(select(Ticket.id, Ticket.number).where(col(Ticket.id).in_(ids))).all()
    return {ticket_id: number for ticket_id, number in rows if ticket_id is not None}
