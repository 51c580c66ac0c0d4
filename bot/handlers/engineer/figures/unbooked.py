"""A time that was understood and not booked yet: kept while the engineer goes on, so that it is never lost (R10.3)."""

from dataclasses import asdict, dataclass
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State

from bot.tickets.life.models import Ticket

_KEPT = "unbooked"


@dataclass(frozen=True, slots=True)
class Unbooked:
    """Minutes and their reason for a ticket, as the message `said` was understood during the visit that began then."""

    ticket: int
    visit: str
    said: int
    minutes: int
    reason: str


async def keep_unbooked(state: FSMContext, time: Unbooked) -> None:
    """The newest takes the place of an earlier one."""
    await state.update_data({_KEPT: asdict(time)})


async def unbooked_of(state: FSMContext, ticket: Ticket) -> Unbooked | None:
    """What waits to be booked on this visit of the ticket."""
    kept = (await state.get_data()).get(_KEPT)
    time = Unbooked(**kept) if kept is not None else None
    return time if time is not None and (time.ticket, time.visit) == (ticket.id, visit_of(ticket)) else None


def visit_of(ticket: Ticket) -> str:
    """Which visit it is: when it began."""
    return ticket.started_at.isoformat() if ticket.started_at is not None else ""


async def turn_to(state: FSMContext, waiting: State | None = None, **data: Any) -> None:
    """Go to another screen of the work, or wait for a line of another kind: the unbooked time goes along."""
    kept = (await state.get_data()).get(_KEPT)
    await state.set_state(waiting)
    await state.set_data({**data, **({_KEPT: kept} if kept is not None else {})})
