"""Every contact is kept, and every appeal ends (R1.1, R1.2)."""

from datetime import timedelta

from sqlmodel import select

from bot.clients.models import Person
from bot.telegram.ids import chat as telegram_chat
from bot.tickets.intake.appeals import attach_message, end_by_silence, said
from bot.tickets.intake.passing import pass_waiting
from bot.tickets.intake.record import Incoming, record_edit
from bot.tickets.intake.triage import pass_to_triage
from bot.tickets.life.models import Appeal, AppealEnd, DeliveryState, Message
from tests.builders.appeals import build_town, says, ticket_on
from tests.conftest import TestOffice


def test_messages_of_one_conversation_are_one_appeal_in_order(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        found = [says(uow, town.client, f"строка {n}") for n in range(100)]
        assert len({row.appeal.id for row in found}) == 1
        assert found[0].appeal.company_id == town.shop
        assert found[0].appeal.summary == "строка 0"
        assert said(uow.session, found[0].appeal.id).text == "\n".join(f"строка {n}" for n in range(100))
        assert not found[2].burst
        assert found[20].burst


def test_two_people_never_share_an_appeal(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        for n in range(5):
            says(uow, town.client, f"а{n}")
            says(uow, town.other, f"б{n}")
        texts = {}
        for appeal in uow.session.exec(select(Appeal)).all():
            texts[appeal.person_id] = said(uow.session, appeal.id).text
        assert texts == {town.client: "а0\nа1\nа2\nа3\nа4", town.other: "б0\nб1\nб2\nб3\nб4"}


def test_the_same_message_is_kept_once(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        first = says(uow, town.client, "раз", message_id=7)
        again = says(uow, town.client, "раз", message_id=7)
        assert again.again
        assert again.message.id == first.message.id
        assert len(uow.session.exec(select(Message)).all()) == 1


def test_a_press_of_the_menu_is_history_not_an_appeal(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        assert says(uow, town.client, "Тарифы", history=True).appeal is None
        assert uow.session.exec(select(Appeal)).all() == []
        assert uow.session.exec(select(Message)).one().text == "Тарифы"


def test_every_kind_is_kept(office: TestOffice) -> None:
    kinds = ["photo", "document", "voice", "video", "sticker", "location", "contact", "poll", "other"]
    with office.work() as uow:
        town = build_town(uow.session)
        for kind in kinds:
            says(uow, town.stranger, kind=kind)
        appeal = uow.session.exec(select(Appeal)).one()
        assert said(uow.session, appeal.id).files == len(kinds)
        assert appeal.summary == "[photo]"


def test_a_late_part_of_an_album_follows_its_ticket(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        first = says(uow, town.client, "вот", kind="photo", album="A1")
        ticket = ticket_on(uow.session, town, town.till)
        first.message.ticket_id = ticket.id
        first.appeal.end, first.appeal.ended_at = AppealEnd.TICKET, uow.now
        late = says(uow, town.client, kind="photo", album="A1")
        assert late.album_part
        assert late.appeal.id == first.appeal.id
        assert late.message.ticket_id == ticket.id
        assert late.message.delivery is DeliveryState.WAITING  # for the rest of its album
        uow.session.refresh(ticket)
        pass_waiting(uow, {"ticket": ticket.id, "appeal": None, "from_staff": False})
        assert office.notices.templates()[0] == "ticket/client_says"
        assert office.told[0].values["kinds"] == ["photo"]


def test_an_edited_message_changes_the_thread_and_staff_is_told(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        person = uow.session.get(Person, town.client)
        kept = says(uow, town.client, "касса 1", message_id=70)
        record_edit(uow, person, telegram_chat(town.client), 70, Incoming("text", "касса 2"))
        assert office.told == []
        pass_to_triage(uow, kept.appeal.id, "human")
        record_edit(uow, person, telegram_chat(town.client), 70, Incoming("text", "касса 3"))
        assert office.notices.templates() == ["triage/card", "appeal/edited"]
        assert kept.message.text == "касса 3"
        assert [edit["text"] for edit in kept.message.file["edits"]] == ["касса 1", "касса 2"]
        assert record_edit(uow, person, telegram_chat(town.client), 71, Incoming("text", "не видели")) is None


def test_what_is_written_after_triage_joins_it_for_a_while(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        first = says(uow, town.client, "помогите")
        pass_to_triage(uow, first.appeal.id, "human")
        assert says(uow, town.client, "ау").appeal.id == first.appeal.id
    office.moment += timedelta(days=2)
    with office.work() as uow:
        assert says(uow, town.client, "другое").appeal.id != first.appeal.id


def test_silence_ends_an_appeal_with_a_word(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal_id = says(uow, town.client, "вопрос").appeal.id
    office.moment += timedelta(hours=23)
    with office.work() as uow:
        says(uow, town.client, "ещё")
    office.moment += timedelta(hours=2)
    with office.work() as uow:
        end_by_silence(uow, {"appeal_id": appeal_id})
        assert uow.session.get(Appeal, appeal_id).end is None
    office.moment += timedelta(hours=23)
    with office.work() as uow:
        end_by_silence(uow, {"appeal_id": appeal_id})
        end_by_silence(uow, {"appeal_id": appeal_id})
        assert uow.session.get(Appeal, appeal_id).end is AppealEnd.CLOSED
    assert office.notices.templates() == ["appeal/silence"]
    assert office.told[0].values["answered"] is False


def test_a_message_that_came_before_in_time_is_not_lost_to_a_clock(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        first = says(uow, town.client, "раз")
        says(uow, town.client, "два", written_at=office.moment - timedelta(minutes=5))
        assert first.appeal.last_at == office.moment


def test_what_is_written_into_a_ticket_leaves_other_talk_alone(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        ticket = ticket_on(uow.session, town, town.till)
        alone = says(uow, town.client, "когда приедете?")
        attach_message(uow, alone.message, ticket.id)
        assert (alone.appeal.end, alone.appeal.ticket_id) == (AppealEnd.ATTACHED, ticket.id)
        question = says(uow, town.client, "и ещё вопрос")
        into = says(uow, town.client, "в заявку")
        attach_message(uow, into.message, ticket.id)
        assert question.appeal.end is None
        assert said(uow.session, question.appeal.id).text == "и ещё вопрос"
