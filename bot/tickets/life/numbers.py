"""Ticket numbers by id, for rooms that know a ticket by its id only."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from bot.tickets.life.models import Ticket


def ticket_numbers(session: Session, ids: Collection[int]) -> dict[int, int]:
    """The number that people know each ticket by."""
    rows = session.exec(select(Ticket.id, Ticket.number).where(col(Ticket.id).in_(ids))).all()
    return {ticket_id: number for ticket_id, number in rows if ticket_id is not None}
