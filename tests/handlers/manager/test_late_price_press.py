"""The price of urgent work that is done, on everybody's phone: answered late, twice, or let go (R3.1)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from bot.messaging.notices.texts import label
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.offering import quote_expire
from tests.builders.bills import quote_of, work
from tests.builders.jobs import build_firm, opened
from tests.builders.stories import learn, popups
from tests.builders.talk import Talk
from tests.conftest import NOON

ESTIMATE, WRITE_OFF = label("job.estimate", "ru"), label("job.write_off", "ru")


@pytest.fixture
def done(talk: Talk) -> dict[str, Any]:
    """Urgent work that is handed over before anyone has answered its price."""
    with talk.office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm, emergency=True)
        work(uow, firm, ticket, 50)
        quote = quote_of(uow, ticket).id
    learn(talk)
    return {"firm": firm, "ticket": ticket.id, "quote": quote}


def state_of(session: Session, done: dict[str, Any]) -> TicketState:
    session.rollback()
    return session.get_one(Ticket, done["ticket"]).state


async def test_the_client_accepts_then_answers_the_price(talk: Talk, session: Session, done: dict[str, Any]) -> None:
    firm = done["firm"]
    assert "2\u00a0500\u00a0₽" in await talk.press(firm.requester, "✅ Принять")
    assert "Заявка закроется, когда решится вопрос с ценой" in popups(talk)
    assert state_of(session, done) is TicketState.DONE
    await talk.press(firm.approver, "✅ Согласовать")
    assert "Согласовано, спасибо!" in popups(talk)
    assert "закрыта" in talk.words(firm.requester)
    assert state_of(session, done) is TicketState.CLOSED
    await talk.press(firm.approver, "✅ Согласовать")
    assert "Согласовано, спасибо!" in popups(talk)
    await talk.press(firm.boss, "✖️ Отказаться", shown_to=firm.approver)
    assert "устарела" in popups(talk)


async def test_a_no_says_that_the_work_costs_nothing(talk: Talk, done: dict[str, Any]) -> None:
    await talk.press(done["firm"].approver, "✖️ Отказаться")
    assert "Работа сделана, но денег за неё не возьмём" in talk.words(done["firm"].requester)


async def test_when_its_time_is_over_a_dispatcher_lets_it_go(
    talk: Talk, session: Session, done: dict[str, Any]
) -> None:
    firm = done["firm"]
    await talk.press(firm.requester, "✅ Принять")
    talk.office.clock = lambda: NOON + timedelta(days=6)
    with talk.office.work() as uow:
        quote_expire(uow, {"quote_id": done["quote"]})
    learn(talk)
    await talk.press(firm.approver, "✅ Согласовать")
    assert "устарела" in popups(talk)
    assert {ESTIMATE, WRITE_OFF} <= {text for (_, text) in talk._buttons}
    assert "нет прав" in await talk.press(firm.engineer, WRITE_OFF, shown_to=firm.dispatcher)
    await talk.press(firm.dispatcher, WRITE_OFF)
    assert "платить не нужно" in talk.words(firm.requester)
    assert state_of(session, done) is TicketState.CLOSED
    await talk.press(firm.dispatcher, WRITE_OFF)
    assert "Сейчас заявка №\u00a01: " in popups(talk)
