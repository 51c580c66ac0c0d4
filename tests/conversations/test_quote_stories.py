"""A quote in chat beside its straight way: late, over a limit, by a deputy, by word, twice at once
(R7.1, R7.7, R7.11)."""

import asyncio
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

from sqlmodel import col, select

from bot.billing.quotes.models import Approval, Quote, QuoteState
from bot.clients.models import Membership
from bot.messaging.incoming.inbox import Arrival, record
from bot.messaging.incoming.models import Inbox
from bot.messaging.outgoing.models import Outbox
from bot.messaging.turns.lanes import take_turn
from bot.telegram.ids import bot as telegram_bot
from bot.tickets.life.models import TicketState
from bot.tickets.offers.offering import quote_expire, quote_remind
from tests.builders.jobs import Firm
from tests.builders.stories import begun, events, group_hears, in_group, learn, popups, ticket
from tests.builders.talk import BOT_ID, Talk
from tests.conftest import NOON


def approvals(talk: Talk) -> list[tuple[Any, ...]]:
    with talk.database.read() as session:
        rows = session.exec(select(Approval).order_by(col(Approval.id))).all()
        return [(row.person_id, row.approved, row.way) for row in rows]


def quote(talk: Talk) -> Quote:
    with talk.database.read() as session:
        return session.exec(select(Quote).order_by(col(Quote.id).desc())).first()


async def timer(talk: Talk, act: Any, **payload: Any) -> None:
    """A timer of the quote goes off."""
    with talk.office.work() as uow:
        act(uow, {"quote_id": quote(talk).id, **payload})
    learn(talk)


async def test_a_yes_after_the_time_is_over_changes_nothing_and_says_what_to_do(talk: Talk) -> None:
    firm, number = begun(talk)
    talk.office.clock = lambda: NOON + timedelta(days=14)
    late = await talk.press(firm.approver, "✅ Согласовать")
    assert "устарела" in popups(talk)
    assert "✅ <b>Согласовано.</b>" not in late
    await timer(talk, quote_expire)
    await talk.press(firm.approver, "✅ Согласовать")
    assert "Срок сметы вышел" in talk.words(firm.approver)
    assert "✅ Согласовать" not in talk.buttons(firm.approver)
    assert (approvals(talk), quote(talk).state) == ([], QuoteState.EXPIRED)
    assert ticket(talk, number).state is TicketState.AWAITING_APPROVAL


async def test_who_asked_is_told_that_the_offer_is_over(talk: Talk) -> None:
    firm, number = begun(talk)
    with talk.database.read() as session:
        before = len(session.exec(select(Outbox)).all())
    talk.office.clock = lambda: NOON + timedelta(days=14)
    await timer(talk, quote_expire)
    with talk.database.read() as session:
        told = [row.params for row in session.exec(select(Outbox).order_by(col(Outbox.id))).all()[before:]]
    mine = [each["text"] for each in told if each["chat_id"] == talk.account(firm.requester)]
    card, notice = mine
    assert "Решаем, что дальше" in card
    assert "больше не действует. Если работа нужна, напишите в заявку" in notice
    assert events(talk, number)[-1] == "quote_expired"


async def test_a_no_closes_the_paid_part_only(talk: Talk) -> None:
    firm, number = begun(talk)
    assert "Отказано" in await talk.press(firm.approver, "✖️ Отказаться")
    assert "Отказ записан" in popups(talk)
    assert "отказались" in talk.words(firm.requester)
    assert "Платную часть не делаем" in group_hears(talk)
    await talk.press(firm.boss, "✅ Согласовать")
    assert "устарела" in popups(talk)
    assert (approvals(talk), quote(talk).state) == ([(firm.approver, False, "button")], QuoteState.DECLINED)
    assert ticket(talk, number).state is TicketState.AWAITING_APPROVAL


