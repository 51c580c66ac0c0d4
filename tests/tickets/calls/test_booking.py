"""Calls become labour by the engineer's word: told, booked once, refused to others (R5.8)."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from bot.billing.work.models import TimeEntry
from bot.billing.work.phone_calls import CallPurpose, CallState
from bot.clients.identification.phones import Reached
from bot.clients.models import Membership, Person
from bot.clients.phone_lines import keep_lines
from bot.messaging.outgoing.models import Outbox
from bot.tickets.calls.booking import record_call
from bot.tickets.calls.models import PhoneCall
from bot.tickets.life.lifecycle import history
from tests.builders.held_tickets import tell_all_calls
from tests.builders.jobs import Firm
from tests.builders.stories import begun, in_group, learn, popups
from tests.builders.talk import Talk
from tests.conftest import NOON

NUMBER = "+79161112233"


def called(talk: Talk, firm: Firm, code: str = "c-1", seconds: int = 400, **more: Any) -> None:
    """The telephony has reported a call, and the bot has told of it."""
    with talk.office.work() as uow:
        begin = NOON - timedelta(hours=1)
        record_call(uow, code, NUMBER, firm.engineer, begin, seconds, **more)
    with talk.office.work() as uow:
        tell_all_calls(uow)
    learn(talk)


def numbered(talk: Talk, person_id: int) -> None:
    with talk.office.work() as uow:
        uow.session.get_one(Person, person_id).phone = NUMBER


def told(talk: Talk) -> str:
    """All that was sent to anybody so far."""
    with talk.database.read() as session:
        return "\n".join(str(row.params.get("text", "")) for row in session.exec(select(Outbox)).all())


def states(talk: Talk) -> list[CallState]:
    with talk.database.read() as session:
        return list(session.exec(select(PhoneCall.state).order_by(PhoneCall.id)).all())


async def test_a_call_is_booked_on_the_engineer_s_ticket_beside_the_visit_s_time(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=600)
    numbered(talk, firm.requester)
    called(talk, firm)
    assert "Ваших заявок в работе у этого клиента нет" in await talk.press(firm.engineer, "🔄 Обновить")
    for button in ("✋ Беру", "▶️ Начал"):
        await in_group(talk, firm.engineer, button)
    assert "По какой заявке записать это время" in await talk.press(firm.engineer, "🔄 Обновить")
    for stranger in (firm.other_engineer, firm.requester, firm.dispatcher):
        await talk.press(stranger, "По заявке №\u00a01", shown_to=firm.engineer)
        assert "нет прав" in popups(talk)
    for _ in range(2):
        assert "Время записано в заявку №\u00a01" in await talk.press(firm.engineer, "По заявке №\u00a01")
    await talk.press(firm.engineer, "Не работа")
    assert states(talk) == [CallState.CONFIRMED]
    await in_group(talk, firm.engineer, "🏁 Закончил")
    await talk.press(firm.engineer, "⏱ Время")
    assert "30\u00a0мин" in await talk.say(firm.engineer, "30 менял плату")
    await talk.press(firm.engineer, "⏱ Записать")
    await talk.press(firm.engineer, "✅ Сдать работу")
    assert "потрачено 7\u00a0мин → учтено 15\u00a0мин" in talk.words(firm.requester)
    assert "потрачено 30\u00a0мин" in talk.words(firm.requester)
    with talk.database.read() as session:
        entries = session.exec(select(TimeEntry).where(TimeEntry.ticket_id == ticket_id)).all()
        assert [(each.way, each.minutes, each.replaces_id) for each in entries] == [
            ("remote", 7, None),
            ("visit", 30, None),
        ]
        assert [event.kind for event in history(session, ticket_id)].count("call_booked") == 1


async def test_a_call_that_was_no_work_is_not_booked(talk: Talk) -> None:
    firm, _ = begun(talk, minutes=600)
    numbered(talk, firm.requester)
    called(talk, firm)
    for button in ("✋ Беру", "▶️ Начал"):
        await in_group(talk, firm.engineer, button)
    await talk.press(firm.engineer, "🔄 Обновить")
    assert "в счёт не попадёт" in await talk.press(firm.engineer, "Не работа")
    await talk.press(firm.engineer, "По заявке №\u00a01")
    assert states(talk) == [CallState.DROPPED]
    with talk.database.read() as session:
        assert session.exec(select(TimeEntry)).all() == []


async def test_a_number_of_two_clients_is_named_by_a_dispatcher(talk: Talk) -> None:
    firm, _ = begun(talk)
    for each in (firm.requester, firm.outsider):
        numbered(talk, each)
    called(talk, firm)
    assert "Этот номер есть у нескольких клиентов" in told(talk)
    assert states(talk) == [CallState.UNCLEAR]
    assert await in_group(talk, firm.engineer, "Ромашка") == "У вас нет прав на это действие."
    assert await in_group(talk, firm.dispatcher, "Ромашка") == "Спросил инженера"
    assert states(talk) == [CallState.DRAFT]
    assert "Ваших заявок в работе у этого клиента нет" in told(talk)


async def test_a_call_of_nobody_s_number_is_judged_anew_once_the_number_is_known(talk: Talk) -> None:
    firm, _ = begun(talk)
    called(talk, firm)
    assert "нет ни у одного клиента" in told(talk)
    numbered(talk, firm.requester)
    called(talk, firm)
    called(talk, firm)
    assert states(talk) == [CallState.DRAFT]
    with talk.database.read() as session:
        assert session.exec(select(PhoneCall.company_id)).all() == [firm.company]


async def test_a_further_number_and_a_company_s_line_say_whose_call_it_was(talk: Talk) -> None:
    firm, _ = begun(talk)
    with talk.office.work() as uow:
        keep_lines(uow.session, [Reached(NUMBER, "12")], person_id=firm.requester)
    called(talk, firm, "c-1")
    assert "<b>Ромашка</b>, +7 916 111-22-33 (Гусев)" in told(talk)
    with talk.office.work() as uow:
        keep_lines(uow.session, [], person_id=firm.requester)
        keep_lines(uow.session, [Reached(NUMBER)], company_id=firm.company)
    called(talk, firm, "c-2")
    assert states(talk) == [CallState.DRAFT, CallState.DRAFT]
    with talk.office.work() as uow:
        keep_lines(uow.session, [Reached(NUMBER)], person_id=firm.outsider)
    called(talk, firm, "c-3")
    assert states(talk)[-1] is CallState.UNCLEAR
    assert await in_group(talk, firm.dispatcher, "Ромашка") == "Спросил инженера"


async def test_short_and_unbilled_calls_are_kept_and_told_to_nobody(talk: Talk) -> None:
    firm, _ = begun(talk)
    numbered(talk, firm.requester)
    before = len(told(talk))
    called(talk, firm, "short", seconds=60)
    called(talk, firm, "missed", answered=False)
    called(talk, firm, "sale", purpose=CallPurpose.SALES)
    assert states(talk) == [CallState.SHORT, CallState.SHORT, CallState.UNBILLED]
    assert len(told(talk)) == before


async def test_a_person_who_left_gives_no_company(talk: Talk) -> None:
    firm, _ = begun(talk)
    numbered(talk, firm.requester)
    with talk.office.work() as uow:
        for row in uow.session.exec(select(Membership).where(Membership.person_id == firm.requester)).all():
            row.ended_at = NOON
    called(talk, firm)
    assert states(talk) == [CallState.UNCLEAR]
