"""Times are told on the reader's clocks, or name the zone (R3.5); what was written keeps its own date (R8.4)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.clients.audiences import Dispatchers
from bot.clients.models import Company, Seller, ServiceObject, StaffChat
from bot.messaging.notices.texts import render
from bot.tickets.life.deadlines import SlaTarget, TargetDue
from bot.tickets.life.models import Appeal, Message
from tests.builders.appeals import Town, add
from tests.builders.at_moments import opens, staged
from tests.builders.talk import Talk
from tests.conftest import NOON, TestOffice
from tests.moments import Moment

VLADIVOSTOK = "Asia/Vladivostok"


def move(talk: Talk, town: Town, zone: str) -> None:
    """The shop, with its objects on no site, is in another zone than we are."""
    with talk.office.work() as uow:
        uow.session.get_one(Company, town.shop).timezone = zone
        uow.session.get_one(ServiceObject, town.till).site_id = None
        add(uow.session, Seller(name="Сервис", inn="7707083893", phone="+7"))


async def open_ticket(talk: Talk, town: Town) -> str:
    await talk.say(town.client, "абракадабра")
    await talk.press(town.client, "📝 Оформить заявку")
    await talk.press(town.client, "АТОЛ 91Ф · ИНВ-7")
    return await talk.press(town.client, "✅ Отправить")


async def test_our_hours_are_told_on_the_reader_s_clocks(talk: Talk, town: Town) -> None:
    """At 20:00 in Moscow a client in Vladivostok who wants a person is told of 16:00 there, not of our 9:00."""
    move(talk, town, VLADIVOSTOK)
    talk.office.clock = lambda: datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    await talk.say(town.client, "абракадабра")
    said = await talk.press(town.client, "🙋 Человек")
    assert "ответим после 25 ноября, 16:00." in said


@pytest.mark.parametrize(
    ("utc", "told"),
    [
        (17, "обычные заявки берём в работу после 25 ноября, 09:00.\n"),  # 3:00 there, 20:00 here
        (0, "Заявка №\u00a01 отправлена.\n"),  # 10:00 there, 3:00 here: people work there
    ],
)
async def test_a_ticket_waits_for_the_hours_of_its_place_not_for_ours(
    talk: Talk, town: Town, utc: int, told: str
) -> None:
    """The clock by which it is taken and due runs there (R8.1)."""
    move(talk, town, VLADIVOSTOK)
    talk.office.clock = lambda: datetime(2026, 11, 24, utc, 0, tzinfo=UTC)
    said = await open_ticket(talk, town)
    assert told in said + "\n"
    assert ("нерабочее время" in said) == (utc == 17)


@pytest.mark.parametrize(
    ("reader", "lang", "told"),
    [
        ("Europe/Moscow", "ru", "24 ноября, 19:00 (время: Владивосток)"),
        (VLADIVOSTOK, "ru", "24 ноября, 19:00)"),
        ("Asia/Ust-Nera", "ru", "24 ноября, 19:00)"),  # the same clocks
        ("Europe/Minsk", "en", "24 Nov, 19:00 (Vladivostok time)"),
    ],
)
def test_a_ticket_s_time_is_that_of_its_place_and_names_it_to_others(reader: str, lang: str, told: str) -> None:
    late = TargetDue(ticket_id=1, number=1, target=SlaTarget.REACTION, due=NOON, zone=VLADIVOSTOK)
    assert told in render("dispatch/sla_late", lang, late, reader=lambda: reader)


def test_the_group_reads_on_our_clocks(office: TestOffice) -> None:
    with office.work() as uow:
        add(uow.session, Seller(name="Сервис", inn="7707083893", phone="+7", timezone="Asia/Yekaterinburg"))
        add(uow.session, StaffChat(chat_id=-100500, purpose="dispatch", linked_at=NOON))
        assert [each.timezone for each in Dispatchers().addresses(uow.session)] == ["Asia/Yekaterinburg"]


def of(moment: datetime) -> int:
    return int(moment.timestamp())


async def test_what_was_written_while_we_were_down_keeps_its_time(talk: Talk, town: Town, session: Session) -> None:
    written = [NOON - timedelta(hours=5), NOON - timedelta(hours=4, minutes=50)]
    await talk.burst(town.client, *({"text": f"абракадабра {at:%M}", "date": of(at)} for at in written))
    assert list(session.exec(select(Message.sent_at).order_by(col(Message.id))).all()) == written
    appeal = session.exec(select(Appeal)).one()
    assert (appeal.started_at, appeal.last_at) == (written[0], written[1])


@pytest.mark.parametrize(("apart", "answers"), [(timedelta(minutes=2), 1), (timedelta(hours=20), 2)])
async def test_lines_far_apart_are_no_burst(talk: Talk, town: Town, apart: timedelta, answers: int) -> None:
    first = NOON - timedelta(hours=21)
    lines = [{"text": "абракадабра", "date": of(first)}, {"text": "кракозябра", "date": of(first + apart)}]
    await talk.burst(town.client, *lines)
    assert len([call for call in talk.heard if call["_method"] == "sendMessage"]) == answers


@pytest.mark.parametrize("date", [1, of(NOON + timedelta(days=3)), of(NOON - timedelta(hours=25)), of(NOON)])
async def test_a_date_that_cannot_be_is_none_to_go_by(talk: Talk, town: Town, session: Session, date: int) -> None:
    await talk.send(town.client, text="абракадабра", date=date)
    assert session.exec(select(Message.sent_at)).one() == NOON


@pytest.mark.parametrize(
    ("now", "priced"),
    [
        ("2026-11-30T21:30", "09:00"),  # 23:30 of 30 November for the client, 0:30 for us, 7:30 on 1 December there
        ("2026-11-30T23:30", "09:30"),  # 1:30, 2:30 and 9:30 on 1 December: people work there
    ],
)
async def test_a_client_in_kaliningrad_a_job_in_vladivostok_and_we_in_moscow(talk: Talk, now: str, priced: str) -> None:
    """Each reads the job's times on the clocks of its place, named, and what is for their own day on their own."""
    there = Moment("", VLADIVOSTOK, datetime.fromisoformat(f"{now}+00:00"), date(2026, 12, 1), date(2026, 12, 1))
    scene = staged(talk, there, home="Europe/Kaliningrad")
    client = await scene.asks()
    place = " (время: Владивосток)"
    due = "11:00" if priced == "09:00" else "11:40"  # two hours after the yes, while people work (R8.2)
    approver = scene.told(scene.firm.approver)
    assert f"Цена посчитана на 1 декабря, {priced}{place}." in approver
    own = "3 декабря" if now.endswith("21:30") else "4 декабря"  # the third working day after the client's own
    assert f"Цена держится до {own}, 23:59.\n" in approver
    assert ("после 1 декабря, 09:00" + place in client) == (priced == "09:00")
    await scene.is_agreed()
    assert f"Взять до 1 декабря, {due}{place}" in scene.heard_in_group()
    assert f"Ответим до 1 декабря, {due}{place}" in scene.told(scene.firm.requester)
    scene.now = max(scene.now, opens(there))
    await scene.comes()
    await scene.hands_over()
    asked = scene.told(scene.firm.requester)
    assert f"считается принятой 4 декабря, 18:00{place}." in asked
    scene.require_true_times()
