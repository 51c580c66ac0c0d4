"""Quotes, dispatch and acceptance through the real routers: what people press and read (R2.6)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, select

from bot.billing.quotes.models import Approval
from bot.clients.models import StaffChat
from bot.messaging.outgoing.models import Card, Reach
from bot.tickets.life.models import Message, Ticket, TicketEvent, TicketState
from tests.builders.jobs import Firm, build_firm, opened
from tests.builders.talk import BOT_ID, Talk
from tests.conftest import NOON

GROUP = -100500
ANONYMOUS = 1087968824


def arranged(talk: Talk, **kind: Any) -> tuple[Firm, int]:
    """A firm and a ticket opened by its requester, in a transaction like a turn's: its cards are really written."""
    with talk.office.work() as uow:
        firm = build_firm(uow.session, **kind)
        uow.session.add(StaffChat(chat_id=GROUP, title="Инженеры", is_forum=False, linked_at=NOON))
        uow.session.flush()
        ticket = opened(uow, firm)
        return firm, ticket.id


async def learn(talk: Talk, person: int) -> None:
    """Let the test know the buttons that are already in the person's chat."""
    from bot.messaging.outgoing.models import Outbox

    with talk.database.read() as session:
        for call in session.exec(select(Outbox).order_by(col(Outbox.id))).all():
            for line in call.params.get("reply_markup", {}).get("inline_keyboard", []):
                for button in line:
                    talk._buttons[call.params["chat_id"], button["text"]] = button["callback_data"]


async def press_in_group(talk: Talk, user_id: int, button: str) -> list[dict[str, Any]]:
    press = {
        "id": str(next(talk._ids)),
        "from": {"id": user_id, "is_bot": False, "first_name": "И", "language_code": "ru"},
        "chat_instance": "1",
        "data": talk._buttons[GROUP, button],
        "message": {"message_id": 9, "date": 1, "chat": {"id": GROUP, "type": "supergroup"}, "text": "x"},
    }
    person = next(iter(people_of(talk)))
    await talk._run(talk._store(person, [{"callback_query": press}]))
    return talk.heard


def people_of(talk: Talk) -> list[int]:
    from bot.clients.models import Account

    with talk.database.read() as session:
        return list(session.exec(select(Account.person_id)).all())


def ticket_of(talk: Talk, ticket_id: int) -> Ticket:
    with talk.database.read() as session:
        return session.get(Ticket, ticket_id)


def alerts(talk: Talk) -> str:
    return " ".join(str(call.get("text", "")) for call in talk.heard if "callback_query_id" in call)


async def test_the_whole_story_of_a_covered_job(talk: Talk) -> None:
    firm, ticket_id = arranged(talk, minutes=180)
    await learn(talk, firm.requester)
    engineer = talk.account(firm.engineer)
    await press_in_group(talk, engineer, "✋ Беру")
    assert "Заявку №\u00a01 взял инженер Пётр" in talk.words(firm.requester)
    await press_in_group(talk, talk.account(firm.other_engineer), "✋ Беру")
    assert "Заявку уже взял Пётр" in alerts(talk)
    await press_in_group(talk, engineer, "🚗 Еду")
    await press_in_group(talk, engineer, "▶️ Начал")
    assert ticket_of(talk, ticket_id).state is TicketState.IN_WORK
    await press_in_group(talk, engineer, "🏁 Закончил")
    await learn(talk, firm.engineer)
    await talk.press(firm.engineer, "⏱ Время")
    assert "1\u00a0ч 30\u00a0мин" in await talk.say(firm.engineer, "90 менял плату")
    await talk.press(firm.engineer, "➕ Работа")
    await talk.press(firm.engineer, "Чистка")
    assert "Чистка, 1\u00a0шт" in await talk.press(firm.engineer, "× 1")
    await talk.press(firm.engineer, "✅ Сдать работу")
    assert "потрачено 1\u00a0ч 30\u00a0мин → учтено 1\u00a0ч 30\u00a0мин" in talk.words(firm.requester)
    await talk.press(firm.requester, "✅ Принять")
    assert "Работа по заявке №\u00a01 принята" in talk.words(firm.requester)
    assert "Как мы справились" in talk.words(firm.requester)
    assert "5 из 5" in await talk.press(firm.requester, "5 ⭐")
    assert ticket_of(talk, ticket_id).state is TicketState.CLOSED


