"""A colleague's open ticket on the same object is shown as object and state only; joining makes it theirs (R2.8)."""

import pytest
from sqlmodel import select

from bot.clients.models import ClientRole, Company, Membership, Person, ServiceObject
from bot.handlers.client.drafting.presses import JoinTicket, NewAnyway, SayUrgent
from bot.handlers.client.tickets.presses import TicketHistory, TicketOpen, TicketWrite
from bot.tickets.intake.triage import pass_to_triage, triage_into_ticket
from bot.tickets.life.models import Appeal, Ticket, TicketState
from bot.tickets.life.rights import may_see
from bot.tickets.thread.listing import my_tickets
from tests.builders.appeals import Town, add, build_town, client, person, says, ticket_on
from tests.builders.stories import all_heard
from tests.builders.talk import Talk
from tests.conftest import NOON, TestOffice

WORDS, NUMBER = "Чек не печатает у Анны", 777_701
SAME = "Да, это про то же"


def place(talk: Talk) -> tuple[Town, int, int]:
    """A town, its client's open ticket on the till, and a colleague who has none."""
    with talk.office.work() as uow:
        town = build_town(uow.session)
        uow.session.get_one(Person, town.client).name = "Анна Секретная"
        ticket = ticket_on(uow.session, town, town.till, description=WORDS)
        ticket.number = NUMBER
        colleague = client(uow.session, 880_001, "Вера", town.shop)
        return town, ticket.id, colleague


def listed(talk: Talk, by: int) -> list[int]:
    with talk.database.read() as session:
        return [line.id for line in my_tickets(session, by, 0, 50)[0]]


def sees(talk: Talk, ticket: int, by: int) -> bool:
    with talk.database.read() as session:
        return may_see(session, session.get_one(Ticket, ticket), by)


def draft_of(talk: Talk, by: int) -> int:
    with talk.database.read() as session:
        return session.exec(select(Appeal.id).where(Appeal.person_id == by).order_by(Appeal.id.desc())).first() or 0


async def press(talk: Talk, by: int, data: str) -> str:
    talk._buttons[talk.account(by), "it"] = data
    return await talk.press(by, "it")


def says_nothing_of_it(talk: Talk) -> bool:
    return not [word for word in (WORDS, str(NUMBER), "Секретная") if word in all_heard(talk)]


async def test_of_a_colleagues_ticket_object_and_state_are_shown_until_it_is_joined(talk: Talk) -> None:
    town, ticket, colleague = place(talk)
    await talk.say(colleague, "📝 Новая заявка")
    await talk.say(colleague, "Касса не включается")
    shown = await press(talk, colleague, f"v1bo:{draft_of(talk, colleague)}:{town.till}")
    assert "АТОЛ 91Ф" in shown and "заявка вашего коллеги (новая)" in shown
    assert SAME in talk.buttons(colleague)
    assert says_nothing_of_it(talk)
    for kind in (TicketOpen, TicketHistory, TicketWrite):
        await press(talk, colleague, kind(ticket=ticket).pack())
        assert says_nothing_of_it(talk), kind
    assert listed(talk, colleague) == [] and not sees(talk, ticket, colleague)

    talk._buttons[talk.account(colleague), SAME] = JoinTicket(appeal=draft_of(talk, colleague), ticket=ticket).pack()
    assert str(NUMBER) in await talk.press(colleague, SAME)
    assert listed(talk, colleague) == [ticket] and sees(talk, ticket, colleague)
    assert WORDS in await press(talk, colleague, TicketOpen(ticket=ticket).pack())
    assert "Касса не включается" in await press(talk, colleague, TicketHistory(ticket=ticket).pack())
    assert listed(talk, town.client) == [ticket], "it stays who asked for it"
    assert str(NUMBER) in await talk.press(colleague, SAME), "pressed again it is joined once"

    with talk.office.work() as uow:  # who joined and has left is a stranger to it (R2.7)
        uow.session.exec(select(Membership).where(Membership.person_id == colleague)).one().ended_at = NOON
    assert listed(talk, colleague) == [] and not sees(talk, ticket, colleague)
    await press(talk, colleague, TicketOpen(ticket=ticket).pack())
    assert says_nothing_of_it(talk)


