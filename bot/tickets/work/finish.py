"""The engineer finishes: works, parts and time, then the client is asked (R10.3, R10.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import String, cast, or_
from sqlmodel import Session, col, select

from bot.billing.quotes.approve import withdraw_quote
from bot.billing.quotes.models import QuoteState
from bot.billing.quotes.send import OPEN, lock_quotes
from bot.billing.work.models import TimeEntry, WorkLine
from bot.calendar.workdays import NoCalendarError, production_calendar
from bot.clients.audiences import To
from bot.clients.policy import policy
from bot.clients.rights import acts_for
from bot.db.clock import at
from bot.db.errors import Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.models import Timer
from bot.messaging.timers import set_timer
from bot.tickets.bill.card import CardQuote, SpecLine, TimeLine, card_of, show
from bot.tickets.bill.count_minutes import count_minutes, standing_entries
from bot.tickets.bill.of_ticket import TicketBill, bill_of
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import follow, work_day, zone_of
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import locked_ticket, move, note, waited
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.open_price import PriceWaits, may_come_later
from bot.tickets.life.rights import client_of
from bot.tickets.offers.prepaid_work import leave_undone, unpaid_quotes

LONGEST = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDone:
    """Work that the client is asked to accept; silence accepts it at `until`."""

    ticket_id: int
    number: int
    works: Sequence[SpecLine]
    times: Sequence[TimeLine]
    quotes: Sequence[CardQuote]
    price_waits: PriceWaits | None
    bill: TicketBill
    until: datetime
    zone: str


class NothingDone(Refusal):
    """A ticket can't be finished without labour or works (R10.3)."""

    key = "refusal.nothing_done"


class BadTime(Refusal):
    """Not minutes with a reason."""

    key = "refusal.bad_time"


class TimeWithoutReason(BadTime):
    """Minutes without a reason; `minutes` is what was understood."""

    key = "refusal.time_why"


def require_reason(minutes: int, reason: str) -> None:
    """No more than a day, with a reason (R10.3). Raises BadTime, TimeWithoutReason."""
    require_a_day(minutes)
    if not reason.strip():
        raise TimeWithoutReason(minutes=minutes)


def require_a_day(minutes: int) -> None:
    """No more than a day. Raises BadTime."""
    if not 0 <= minutes <= LONGEST:
        raise BadTime


