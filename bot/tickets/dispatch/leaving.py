"""Leaving frees what one holds: jobs go back to be taken, questions go on to others, dispatchers hear of it (R2.7)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, or_, select

from bot.billing.quotes.models import Quote
from bot.billing.quotes.send import OPEN
from bot.billing.work.phone_calls import CallState
from bot.clients.access import OURS, let_out
from bot.clients.audiences import Dispatchers, stepped_back
from bot.clients.models import Account, Company, Membership, Person
from bot.clients.objects import companies_of
from bot.clients.rights import SPEAK, WORKERS, acts_for, allowed, asks_for, employed
from bot.db.live import live
from bot.db.locks import lock_where
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import ChatId, Messenger
from bot.messaging.outgoing.outbox import drop_unsent
from bot.messaging.timers import set_timer
from bot.tickets.bill.card import show
from bot.tickets.calls.booking import TIMER as TELL_CALLS
from bot.tickets.calls.models import PhoneCall
from bot.tickets.dispatch.take import put_back
from bot.tickets.life.deadlines import follow
from bot.tickets.life.lifecycle import FINISHED, WITH_ENGINEER, locked_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.life.rights import client_of
from bot.tickets.offers.offering import offer_to_people

# Urgent work may be done and wait for the answer to its price (R3.1).
_STILL_OPEN = or_(
    col(Ticket.state).not_in(FINISHED), col(Ticket.id).in_(select(Quote.ticket_id).where(col(Quote.state).in_(OPEN)))
)


@dataclass(frozen=True, slots=True)
class StaffLeft:
    """One of our own who left, the tickets that wait to be taken again, and how many calls nobody has booked."""

    name: str
    numbers: Sequence[int]
    calls: int


@dataclass(frozen=True, slots=True)
class TicketsLeft:
    """Open tickets of one who left, in a company, and the names of those who hear of them from now on."""

    company: str
    numbers: Sequence[int]
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class ClientOut:
    """A client's person without access to their company any more."""

    name: str
    left: TicketsLeft


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """A client's person who is not to be written to any more, with what that leaves behind in each company."""

    name: str
    left: Sequence[TicketsLeft]


@dataclass(frozen=True, slots=True)
class CompanyClosed:
    """A client no more, and its open tickets."""

    company: str
    numbers: Sequence[int]


def close_access(uow: UnitOfWork, company_id: int, person_id: int, by: int) -> Person:
    """End the person's roles at a client, or our own (OURS), and free what they held. Raises NotAllowed, NotFound."""
    person = let_out(uow, company_id, person_id, by)
    if company_id == OURS:
        staff_left(uow, person, by)
    else:
        client_left(uow, person, company_id)
    return person


def staff_left(uow: UnitOfWork, person: Person, by: int | None) -> list[int]:
    """One of our own works here no more: numbers of the tickets that wait to be taken again.

    Calls that nobody has booked go to the dispatchers. Changes nothing while the person still has a job of the kind.
    """
    person_id = person.id
    if allowed(uow.session, employed, WORKERS, person=person_id):
        return []
    calls = lock_where(uow.session, PhoneCall, PhoneCall.engineer_id == person_id, PhoneCall.state == CallState.DRAFT)
    freed = []
    held = select(Ticket.id).where(Ticket.engineer_id == person_id, col(Ticket.state).in_(WITH_ENGINEER))
    for ticket_id in uow.session.exec(held.order_by(col(Ticket.id))).all():
        ticket = locked_ticket(uow.session, ticket_id)
        if ticket.engineer_id == person_id and ticket.state in WITH_ENGINEER:
            put_back(uow, ticket, "engineer_left", by)
            follow(uow, ticket)
            show(uow, ticket)
            freed.append(ticket.number)
    for call in calls:
        call.told_at = None
    if calls:
        set_timer(uow.session, TELL_CALLS, TELL_CALLS, uow.now)
    uow.session.flush()
    _silence(uow, person_id)
    uow.tell(Dispatchers(), "people/staff_left", StaffLeft(person.name, freed, len(calls)), urgent=True)
    return freed