@pytest.mark.parametrize("who", ["other_site", "other_company", "former", "closed", "nobody"])
async def test_a_ticket_on_an_object_out_of_reach_is_joined_by_no_forged_button(talk: Talk, who: str) -> None:
    town, ticket, colleague = place(talk)
    with talk.office.work() as uow:
        far = uow.session.get_one(ServiceObject, town.printer).site_id
        by = {
            "other_site": lambda: client(uow.session, 880_002, "Глеб", town.shop, far),
            "other_company": lambda: town.other,
            "nobody": lambda: person(uow.session, 880_003, "Никто"),
        }.get(who, lambda: colleague)()
        appeal = says(uow, by, "Касса не включается").appeal.id
        if who == "former":
            uow.session.exec(select(Membership).where(Membership.person_id == by)).one().ended_at = NOON
        if who == "closed":
            uow.session.get_one(Company, town.shop).active = False
    await press(talk, by, JoinTicket(appeal=appeal, ticket=ticket).pack())
    assert says_nothing_of_it(talk)
    with talk.database.read() as session:
        assert session.get_one(Appeal, appeal).ticket_id is None
    assert listed(talk, by) == [] and not sees(talk, ticket, by)


async def test_a_ticket_that_is_over_is_joined_no_more_and_tells_nothing(talk: Talk) -> None:
    _, ticket, colleague = place(talk)
    with talk.office.work() as uow:
        uow.session.get_one(Ticket, ticket).state = TicketState.CLOSED
        appeal = says(uow, colleague, "Касса не включается").appeal.id
    await press(talk, colleague, JoinTicket(appeal=appeal, ticket=ticket).pack())
    assert says_nothing_of_it(talk) and listed(talk, colleague) == []


@pytest.mark.parametrize("who", ["former", "closed", "moved"])
async def test_a_draft_begun_before_shows_nothing_of_what_is_out_of_reach_by_now(talk: Talk, who: str) -> None:
    """The object was chosen while the role held; the buttons of the draft are pressed after it ended."""
    town, _, colleague = place(talk)
    with talk.office.work() as uow:
        uow.session.get_one(ServiceObject, town.till).model = "Касса-секрет"
        moments = {"started_at": uow.now, "last_at": uow.now}
        appeal = add(uow.session, Appeal(person_id=colleague, company_id=town.shop, object_id=town.till, **moments))
        says(uow, colleague, "Касса не включается")
        role = uow.session.exec(select(Membership).where(Membership.person_id == colleague)).one()
        if who == "former":
            role.ended_at = NOON
        elif who == "closed":
            uow.session.get_one(Company, town.shop).active = False
        else:
            role.site_id = uow.session.get_one(ServiceObject, town.printer).site_id
    for kind in (NewAnyway, lambda appeal: SayUrgent(appeal=appeal, yes=1)):
        await press(talk, colleague, kind(appeal=appeal.id).pack())
        heard = all_heard(talk)
        assert "секрет" not in heard and "Секрет" not in heard and str(NUMBER) not in heard


def test_a_stranger_whom_a_dispatcher_joined_to_a_ticket_sees_none_of_it(office: TestOffice) -> None:
    """Nobody of the company let them in; they hear of what they wrote, and no list shows the ticket."""
    with office.work() as uow:
        town = build_town(uow.session)
        ticket = ticket_on(uow.session, town, town.till)
        appeal = says(uow, town.stranger, "Касса не включается").appeal
        pass_to_triage(uow, appeal.id, "stranger")
        triage_into_ticket(uow, appeal.id, ticket.id, town.dispatcher)
        assert not may_see(uow.session, ticket, town.stranger)
        assert my_tickets(uow.session, town.stranger, 0, 10)[0] == []
        role = {"person_id": town.stranger, "company_id": town.shop, "role": ClientRole.REQUESTER}
        add(uow.session, Membership(**role, granted_at=NOON))
        assert may_see(uow.session, ticket, town.stranger), "let in, they have joined it"
