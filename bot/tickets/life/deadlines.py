"""A ticket's deadlines and their timers: set, paused while we wait for others, warned of and escalated (R8)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.terms.of_contract import terms_of
from bot.billing.terms.shape import Target, TicketPriority
from bot.calendar.workdays import NoCalendarError
from bot.calendar.working_clock import WorkingClock, warn_at
from bot.clients.audiences import Admins, Dispatchers, Managers, OurWorker
from bot.clients.models import Contract
from bot.clients.policy import policy
from bot.clients.zones import object_zone
from bot.db.clock import day_of
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import drop_timer, set_timer
from bot.tickets.life.at_work import hours_at
from bot.tickets.life.lifecycle import FINISHED, locked_ticket, note, paused, stage_of
from bot.tickets.life.models import Message, Ticket, TicketEvent, TicketState


class SlaTarget(StrEnum):
    """Which of a ticket's deadlines (R8.2)."""

    REACTION = "reaction"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class CalendarMissing:
    """A year without a production calendar, and the number of the ticket whose deadline can't be told."""

    year: int
    ticket_id: int
    number: int


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A ticket that nobody has taken within the policy's minutes."""

    ticket_id: int
    number: int
    minutes: int
    emergency: bool


@dataclass(frozen=True, slots=True)
class TargetDue:
    """A target that comes near or has passed; `due` is read in `zone`."""

    ticket_id: int
    number: int
    target: SlaTarget
    due: datetime
    zone: str


def zone_of(session: Session, ticket: Ticket) -> str:
    """The time zone where the ticket's work is (R3.5)."""
    return object_zone(session, ticket.object_id)


def work_day(session: Session, ticket: Ticket, now: datetime) -> date:
    """The day of a ticket's work at its site: on which it began, also when it went on past midnight (R3.5); until it
    begins today."""
    return day_of(ticket.started_at or ticket.finished_at or now, zone_of(session, ticket))


def terms_day(session: Session, ticket: Ticket) -> date:
    """The day whose terms a ticket has: of its work as far as that is known, within its contract."""
    begins = ticket.started_at or ticket.preferred_at or ticket.opened_at
    return max(day_of(begins, zone_of(session, ticket)), session.get_one(Contract, ticket.contract_id).starts)


def clock_of(session: Session, ticket: Ticket) -> WorkingClock:
    """The hours at the ticket's site."""
    return hours_at(session, zone_of(session, ticket))


def set_deadlines(uow: UnitOfWork, ticket: Ticket) -> None:
    """Targets of the plan by priority, from now; «не рассчитан» where the calendar has no data (R8.1)."""
    ticket.paused_at = None  # these targets begin now: what was waited before is not added to them
    target = _target(uow.session, ticket)
    if target is not None:
        clock = clock_of(uow.session, ticket)
        try:
            ticket.reaction_due = clock.after(uow.now, target.reaction)
            ticket.resolution_due = clock.after(uow.now, target.resolution)
        except NoCalendarError as missing:
            uow.tell(Admins(), "ticket/no_calendar", CalendarMissing(missing.year, ticket.id, ticket.number))
    _take_soon(uow, ticket)
    follow(uow, ticket)


def may_be_taken(uow: UnitOfWork, ticket: Ticket) -> None:
    """The yes that a ticket waited for has come: from here the reaction is counted, unless it was there already, and
    somebody is to take it (R8.2)."""
    target = _target(uow.session, ticket)
    if target is not None and not reacted(uow.session, ticket):
        try:
            ticket.reaction_due = clock_of(uow.session, ticket).after(uow.now, target.reaction)
        except NoCalendarError:
            ticket.reaction_due = ticket.resolution_due = None
    _take_soon(uow, ticket)


def reacted(session: Session, ticket: Ticket) -> bool:
    """Whether people have reacted since the ticket was opened, or opened again: it was taken, a price was named, a
    person wrote. What the bot says by itself is no reaction (R8.2)."""
    if ticket.taken_at is not None:
        return True
    since, of_it = _opened_last(session, ticket), TicketEvent.ticket_id == ticket.id
    priced = select(TicketEvent.id).where(of_it, TicketEvent.kind == "estimated", col(TicketEvent.happened_at) >= since)
    wrote = select(Message.id).where(
        Message.ticket_id == ticket.id,
        col(Message.from_staff).is_(True),
        col(Message.internal).is_(False),
        col(Message.sent_at) >= since,
    )
    return any(session.exec(query.limit(1)).first() is not None for query in (priced, wrote))


def _opened_last(session: Session, ticket: Ticket) -> datetime:
    again = select(TicketEvent.happened_at).where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "reopened")
    return session.exec(again.order_by(col(TicketEvent.id).desc()).limit(1)).first() or ticket.opened_at