async def test_above_their_limit_a_person_reads_who_may_and_the_quote_goes_on_waiting(talk: Talk) -> None:
    firm, _ = begun(talk)
    with talk.office.work() as uow:
        row = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        row.job_limit = 100_000
    await talk.press(firm.approver, "✅ Согласовать")
    assert "Сумма выше вашего лимита. Ждём: Орлова." in popups(talk)
    assert (approvals(talk), quote(talk).state) == ([], QuoteState.SENT)
    await talk.press(firm.boss, "✅ Согласовать")
    assert approvals(talk) == [(firm.boss, True, "button")]


async def test_when_nobody_answers_the_deputy_decides(talk: Talk) -> None:
    firm, number = begun(talk)
    with talk.office.work() as uow:
        row = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        row.deputy_id = firm.requester
    await timer(talk, quote_remind, step=3)
    shown = await talk.press(firm.requester, "Посмотреть")
    assert "Платная работа по заявке №\u00a01" in shown
    assert "Решил заместитель" in await talk.press(firm.requester, "✅ Согласовать")
    assert approvals(talk) == [(firm.requester, True, "deputy")]
    assert ticket(talk, number).state is TicketState.NEW


async def estimated(talk: Talk) -> tuple[Firm, int]:
    """A price with something to choose, as the dispatcher typed it."""
    firm, number = begun(talk)
    await in_group(talk, firm.dispatcher, "🧮 Смета")
    await talk.press(firm.dispatcher, "🧮 Смета")
    await talk.say(firm.dispatcher, "4500 Замена блока\n+800 Чистка")
    await talk.press(firm.dispatcher, "📨 Отправить клиенту")
    return firm, number


async def test_what_is_chosen_before_the_yes_is_what_is_agreed(talk: Talk) -> None:
    firm, _ = await estimated(talk)
    box = "Чистка · 800\u00a0₽"
    assert "отметьте кнопкой ниже" in talk.words(firm.approver)
    await talk.press(firm.outsider, f"☐ {box}", shown_to=firm.approver)
    assert "нет прав" in popups(talk)
    chosen = await talk.press(firm.approver, f"☐ {box}")
    assert "Итого не больше: 5\u00a0300\u00a0₽" in chosen
    assert f"☑ {box}" in talk.buttons(firm.approver)
    left = await talk.press(firm.approver, f"☑ {box}")
    assert "Итого не больше: 4\u00a0500\u00a0₽" in left
    await talk.press(firm.approver, f"☐ {box}")
    await talk.press(firm.approver, "✅ Согласовать")
    with talk.database.read() as session:
        kept = session.exec(select(Approval)).one()
        assert (kept.gross, "Чистка" in kept.text) == (530_000, True)
    await talk.press(firm.approver, f"☑ {box}")
    assert "устарела" in popups(talk)


async def test_a_requester_chooses_no_option_of_a_quote_that_others_decide(talk: Talk) -> None:
    firm, _ = await estimated(talk)
    version = quote(talk).version
    await talk.press(firm.requester, "☐ Чистка · 800\u00a0₽", shown_to=firm.approver)
    assert "нет прав" in popups(talk)
    assert quote(talk).version == version


async def by_word(talk: Talk) -> tuple[Firm, int]:
    """The dispatcher records what the owner said by phone."""
    firm, number = begun(talk)
    await in_group(talk, firm.dispatcher, "☎️ Согласовано устно")
    assert "личных сообщениях" in popups(talk)
    assert "Запись увидит клиент" in talk.words(firm.dispatcher)
    assert talk.buttons(firm.dispatcher) == ["Климова", "Орлова"]
    assert "чем это подтверждается" in await talk.press(firm.dispatcher, "Орлова")
    return firm, number


async def test_a_word_without_evidence_is_not_recorded_and_can_be_said_again(talk: Talk) -> None:
    firm, _ = await by_word(talk)
    assert "причина и подтверждение" in await talk.say(firm.dispatcher, "звонила")
    assert approvals(talk) == []
    assert "Новая" in await talk.say(firm.dispatcher, "нет телефона; звонок 14:20")
    assert approvals(talk) == [(firm.boss, True, "oral")]
    with talk.database.read() as session:
        kept = session.exec(select(Approval)).one()
        assert (kept.reason, kept.evidence, kept.recorded_by) == ("нет телефона", "звонок 14:20", firm.dispatcher)