def client_left(uow: UnitOfWork, person: Person, company_id: int) -> None:
    """A client's person has no access to the company any more: what they held there goes to others, and dispatchers
    read who hears of it from now on."""
    person_id, company = person.id, uow.session.get_one(Company, company_id)
    if allowed(uow.session, asks_for, person=person_id, company=company_id):
        return
    left = _hand_on(uow, person_id, company)
    _silence(uow, person_id)
    if left is not None:
        uow.tell(Dispatchers(), "people/client_left", ClientOut(person.name, left))


def consent_withdrawn(uow: UnitOfWork, person: Person) -> None:
    """A client's person is not to be written to any more (R2.5): what they held goes to others of the company, and
    dispatchers read which open tickets that leaves behind. Nothing while another account speaks for them."""
    person_id = person.id
    if not stepped_back(uow.session, person_id):
        return
    asked = select(Ticket.company_id).where(Ticket.requester_id == person_id, _STILL_OPEN)
    theirs = or_(col(Company.id).in_(asked), acts_for(person_id, col(Company.id)))
    companies = select(Company).where(theirs, live(Company))
    found = uow.session.exec(companies.order_by(col(Company.id))).all()
    ids = [company.id for company in found]
    lock_where(uow.session, Ticket, col(Ticket.company_id).in_(ids), _STILL_OPEN)  # of all companies in one order
    left = [each for company in found if (each := _hand_on(uow, person_id, company)) is not None]
    if left:
        uow.tell(Dispatchers(), "people/consent_withdrawn", ConsentWithdrawn(person.name, left))


def _hand_on(uow: UnitOfWork, person_id: int, company: Company) -> TicketsLeft | None:
    """Quotes that wait are offered to who may say yes, cards go to who answers for the client from now on. The company,
    the numbers of the person's open tickets and who hears of them; None if there are none."""
    tickets = select(Ticket.id).where(Ticket.company_id == company.id, _STILL_OPEN)
    spoke = select(Membership.id).where(Membership.person_id == person_id, Membership.company_id == company.id)
    decided = uow.session.exec(spoke.where(col(Membership.role).in_(SPEAK))).first() is not None
    numbers, hears = [], set[int]()
    for ticket_id in uow.session.exec(tickets.order_by(col(Ticket.id))).all():
        ticket = locked_ticket(uow.session, ticket_id)
        waiting = select(Quote).where(Quote.ticket_id == ticket_id, col(Quote.state).in_(OPEN))
        if decided or ticket.requester_id == person_id:
            for quote in uow.session.exec(waiting.order_by(col(Quote.id))).all():
                offer_to_people(uow, ticket, quote)
        if ticket.requester_id == person_id:
            show(uow, ticket)
            numbers.append(ticket.number)
            hears.update(client_of(uow.session, ticket).people(uow.session))
    if not numbers:
        return None
    names = uow.session.exec(select(Person.name).where(col(Person.id).in_(hears)).order_by(col(Person.name))).all()
    return TicketsLeft(company.name, numbers, names)


def company_closed(uow: UnitOfWork, company: Company) -> None:
    """A client is a client no more: its people are told nothing, dispatchers read which tickets are still open."""
    waiting = select(Ticket.number).where(Ticket.company_id == company.id, _STILL_OPEN)
    numbers = uow.session.exec(waiting.order_by(col(Ticket.number))).all()
    if numbers:
        uow.tell(Dispatchers(), "people/company_closed", CompanyClosed(company.name, numbers))


def _silence(uow: UnitOfWork, person_id: int) -> None:
    """What waits for the morning or for the messenger is not told to one who has no right left at all."""
    if allowed(uow.session, employed, person=person_id) or companies_of(uow.session, person_id):
        return
    accounts = select(Account.messenger, Account.user_id).where(Account.person_id == person_id)
    chats = [ChatId(Messenger(messenger), chat) for messenger, chat in uow.session.exec(accounts).all()]
    drop_unsent(uow.session, chats, uow.now)
