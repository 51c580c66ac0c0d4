"""The life of a ticket: which moves exist, and the history of each (R1.2)."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from bot.db.errors import NotFound, Outdated
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.life.models import Ticket, TicketEvent, TicketState

S = TicketState
MOVES: dict[TicketState, frozenset[TicketState]] = {
    S.AWAITING_APPROVAL: frozenset({S.NEW, S.AWAITING_PAYMENT, S.CANCELLED, S.AWAITING_APPROVAL}),
    S.AWAITING_PAYMENT: frozenset({S.NEW, S.AWAITING_APPROVAL, S.CANCELLED}),
    S.NEW: frozenset({S.TAKEN, S.CANCELLED, S.AWAITING_APPROVAL}),
    S.TAKEN: frozenset({S.ON_THE_WAY, S.IN_WORK, S.NEW, S.CANCELLED}),
    S.ON_THE_WAY: frozenset({S.IN_WORK, S.NEW, S.CANCELLED}),
    S.IN_WORK: frozenset({S.WAITING, S.DONE, S.NEW}),  # to NEW only when its engineer left or it is taken away
    S.WAITING: frozenset({S.IN_WORK, S.DONE, S.NEW}),
    S.DONE: frozenset({S.CLOSED, S.DISPUTED, S.NEW}),
    S.DISPUTED: frozenset({S.DONE, S.CLOSED}),
    S.CLOSED: frozenset({S.NEW}),
    S.CANCELLED: frozenset(),
}
FINISHED = (S.DONE, S.DISPUTED, S.CLOSED, S.CANCELLED)
PAUSED = (S.AWAITING_APPROVAL, S.AWAITING_PAYMENT, S.WAITING)
WITH_ENGINEER = (S.TAKEN, S.ON_THE_WAY, S.IN_WORK, S.WAITING)


class TicketMoved(Outdated):
    """The ticket has gone on since the button was shown."""

    key = "refusal.ticket_moved"


def locked_ticket(session: Session, ticket_id: int) -> Ticket:
    """The ticket as it is now, locked until the transaction ends. Raises NotFound."""
    query = select(Ticket).where(Ticket.id == ticket_id).with_for_update().execution_options(populate_existing=True)
    ticket = session.exec(query).one_or_none()
    if ticket is None:
        raise NotFound
    return ticket


def require_move(ticket: Ticket, state: TicketState) -> None:
    """Raises TicketMoved unless the ticket may go to `state` from where it is."""
    if state not in MOVES[ticket.state]:
        raise TicketMoved


def move(uow: UnitOfWork, ticket: Ticket, state: TicketState, kind: str, by: int | None, **details: Any) -> None:
    """Go to a state and write it into the history. Raises TicketMoved."""
    require_move(ticket, state)
    ticket.state = state
    note(uow, ticket, kind, by, **details)


def note(uow: UnitOfWork, ticket: Ticket, kind: str, by: int | None, **details: Any) -> None:
    """Write one line of history."""
    uow.session.add(TicketEvent(ticket_id=ticket.id, kind=kind, person_id=by, details=details, happened_at=uow.now))
    uow.session.flush()


def history(session: Session, ticket_id: int) -> Sequence[TicketEvent]:
    """The ticket's history, oldest first."""
    return session.exec(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(col(TicketEvent.id))
    ).all()
