"""Triage: what waits there, who works through it, and how it ends (R1.3, R1.6)."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.clients.models import Employment, StaffRole
from bot.clients.search import find_companies, find_people
from bot.db.errors import NotAllowed, NotFound, Outdated
from bot.tickets.intake.appeals import attach_appeal, split_off
from bot.tickets.intake.record import Incoming, record_loose
from bot.tickets.intake.triage import (
    answer_from_staff,
    appeal_of_client,
    ask_human,
    assign_company,
    assign_object,
    bring_back,
    close_appeal,
    in_triage,
    pass_to_triage,
    triage_card,
    triage_into_ticket,
    waiting,
)
from bot.tickets.life.models import Appeal, AppealEnd, IntakeChannel, Message
from tests.builders.appeals import build_town, says, staff, ticket_on
from tests.conftest import TestOffice


def test_asking_for_a_person_passes_the_conversation_on(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "не печатает").appeal
        appeal.articles = ["printer"]
        assert ask_human(uow, town.client).id == appeal.id
        assert ask_human(uow, town.client).id == appeal.id
        assert office.notices.templates() == ["triage/card"]
        told = office.told[0]
        assert told.urgent
        assert told.values["articles"] == ["printer"]
        assert [line.text for line in told.values["talk"]] == ["не печатает"]


def test_triage_is_ordered_and_only_for_those_with_the_right(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        engineer = staff(uow.session, 800001, "Егор", StaffRole.ENGINEER)
        old = pass_to_triage(uow, says(uow, town.stranger, "кто вы").appeal.id, "stranger")
        uow.now += timedelta(minutes=5)
        human = ask_human(uow, town.client)
        assert [a.appeal_id for a in waiting(uow.session, town.dispatcher, 0, 8)] == [human.id, old.id]
        for who in (engineer, town.client, town.stranger):
            with pytest.raises(NotAllowed):
                waiting(uow.session, who, 0, 8)
        for row in uow.session.exec(select(Employment).where(Employment.person_id == town.dispatcher)).all():
            row.ended_at = uow.now
        uow.session.flush()
        with pytest.raises(NotAllowed):
            in_triage(uow.session, old.id, town.dispatcher)


def test_the_dispatcher_links_company_and_object(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = pass_to_triage(uow, says(uow, town.stranger, "касса").appeal.id, "stranger")
        assign_object(uow, appeal.id, town.till, town.dispatcher)
        assert (appeal.company_id, appeal.object_id) == (town.shop, town.till)
        assign_company(uow, appeal.id, town.cafe, town.dispatcher)
        assert (appeal.company_id, appeal.object_id) == (town.cafe, None)
        assert triage_card(uow.session, appeal).company == "Кафе"
        with pytest.raises(NotFound):
            assign_company(uow, appeal.id, 999_999, town.dispatcher)
        with pytest.raises(NotAllowed):
            assign_company(uow, appeal.id, town.cafe, town.client)


def test_closing_says_why_and_once(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = pass_to_triage(uow, says(uow, town.client, "спам?").appeal.id, "human")
        close_appeal(uow, appeal.id, "Решили по телефону", town.dispatcher)
        assert (appeal.end, appeal.end_reason) == (AppealEnd.CLOSED, "Решили по телефону")
        assert appeal.triage_done_by == town.dispatcher
        assert office.notices.templates() == ["triage/card", "appeal/closed", "triage/card"]
        assert not office.told[-1].values["open"]
        with pytest.raises(Outdated):
            close_appeal(uow, appeal.id, "ещё раз", town.dispatcher)


def test_a_closed_appeal_comes_back_to_people(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = pass_to_triage(uow, says(uow, town.client, "сломалось").appeal.id, "human")
        close_appeal(uow, appeal.id, "Не понял", town.dispatcher)
        with pytest.raises(NotFound):
            bring_back(uow, appeal.id, town.other)
        bring_back(uow, appeal.id, town.client)
        assert [a.appeal_id for a in waiting(uow.session, town.dispatcher, 0, 8)] == [appeal.id]


def test_an_answer_reaches_the_client_and_stays_in_the_talk(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = ask_human(uow, town.client)
        answer_from_staff(uow, appeal.id, Incoming("text", "Перезагрузите <b>"), town.dispatcher)
        told = office.told[1]
        assert (told.template, told.values["who"], told.values["text"]) == (
            "appeal/answer",
            "Дина",
            "Перезагрузите <b>",
        )
        assert triage_card(uow.session, appeal).talk[-1].staff
        with pytest.raises(NotAllowed):
            answer_from_staff(uow, appeal.id, Incoming("text", "я"), town.client)


def test_a_forwarded_message_becomes_the_clients_appeal(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        engineer = staff(uow.session, 800002, "Егор", StaffRole.ENGINEER)
        kept = [
            record_loose(uow, Incoming("text", f"переслано {n}", chat_id=1, message_id=n), engineer) for n in (1, 2)
        ]
        appeal = appeal_of_client(uow, town.client, kept, engineer)
        assert (appeal.person_id, appeal.channel, appeal.company_id) == (
            town.client,
            IntakeChannel.FORWARDED,
            town.shop,
        )
        assert appeal.end is AppealEnd.TRIAGE
        messages = uow.session.exec(select(Message).where(Message.appeal_id == appeal.id)).all()
        assert {m.person_id for m in messages} == {town.client}
        with pytest.raises(NotAllowed):
            appeal_of_client(uow, town.client, kept, town.other)


def test_triage_ends_in_a_ticket_that_is_there(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = pass_to_triage(uow, says(uow, town.stranger, "та же касса").appeal.id, "stranger")
        ticket = ticket_on(uow.session, town, town.till)
        triage_into_ticket(uow, appeal.id, ticket.id, town.dispatcher)
        assert (appeal.end, appeal.ticket_id, appeal.triage_done_by) == (
            AppealEnd.ATTACHED,
            ticket.id,
            town.dispatcher,
        )
        assert office.notices.templates()[-1] == "appeal/attached"
        assert waiting(uow.session, town.dispatcher, 0, 8) == []


def test_an_ended_appeal_is_not_passed_on(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "касса").appeal
        attach_appeal(uow, appeal.id, ticket_on(uow.session, town, town.till).id)
        with pytest.raises(Outdated):
            pass_to_triage(uow, appeal.id, "human")


def test_another_question_begins_another_appeal(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        first = ask_human(uow, town.client)
        with pytest.raises(NotFound):
            split_off(uow, first.id, town.other)
        split_off(uow, first.id, town.client)
        assert says(uow, town.client, "другое").appeal.id != first.id
        assert uow.session.get(Appeal, first.id).end is AppealEnd.TRIAGE


def test_clients_are_found_by_what_staff_knows(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        assert [c.id for c in find_companies(uow.session, "МАГАЗИН")] == [town.shop]
        assert [c.id for c in find_companies(uow.session, "77070")] == [town.shop]
        assert find_companies(uow.session, "") == []
        assert [p.id for p in find_people(uow.session, "анна")] == [town.client]
        assert [p.id for p in find_people(uow.session, "кафе")] == [town.other]
        assert find_people(uow.session, "никто такой") == []
