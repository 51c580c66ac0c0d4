"""Old and forged buttons of a ticket open nothing that its list does not show (R2.4, R2.8)."""

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlmodel import select

from bot.clients.models import ClientRole, Company, Employment, Membership
from bot.handlers.client.tickets.presses import TicketCancel, TicketDispute, TicketHistory, TicketOpen, TicketWrite
from bot.handlers.engineer.jobs.presses import JobFiles, JobOpen, JobScope, JobTake, JobTakeAway
from bot.tickets.life.models import TicketState
from tests.builders.jobs import Firm, build_firm, opened, person
from tests.builders.stories import ticket as stored
from tests.builders.talk import Talk
from tests.conftest import NOON

WORDS = "Не печатает чек"


def presses(ticket: int) -> list[CallbackData]:
    client = [TicketOpen, TicketHistory, TicketWrite, TicketDispute]
    jobs = [JobOpen, JobTake, JobFiles, JobScope, JobTakeAway]
    return [*(kind(ticket=ticket) for kind in (*client, *jobs)), TicketCancel(ticket=ticket, sure=1)]


def place(talk: Talk) -> tuple[Firm, int, int]:
    """A firm, its ticket, and a requester who has none."""
    with talk.office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        number = opened(uow, firm).id
        return firm, number, person(uow.session, "Коллега", firm.company, ClientRole.REQUESTER)


@pytest.mark.sampled(8)
@pytest.mark.parametrize("who", ["colleague", "outsider", "former", "former_engineer", "closed"])
async def test_a_forged_button_shows_and_does_nothing(talk: Talk, who: str) -> None:
    firm, number, colleague = place(talk)
    by = {"colleague": colleague, "outsider": firm.outsider, "former_engineer": firm.engineer}.get(who, firm.requester)
    with talk.office.work() as uow:
        if who == "closed":
            uow.session.get_one(Company, firm.company).active = False
        table = Employment if who == "former_engineer" else Membership
        if who.startswith("former"):
            uow.session.exec(select(table).where(table.person_id == by)).one().ended_at = NOON
    for press in presses(number):
        talk._buttons[talk.account(by), "кнопка"] = press.pack()
        told = await talk.press(by, "кнопка")
        assert WORDS not in told and "АТОЛ" not in told, press
        assert WORDS not in await talk.say(by, "и что там?"), press
    assert stored(talk, number).state is TicketState.NEW
