"""The life of a job beside its straight way: given back, disputed, cancelled, brought back, in a forum or a group."""

import pytest
from sqlmodel import col, select

from bot.billing.hours.models import EntryKind, PoolEntry
from bot.billing.work.models import TimeEntry, WorkLine
from bot.messaging.outgoing.models import Outbox
from bot.tickets.life.models import TicketState
from tests.builders.jobs import Firm
from tests.builders.stories import GROUP, begun, events, group_hears, in_group, learn, popups, ticket
from tests.builders.talk import Talk


async def finished(talk: Talk) -> tuple[Firm, int]:
    """Two lines done: an hour and a half, and a cleaning; the client is asked to accept."""
    firm, number = begun(talk, minutes=300)
    for button in ("✋ Беру", "▶️ Начал", "🏁 Закончил"):
        await in_group(talk, firm.engineer, button)
    await talk.press(firm.engineer, "⏱ Время")
    await talk.say(firm.engineer, "90 менял плату")
    await talk.press(firm.engineer, "➕ Работа")
    await talk.press(firm.engineer, "Чистка")
    await talk.press(firm.engineer, "× 1")
    await talk.press(firm.engineer, "✅ Сдать работу")
    learn(talk)
    return firm, number


async def test_an_engineer_who_can_t_says_why_and_the_next_one_takes_it(talk: Talk) -> None:
    firm, number = begun(talk, minutes=300)
    await in_group(talk, firm.engineer, "✋ Беру")
    await in_group(talk, firm.engineer, "↩️ Не могу")
    assert "почему не берёте" in group_hears(talk)
    assert "другой инженер" in await in_group(talk, firm.other_engineer, "Нет запчастей")
    await in_group(talk, firm.engineer, "Нет запчастей")
    assert "Пётр не берёт. Причина: нет запчастей." in group_hears(talk)
    assert "Новая" in group_hears(talk)
    assert "✋ Беру" in talk_buttons(talk)
    assert (ticket(talk, number).state, ticket(talk, number).engineer_id) == (TicketState.NEW, None)
    assert "Ваша" in await in_group(talk, firm.other_engineer, "✋ Беру")
    assert "взял инженер Иван" in talk.words(firm.requester)
    assert ticket(talk, number).engineer_id == firm.other_engineer
    assert events(talk, number)[-3:] == ["taken", "declined", "taken"]


async def test_before_anyone_took_it_a_refusal_is_only_noted(talk: Talk) -> None:
    firm, number = begun(talk, minutes=300)
    await in_group(talk, firm.engineer, "↩️ Не могу")
    await in_group(talk, firm.engineer, "Далеко")
    assert "Пётр не берёт. Причина: далеко." in group_hears(talk)
    assert (ticket(talk, number).state, events(talk, number)[-1]) == (TicketState.NEW, "passed_over")


async def test_only_the_disputed_line_is_frozen_and_the_rest_is_accepted(talk: Talk) -> None:
    firm, number = await finished(talk)
    assert "Выберите строку" in await talk.press(firm.requester, "⚠️ Есть вопрос")
    assert {"Чистка", "Время работы"} <= set(talk.buttons(firm.requester))
    assert "что не так" in await talk.press(firm.requester, "Чистка")
    assert "Спорную строку по заявке №\u00a01 не засчитываем" in await talk.say(firm.requester, "Не чистили <совсем>")
    assert "клиент не согласен со строкой «Чистка»:\nНе чистили &lt;совсем&gt;" in group_hears(talk)
    learn(talk)
    await talk.press(firm.requester, "✅ Принять")
    with talk.database.read() as session:
        entry = session.exec(select(TimeEntry)).one()
        line = session.exec(select(WorkLine).where(WorkLine.item_code.like("CLEAN%"))).one()
        assert (entry.disputed_at, entry.settled_at is not None, line.disputed_at is not None) == (None, True, True)
        drawn = session.exec(select(PoolEntry.amount).where(PoolEntry.kind == EntryKind.CONSUME)).all()
        assert [abs(amount) for amount in drawn] == [90]
    assert ticket(talk, number).state is TicketState.DISPUTED


@pytest.mark.parametrize(("button", "stays"), [("Оставить строку", True), ("Снять строку", False)])
async def test_a_dispatcher_settles_the_dispute_and_the_client_is_asked_again(
    talk: Talk, button: str, stays: bool
) -> None:
    firm, number = await finished(talk)
    await talk.press(firm.requester, "⚠️ Есть вопрос")
    await talk.press(firm.requester, "Чистка")
    await talk.say(firm.requester, "Не чистили")
    learn(talk)
    assert "нет прав" in await in_group(talk, firm.engineer, button)
    await in_group(talk, firm.dispatcher, button)
    assert ("Чистка" in talk.words(firm.requester)) is stays
    assert "✅ Принять" in talk.buttons(firm.requester)
    with talk.database.read() as session:
        line = session.exec(select(WorkLine).where(WorkLine.item_code.like("CLEAN%"))).one()
        assert (line.disputed_at, line.removed_at is None) == (None, stays)
    told = events(talk, number)
    assert await in_group(talk, firm.dispatcher, button) == "Готово", "the same answer, and nothing changes"
    assert events(talk, number) == told
    learn(talk)
    await talk.press(firm.requester, "✅ Принять")
    assert ticket(talk, number).state is TicketState.CLOSED
    assert "Сейчас заявка №\u00a01: закрыта." in await in_group(talk, firm.dispatcher, button)


