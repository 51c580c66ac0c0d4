"""Scope decisions as they were kept, a ticket's first one first.

What a card or a paper tells of one is its explanation; the snapshot, by which it is judged or priced again, is read
only where that is done.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.billing.scope.models import ScopeDecision


def whole_decisions(session: Session, ticket_id: int) -> Sequence[ScopeDecision]:
    """Every decision on a ticket, with its snapshot."""
    return session.exec(_of_ticket(ticket_id)).all()


def decisions_told(session: Session, ticket_id: int) -> Sequence[ScopeDecision]:
    """The same for telling them."""
    return session.exec(_of_ticket(ticket_id).options(_UNREAD)).all()


def first_decision(session: Session, ticket_id: int) -> ScopeDecision:
    """What a ticket was decided on first, with its snapshot. Raises NoResultFound for a ticket without any."""
    return session.exec(_of_ticket(ticket_id).limit(1)).one()


def first_decision_told(session: Session, ticket_id: int) -> ScopeDecision | None:
    """The same for telling it; None for a ticket without any."""
    return session.exec(_FIRST_TOLD, params={"ticket": ticket_id}).first()


_UNREAD = defer(ScopeDecision.snapshot)  # type: ignore[arg-type]  # SQLModel types a column as its value


def _of_ticket(ticket_id: Any) -> SelectOfScalar[ScopeDecision]:
    return select(ScopeDecision).where(ScopeDecision.ticket_id == ticket_id).order_by(col(ScopeDecision.id))


_FIRST_TOLD = _of_ticket(bindparam("ticket")).limit(1).options(_UNREAD)  # of each card: put together once
