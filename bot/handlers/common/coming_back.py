"""Somebody could not be written to and is back: what waits for them is shown anew (R1.9, R7.6, R10.4)."""

from bot.handlers.common.conversation import Conversation
from bot.tickets.intake.passing import pass_refused
from bot.tickets.offers.offering import show_waiting_offers
from bot.tickets.work.finish import show_work_to_accept


def show_what_waits(turn: Conversation) -> None:
    """Offers that wait for their answer, work that waits to be accepted, and what staff wrote meanwhile."""
    person = turn.visitor.person
    if person is None or not person.active or not turn.visitor.companies:
        return
    show_waiting_offers(turn.uow, person.id)
    show_work_to_accept(turn.uow, person.id)
    pass_refused(turn.uow, person.id)
