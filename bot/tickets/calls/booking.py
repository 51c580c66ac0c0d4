"""Phone calls as labour: recorded once, told to who has to say of it, booked by the engineer's word (R5.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.work.models import TimeEntry
from bot.billing.work.phone_calls import CallPurpose, CallState, first_state, minutes_of_call
from bot.billing.work.rounding import Way
from bot.clients.audiences import Dispatchers, OurWorker
from bot.clients.models import Company, Person
from bot.clients.phone_lines import companies_of, people_called
from bot.clients.policy import policy
from bot.clients.rights import OFFICE, WORKERS, allowed, answers_for, employed, require
from bot.clients.zones import company_zone, seller_zone
from bot.db.clock import day_of
from bot.db.errors import NotFound, Outdated
from bot.db.locks import lock, lock_where
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import set_timer, want_timer
from bot.tickets.bill.card import show
from bot.tickets.bill.count_minutes import count_minutes
from bot.tickets.calls.models import PhoneCall, calls_to_tell
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import zone_of
from bot.tickets.life.leave import NotYours, require_act
from bot.tickets.life.lifecycle import WITH_ENGINEER, locked_ticket, note
from bot.tickets.life.models import Ticket
from bot.tickets.life.numbers import TicketToChoose, to_choose

TIMER, TELL_ONE = "tell_calls", "tell_call"
MOST = 8  # tickets or companies on the buttons of a call


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCard:
    """A call as its engineer is asked about it: whose it was, names of those there with this number, begin
    (read in `zone`), minutes, the tickets it may be booked on; `number` is of the one that it is booked on."""

    call_id: int
    state: CallState
    phone: str
    company: str
    people: Sequence[str]
    zone: str
    at: datetime
    minutes: int
    number: int
    tickets: Sequence[TicketToChoose]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUnclear:
    """A call whose number says nothing, or is of several companies: their ids and names."""

    call_id: int
    phone: str
    zone: str
    at: datetime
    minutes: int
    engineer: str
    companies: Sequence[tuple[int, str]]


def record_call(
    uow: UnitOfWork,
    code: str,
    phone: str,
    engineer_id: int,
    started_at: datetime,
    seconds: int,
    *,
    answered: bool = True,
    purpose: CallPurpose = CallPurpose.WORK,
) -> tuple[PhoneCall, bool]:
    """Keep a call, once by its id; one whose number was unclear is judged anew when it comes again. Returns it and
    whether anything is new."""
    companies = companies_of(uow.session, phone)
    state = first_state(answered, seconds, purpose, len(companies), policy(uow.session, "call_billed_over_seconds"))
    call = next(iter(lock_where(uow.session, PhoneCall, PhoneCall.code == code)), None)
    if call is not None and (call.state is not CallState.UNCLEAR or state is CallState.UNCLEAR):
        return call, False
    if call is None:
        call = PhoneCall(
            code=code,
            phone=phone,
            engineer_id=engineer_id,
            started_at=started_at,
            seconds=seconds,
            purpose=purpose,
            state=state,
            recorded_at=uow.now,
        )
    call.state, call.told_at = state, None
    call.company_id = companies[0].id if len(companies) == 1 else None
    uow.session.add(call)
    uow.session.flush()
    if state in (CallState.DRAFT, CallState.UNCLEAR):
        set_timer(uow.session, TIMER, TIMER, uow.now)
    return call, True


def tell_calls(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """Timer: have each call told that nobody was told of yet, each in a transaction of its own: one that can't be read
    keeps back no other, and waits for its own next try."""
    for call_id in uow.session.exec(select(PhoneCall.id).where(calls_to_tell()).order_by(col(PhoneCall.id))).all():
        want_timer(uow.session, f"call:{call_id}", TELL_ONE, uow.now, call_id=call_id)


def tell_call(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: its engineer gets a call that they had, dispatchers one of a number that says nothing."""
    for call in lock_where(uow.session, PhoneCall, PhoneCall.id == int(payload["call_id"]), calls_to_tell()):
        _tell(uow, call)


def _tell(uow: UnitOfWork, call: PhoneCall) -> None:
    call.told_at = uow.now
    uow.session.flush()
    if call.state is CallState.DRAFT:
        key = f"call:{call.id}"
        works = allowed(uow.session, employed, WORKERS, person=call.engineer_id)
        books = OurWorker(call.engineer_id, key) if works else Dispatchers(card_key=key)
        uow.tell(books, "call/draft", call_card(uow.session, call))
    else:
        uow.tell(Dispatchers(), "call/unclear", _unclear(uow.session, call))


