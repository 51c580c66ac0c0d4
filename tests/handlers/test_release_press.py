"""«Предоплата получена» on the manager's phone: once, again, and long after."""

from typing import Any

import pytest
from sqlmodel import Session

from bot.clients.models import StaffRole
from bot.handlers.engineer.jobs_presses import JobRelease
from bot.messaging.texts import label
from bot.tickets.approve_paid_work import approve_paid_work
from bot.tickets.models import Ticket, TicketState
from bot.tickets.take_ticket import go_to_client, take_ticket
from tests.tickets.billing_builders import PRESS, quote_of
from tests.tickets.job_builders import build_firm, opened, worker
from tests.tickets.stories import popups
from tests.tickets.talk import Talk

BUTTON = label("job.prepaid", "ru")
MOVED = label("refusal.ticket_moved", "ru")


@pytest.fixture
def held(talk: Talk) -> dict[str, Any]:
    """A debtor's ticket whose quote is approved and waits for its prepayment, with the button on a manager's phone."""
    with talk.office.work() as uow:
        firm = build_firm(uow.session, debt=20)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        button = JobRelease(ticket=ticket.id).pack()
    for who in (manager, firm.engineer, firm.requester):
        talk._buttons[talk.account(who), BUTTON] = button
    return {"firm": firm, "manager": manager, "ticket": ticket.id}


def state_of(session: Session, held: dict[str, Any]) -> tuple[TicketState, int | None]:
    session.rollback()
    ticket = session.get_one(Ticket, held["ticket"])
    return ticket.state, ticket.engineer_id


async def test_it_is_pressed_once_and_again(talk: Talk, session: Session, held: dict[str, Any]) -> None:
    await talk.press(held["manager"], BUTTON)
    assert state_of(session, held) == (TicketState.NEW, None)
    shown = await talk.press(held["manager"], BUTTON)
    assert MOVED in str(popups(talk)) and "№1" in shown, "the card as it is now"
    assert state_of(session, held) == (TicketState.NEW, None)


async def test_late_it_takes_nobody_from_their_way(talk: Talk, session: Session, held: dict[str, Any]) -> None:
    firm = held["firm"]
    await talk.press(held["manager"], BUTTON)
    with talk.office.work() as uow:
        take_ticket(uow, held["ticket"], firm.engineer)
        go_to_client(uow, held["ticket"], firm.engineer)
    await talk.press(held["manager"], BUTTON)
    assert MOVED in str(popups(talk))
    assert state_of(session, held) == (TicketState.ON_THE_WAY, firm.engineer)


async def test_a_stolen_button_ends_nothing(talk: Talk, session: Session, held: dict[str, Any]) -> None:
    for who in ("engineer", "requester"):
        assert "нет прав" in await talk.press(getattr(held["firm"], who), BUTTON)
        assert state_of(session, held)[0] is TicketState.ON_HOLD