def offered_minutes(session: Session, ticket: Ticket, now: datetime) -> int:
    """Minutes to book: what the engineer said, else the time since «начал» without what they waited for, rounded up
    (R10.3)."""
    said = said_time(session, ticket)
    if said is not None:
        return said.minutes
    if ticket.started_at is None:
        return 0
    spent = now - ticket.started_at - waited(session, ticket, ticket.started_at, now)
    return -(-int(spent.total_seconds()) // 60)


def said_time(session: Session, ticket: Ticket) -> TimeEntry | None:
    """The time entry of the present visit, when the engineer has given one."""
    if ticket.started_at is None:
        return None
    query = select(TimeEntry).where(TimeEntry.ticket_id == ticket.id, col(TimeEntry.made_at) >= ticket.started_at)
    query = query.where(col(TimeEntry.call_id).is_(None))  # a call's minutes stand beside the visit's
    return session.exec(query.order_by(col(TimeEntry.id).desc()).limit(1)).first()


def say_time(uow: UnitOfWork, ticket_id: int, minutes: int, reason: str, by: int) -> Ticket:
    """Book another time than «начал — закончил», with a reason (R10.3); an earlier one is replaced, not changed.

    Raises NotAllowed, NotYours, TicketMoved, BadTime, TimeWithoutReason.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.SAY_TIME, by)
    require_reason(minutes, reason)
    _book(uow, ticket, minutes, by, reason.strip()[:300])
    note(uow, ticket, "time_said", by, minutes=minutes, reason=reason.strip()[:300])
    return ticket


def finish_work(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """«Закончил»: the client is asked to accept; silence accepts after some working days (R10.4).

    What was offered and not approved is withdrawn, and so is what waits for its prepayment: it isn't done. Urgent work
    is, whether it was approved or not: its answer may come later (R3.1).

    Raises NotAllowed, NotYours, TicketMoved, NothingDone.
    """
    session = uow.session
    ticket = locked_ticket(session, ticket_id)
    require_act(session, ticket, Act.FINISH, by)
    if ticket.state is TicketState.DONE:
        return ticket
    quotes = lock_quotes(session, ticket_id)
    open_ones = {quote.id for quote in quotes if quote.state in OPEN}
    open_ones -= may_come_later(session, ticket)
    lines = _lines(session, ticket_id)
    minutes = offered_minutes(session, ticket, uow.now)
    labour = minutes or any(entry.minutes for entry in standing_entries(session, ticket_id))
    undone = open_ones | {quote.id for quote in unpaid_quotes(session, ticket_id)}
    if not labour and not [line for line in lines if line.quote_id not in undone]:
        raise NothingDone
    for line in lines:
        if line.quote_id in open_ones:
            line.removed_at = uow.now
    for quote_id in sorted(open_ones):
        withdraw_quote(uow, quote_id)
    leave_undone(uow, ticket, by)
    if said_time(session, ticket) is None and minutes:
        _book(uow, ticket, minutes, by, None)
    for quote in quotes:
        if quote.state in (QuoteState.APPROVED, QuoteState.IN_WORK):
            quote.state = QuoteState.DONE
    move(uow, ticket, TicketState.DONE, "finished", by)
    ticket.finished_at = uow.now
    ask_to_accept(uow, ticket)
    return ticket


def ask_to_accept(uow: UnitOfWork, ticket: Ticket) -> None:
    """Show the work done to the client, and start counting the days of silence."""
    follow(uow, ticket)
    show(uow, ticket)
    days = policy(uow.session, "accept_silence_workdays")
    until = silence_until(uow, ticket, days)
    set_timer(uow.session, f"accept:{ticket.id}", "accept_silence", until, ticket_id=ticket.id)
    uow.tell(client_of(uow.session, ticket), "ticket/done", _work_done(uow, ticket, until), urgent=ticket.emergency)


def show_work_to_accept(uow: UnitOfWork, person_id: int) -> None:
    """Once more what waits to be accepted by the person, with the day until which their silence may last."""
    waits = select(Ticket, Timer.due_at).join(Timer, col(Timer.key) == "accept:" + cast(col(Ticket.id), String))
    waits = waits.where(Ticket.state == TicketState.DONE, col(Timer.done_at).is_(None))
    asked = or_(acts_for(person_id, col(Ticket.company_id)), col(Ticket.requester_id) == person_id)
    for ticket, until in uow.session.exec(waits.where(asked).order_by(col(Ticket.id))).all():
        if person_id in client_of(uow.session, ticket).people(uow.session):
            uow.tell(To(person_id), "ticket/done", _work_done(uow, ticket, until), urgent=True)


def _work_done(uow: UnitOfWork, ticket: Ticket, until: datetime) -> WorkDone:
    card = card_of(uow.session, ticket, uow.now)
    return WorkDone(
        ticket_id=ticket.id,
        number=ticket.number,
        works=card.works,
        times=card.times,
        quotes=card.quotes,
        price_waits=card.price_waits,
        bill=bill_of(uow.session, ticket, uow.now),
        until=until,
        zone=card.zone,
    )


def silence_until(uow: UnitOfWork, ticket: Ticket, days: int) -> datetime:
    """The end of the last working day of silence, at the site; calendar days where the calendar has no data."""
    zone = zone_of(uow.session, ticket)
    today = uow.day(zone)
    try:
        last = production_calendar().after(today, days)
    except NoCalendarError:
        last = today + timedelta(days=policy(uow.session, "no_calendar_days"))
    return at(last, time(policy(uow.session, "accept_until_hour")), zone)


def _book(uow: UnitOfWork, ticket: Ticket, minutes: int, by: int, reason: str | None) -> None:
    earlier = said_time(uow.session, ticket)
    uow.session.add(
        TimeEntry(
            ticket_id=ticket.id,
            engineer_id=by,
            way=ticket.way,
            started_at=ticket.started_at,
            ended_at=uow.now,
            minutes=minutes,
            work_date=work_day(uow.session, ticket, uow.now),
            reason=reason,
            replaces_id=earlier.id if earlier else None,
            made_at=uow.now,
        )
    )
    count_minutes(uow.session, ticket)


def _lines(session: Session, ticket_id: int) -> list[WorkLine]:
    query = select(WorkLine).where(WorkLine.ticket_id == ticket_id, col(WorkLine.removed_at).is_(None))
    return list(session.exec(query).all())