async def test_the_client_is_told_of_a_word_and_says_that_it_was_never_given(talk: Talk) -> None:
    firm, number = await by_word(talk)
    await talk.say(firm.dispatcher, "нет телефона; звонок 14:20")
    told = talk.words(firm.boss)
    assert "2\u00a0500\u00a0₽ согласовано устно" in told
    assert "Записал сотрудник Дина со слов: Орлова" in told
    learn(talk)
    for stranger in (firm.outsider, firm.requester):
        await talk.press(stranger, "⚠️ Я этого не согласовывал", shown_to=firm.boss)
        assert "нет прав" in popups(talk)
    assert quote(talk).state is QuoteState.APPROVED
    await talk.press(firm.boss, "⚠️ Я этого не согласовывал")
    assert "платную часть остановили" in popups(talk)
    assert "не подтвердил устное согласие" in group_hears(talk)
    assert quote(talk).state is QuoteState.WITHDRAWN
    assert ticket(talk, number).state is TicketState.AWAITING_APPROVAL


async def test_only_staff_that_leads_records_a_word(talk: Talk) -> None:
    firm, _ = begun(talk)
    for who in (firm.engineer, firm.requester, firm.outsider):
        assert "нет прав" in await in_group(talk, who, "☎️ Согласовано устно")
    assert approvals(talk) == []


def a_press(talk: Talk, person: int, button: str, press_id: str) -> dict[str, Any]:
    chat = talk.account(person)
    message = {"message_id": 5, "date": 1_790_000_000, "chat": {"id": chat, "type": "private"}, "text": "x"}
    press = {"id": press_id, "from": talk._user(chat), "chat_instance": "1", "message": message}
    return {"callback_query": {**press, "data": talk._buttons[chat, button]}}


def arrives(talk: Talk, person: int, update_id: int, update: dict[str, Any]) -> None:
    with talk.office.work() as uow:
        arrival = Arrival(telegram_bot(BOT_ID), update_id, talk.account(person), {"update_id": update_id, **update})
        record(uow.session, [arrival], NOON)


def waiting(talk: Talk) -> list[int]:
    with talk.database.read() as session:
        return list(session.exec(select(Inbox).where(Inbox.state == "new").order_by(col(Inbox.id))).all())


def answers(talk: Talk) -> list[str]:
    with talk.database.read() as session:
        rows = session.exec(select(Outbox).where(Outbox.method == "answerCallbackQuery").order_by(col(Outbox.id)))
        return [row.params.get("text", "") for row in rows.all()]


async def test_one_press_delivered_again_and_again_is_one_yes_with_one_answer(talk: Talk) -> None:
    firm, number = begun(talk)
    press = a_press(talk, firm.approver, "✅ Согласовать", "p1")
    for update_id in (9001, 9001, 9002):  # twice under the same update id, then under a new one
        arrives(talk, firm.approver, update_id, press)
        for row in waiting(talk):
            await take_turn(talk.office, talk.handler, row)
    assert approvals(talk) == [(firm.approver, True, "button")]
    assert answers(talk) == ["Согласовано, спасибо!", "Согласовано, спасибо!"]
    assert events(talk, number).count("approved") == 1


async def test_two_presses_at_the_same_moment_are_one_yes_with_the_same_answer(talk: Talk) -> None:
    firm, number = begun(talk)
    for update_id in (9001, 9002):
        arrives(talk, firm.approver, update_id, a_press(talk, firm.approver, "✅ Согласовать", f"p{update_id}"))
    together, failed = Barrier(2), list[BaseException]()

    def turn(row: Inbox) -> None:
        try:
            together.wait(timeout=30)
            asyncio.run(take_turn(talk.office, talk.handler, row))
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=turn, args=(row,)) for row in waiting(talk)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)
    assert failed == []
    assert waiting(talk) == []
    assert approvals(talk) == [(firm.approver, True, "button")]
    assert answers(talk) == ["Согласовано, спасибо!", "Согласовано, спасибо!"]
    assert events(talk, number).count("approved") == 1