def _reaction_runs(session: Session, ticket: Ticket) -> bool:
    """Not while the ticket waits for the client's yes or money: a price that is still to be named waits for us."""
    if ticket.state in FINISHED or ticket.state is TicketState.AWAITING_PAYMENT:
        return False
    if ticket.state is TicketState.AWAITING_APPROVAL and stage_of(session, ticket) != "awaiting_price":
        return False
    return not reacted(session, ticket)


def _target(session: Session, ticket: Ticket) -> Target | None:
    targets = terms_of(session, ticket.contract_id, terms_day(session, ticket)).targets
    return targets.get(_priority(ticket)) or targets.get(TicketPriority.NORMAL)  # a plan need not name every priority


def _take_soon(uow: UnitOfWork, ticket: Ticket) -> None:
    late = timedelta(minutes=policy(uow.session, "take_within_minutes"))
    set_timer(uow.session, f"take:{ticket.id}", "take_late", uow.now + late, ticket_id=ticket.id)


def follow(uow: UnitOfWork, ticket: Ticket) -> None:
    """Put the timers where the ticket's present state wants them; call after each move."""
    session = uow.session
    waits = paused(ticket)
    if waits:
        ticket.paused_at = ticket.paused_at or uow.now
    elif ticket.paused_at is not None:
        _resume(uow, ticket)
    wanted = {
        SlaTarget.REACTION: ticket.reaction_due if _reaction_runs(session, ticket) else None,
        SlaTarget.RESOLUTION: ticket.resolution_due if ticket.state not in FINISHED and not waits else None,
    }
    for target, due in wanted.items():
        for step in ("warn", "late"):
            key = f"sla:{ticket.id}:{target}:{step}"
            if due is None or due <= uow.now:
                drop_timer(session, key, uow.now)
                continue
            at = due if step == "late" else _warning(uow, ticket, due)
            set_timer(session, key, f"sla_{step}", at, ticket_id=ticket.id, target=target)
    if ticket.state is not TicketState.NEW:
        drop_timer(session, f"take:{ticket.id}", uow.now)
    session.flush()


def sla_warn(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: 75 % of a target have passed; engineer and dispatcher are warned (R8.3)."""
    _sla(uow, payload, "dispatch/sla_warn", escalate=False)


def sla_late(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: a target has passed; dispatchers and managers are told (R8.3)."""
    _sla(uow, payload, "dispatch/sla_late", escalate=True)


def take_late(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: nobody has taken the ticket within the policy's minutes."""
    ticket = locked_ticket(uow.session, int(payload["ticket_id"]))
    if ticket.state is not TicketState.NEW:
        return
    ticket.escalated_at = uow.now
    note(uow, ticket, "escalated", None)
    minutes = policy(uow.session, "take_within_minutes")
    for audience in (Dispatchers(topic_key=f"ticket:{ticket.id}"), Managers()):
        told = NotTaken(ticket.id, ticket.number, minutes, ticket.emergency)
        uow.tell(audience, "dispatch/not_taken", told, urgent=True)


def _sla(uow: UnitOfWork, payload: dict[str, Any], template: str, *, escalate: bool) -> None:
    ticket = locked_ticket(uow.session, int(payload["ticket_id"]))
    target = SlaTarget(payload["target"])
    reaction = target is SlaTarget.REACTION
    due: datetime | None = ticket.reaction_due if reaction else ticket.resolution_due
    met = not _reaction_runs(uow.session, ticket) if reaction else paused(ticket)
    if due is None or met or ticket.state in FINISHED:
        return
    note(uow, ticket, "sla_late" if escalate else "sla_warn", None, target=target)
    told = TargetDue(ticket.id, ticket.number, target, due, zone_of(uow.session, ticket))
    uow.tell(Dispatchers(topic_key=f"ticket:{ticket.id}"), template, told, urgent=True)
    if ticket.engineer_id is not None:
        uow.tell(OurWorker(ticket.engineer_id, about=f"ticket:{ticket.id}"), template, told, urgent=True)
    if escalate:
        ticket.escalated_at = uow.now
        uow.tell(Managers(), template, told)


def _warning(uow: UnitOfWork, ticket: Ticket, due: datetime) -> datetime:
    percent = policy(uow.session, "sla_warn_percent")
    try:
        return warn_at(ticket.opened_at, due, percent, clock_of(uow.session, ticket))
    except NoCalendarError:
        return due


def _resume(uow: UnitOfWork, ticket: Ticket) -> None:
    """The time we waited for others is added to the resolution target, not to the reaction (R8.2)."""
    since, ticket.paused_at = ticket.paused_at, None
    if since is None or ticket.resolution_due is None:
        return
    clock = clock_of(uow.session, ticket)
    try:
        ticket.resolution_due = clock.after(ticket.resolution_due, clock.between(since, uow.now))
    except NoCalendarError:
        ticket.resolution_due = None


def _priority(ticket: Ticket) -> TicketPriority:
    return TicketPriority.HIGH if ticket.emergency else TicketPriority(ticket.priority)
