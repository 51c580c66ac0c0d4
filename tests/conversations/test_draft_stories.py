"""A draft beside its straight way: an open ticket on the same object, a sticker, photos, an emergency at night."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, col, select

from bot.clients.models import Seller, ServiceObject, StaffChat
from bot.messaging.notices.texts import label
from bot.tickets.life.models import Appeal, AppealEnd, Message, Ticket
from tests.builders.appeals import Town, add, build_town, ticket_on
from tests.builders.stories import GROUP, group_hears, in_group, learn, popups
from tests.builders.talk import Talk
from tests.conftest import NOON
from tests.conversations.test_appeals import PHOTO

NIGHT = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)  # half past midnight in Moscow
TILL = "АТОЛ 91Ф · Тверская"


@pytest.fixture
def town(talk: Talk) -> Town:
    with talk.office.work() as uow:
        uow.session.add(StaffChat(chat_id=GROUP, title="Диспетчерская", linked_at=NOON))
        phones = {"phone": "+7 495 000-00-00", "emergency_phone": "+7 495 000-00-01"}
        add(uow.session, Seller(name="Сервис", inn="7707083893", **phones))
        return build_town(uow.session)


async def drafted(talk: Talk, town: Town) -> str:
    """The client says what is wrong and with what; returns the screen after the choice."""
    await talk.say(town.client, label("menu.new_ticket", "ru"))
    await talk.say(town.client, "Опять не печатает чек")
    return await talk.press(town.client, TILL)


def sticker(talk: Talk, object_id: int) -> str | None:
    with talk.database.read() as reading:
        return reading.get_one(ServiceObject, object_id).qr_code


@pytest.fixture
def earlier(talk: Talk, town: Town) -> int:
    with talk.office.work() as uow:
        return ticket_on(uow.session, town, town.till).number


async def test_an_open_ticket_on_the_object_is_offered_and_joined(
    talk: Talk, town: Town, earlier: int, session: Session
) -> None:
    offered = await drafted(talk, town)
    assert f"уже есть заявка №\u00a0{earlier} (новая)" in offered
    assert "Уже открыта" in offered
    joined = await talk.press(town.client, f"Да, добавить к №\u00a0{earlier}")
    assert joined == f"Добавил к заявке №\u00a0{earlier}. Инженер увидит ваши сообщения."
    assert "Опять не печатает чек" in group_hears(talk)
    ticket = session.exec(select(Ticket)).one()
    said = session.exec(select(Message.text).where(Message.ticket_id == ticket.id)).all()
    assert said == ["Опять не печатает чек"]
    assert session.exec(select(Appeal.end)).one() is AppealEnd.ATTACHED


async def test_a_new_ticket_is_opened_all_the_same_when_it_is_about_something_else(
    talk: Talk, town: Town, earlier: int, session: Session
) -> None:
    await drafted(talk, town)
    assert "Новая заявка" in await talk.press(town.client, "Нет, новая заявка")
    await talk.press(town.client, "🔥 Срочно, всё стоит")
    assert "отправлена" in await talk.press(town.client, "✅ Отправить")
    numbers = {ticket.number for ticket in session.exec(select(Ticket)).all()}
    assert len(numbers) == 2
    assert earlier in numbers


async def test_a_stranger_joins_nothing_by_a_stolen_button(
    talk: Talk, town: Town, earlier: int, session: Session
) -> None:
    await drafted(talk, town)
    for button in (f"Да, добавить к №\u00a0{earlier}", "Нет, новая заявка"):
        await talk.press(town.other, button, shown_to=town.client)
        assert "Не нахожу" in popups(talk)
    assert session.exec(select(Message).where(col(Message.ticket_id).is_not(None))).all() == []


async def test_a_sticker_on_one_s_own_equipment_begins_its_ticket(talk: Talk, town: Town, session: Session) -> None:
    code = sticker(talk, town.till)
    asked = await talk.say(town.client, f"/start o_{code}")
    assert "АТОЛ 91Ф" in asked
    assert "Что случилось?" in asked
    assert "Новая заявка" in await talk.say(town.client, "Не печатает чек")
    await talk.press(town.client, "✅ Отправить")
    assert session.exec(select(Ticket.object_id)).one() == town.till


@pytest.mark.parametrize("whose", ["cafe_till", "nobody"])
async def test_a_sticker_of_others_says_nothing_about_them(
    talk: Talk, town: Town, session: Session, whose: str
) -> None:
    foreign = sticker(talk, town.cafe_till) if whose == "cafe_till" else "nosuchcode"
    said = await talk.say(town.client, f"/start o_{foreign}")
    assert said == "Этой наклейки нет среди вашего оборудования. Опишите, что случилось, — разберёмся."
    assert "Эвотор" not in said
    assert session.exec(select(Appeal)).all() == []


async def test_a_photo_sent_while_drafting_is_on_the_ticket_s_card(talk: Talk, town: Town, session: Session) -> None:
    await drafted(talk, town)
    assert "Вложений: 1" in await talk.send(town.client, **PHOTO)
    await talk.press(town.client, "✅ Отправить")
    assert "📎 Вложений: 1" in group_hears(talk)
    learn(talk)
    assert "личных сообщениях" in await in_group(talk, town.dispatcher, "📎 Вложения")
    shown = [call for call in talk.heard if call["_method"] == "sendPhoto"]
    assert [(call["chat_id"], call["photo"]) for call in shown] == [(talk.account(town.dispatcher), "F")]
    assert "нет прав" in await in_group(talk, town.other, "📎 Вложения")


async def test_a_photo_sent_while_drafting_is_on_the_triage_card(talk: Talk, town: Town) -> None:
    await talk.say(town.client, label("menu.new_ticket", "ru"))
    await talk.say(town.client, "Сломалась касса")
    await talk.send(town.client, **PHOTO)
    assert "найдёт объект и ответит здесь" in await talk.press(town.client, "Нет в списке")
    assert "Вложений: 1" in group_hears(talk)
    await talk.say(town.dispatcher, "/triage")
    assert "Вложений: 1" in await talk.press(town.dispatcher, "1")
    await talk.press(town.dispatcher, "📎 Вложения")
    assert [call["photo"] for call in talk.heard if call["_method"] == "sendPhoto"] == ["F"]


async def test_at_night_an_emergency_has_a_phone_and_goes_to_dispatch_at_once(
    talk: Talk, town: Town, session: Session
) -> None:
    talk.office.clock = lambda: NIGHT
    await drafted(talk, town)
    assert "Можно и позвонить: +7 495 000-00-01" in await talk.press(town.client, "🔥 Срочно, всё стоит")
    sent = await talk.press(town.client, "✅ Отправить")
    assert "обычные заявки берём в работу после 25 ноября, 09:00" in sent
    assert "Если всё стоит — звоните: +7 495 000-00-01" in sent
    assert "СРОЧНО" in group_hears(talk)
    assert session.exec(select(Ticket.emergency)).one() is True