def confirm_call(uow: UnitOfWork, call_id: int, ticket_id: int, by: int) -> PhoneCall:
    """The engineer (a leader for one who left) says which ticket the call was for: its minutes are booked there, once,
    as remote work.

    Raises NotFound, NotAllowed, NotYours, TicketMoved once the work was handed over, Outdated when it was decided.
    """
    call = _own(uow, call_id, by)
    if call.state is CallState.CONFIRMED and call.ticket_id == ticket_id:
        return call
    if call.state is not CallState.DRAFT:
        raise Outdated
    ticket = locked_ticket(uow.session, ticket_id)
    if call.engineer_id == by and ticket.engineer_id != by:
        raise NotYours
    if ticket.company_id != call.company_id:
        raise NotFound
    require_act(uow.session, ticket, Act.BOOK_CALL, by)
    minutes = minutes_of_call(call.seconds)
    day = day_of(call.started_at, zone_of(uow.session, ticket))
    uow.session.add(
        TimeEntry(
            ticket_id=ticket_id,
            engineer_id=call.engineer_id,
            way=Way.REMOTE.value,
            started_at=call.started_at,
            ended_at=call.started_at + timedelta(seconds=call.seconds),
            minutes=minutes,
            work_date=day,
            call_id=call.id,
            made_at=uow.now,
        )
    )
    count_minutes(uow.session, ticket)
    call.state, call.ticket_id, call.decided_by, call.decided_at = CallState.CONFIRMED, ticket_id, by, uow.now
    note(uow, ticket, "call_booked", by, minutes=minutes)
    show(uow, ticket)
    return call


def drop_call(uow: UnitOfWork, call_id: int, by: int) -> PhoneCall:
    """The engineer says that the call was no work. Raises NotFound, NotAllowed, Outdated."""
    call = _own(uow, call_id, by)
    if call.state is CallState.DROPPED:
        return call
    if call.state is not CallState.DRAFT:
        raise Outdated
    call.state, call.decided_by, call.decided_at = CallState.DROPPED, by, uow.now
    uow.session.flush()
    return call


def name_caller(uow: UnitOfWork, call_id: int, company_id: int, by: int) -> PhoneCall:
    """A dispatcher says whose number it was, of those that have it; the engineer is asked next.

    Raises NotFound, NotAllowed, Outdated.
    """
    require(uow.session, employed, OFFICE, person=by)
    call = _locked(uow.session, call_id)
    if call.state is CallState.DRAFT and call.company_id == company_id:
        return call
    if call.state is not CallState.UNCLEAR:
        raise Outdated
    if company_id not in {company.id for company in companies_of(uow.session, call.phone)}:
        raise NotFound
    call.state, call.company_id, call.told_at = CallState.DRAFT, company_id, None
    _tell(uow, call)
    return call


def call_for(session: Session, call_id: int, by: int) -> PhoneCall:
    """An engineer's own call. Raises NotFound, NotAllowed."""
    call = session.get(PhoneCall, call_id)
    if call is None:
        raise NotFound
    return _theirs(session, call, by)


def call_card(session: Session, call: PhoneCall) -> CallCard:
    """The call as it is now."""
    company = session.get(Company, call.company_id) if call.company_id else None
    ticket = session.get(Ticket, call.ticket_id) if call.ticket_id else None
    return CallCard(
        call_id=call.id,
        state=call.state,
        phone=call.phone,
        company=company.name if company else "",
        people=people_called(session, company.id, call.phone) if company else (),
        zone=company_zone(session, call.company_id),
        at=call.started_at,
        minutes=minutes_of_call(call.seconds),
        number=ticket.number if ticket else 0,
        tickets=_bookable(session, call),
    )


def _unclear(session: Session, call: PhoneCall) -> CallUnclear:
    return CallUnclear(
        call_id=call.id,
        phone=call.phone,
        zone=seller_zone(session),
        at=call.started_at,
        minutes=minutes_of_call(call.seconds),
        engineer=session.get_one(Person, call.engineer_id).name,
        companies=[(each.id, each.name) for each in companies_of(session, call.phone)[:MOST]],
    )


def _bookable(session: Session, call: PhoneCall) -> list[TicketToChoose]:
    theirs = select(Ticket).where(Ticket.company_id == call.company_id, col(Ticket.state).in_(WITH_ENGINEER))
    if allowed(session, employed, WORKERS, person=call.engineer_id):
        theirs = theirs.where(Ticket.engineer_id == call.engineer_id)
    rows = session.exec(theirs.order_by(col(Ticket.id).desc()).limit(MOST)).all()
    return [to_choose(ticket) for ticket in rows]


def _locked(session: Session, call_id: int) -> PhoneCall:
    call = lock(session, PhoneCall, call_id)
    if call is None:
        raise NotFound
    return call


def _own(uow: UnitOfWork, call_id: int, by: int) -> PhoneCall:
    return _theirs(uow.session, _locked(uow.session, call_id), by)


def _theirs(session: Session, call: PhoneCall, by: int) -> PhoneCall:
    require(session, answers_for, person=by, worker=call.engineer_id)
    return call
