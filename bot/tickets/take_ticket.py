"""An engineer takes a ticket, gives it back, goes and starts (R8.2); one winner, the others are told who."""

from bot.clients.audiences import Dispatchers, To
from bot.clients.models import Person
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.cards import show
from bot.tickets.deadlines import follow
from bot.tickets.lifecycle import WITH_ENGINEER, TicketMoved, history, locked_ticket, move, note
from bot.tickets.models import Ticket, TicketState
from bot.tickets.rights import NotYours, require_engineer_of, require_worker

BEFORE_WORK = (TicketState.TAKEN, TicketState.ON_THE_WAY)
REASONS = ("busy", "far", "no_skill", "no_parts", "other")


class TakenAlready(TicketMoved):
    """Somebody else was first."""

    key = "refusal.taken"


def take_ticket(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """Take it; the same press again gets the same answer. Raises NotAllowed, TakenAlready, TicketMoved."""
    require_worker(uow.session, by)
    ticket = locked_ticket(uow.session, ticket_id)
    if ticket.engineer_id == by and ticket.state in WITH_ENGINEER:
        return ticket
    if ticket.engineer_id is not None and ticket.state in WITH_ENGINEER:
        raise TakenAlready(who=uow.session.get_one(Person, ticket.engineer_id).name)
    move(uow, ticket, TicketState.TAKEN, "taken", by)
    ticket.engineer_id, ticket.taken_at = by, ticket.taken_at or uow.now
    _stepped(uow, ticket, "taken")
    return ticket


def give_back(uow: UnitOfWork, ticket_id: int, reason: str, by: int) -> Ticket:
    """Decline with a reason: the engineer who has it, or anyone before it is taken (then only noted).

    The same press again says nothing new. Raises NotAllowed, NotYours, TicketMoved.
    """
    require_worker(uow.session, by)
    ticket = locked_ticket(uow.session, ticket_id)
    if reason not in REASONS:
        raise TicketMoved
    if ticket.state is TicketState.NEW:
        if _just_said(uow, ticket, reason, by):
            return ticket
        note(uow, ticket, "passed_over", by, reason=reason)
    else:
        if ticket.engineer_id != by:
            raise NotYours
        if ticket.state not in BEFORE_WORK:  # a late press must not reopen what is done
            raise TicketMoved
        move(uow, ticket, TicketState.NEW, "declined", by, reason=reason)
        ticket.engineer_id = None
        follow(uow, ticket)
        show(uow, ticket)
    uow.tell(
        Dispatchers(topic_key=f"ticket:{ticket.id}"),
        "dispatch/declined",
        number=ticket.number,
        ticket_id=ticket.id,
        who=uow.session.get_one(Person, by).name,
        reason=reason,
    )
    return ticket


def _just_said(uow: UnitOfWork, ticket: Ticket, reason: str, by: int) -> bool:
    """Whether the last line of the ticket's history is this very no."""
    return any(
        last.kind in {"passed_over", "declined"} and last.person_id == by and last.details.get("reason") == reason
        for last in history(uow.session, ticket.id or 0)[-1:]
    )


def go_to_client(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """«Еду». Raises NotAllowed, NotYours, TicketMoved."""
    ticket = _own(uow, ticket_id, by)
    if ticket.state is TicketState.ON_THE_WAY:
        return ticket
    move(uow, ticket, TicketState.ON_THE_WAY, "on_the_way", by)
    _stepped(uow, ticket, "on_the_way")
    return ticket


def start_work(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """«Начал»: the time offered as labour counts from here (R10.3). Raises NotAllowed, NotYours, TicketMoved."""
    ticket = _own(uow, ticket_id, by)
    if ticket.state is TicketState.IN_WORK:
        return ticket
    if ticket.state not in BEFORE_WORK:  # what waits for a yes goes on by the yes, not by this press
        raise TicketMoved
    move(uow, ticket, TicketState.IN_WORK, "started", by)
    ticket.started_at = uow.now
    _stepped(uow, ticket, "started")
    return ticket


def _own(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    ticket = locked_ticket(uow.session, ticket_id)
    require_engineer_of(uow.session, ticket, by)
    return ticket


def _stepped(uow: UnitOfWork, ticket: Ticket, step: str) -> None:
    """Cards show it, the client is told in words."""
    follow(uow, ticket)
    show(uow, ticket)
    engineer = uow.session.get(Person, ticket.engineer_id) if ticket.engineer_id else None
    uow.tell(
        To(ticket.requester_id),
        "ticket/step",
        urgent=ticket.emergency,
        number=ticket.number,
        ticket_id=ticket.id,
        step=step,
        engineer=engineer.name if engineer else "",
    )
