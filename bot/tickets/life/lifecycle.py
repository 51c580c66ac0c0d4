"""The life of a ticket: which moves exist, and the history of each (R1.2)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.send import AGREED_ON, OPEN
from bot.db.errors import NotFound, Outdated
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.life.acts import moves
from bot.tickets.life.models import Ticket, TicketEvent, TicketState

S = TicketState
MOVES = moves()
FINISHED = (S.DONE, S.DISPUTED, S.CLOSED, S.CANCELLED)
PAUSED = (S.AWAITING_APPROVAL, S.AWAITING_PAYMENT, S.WAITING)
WAITS, WENT_ON = "waits", "went_on"  # lines of the history
WITH_ENGINEER = (S.TAKEN, S.ON_THE_WAY, S.IN_WORK, S.WAITING)


class TicketMoved(Outdated):
    """The act is none of the ticket's present state, which the person is told (R2.4)."""

    key = "refusal.ticket_moved"


def moved(session: Session, ticket: Ticket) -> TicketMoved:
    """The refusal that tells how the ticket stands now."""
    return TicketMoved(number=ticket.number, stage=stage_of(session, ticket))


def stage_of(session: Session, ticket: Ticket) -> str:
    """A ticket's state in words, by its label: a price that is still to be named waits for us, one that was answered
    with no for what comes next (R7.11)."""
    return stages(session, [ticket])[ticket.id]


def stages(session: Session, tickets: Sequence[Ticket]) -> dict[int, str]:
    """The same of several, by their ids."""
    priced = {ticket.id: list[QuoteState]() for ticket in tickets if ticket.state is S.AWAITING_APPROVAL}
    if priced:
        rows = session.exec(select(Quote.ticket_id, Quote.state).where(col(Quote.ticket_id).in_(priced))).all()
        for ticket_id, state in rows:
            priced[ticket_id].append(QuoteState(state))
    return {ticket.id: stage(ticket.state, priced.get(ticket.id, ())) for ticket in tickets}


def stage(state: TicketState, quotes: Collection[QuoteState]) -> str:
    """The label of a state; `quotes` are those of the ticket's offers."""
    if state is not S.AWAITING_APPROVAL or not {*OPEN, *AGREED_ON}.isdisjoint(quotes):
        return state.value
    return "awaiting_choice" if quotes else "awaiting_price"


def locked_ticket(session: Session, ticket_id: int) -> Ticket:
    """The ticket as it is now, locked until the transaction ends. Raises NotFound."""
    ticket = lock(session, Ticket, ticket_id)
    if ticket is None:
        raise NotFound
    return ticket


def move(uow: UnitOfWork, ticket: Ticket, state: TicketState, kind: str, by: int | None, **details: Any) -> None:
    """Go to a state and write it into the history. Raises TicketMoved where no act leads there from where it is."""
    if state not in MOVES[ticket.state]:
        raise moved(uow.session, ticket)
    if ticket.waits_for is not None and {ticket.state, state} != {S.IN_WORK, S.WAITING}:
        end_waiting(uow, ticket, by)  # an answer about more work brings no parts; any other step is one on
    ticket.state = state
    note(uow, ticket, kind, by, **details)


def end_waiting(uow: UnitOfWork, ticket: Ticket, by: int | None) -> None:
    """What the engineer waited for is there, or nobody waits for it any more."""
    ticket.waits_for = None
    note(uow, ticket, WENT_ON, by)


def paused(ticket: Ticket) -> bool:
    """Whether resolution is: it waits for the client's yes or money, or its engineer for something (R8.2)."""
    return ticket.state in PAUSED or ticket.waits_for is not None


def waited(session: Session, ticket: Ticket, since: datetime, now: datetime) -> timedelta:
    """How long its engineer waited for the client, access or parts since a moment."""
    spent, began = timedelta(), None
    kinds = (TicketEvent.ticket_id == ticket.id, col(TicketEvent.kind).in_((WAITS, WENT_ON)))
    query = select(TicketEvent.kind, TicketEvent.happened_at).where(*kinds).order_by(col(TicketEvent.id))
    for kind, at in session.exec(query).all():
        if kind == WAITS:
            began = began or at
        elif began is not None:
            spent, began = spent + max(at - max(began, since), timedelta()), None
    return spent + (max(now - max(began, since), timedelta()) if began is not None else timedelta())


def note(uow: UnitOfWork, ticket: Ticket, kind: str, by: int | None, **details: Any) -> None:
    """Write one line of history."""
    uow.session.add(TicketEvent(ticket_id=ticket.id, kind=kind, person_id=by, details=details, happened_at=uow.now))
    uow.session.flush()


def history(session: Session, ticket_id: int) -> Sequence[TicketEvent]:
    """The ticket's history, oldest first."""
    return session.exec(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(col(TicketEvent.id))
    ).all()


def came_again(session: Session, ticket: Ticket, by: int, *kinds: str, **details: Any) -> bool:
    """Whether the last line of the history is this very act of this person: the press came once more."""
    last = session.exec(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(col(TicketEvent.id).desc()).limit(1)
    ).first()
    if last is None or last.kind not in kinds or last.person_id != by:
        return False
    return all(last.details.get(name) == value for name, value in details.items())
