"""Tickets that waited for a debt go on by themselves once it no longer stands in the way (R9.1)."""

from typing import Any

from sqlmodel import col, select

from bot.billing.debt import DebtLevel
from bot.billing.debts import standing
from bot.billing.decide_scope import decide_scope, keep_decision
from bot.billing.scope import Result
from bot.clients.audiences import Finance, To
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.cards import show
from bot.tickets.deadlines import set_deadlines
from bot.tickets.lifecycle import locked_ticket, move, note
from bot.tickets.models import Ticket, TicketState
from bot.tickets.open_ticket import apply_decision, asked_of

PREPAY = (DebtLevel.D2, DebtLevel.D3)


def release_held(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """Timer: look at each ticket «ожидает оплаты» again; what the debt still holds stays as it is."""
    waiting = select(Ticket.id).where(Ticket.state == TicketState.ON_HOLD).order_by(col(Ticket.id))
    for ticket_id in uow.session.exec(waiting).all():
        ticket = locked_ticket(uow.session, ticket_id or 0)
        if ticket.state is TicketState.ON_HOLD and _freed(uow, ticket):
            _go_on(uow, ticket)


def _freed(uow: UnitOfWork, ticket: Ticket) -> bool:
    """Whether the ticket has left «ожидает оплаты».

    One held before anything was offered is decided anew; one whose quote was approved with prepayment only starts.
    """
    asked = asked_of(uow, ticket)
    level = standing(uow.session, ticket.company_id, asked.on).level
    if ticket.coverage != Result.ON_HOLD:
        if level in PREPAY:
            return False
        ticket.priority = "normal"  # it was low for the debt
        move(uow, ticket, TicketState.NEW, "debt_released", None)
        return True
    if level is DebtLevel.D3:
        return False
    decision = decide_scope(uow, asked)
    keep_decision(uow, ticket.id or 0, decision)
    if not decision.prepayment:
        ticket.priority = "normal"
    note(uow, ticket, "debt_released", None)
    apply_decision(uow, ticket, decision, None)
    return True


def _go_on(uow: UnitOfWork, ticket: Ticket) -> None:
    set_deadlines(uow, ticket)
    show(uow, ticket)
    for audience in (To(ticket.requester_id), Finance(ticket.company_id)):
        uow.tell(audience, "ticket/released", number=ticket.number, ticket_id=ticket.id, starts=ticket.state == "new")
