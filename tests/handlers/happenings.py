"""What is not done by a button, for the walk over all of them: it tells people, and they have new buttons."""

from sqlmodel import col, select

from bot.billing.hours.balances import balance_of
from bot.billing.hours.life import tell_used
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.prices.models import PriceLine, WorkItem
from bot.billing.quotes.top_up import RATE
from bot.billing.terms.of_contract import terms_of
from bot.clients.models import Employment, Person, StaffRole
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.calls.booking import record_call
from bot.tickets.life.models import Appeal, Ticket, TicketState
from bot.tickets.work.add import add_work
from tests.builders.held_tickets import tell_all_calls
from tests.conftest import NOON


def a_job_waits_to_be_taken(uow: UnitOfWork) -> None:
    """Those of the walk are handed over or cancelled by now."""
    ticket = uow.session.exec(select(Ticket).order_by(col(Ticket.id).desc())).first()
    assert ticket is not None
    ticket.state, ticket.engineer_id = TicketState.NEW, None
    show(uow, ticket)


def nothing_is_being_said(uow: UnitOfWork, code: str) -> None:
    """What the client writes next is about something new."""
    person = uow.session.exec(select(Person.id).where(Person.code == code)).one()
    for appeal in uow.session.exec(select(Appeal).where(Appeal.person_id == person)).all():
        appeal.joined_until = uow.now


def two_jobs_are_in_work(uow: UnitOfWork) -> None:
    """Of one client, both with one engineer."""
    people = {code: uow.session.exec(select(Person.id).where(Person.code == code)).one() for code in ("gusev", "eng-1")}
    theirs = select(Ticket).where(Ticket.requester_id == people["gusev"]).order_by(col(Ticket.id).desc())
    tickets = uow.session.exec(theirs.limit(2)).all()
    assert len(tickets) == 2
    for ticket in tickets:
        ticket.state, ticket.engineer_id = TicketState.IN_WORK, people["eng-1"]
        ticket.taken_at = ticket.started_at = uow.now
        ticket.closed_at = ticket.finished_at = None


def two_parts_are_needed(uow: UnitOfWork) -> None:
    """On site an engineer adds two of a part to a job of a client who may take less of it (R10.2)."""
    newest = select(Ticket).order_by(col(Ticket.state) == TicketState.CLOSED, col(Ticket.id).desc())
    ticket = next(
        each
        for each in uow.session.exec(newest).all()
        if terms_of(uow.session, each.contract_id, each.opened_at.date()).edits_specification
    )
    engineer = uow.session.exec(select(Employment.person_id).where(Employment.role == StaffRole.ENGINEER)).first()
    ticket.state, ticket.engineer_id = TicketState.IN_WORK, engineer
    uow.session.flush()
    part = uow.session.exec(select(WorkItem).where(WorkItem.code == "TAPE-80")).one()
    add_work(uow, ticket.id, part.id, 2, engineer)


def a_call_comes(uow: UnitOfWork, code: str) -> None:
    """An engineer with a job in work has spoken with a client; Orlova is of two companies: nobody knows of which."""
    theirs = select(Ticket).where(col(Ticket.engineer_id).is_not(None)).order_by(col(Ticket.id).desc())
    ticket = uow.session.exec(theirs).first()
    ticket.state = TicketState.IN_WORK
    client = uow.session.exec(select(Person).where(Person.code == code)).one()
    record_call(uow, code, client.phone or "", ticket.engineer_id, uow.now, 400)
    tell_all_calls(uow)


def use_up(uow: UnitOfWork, code: str, *, on_offer: bool = True) -> None:
    """All but a few minutes of a pool are gone, and its people are told; `on_offer`: more of them has a list price."""
    if not on_offer:
        for line in uow.session.exec(select(PriceLine).where(PriceLine.item_code == RATE)).all():
            uow.session.delete(line)
    pool = uow.session.exec(select(Pool).where(Pool.code == code)).one()
    left = balance_of(uow.session, pool).left
    entry = PoolEntry(pool_id=pool.id, kind=EntryKind.CONSUME, amount=left - 5, work_date=NOON.date(), made_at=uow.now)
    uow.session.add(entry)
    uow.session.flush()
    tell_used(uow, pool)
