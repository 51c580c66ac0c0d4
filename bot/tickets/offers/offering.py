"""A quote on its way to whoever may say yes, with reminders and its end (R7.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from sqlmodel import col, select

from bot.billing.quotes.approve import approval_of, expire_quote
from bot.billing.quotes.approvers import deputies, scope_of, who_may_approve, within_limits
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.rule import ApprovalWay, QuoteLine
from bot.billing.quotes.send import OPEN, awaits_prepayment, locked_quote, offer_as_sent, ticket_of_quote, version_of
from bot.calendar.workdays import NoCalendarError, production_calendar
from bot.clients.audiences import Approvers, Dispatchers, Managers, To
from bot.clients.policy import policy
from bot.clients.rights import acts_for
from bot.db.clock import at
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import drop_timer, set_timer
from bot.tickets.bill.card import show
from bot.tickets.life.acts import DECIDERS, READERS, Act, Who, possible_in
from bot.tickets.life.deadlines import follow, zone_of
from bot.tickets.life.leave import who_is
from bot.tickets.life.lifecycle import locked_ticket, note
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.open_price import WORK_DONE
from bot.tickets.life.rights import client_of
from bot.tickets.offers.editable_lines import EditableLine, editable
from bot.tickets.offers.moving_on import close_paid_part, move_on, nothing_to_do
from bot.tickets.offers.told import ClientSilent, OfferedSum, QuoteExpired, QuoteReminder

ON_SITE = (TicketState.IN_WORK, TicketState.WAITING)
STANDING = (QuoteState.APPROVED, QuoteState.IN_WORK, QuoteState.DONE)
REMINDERS = 2  # then the deputies


@dataclass(frozen=True, slots=True)
class OptionalLine:
    """A line that the client may take, at its place in the offer."""

    place: int
    line: QuoteLine
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteCard:
    """A quote: its frozen texts by language, how it was answered, what may be chosen or made less while it is open.

    `whos`: what its reader is to the ticket, whose buttons it has; one who doesn't decide, or whose limits the sum is
    over, reads whom it `waits_for`.
    """

    quote_id: int
    version: int
    ticket_id: int
    texts: Mapping[str, str]
    state: QuoteState
    unpaid: bool
    way: ApprovalWay | None
    disputable: bool
    options: Sequence[OptionalLine]
    editable: Sequence[EditableLine]
    waits_for: Sequence[str] = ()
    whos: frozenset[Who] = DECIDERS
    over_limit: bool = False


def offer_to_people(uow: UnitOfWork, ticket: Ticket, quote: Quote, *, only: int | None = None) -> None:
    """Show the quote to those who may approve it: to one who asked for it themselves, else to all whose right and
    limits reach; where there are none, to every approver and our managers (R7.6)."""
    version = version_of(uow.session, quote)
    names = who_may_approve(uow.session, scope_of(quote), version.gross, uow.now)
    urgent = ticket.emergency or ticket.engineer_id is not None
    key = f"quote:{quote.id}"
    card = quote_card(uow, quote)
    ids = [only] if only is not None else [person.id for person in names]
    for person_id in ids:
        uow.tell(To(person_id, card_key=key), "quote/card", card, urgent=urgent)
    if not ids:
        above = replace(card, over_limit=True)
        uow.tell(Approvers(quote.company_id, key, quote.site_id), "quote/card", above, urgent=urgent)
        uow.tell(Managers(), "quote/nobody", OfferedSum(ticket.id, ticket.number, version.gross))
    _remind_later(uow, ticket, quote, 1)
    set_timer(uow.session, f"quote:{quote.id}:expire", "quote_expire", version.valid_until, quote_id=quote.id)


def show_waiting_offers(uow: UnitOfWork, person_id: int) -> None:
    """Once more each quote that waits and that the person may decide."""
    waiting = select(Quote).where(col(Quote.state).in_(OPEN), acts_for(person_id, col(Quote.company_id)))
    for quote in uow.session.exec(waiting.order_by(col(Quote.id))).all():
        ticket = uow.session.get_one(Ticket, quote.ticket_id)
        if who_is(uow.session, ticket, person_id, DECIDERS) & DECIDERS:
            card = quote_card_for(uow, quote, ticket, person_id)
            uow.tell(To(person_id, card_key=f"quote:{quote.id}"), "quote/card", card, urgent=True)


def quote_card_for(uow: UnitOfWork, quote: Quote, ticket: Ticket, person_id: int) -> QuoteCard:
    """The quote as it is now, for one of its readers (R7.6)."""
    whos = who_is(uow.session, ticket, person_id, READERS)
    card = replace(quote_card(uow, quote), whos=whos)
    if quote.state not in OPEN:
        return card
    gross, decides = version_of(uow.session, quote).gross, bool(whos & DECIDERS)
    if decides and within_limits(uow.session, person_id, scope_of(quote), gross, uow.now):
        return card
    names = who_may_approve(uow.session, scope_of(quote), gross, uow.now)
    return replace(card, waits_for=[person.name for person in names], over_limit=decides)


def quote_card(uow: UnitOfWork, quote: Quote) -> QuoteCard:
    """The quote as it is now, for one who decides."""
    version = version_of(uow.session, quote)
    approval = approval_of(uow.session, quote.id, quote.version)
    waits = quote.state in OPEN
    offer = offer_as_sent(version)
    return QuoteCard(
        quote_id=quote.id,
        version=quote.version,
        ticket_id=quote.ticket_id,
        texts=version.texts,
        state=QuoteState.SENT if waits else quote.state,
        unpaid=awaits_prepayment(quote),
        way=ApprovalWay(approval.way) if approval is not None else None,
        disputable=approval is not None
        and quote.state in STANDING
        and approval.disputable_until is not None
        and uow.now <= approval.disputable_until,
        options=[
            OptionalLine(place, line, place in offer.chosen)
            for place, line in enumerate(offer.lines)
            if line.optional and waits
        ],
        editable=editable(uow.session, quote),
    )


def stop_quote_timers(uow: UnitOfWork, quote: Quote) -> None:
    """The quote is decided."""
    for step in ("remind", "expire"):
        drop_timer(uow.session, f"quote:{quote.id}:{step}", uow.now)


def quote_remind(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: the quote still waits; those who may approve are reminded, at last their deputies are asked (R7.6)."""
    ticket = locked_ticket(uow.session, ticket_of_quote(uow.session, int(payload["quote_id"])))
    quote = locked_quote(uow.session, int(payload["quote_id"]))
    if quote.state not in OPEN or not possible_in(Act.REMIND, ticket.state):
        return
    version = version_of(uow.session, quote)
    step = int(payload["step"])
    people = who_may_approve(uow.session, scope_of(quote), version.gross, uow.now)
    if step > REMINDERS:
        people = deputies(uow.session, scope_of(quote), version.gross, uow.now)
    for person in people:
        uow.tell(
            To(person.id),
            "quote/reminder",
            QuoteReminder(
                quote.id,
                ticket.id,
                ticket.number,
                version.gross,
                on_site=ticket.state in ON_SITE,
                done=ticket.state in WORK_DONE,
                deputy=step > REMINDERS,
            ),
            urgent=ticket.emergency,
        )
    if step <= REMINDERS:
        _remind_later(uow, ticket, quote, step + 1)
    if step >= REMINDERS:
        uow.tell(
            Dispatchers(topic_key=f"ticket:{ticket.id}"),
            "dispatch/still_waits",
            ClientSilent(ticket.id, ticket.number, [person.name for person in people]),
        )


