"""The scope decision of a ticket as its engineer is told it (R3.2)."""

from dataclasses import dataclass

from sqlmodel import Session

from bot.billing.scope.explain import Explained, explained
from bot.clients.models import Contract
from bot.db.errors import NotFound
from bot.tickets.life.leave import job_of


@dataclass(frozen=True, slots=True)
class ScopeTold:
    """The latest decision on a ticket, and the number of the contract that it is by."""

    ticket_id: int
    number: int
    decision: Explained
    contract: str


def scope_told(session: Session, ticket_id: int, by: int) -> ScopeTold:
    """For staff. Raises NotAllowed, NotFound also for a ticket without a decision."""
    ticket = job_of(session, ticket_id, by)
    decisions = explained(session, ticket_id)
    if not decisions:
        raise NotFound
    decision = decisions[-1]
    contract = session.get_one(Contract, int(decision.contract or ticket.contract_id))
    return ScopeTold(ticket.id, ticket.number, decision, contract.number)
