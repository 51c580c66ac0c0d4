"""A draft: a ticket that is complete enough to be opened."""

from dataclasses import dataclass
from datetime import datetime

from bot.billing.terms.shape import TicketPriority
from bot.billing.work.rounding import Way
from bot.tickets.life.models import IntakeChannel


@dataclass(frozen=True, slots=True)
class Draft:
    """All that `open_ticket` needs: contract and object are settled (R1.3); nothing is decided about its cover.

    `appeal_id` is the conversation it came from, whose messages become the ticket's thread.
    """

    company_id: int
    object_id: int
    contract_id: int
    requester_id: int
    description: str
    appeal_id: int | None = None
    work_type: str = "repair"
    way: Way = Way.VISIT
    emergency: bool = False
    priority: TicketPriority = TicketPriority.NORMAL
    channel: IntakeChannel = IntakeChannel.CHAT
    preferred_at: datetime | None = None
