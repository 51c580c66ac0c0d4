"""«Предоплата получена» on the manager's phone: once, again, and long after."""

from typing import Any

import pytest
from sqlmodel import Session

from bot.clients.models import StaffRole
from bot.handlers.engineer.jobs.presses import JobPrepaid, JobRelease
from bot.messaging.notices.texts import label
from bot.tickets.dispatch.take import go_to_client, take_ticket
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.work.add import add_work
from bot.tickets.work.finish import say_time
from tests.builders.bills import PRESS, quote_of
from tests.builders.jobs import build_firm, in_work, opened, worker
from tests.builders.stories import learn, popups
from tests.builders.talk import Talk

BUTTON = label("job.prepaid", "ru")


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
    assert "Сейчас заявка №\u00a01: новая." in popups(talk) and "№\u00a01" in shown, (
        "the state in words, and the card as it is now"
    )
    assert state_of(session, held) == (TicketState.NEW, None)


async def test_late_it_takes_nobody_from_their_way(talk: Talk, session: Session, held: dict[str, Any]) -> None:
    firm = held["firm"]
    await talk.press(held["manager"], BUTTON)
    with talk.office.work() as uow:
        take_ticket(uow, held["ticket"], firm.engineer)
        go_to_client(uow, held["ticket"], firm.engineer)
    await talk.press(held["manager"], BUTTON)
    assert "Сейчас заявка №\u00a01: инженер едет." in popups(talk)
    assert state_of(session, held) == (TicketState.ON_THE_WAY, firm.engineer)


async def test_a_stolen_button_ends_nothing(talk: Talk, session: Session, held: dict[str, Any]) -> None:
    for who in ("engineer", "requester"):
        assert "нет прав" in await talk.press(getattr(held["firm"], who), BUTTON)
        assert state_of(session, held)[0] is TicketState.AWAITING_PAYMENT


@pytest.fixture
def added(talk: Talk) -> dict[str, Any]:
    """A debtor's job in work by hours, with a part that is agreed and not prepaid; a manager has the button of it."""
    with talk.office.work() as uow:
        firm = build_firm(uow.session, debt=20, minutes=600, terms={"covered": ["repair"], "covered_clause": "п. 2"})
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        ticket = in_work(uow, firm)
        quote = add_work(uow, ticket.id, firm.part, 1, firm.engineer).quote
        approve_paid_work(uow, quote.id, 1, firm.boss, PRESS)
        button = JobPrepaid(quote=quote.id).pack()
    learn(talk)
    assert button in [data for (chat, _), data in talk._buttons.items() if chat == talk.account(manager)]
    for who in (firm.engineer, firm.requester):
        talk._buttons[talk.account(who), BUTTON] = button
    return {"firm": firm, "manager": manager, "ticket": ticket.id}


async def test_added_work_is_let_go_on_by_its_own_button(talk: Talk, added: dict[str, Any]) -> None:
    firm = added["firm"]
    for who in (firm.engineer, firm.requester):
        assert "нет прав" in await talk.press(who, BUTTON)
    shown = await talk.press(added["manager"], BUTTON)
    assert "Головка" in shown and "ждёт предоплаты" not in shown
    assert "предоплата получена. Эту работу можно делать" in talk.words(firm.engineer)
    assert "предоплата получена" in talk.words(firm.requester)
    await talk.press(added["manager"], BUTTON)
    assert "уже отпущена" in popups(talk)


async def test_the_engineer_reads_that_the_added_work_waits_and_the_rest_goes_on(
    talk: Talk, added: dict[str, Any]
) -> None:
    shown = await talk.press(added["firm"].engineer, "← Что сделано")
    assert "Головка, 1\u00a0шт, 3\u00a0200\u00a0₽: по согласованной цене ⏸ ждёт предоплаты" in shown
    card = await talk.press(added["manager"], "← К наряду", shown_to=added["firm"].engineer)
    assert "согласовано, ждёт предоплаты" in card
    assert "💰 Предоплата 3\u00a0200\u00a0₽ получена" in talk.buttons(added["manager"])


async def test_after_the_job_is_handed_over_the_press_says_what_to_do_with_the_money(
    talk: Talk, added: dict[str, Any]
) -> None:
    firm = added["firm"]
    with talk.office.work() as uow:
        say_time(uow, added["ticket"], 50, "по факту", firm.engineer)
    await talk.press(firm.engineer, "← Что сделано")
    await talk.press(firm.engineer, "✅ Сдать работу")
    assert "не сделанной" in talk.words(firm.engineer)
    assert "платить за неё не нужно" in talk.words(firm.requester)
    assert "верните или зачтите" in talk.words(added["manager"])
    await talk.press(added["manager"], BUTTON)
    assert "Заявку сдали без работы" in popups(talk)
