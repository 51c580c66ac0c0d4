"""Linking a stranger to a company: confirmed by names, on record, and undone with all that came of it (R1.3, R2.1)."""

import pytest
from sqlmodel import col, select

from bot.clients.models import Membership, Person
from bot.db.errors import NotAllowed
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.dispatch.linking import WorkBegun, link_company, unlink_company
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.intake.drafts import send_from_triage
from bot.tickets.intake.triage import assign_company, assign_object, pass_to_triage, triage_into_ticket, waiting
from bot.tickets.life.models import AppealEnd, AppealLink, Message, Ticket, TicketState
from bot.tickets.life.rights import may_see
from bot.tickets.thread.listing import my_tickets
from tests.builders.appeals import Town, build_town, says, ticket_on
from tests.builders.talk import Talk
from tests.conftest import TestOffice


def in_triage(uow: UnitOfWork, town: Town, who: int) -> int:
    return pass_to_triage(uow, says(uow, who, "касса молчит, мы из магазина").appeal.id, "stranger").id


async def test_a_stranger_is_linked_only_after_the_names_were_read(talk: Talk, town: Town) -> None:
    with talk.office.work() as uow:
        uow.session.get_one(Person, town.stranger).phone = "+79005554433"
        appeal = in_triage(uow, town, town.stranger)
    await talk.say(town.dispatcher, "/triage")
    await talk.press(town.dispatcher, "1")
    await talk.press(town.dispatcher, "🏢 Организация")
    await talk.say(town.dispatcher, "Кафе")
    asked = await talk.press(town.dispatcher, "Кафе")
    assert "Связать обращение" in asked and "Кто-то" in asked and "+7 900 555-44-33" in asked and "Кафе" in asked
    with talk.database.read() as session:
        assert session.exec(select(AppealLink)).all() == []
    shown = await talk.press(town.dispatcher, "✅ Да, связать")
    assert "Организация: Кафе" in shown
    for _twice in range(2):
        shown = await talk.press(town.dispatcher, "↩️ Не та организация")
        assert "Организация" not in shown
    with talk.database.read() as session:
        (link,) = session.exec(select(AppealLink)).all()
        assert (link.appeal_id, link.company_id, link.linked_by) == (appeal, town.cafe, town.dispatcher)
        assert link.undone_by == town.dispatcher and link.undone_at is not None


async def test_a_person_of_the_company_needs_no_second_press(talk: Talk, town: Town) -> None:
    with talk.office.work() as uow:
        in_triage(uow, town, town.other)
    await talk.say(town.dispatcher, "/triage")
    await talk.press(town.dispatcher, "1")
    await talk.press(town.dispatcher, "🏢 Организация")
    await talk.say(town.dispatcher, "Кафе")
    assert "Организация: Кафе" in await talk.press(town.dispatcher, "Кафе")


def test_the_wrong_company_is_undone_with_the_ticket_opened_meanwhile(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = in_triage(uow, town, town.stranger)
        link_company(uow, appeal, town.shop, town.dispatcher)
        assign_object(uow, appeal, town.till, town.dispatcher)
        ticket = send_from_triage(uow, appeal, town.dispatcher)
        assert may_see(uow.session, ticket, town.stranger), "who asked follows their own ticket"
        for by in (town.client, town.stranger):
            with pytest.raises(NotAllowed):
                unlink_company(uow, appeal, by)
        for _twice in range(2):
            back = unlink_company(uow, appeal, town.dispatcher)
            assert (back.company_id, back.object_id, back.ticket_id, back.end) == (None, None, None, AppealEnd.TRIAGE)
        ticket = uow.session.get_one(Ticket, ticket.id)
        assert ticket.state is TicketState.CANCELLED
        assert not may_see(uow.session, ticket, town.stranger)
        assert my_tickets(uow.session, town.stranger, 0, 9)[0] == []
        assert [each.appeal_id for each in waiting(uow.session, town.dispatcher, 0, 9)] == [appeal]
        words = uow.session.exec(select(Message).where(Message.appeal_id == appeal)).all()
        assert [each.ticket_id for each in words] == [None]
        assert office.notices.templates().count("appeal/unlinked") == 1
        assert uow.session.exec(select(Membership).where(Membership.person_id == town.stranger)).all() == []


def test_it_can_be_linked_rightly_after_that(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = in_triage(uow, town, town.stranger)
        link_company(uow, appeal, town.cafe, town.dispatcher)
        link_company(uow, appeal, town.shop, town.dispatcher)
        unlink_company(uow, appeal, town.dispatcher)
        link_company(uow, appeal, town.shop, town.dispatcher)
        assign_object(uow, appeal, town.till, town.dispatcher)
        assert send_from_triage(uow, appeal, town.dispatcher).company_id == town.shop
        links = uow.session.exec(select(AppealLink).order_by(col(AppealLink.id))).all()
        assert [(each.company_id, each.undone_at is None) for each in links] == [
            (town.cafe, False),
            (town.shop, False),
            (town.shop, True),
        ]


def test_work_that_has_begun_is_settled_first(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = in_triage(uow, town, town.stranger)
        link_company(uow, appeal, town.shop, town.dispatcher)
        assign_object(uow, appeal, town.till, town.dispatcher)
        ticket = send_from_triage(uow, appeal, town.dispatcher)
        ticket.state = TicketState.NEW
        take_ticket(uow, ticket.id, town.dispatcher)
        start_work(uow, ticket.id, town.dispatcher)
        with pytest.raises(WorkBegun):
            unlink_company(uow, appeal, town.dispatcher)
        assert uow.session.get_one(Ticket, ticket.id).state is TicketState.IN_WORK


def test_words_added_to_a_ticket_are_taken_out_and_the_ticket_stays(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        ticket = ticket_on(uow.session, town, town.till)
        appeal = in_triage(uow, town, town.stranger)
        link_company(uow, appeal, town.shop, town.dispatcher)
        triage_into_ticket(uow, appeal, ticket.id, town.dispatcher)
        unlink_company(uow, appeal, town.dispatcher)
        assert uow.session.get_one(Ticket, ticket.id).state is TicketState.NEW
        assert uow.session.exec(select(Message).where(Message.ticket_id == ticket.id)).all() == []
        assert assign_company(uow, appeal, town.cafe, town.dispatcher).company_id == town.cafe
