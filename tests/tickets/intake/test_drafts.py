from datetime import date

import pytest
from sqlmodel import select

from bot.clients.models import Contract, Membership
from bot.db.errors import NotAllowed, NotFound, Outdated
from bot.tickets.intake.appeals import drop_appeal, say_anew, say_aside
from bot.tickets.intake.drafts import (
    NoContract,
    NothingSaid,
    begin_draft,
    choose_company,
    choose_object,
    join_ticket,
    not_in_list,
    open_tickets_on,
    send_draft,
    send_from_triage,
    set_emergency,
    sounds_urgent,
    view,
)
from bot.tickets.intake.record import open_appeal
from bot.tickets.intake.triage import assign_object, pass_to_triage
from bot.tickets.life.models import Appeal, AppealEnd, Message, Ticket, TicketState
from tests.builders.appeals import add, build_town, client, says, ticket_on
from tests.conftest import TestOffice


def test_what_was_said_becomes_a_ticket_on_contract_and_object(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "Не печатает").appeal
        says(uow, town.client, kind="photo", file={"file_id": "F"})
        begin_draft(uow, appeal.id, town.client)
        assert (appeal.company_id, appeal.object_id) == (town.shop, None)
        choose_object(uow, appeal.id, town.till, town.client)
        draft = view(uow, appeal)
        assert (draft.said.text, draft.said.files) == ("Не печатает", 1)
        assert draft.contract.id == town.contract
        ticket = send_draft(uow, appeal.id, town.client)
        assert (ticket.object_id, ticket.contract_id, ticket.requester_id) == (town.till, town.contract, town.client)
        assert ticket.description == "Не печатает"
        assert (appeal.end, appeal.ticket_id) == (AppealEnd.TICKET, ticket.id)
        messages = uow.session.exec(select(Message).where(Message.appeal_id == appeal.id)).all()
        uow.session.expire_all()
        assert {message.ticket_id for message in messages} == {ticket.id}


def test_the_same_press_again_gets_the_same_ticket(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "Не печатает").appeal
        choose_object(uow, appeal.id, town.till, town.client)
        first = send_draft(uow, appeal.id, town.client)
    with office.work() as uow:
        assert send_draft(uow, appeal.id, town.client).id == first.id
        assert len(uow.session.exec(select(Ticket)).all()) == 1
        with pytest.raises(NotFound):
            send_draft(uow, appeal.id, town.other)


def test_one_object_is_chosen_by_itself(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.other, "Эвотор завис").appeal
        assert begin_draft(uow, appeal.id, town.other).object_id == town.cafe_till