async def test_a_copy_of_the_card_that_was_pressed_loses_its_buttons(talk: Talk) -> None:
    firm, ticket_id = arranged(talk, minutes=180)
    await learn(talk, firm.requester)
    with talk.office.work() as uow:
        uow.session.add(Card(bot_id=BOT_ID, chat_id=GROUP, card_key=f"ticket:{ticket_id}", message_id=9))
    heard = await press_in_group(talk, talk.account(firm.engineer), "✋ Беру")
    assert "editMessageReplyMarkup" not in {call["_method"] for call in heard}  # it was the card itself
    with talk.office.work() as uow:
        uow.session.get_one(Card, ("telegram", BOT_ID, GROUP, f"ticket:{ticket_id}")).message_id = 10
    for _ in range(2):  # the second one is outdated
        heard = await press_in_group(talk, talk.account(firm.engineer), "🚗 Еду")
        closed = [call for call in heard if call["_method"] == "editMessageReplyMarkup"]
        assert [(call["chat_id"], call["message_id"], "reply_markup" in call) for call in closed] == [(GROUP, 9, False)]
    assert ticket_of(talk, ticket_id).state is TicketState.ON_THE_WAY


async def test_a_quote_is_read_and_approved_by_whom_it_waits_for(talk: Talk) -> None:
    firm, ticket_id = arranged(talk)
    await learn(talk, firm.approver)
    said = await talk.press(firm.approver, "✅ Согласовать")
    assert "Согласовано" in said
    assert "2\u00a0500\u00a0₽ согласовано" in talk.words(firm.requester)
    assert "← К заявке" in talk.buttons(firm.requester)
    await talk.press(firm.approver, "✅ Согласовать")
    assert "Согласовано, спасибо!" in alerts(talk)
    await talk.press(firm.boss, "✅ Согласовать")
    assert "устарела" in alerts(talk)
    with talk.database.read() as session:
        assert len(session.exec(select(Approval)).all()) == 1
    assert ticket_of(talk, ticket_id).state is TicketState.NEW


STRANGERS: list[tuple[str, Callable[[Firm], int]]] = [
    ("outsider", lambda firm: firm.outsider),
    ("requester", lambda firm: firm.requester),
]


@pytest.mark.parametrize(("who", "chosen"), STRANGERS)
async def test_a_quote_s_buttons_do_nothing_for_others(talk: Talk, who: str, chosen: Callable[[Firm], int]) -> None:
    firm, ticket_id = arranged(talk)
    await learn(talk, firm.approver)
    for button in ("✅ Согласовать", "✖️ Отказаться"):
        await talk.press(chosen(firm), button, shown_to=firm.approver)
        assert "нет прав" in alerts(talk), who
    assert ticket_of(talk, ticket_id).state is TicketState.AWAITING_APPROVAL


async def test_every_button_of_a_ticket_is_refused_to_an_outsider(talk: Talk) -> None:
    firm, _ = arranged(talk)
    await learn(talk, firm.requester)
    with talk.database.read() as session:
        before = [event.kind for event in session.exec(select(TicketEvent)).all()]
    shown = [(chat, text) for chat, text in talk._buttons if chat == talk.account(firm.requester)]
    for chat, text in shown:
        talk._buttons[talk.account(firm.outsider), text] = talk._buttons[chat, text]
        await talk.press(firm.outsider, text)
        assert alerts(talk).strip(), text
        assert "Ромашка" not in json.dumps(talk.heard, ensure_ascii=False), text
    with talk.database.read() as session:
        assert [event.kind for event in session.exec(select(TicketEvent)).all()] == before


async def test_an_anonymous_admin_takes_nothing(talk: Talk) -> None:
    firm, ticket_id = arranged(talk, minutes=180)
    await learn(talk, firm.engineer)
    await press_in_group(talk, ANONYMOUS, "✋ Беру")
    assert "Анонимный администратор" in alerts(talk)
    assert ticket_of(talk, ticket_id).state is TicketState.NEW


