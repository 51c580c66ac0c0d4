"""What was left open: a dialogue about a ticket that has ended since, and what waits for one who comes back."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.clients.identification.strangers import person_for
from bot.clients.models import StaffRole
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Reach
from bot.telegram.ids import account as telegram_account
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.intake.record import Incoming, record_contact
from bot.tickets.intake.triage import pass_to_triage
from bot.tickets.life.models import DeliveryState, Message, TicketState
from bot.tickets.work.accept import accept_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.jobs import Firm, worker
from tests.builders.stories import begun, learn, messages_to, ticket
from tests.builders.talk import BOT_ID, Talk
from tests.conftest import NOON
from tests.tickets.dispatch.test_leaving import end_employment


def handed_over(talk: Talk, number: int, firm: Firm) -> None:
    with talk.office.work() as uow:
        take_ticket(uow, number, firm.engineer)
        start_work(uow, number, firm.engineer)
        say_time(uow, number, 30, "настройка", firm.engineer)
        finish_work(uow, number, firm.engineer)


def said_in(talk: Talk, number: int) -> list[str]:
    query = select(Message.text).where(Message.ticket_id == number, col(Message.from_staff).is_(False))
    with talk.database.read() as session:
        return list(session.exec(query.order_by(col(Message.id))).all())


async def test_a_new_question_does_not_end_in_a_ticket_that_was_closed_since(talk: Talk) -> None:
    firm, number = begun(talk, unlimited=True)
    await talk.press(firm.requester, "💬 Написать")
    assert "Записал в заявку" in await talk.say(firm.requester, "Код от двери 15")
    handed_over(talk, number, firm)
    with talk.office.work() as uow:
        accept_work(uow, number, None)
    said = await talk.say(firm.requester, "А как поменять ленту?")
    assert "Записал в заявку" not in said and said
    assert said_in(talk, number)[-1] == "Код от двери 15"


async def test_a_word_after_the_end_goes_into_the_ticket_once(talk: Talk) -> None:
    firm, number = begun(talk, unlimited=True)
    handed_over(talk, number, firm)
    with talk.office.work() as uow:
        accept_work(uow, number, None)
    learn(talk)
    await talk.press(firm.requester, "💬 Написать")
    assert "Записал в заявку" in await talk.say(firm.requester, "Спасибо, всё работает")
    assert "Записал в заявку" not in await talk.say(firm.requester, "А как поменять ленту?")
    assert said_in(talk, number)[-1] == "Спасибо, всё работает"


async def test_a_dispute_that_was_begun_ends_with_the_silence_that_accepts(talk: Talk) -> None:
    firm, number = begun(talk, unlimited=True)
    handed_over(talk, number, firm)
    learn(talk)
    await talk.press(firm.requester, "⚠️ Есть вопрос")
    await talk.press(firm.requester, "Время работы")
    with talk.office.work() as uow:
        accept_work(uow, number, None)
    assert "уже не подходит" not in await talk.say(firm.requester, "А как поменять ленту?")
    assert ticket(talk, number).state is TicketState.CLOSED


async def comes_back(talk: Talk, person: int) -> list[str]:
    chat = talk.account(person)
    user = {"id": BOT_ID, "is_bot": True, "first_name": "F"}
    change: dict[str, Any] = {
        "chat": {"id": chat, "type": "private", "first_name": "Имя"},
        "from": talk._user(chat),
        "date": 1_790_000_000,
        "old_chat_member": {"status": "kicked", "user": user, "until_date": 0},
        "new_chat_member": {"status": "member", "user": user},
    }
    await talk._run(talk._store(person, [{"my_chat_member": change}]))
    return messages_to(talk, person)


def block(talk: Talk, *people: int) -> None:
    with talk.office.work() as uow:
        for person in people:
            uow.session.add(Reach(bot_id=BOT_ID, chat_id=talk.account(person), reason="blocked", since=NOON))


async def test_who_comes_back_reads_what_waits_for_them_once(talk: Talk) -> None:
    firm, number = begun(talk)
    block(talk, firm.boss)
    (quote,) = await comes_back(talk, firm.boss)
    assert "2\u00a0500\u00a0₽" in quote
    assert await comes_back(talk, firm.boss) == [], "they were within reach already"
    block(talk, firm.requester)
    said = await talk.say(firm.requester, "/start")
    assert "2\u00a0500\u00a0₽" not in said, "what they may not decide does not wait for them"
    learn(talk)
    await talk.press(firm.boss, "✅ Согласовать")
    block(talk, firm.requester)
    handed_over(talk, number, firm)
    (done,) = await comes_back(talk, firm.requester)
    assert "работа закончена" in done
    await talk.press(firm.requester, "✅ Принять")
    assert ticket(talk, number).state is TicketState.CLOSED


async def test_what_staff_wrote_to_one_out_of_reach_goes_when_they_are_back(talk: Talk) -> None:
    firm, number = begun(talk, unlimited=True)
    with talk.office.work() as uow:
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
    block(talk, firm.requester)
    await talk.say(manager, "🧰 Мои наряды")
    await talk.press(manager, "№\u00a01 · АТОЛ 91Ф · 77")
    await talk.press(manager, "💬 Клиенту")
    assert "недоступен" in await talk.say(manager, "Приедем завтра, кто будет?")
    assert any("Приедем завтра" in text for text in await comes_back(talk, firm.requester))
    with talk.database.read() as session:
        said = session.exec(select(Message).where(Message.ticket_id == number, col(Message.from_staff))).one()
    assert said.delivery is DeliveryState.KEPT


async def test_one_of_ours_who_comes_back_reads_what_waits_once(talk: Talk) -> None:
    firm, _number = begun(talk, unlimited=True)
    with talk.office.work() as uow:
        guest = person_for(uow, telegram_account(424_242), "Кто-то", "ru")
        said = record_contact(uow, guest, Incoming("text", "Вы чините кассы?"))
        pass_to_triage(uow, said.appeal.id, "stranger")
        for kind, told in (("unreachable", NOON - timedelta(days=3)), ("poison", NOON + timedelta(hours=1))):
            uow.session.add(Alarm(kind=kind, details={}, raised_at=told, told_at=told))
    block(talk, firm.engineer, firm.dispatcher)
    (jobs,) = await comes_back(talk, firm.engineer)
    assert "Пока вас не было" in jobs and "№\u00a01" in jobs and "В разборе" not in jobs and "внимания" not in jobs
    assert await comes_back(talk, firm.engineer) == [], "they were within reach already"
    (all_of_it,) = await comes_back(talk, firm.dispatcher)
    assert "№\u00a01" in all_of_it and "В разборе ждут: 1." in all_of_it
    assert all_of_it.count("•") == 1, "what was told before they were lost they have read"
    assert "📥 Разбор: 1" in talk.buttons(firm.dispatcher)
    await talk.press(firm.dispatcher, "📥 Разбор: 1")
    assert "Кто-то" in talk.words(firm.dispatcher)
    with talk.office.work() as uow:
        end_employment(uow, firm.engineer)
    block(talk, firm.engineer)
    assert await comes_back(talk, firm.engineer) == [], "nothing waits for former staff"