def quote_expire(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: the quote's time is over; its buttons go, the people are told. Where the work is done, urgent as it was,
    staff decides what comes next: another price, or none (R3.1, R7.11)."""
    ticket = locked_ticket(uow.session, ticket_of_quote(uow.session, int(payload["quote_id"])))
    quote = expire_quote(uow, int(payload["quote_id"]))
    if quote is None or not possible_in(Act.EXPIRE, ticket.state):  # nobody waits for it by then
        return
    note(uow, ticket, "quote_expired", None, quote=quote.number)
    close_paid_part(uow, ticket, quote)
    move_on(uow, ticket)
    follow(uow, ticket)
    show(uow, ticket)
    done, left = ticket.state in WORK_DONE, nothing_to_do(uow.session, ticket)
    told = QuoteExpired(ticket.id, ticket.number, quote.number, done, left, staff=True)
    if done:
        uow.tell(Managers(), "quote/expired", told)
    uow.tell(client_of(uow.session, ticket), "quote/expired", replace(told, staff=False))
    uow.tell(Dispatchers(topic_key=f"ticket:{ticket.id}"), "quote/expired", told)


def _remind_later(uow: UnitOfWork, ticket: Ticket, quote: Quote, step: int) -> None:
    """Within the hour while the engineer is on site; else on the mornings of the next working days."""
    if ticket.state in ON_SITE:
        names = ("first", "second", "deputy")
        minutes = [policy(uow.session, f"approval_{name}_reminder_minutes") for name in names]
        waited = minutes[step - 2] if step > 1 else 0
        due = uow.now + timedelta(minutes=minutes[step - 1] - waited)
    else:
        zone, hour = zone_of(uow.session, ticket), time(policy(uow.session, "approval_reminder_hour"))
        due = at(next_workday(uow.day(zone)), hour, zone)
    set_timer(uow.session, f"quote:{quote.id}:remind", "quote_remind", due, quote_id=quote.id, step=step)


def next_workday(today: date) -> date:
    """The next working day; the next day where the calendar has no data."""
    try:
        return production_calendar().after(today, 1)
    except NoCalendarError:
        return today + timedelta(days=1)