async def test_the_client_and_the_engineer_talk_inside_the_ticket(talk: Talk) -> None:
    firm, ticket_id = arranged(talk, minutes=180)
    await learn(talk, firm.requester)
    await talk.press(firm.requester, "💬 Написать")
    assert "Записал в заявку №\u00a01" in await talk.say(firm.requester, "Код от двери 15<b>")
    told = [call["text"] for call in talk.heard if call.get("chat_id") == GROUP]
    assert any("Код от двери 15&lt;b&gt;" in text for text in told)
    await press_in_group(talk, talk.account(firm.engineer), "💬 Ответить")
    await learn(talk, firm.engineer)
    await talk.press(firm.engineer, "💬 Клиенту")
    await talk.say(firm.engineer, "Буду через час")
    assert "Буду через час" in talk.words(firm.requester)
    with talk.database.read() as session:
        thread = session.exec(select(Message).where(Message.ticket_id == ticket_id).order_by(col(Message.id))).all()
        assert [message.text for message in thread] == ["Код от двери 15<b>", "Буду через час"]


async def test_staff_sees_that_the_client_can_t_be_reached(talk: Talk) -> None:
    firm, _ = arranged(talk, minutes=180)
    with talk.office.work() as uow:
        uow.session.add(
            Reach(bot_id=BOT_ID, chat_id=talk.account(firm.requester), reason="bot was blocked by the user", since=NOON)
        )
    await learn(talk, firm.engineer)
    await press_in_group(talk, talk.account(firm.engineer), "💬 Клиенту")
    await learn(talk, firm.engineer)
    await talk.press(firm.engineer, "💬 Клиенту")
    assert "клиент недоступен" in await talk.say(firm.engineer, "Буду через час")


async def test_a_reply_to_the_card_in_the_group_stays_inside_and_says_so(talk: Talk) -> None:
    firm, ticket_id = arranged(talk, minutes=180)
    with talk.office.work() as uow:
        uow.session.add(Card(bot_id=BOT_ID, chat_id=GROUP, card_key=f"ticket:{ticket_id}", message_id=44))
    chat = {"id": GROUP, "type": "supergroup"}
    bot_message = {
        "message_id": 44,
        "date": 1,
        "chat": chat,
        "from": {"id": BOT_ID, "is_bot": True, "first_name": "F"},
        "text": "№\u00a01",
    }
    said = {
        "message_id": 45,
        "date": 1,
        "chat": chat,
        "from": {"id": talk.account(firm.engineer), "is_bot": False, "first_name": "П"},
        "text": "Скоро буду",
        "reply_to_message": bot_message,
    }
    await talk._run(talk._store(firm.engineer, [{"message": said}]))
    assert talk.words(firm.requester) == ""
    assert "клиент этого не увидит" in json.dumps(talk.heard, ensure_ascii=False)


async def test_my_tickets_show_the_card_and_its_history(talk: Talk) -> None:
    firm, _ = arranged(talk)
    assert "№\u00a01" in await talk.say(firm.requester, "📋 Мои заявки")
    card = await talk.press(firm.requester, "№\u00a01 · АТОЛ 91Ф · 77")
    assert "Ждём согласования: Климова, Орлова" in card
    assert "заявка открыта" in await talk.press(firm.requester, "📜 История")
    await talk.press(firm.requester, "✖️ Отменить")
    assert "Отменена" in await talk.press(firm.requester, "Да, отменить")


async def test_an_estimate_is_typed_and_sent(talk: Talk) -> None:
    firm, _ = arranged(talk)
    await learn(talk, firm.dispatcher)
    await press_in_group(talk, talk.account(firm.dispatcher), "🧮 Смета")
    await learn(talk, firm.dispatcher)
    await talk.press(firm.dispatcher, "🧮 Смета")
    assert "Нужна сумма" in await talk.say(firm.dispatcher, "дорого")
    assert "4\u00a0500" in await talk.say(firm.dispatcher, "4500 Замена блока <питания>")
    assert "4\u00a0500" in await talk.press(firm.dispatcher, "📨 Отправить клиенту")
    assert "не больше: 4\u00a0500" in talk.words(firm.approver)
