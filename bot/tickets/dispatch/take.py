"""An engineer takes a ticket, gives it back, goes and starts (R8.2); one winner, the others are told who."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.clients.audiences import Dispatchers, OurWorker
from bot.clients.models import Person
from bot.clients.policy import policy
from bot.clients.rights import WORKERS, allowed, employed
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import set_timer
from bot.tickets.bill.card import show
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import follow
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import WITH_ENGINEER, TicketMoved, came_again, locked_ticket, move, moved, note
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.rights import client_of

REASONS = ("busy", "far", "no_skill", "no_parts", "other")


class JobStep(StrEnum):
    """What the client is told of on the way to them."""

    TAKEN = "taken"
    ON_THE_WAY = "on_the_way"
    STARTED = "started"
    FREED = "freed"  # taken from its engineer: another one is looked for


@dataclass(frozen=True, slots=True)
class StepTold:
    """A step of a job; `engineer` is empty where it has none."""

    ticket_id: int
    number: int
    step: JobStep
    engineer: str


@dataclass(frozen=True, slots=True)
class JobDeclined:
    """`who` doesn't take a job: one of REASONS."""

    ticket_id: int
    number: int
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class TakenAway:
    """`who` took a job from its engineer; `minutes` were begun and are not booked."""

    ticket_id: int
    number: int
    who: str
    engineer: str
    minutes: int


class TakenAlready(TicketMoved):
    """Somebody else was first."""

    key = "refusal.taken"


def take_ticket(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """Take it; the same press again gets the same answer. Raises NotAllowed, TakenAlready, TicketMoved."""
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.TAKE, by)
    if ticket.engineer_id == by and ticket.state in WITH_ENGINEER:
        return ticket
    if ticket.engineer_id is not None and ticket.state in WITH_ENGINEER:
        if allowed(uow.session, employed, WORKERS, person=ticket.engineer_id):
            raise TakenAlready(who=uow.session.get_one(Person, ticket.engineer_id).name)
        put_back(uow, ticket, "engineer_left", by)
    move(uow, ticket, TicketState.TAKEN, "taken", by)
    ticket.engineer_id, ticket.taken_at = by, ticket.taken_at or uow.now
    _stepped(uow, ticket, JobStep.TAKEN)
    return ticket


def give_back(uow: UnitOfWork, ticket_id: int, reason: str, by: int) -> Ticket:
    """Decline with a reason: the engineer who has it, before the work, or anyone before it is taken (then only noted).

    The same press again says nothing new. Raises NotAllowed, NotYours, TicketMoved.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.DECLINE, by)
    if reason not in REASONS:
        raise moved(uow.session, ticket)
    if ticket.state is TicketState.NEW:
        if came_again(uow.session, ticket, by, "passed_over", "declined", reason=reason):
            return ticket
        note(uow, ticket, "passed_over", by, reason=reason)
    else:
        move(uow, ticket, TicketState.NEW, "declined", by, reason=reason)
        ticket.engineer_id = None
        follow(uow, ticket)
        show(uow, ticket)
    uow.tell(
        Dispatchers(topic_key=f"ticket:{ticket.id}"),
        "dispatch/declined",
        JobDeclined(ticket.id, ticket.number, uow.session.get_one(Person, by).name, reason),
    )
    return ticket


def take_away(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """A dispatcher, manager or admin takes a ticket from its engineer: it goes back to be taken, the engineer, the
    dispatchers and the client are told. The same press again changes nothing. Raises NotAllowed, TicketMoved."""
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.TAKE_AWAY, by)
    engineer = ticket.engineer_id
    if ticket.state is TicketState.NEW or engineer is None:
        return ticket
    spent = put_back(uow, ticket, "taken_away", by)
    _stepped(uow, ticket, JobStep.FREED)
    people = {who: uow.session.get_one(Person, who).name for who in (by, engineer)}
    told = TakenAway(ticket.id, ticket.number, people[by], people[engineer], spent)
    for audience in (Dispatchers(topic_key=f"ticket:{ticket_id}"), OurWorker(engineer, about=f"ticket:{ticket_id}")):
        uow.tell(audience, "dispatch/taken_away", told, urgent=True)
    return ticket


def put_back(uow: UnitOfWork, ticket: Ticket, kind: str, by: int | None) -> int:
    """The ticket waits to be taken again, whatever its engineer was doing; `kind` is the line of its history.

    Returns the minutes begun and not booked, which the history keeps: no time is lost (R4.7).
    """
    working = ticket.state in (TicketState.IN_WORK, TicketState.WAITING) and ticket.started_at is not None
    spent = int((uow.now - ticket.started_at).total_seconds() // 60) if working and ticket.started_at else 0
    move(uow, ticket, TicketState.NEW, kind, by, engineer=ticket.engineer_id, minutes=spent)
    ticket.engineer_id = None
    late = timedelta(minutes=policy(uow.session, "take_within_minutes"))
    set_timer(uow.session, f"take:{ticket.id}", "take_late", uow.now + late, ticket_id=ticket.id)
    return spent


def go_to_client(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """«Еду». Raises NotAllowed, NotYours, TicketMoved."""
    ticket = _allowed(uow, ticket_id, Act.GO, by)
    if ticket.state is TicketState.ON_THE_WAY:
        return ticket
    move(uow, ticket, TicketState.ON_THE_WAY, "on_the_way", by)
    _stepped(uow, ticket, JobStep.ON_THE_WAY)
    return ticket


def start_work(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """«Начал»: the time offered as labour counts from here (R10.3). Raises NotAllowed, NotYours, TicketMoved."""
    ticket = _allowed(uow, ticket_id, Act.START, by)
    if ticket.state is TicketState.IN_WORK:
        return ticket
    move(uow, ticket, TicketState.IN_WORK, "started", by)
    ticket.started_at = uow.now
    _stepped(uow, ticket, JobStep.STARTED)
    return ticket


def _allowed(uow: UnitOfWork, ticket_id: int, act: Act, by: int) -> Ticket:
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, act, by)
    return ticket


def _stepped(uow: UnitOfWork, ticket: Ticket, step: JobStep) -> None:
    """Cards show it, the client is told in words."""
    follow(uow, ticket)
    show(uow, ticket)
    engineer = uow.session.get(Person, ticket.engineer_id) if ticket.engineer_id else None
    uow.tell(
        client_of(uow.session, ticket),
        "ticket/step",
        StepTold(ticket.id, ticket.number, step, engineer.name if engineer else ""),
        urgent=ticket.emergency,
    )