def test_a_person_in_two_companies_chooses(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        add(
            uow.session,
            Membership(person_id=town.client, company_id=town.cafe, role="requester", granted_at=uow.now),
        )
        appeal = says(uow, town.client, "сломалось").appeal
        assert begin_draft(uow, appeal.id, town.client).company_id is None
        assert choose_company(uow, appeal.id, town.cafe, town.client).object_id == town.cafe_till
        assert choose_company(uow, appeal.id, town.shop, town.client).object_id is None
        with pytest.raises(NotFound):
            choose_company(uow, appeal.id, 999_999, town.client)


def test_what_a_person_may_not_see_is_not_found(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "чужое").appeal
        with pytest.raises(NotFound):
            choose_object(uow, appeal.id, town.cafe_till, town.client)
        with pytest.raises(NotFound):
            choose_object(uow, appeal.id, town.till, town.other)
        one_site = client(uow.session, 900009, "Вера", town.shop, town.site)
        theirs = says(uow, one_site, "касса").appeal
        with pytest.raises(NotFound):
            choose_object(uow, theirs.id, town.printer, one_site)
        assert begin_draft(uow, theirs.id, one_site).object_id == town.till


def test_rights_that_went_before_sending_stop_it(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "касса").appeal
        choose_object(uow, appeal.id, town.till, town.client)
        row = uow.session.exec(select(Membership).where(Membership.person_id == town.client)).one()
        row.ended_at = uow.now
        uow.session.flush()
        with pytest.raises(NotFound):
            send_draft(uow, appeal.id, town.client)
        assert uow.session.exec(select(Ticket)).all() == []


def test_without_a_contract_it_goes_to_triage(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "лампа мигает").appeal
        choose_object(uow, appeal.id, town.lamp, town.client)
        assert send_draft(uow, appeal.id, town.client) is None
        assert (appeal.end, appeal.end_reason) == (AppealEnd.TRIAGE, "no_contract")
        assert office.notices.templates() == ["triage/card"]
        with pytest.raises(NoContract):
            send_from_triage(uow, appeal.id, town.dispatcher)


def test_an_object_that_is_not_in_the_list_goes_to_triage(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "новый сканер").appeal
        assert not_in_list(uow, appeal.id, town.client).end_reason == "not_in_list"
        with pytest.raises(Outdated):
            not_in_list(uow, appeal.id, town.client)
        assign_object(uow, appeal.id, town.till, town.dispatcher)
        with pytest.raises(NotAllowed):
            send_from_triage(uow, appeal.id, town.client)
        ticket = send_from_triage(uow, appeal.id, town.dispatcher)
        assert (ticket.requester_id, ticket.contract_id) == (town.client, town.contract)
        stored = uow.session.get(Appeal, appeal.id)
        assert (stored.end, stored.ticket_id, stored.triage_done_by) == (
            AppealEnd.TICKET,
            ticket.id,
            town.dispatcher,
        )


def test_nothing_said_is_no_ticket(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = open_appeal(uow, town.client)
        choose_object(uow, appeal.id, town.till, town.client)
        for act in (send_draft, not_in_list):
            with pytest.raises(NothingSaid):
                act(uow, appeal.id, town.client)


def test_words_typed_into_the_search_are_no_description(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        first = says(uow, town.client, "старое")
        say_anew(uow, first.appeal.id, town.client)
        says(uow, town.client, "не бьёт чек")
        say_aside(uow, says(uow, town.client, "6503").message)
        choose_object(uow, first.appeal.id, town.till, town.client)
        assert view(uow, first.appeal).said.text == "не бьёт чек"


def test_an_open_ticket_on_the_object_can_be_joined(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        done = ticket_on(uow.session, town, town.till, state=TicketState.CLOSED)
        ticket = ticket_on(uow.session, town, town.till)
        assert [found.id for found in open_tickets_on(uow.session, town.till)] == [ticket.id]
        appeal = says(uow, town.client, "и ещё гудит").appeal
        choose_object(uow, appeal.id, town.till, town.client)
        with pytest.raises(Outdated):
            join_ticket(uow, appeal.id, done.id, town.client)
        with pytest.raises(NotFound):
            join_ticket(uow, appeal.id, ticket.id, town.other)
        assert join_ticket(uow, appeal.id, ticket.id, town.client).id == ticket.id
        assert join_ticket(uow, appeal.id, ticket.id, town.client).id == ticket.id
        assert (appeal.end, appeal.ticket_id) == (AppealEnd.ATTACHED, ticket.id)
        assert office.notices.templates() == ["appeal/joined"]
        assert office.told[0].values["text"] == "и ещё гудит"


def test_a_hundred_messages_are_one_draft_in_order(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        for n in range(100):
            appeal = says(uow, town.client, f"строка {n}").appeal
        choose_object(uow, appeal.id, town.till, town.client)
        ticket = send_draft(uow, appeal.id, town.client)
        assert ticket.description == "\n".join(f"строка {n}" for n in range(100))


def test_a_dropped_draft_is_closed_not_lost(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "передумаю").appeal
        drop_appeal(uow, appeal.id, town.client)
        assert (appeal.end, appeal.end_reason) == (AppealEnd.CLOSED, "by_client")
        for act in (begin_draft, drop_appeal, say_anew):
            with pytest.raises(Outdated):
                act(uow, appeal.id, town.client)
        pass_to_triage(uow, appeal.id, "human")
        assert appeal.end is AppealEnd.TRIAGE


def test_an_emergency_is_said_by_the_client(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "Всё стоит, не можем торговать").appeal
        choose_object(uow, appeal.id, town.till, town.client)
        assert view(uow, appeal).sounds_urgent
        assert not appeal.emergency
        set_emergency(uow, appeal.id, True, town.client)
        ticket = send_draft(uow, appeal.id, town.client)
        assert (ticket.emergency, ticket.priority) == (True, "high")


@pytest.mark.parametrize(
    ("text", "urgent"),
    [("ВСЁ СТОИТ!", True), ("we can't  sell", True), ("принтер мажет", False), ("когда приедет курьер", False)],
)
def test_words_of_an_emergency(text: str, urgent: bool) -> None:
    assert sounds_urgent(text) is urgent


def test_a_contract_that_ended_is_none(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        uow.session.get(Contract, town.contract).ends = date(2026, 11, 1)
        appeal = says(uow, town.client, "касса").appeal
        choose_object(uow, appeal.id, town.till, town.client)
        assert view(uow, appeal).contract is None
