"""The scope decision of a ticket as its engineer is told it (R3.2)."""

from typing import Any

from sqlmodel import Session

from bot.billing.scope.explain import explained
from bot.clients.models import Contract
from bot.db.errors import NotFound
from bot.tickets.life.models import Ticket


def scope_values(session: Session, ticket_id: int) -> dict[str, Any]:
    """Values of the screen `scope/engineer`: the latest decision. Raises NotFound for a ticket without one."""
    ticket = session.get(Ticket, ticket_id)
    decisions = explained(session, ticket_id)
    if ticket is None or not decisions:
        raise NotFound
    decision = decisions[-1]
    contract = session.get_one(Contract, int(decision.contract or ticket.contract_id))
    return {"ticket_id": ticket.id, "number": ticket.number, "decision": decision, "contract": contract.number}
