"""Somebody could not be written to and is back: what waits for them is shown anew (R1.9, R7.6, R10.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clients.audiences import To
from bot.clients.models import StaffRole
from bot.clients.rights import OFFICE
from bot.db.live import is_live
from bot.handlers.common.conversation import Conversation
from bot.tickets.dispatch.alarms import Alarms, told_since
from bot.tickets.intake.passing import pass_refused
from bot.tickets.intake.triage import how_many_wait
from bot.tickets.offers.offering import show_waiting_offers
from bot.tickets.thread.listing import TicketLine, my_jobs
from bot.tickets.work.finish import show_work_to_accept

TOLD_OF_ALARMS = frozenset({StaffRole.DISPATCHER, StaffRole.ADMIN})
NO_ALARMS = Alarms((), 0)


@dataclass(frozen=True, slots=True)
class WaitsForStaff:
    """What one of our own comes back to: jobs, how many appeals wait in triage, and the alarms told meanwhile."""

    jobs: Sequence[TicketLine]
    triage: int
    alarms: Alarms


def show_what_waits(turn: Conversation, since: datetime) -> None:
    """Of the client: offers that wait for their answer, work that waits to be accepted, what staff wrote meanwhile. Of
    ours: jobs, triage and alarms. `since` they could not be written to."""
    person = turn.visitor.person
    if person is None or not is_live(person):
        return
    if turn.visitor.companies:
        show_waiting_offers(turn.uow, person.id)
        show_work_to_accept(turn.uow, person.id)
        pass_refused(turn.uow, person.id)
    roles = turn.visitor.staff_roles
    if not roles:
        return
    waits = WaitsForStaff(
        my_jobs(turn.session, person.id),
        how_many_wait(turn.session, person.id) if OFFICE & roles else 0,
        told_since(turn.session, since) if TOLD_OF_ALARMS & roles else NO_ALARMS,
    )
    if waits.jobs or waits.triage or waits.alarms.alarms:
        turn.uow.tell(To(person.id, quiet=False), "staff/waits", waits, urgent=True)