async def test_a_client_cancels_and_the_engineer_on_the_way_is_told(talk: Talk) -> None:
    firm, number = begun(talk, minutes=300)
    await in_group(talk, firm.engineer, "✋ Беру")
    await in_group(talk, firm.engineer, "🚗 Еду")
    assert "Отменить заявку №\u00a01? Забронированные часы вернутся." in await talk.press(firm.requester, "✖️ Отменить")
    assert "Инженер едет" in await talk.press(firm.requester, "Не отменять")
    await talk.press(firm.requester, "✖️ Отменить")
    assert "Отменена" in await talk.press(firm.requester, "Да, отменить")
    assert "клиент отменил заявку" in talk.words(firm.engineer)
    assert "клиент отменил заявку" in group_hears(talk)
    assert "✋ Беру" not in talk_buttons(talk)
    assert ticket(talk, number).state is TicketState.CANCELLED
    with talk.database.read() as session:
        entries = session.exec(select(PoolEntry).where(col(PoolEntry.ticket_id) == number)).all()
        assert [entry.kind for entry in entries] == [EntryKind.HOLD, EntryKind.RELEASE]
    assert "Сейчас заявка №\u00a01: отменена." in await in_group(talk, firm.engineer, "▶️ Начал")


async def test_cancelling_a_paid_job_speaks_of_no_hours(talk: Talk) -> None:
    firm, number = begun(talk)
    asked = await talk.press(firm.requester, "✖️ Отменить")
    assert "Отменить заявку №\u00a01?" in asked
    assert "часы" not in asked
    await talk.press(firm.requester, "Да, отменить")
    await talk.press(firm.approver, "✅ Согласовать")
    assert "устарела" in popups(talk)
    assert ticket(talk, number).state is TicketState.CANCELLED


async def test_not_mended_after_all_goes_back_to_the_board(talk: Talk) -> None:
    firm, number = await finished(talk)
    await talk.press(firm.requester, "✅ Принять")
    await talk.press(firm.requester, "5 ⭐")
    await talk.say(firm.requester, "📋 Мои заявки")
    await talk.press(firm.requester, "№\u00a01 · АТОЛ 91Ф · 77")
    assert "Новая" in await talk.press(firm.requester, "🔁 Не починили")
    assert "клиент вернул заявку в работу" in group_hears(talk)
    assert "✋ Беру" in talk_buttons(talk)
    now = ticket(talk, number)
    assert (now.state, now.engineer_id, now.rating, now.closed_at) == (TicketState.NEW, None, None, None)
    told = events(talk, number)
    assert "Новая" in await talk.press(firm.requester, "🔁 Не починили"), "the same answer, and nothing changes"
    assert events(talk, number) == told
    assert events(talk, number).count("reopened") == 1


@pytest.mark.parametrize("forum", [True, False])
async def test_a_forum_keeps_each_ticket_in_its_topic_and_a_plain_group_gets_no_topic(talk: Talk, forum: bool) -> None:
    firm, number = begun(talk, minutes=300, forum=forum)
    await talk.press(firm.requester, "💬 Написать")
    await talk.say(firm.requester, "Код 15")
    learn(talk)
    await talk.press(firm.requester, "✖️ Отменить")
    await talk.press(firm.requester, "Да, отменить")
    with talk.database.read() as session:
        calls = session.exec(select(Outbox).where(Outbox.chat_id == GROUP).order_by(col(Outbox.id))).all()
    assert len(calls) >= 3
    topics = {call.params.get("_topic") for call in calls}
    assert topics == ({f"ticket:{number}"} if forum else {None})
    assert calls[0].card_key == f"ticket:{number}"
    if forum:
        assert {call.params["_topic_name"] for call in calls} == {"№\u00a01 · АТОЛ 91Ф · 77 · Ромашка"}


def talk_buttons(talk: Talk) -> list[str]:
    """Buttons below the group's newest card."""
    cards = [call for call in talk.heard if call.get("chat_id") == GROUP and str(call["_card"]).startswith("ticket:")]
    return [button["text"] for row in cards[-1]["reply_markup"]["inline_keyboard"] for button in row]
