"""What is a reaction, and from when it is counted (R8.2)."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.messaging.models import Timer
from bot.tickets.intake.record import Incoming
from bot.tickets.life.deadlines import reacted
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.opening.cancel import reopen_ticket
from bot.tickets.thread.writing import staff_notes, staff_writes
from tests.builders.bills import PRESS, quote_of
from tests.builders.jobs import build_firm, opened
from tests.conftest import TestOffice


def warned_of(uow: Any, ticket: Ticket) -> set[str]:
    """Targets that will be warned of or told late."""
    keys = uow.session.exec(select(Timer.key).where(col(Timer.done_at).is_(None))).all()
    return {key.split(":")[2] for key in keys if key.startswith(f"sla:{ticket.id}:")}


def test_the_reaction_to_paid_work_is_counted_from_its_yes(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        assert warned_of(uow, ticket) == set(), "it waits for the client"
    office.moment += timedelta(hours=20)
    with office.work() as uow:
        ticket = uow.session.get_one(Ticket, ticket.id)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        assert ticket.state is TicketState.NEW and ticket.reaction_due > uow.now
        assert warned_of(uow, ticket) == {"reaction", "resolution"}
        take = uow.session.exec(select(Timer).where(Timer.key == f"take:{ticket.id}")).one()
        assert take.done_at is None and take.due_at > uow.now


def test_a_price_to_be_named_waits_for_us_and_naming_it_is_the_reaction(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm, work_type="consulting")
        assert (ticket.coverage, warned_of(uow, ticket)) == ("ESTIMATE_NEEDED", {"reaction"})
        send_estimate(uow, ticket.id, 450_000, "Настройка", firm.dispatcher)
        assert reacted(uow.session, ticket) and warned_of(uow, ticket) == set()


def test_a_person_s_answer_is_a_reaction_and_a_note_among_staff_is_none(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = opened(uow, firm)
        staff_notes(uow, ticket.id, Incoming("text", "кто возьмёт?"), firm.dispatcher)
        assert not reacted(uow.session, ticket) and "reaction" in warned_of(uow, ticket)
        staff_writes(uow, ticket.id, Incoming("text", "Смотрим"), firm.dispatcher)
        assert reacted(uow.session, ticket) and warned_of(uow, ticket) == {"resolution"}
    office.moment += timedelta(hours=1)
    with office.work() as uow:
        again = uow.session.get_one(Ticket, ticket.id)
        again.state = TicketState.DONE
        uow.session.flush()
        reopen_ticket(uow, again.id, firm.requester)
        assert not reacted(uow.session, again) and "reaction" in warned_of(uow, again)
