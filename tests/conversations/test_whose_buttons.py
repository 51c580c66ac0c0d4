"""Buttons that are chosen by who reads: nobody is offered what they would be refused (R2.4, R7.6)."""

from collections.abc import Iterator

from sqlmodel import col, select

from bot.messaging.outgoing.models import Outbox
from bot.tickets.dispatch.take import take_ticket
from tests.builders.jobs import build_firm, opened
from tests.builders.stories import begun, learn
from tests.builders.talk import Talk

DECIDING = {"✅ Согласовать", "✖️ Отказаться"}


def shown(talk: Talk, person: int) -> Iterator[set[str]]:
    """Buttons of each message to the person, the newest first."""
    chat = talk.account(person)
    with talk.database.read() as session:
        for call in session.exec(select(Outbox).where(Outbox.chat_id == chat).order_by(col(Outbox.id).desc())).all():
            rows = call.params.get("reply_markup", {}).get("inline_keyboard", [])
            yield {button["text"] for row in rows for button in row}


async def test_who_may_not_decide_reads_whom_the_quote_waits_for(talk: Talk) -> None:
    firm, _number = begun(talk)
    said = await talk.press(firm.requester, "Посмотреть")
    assert "Ждём согласования: Климова, Орлова" in said
    assert not DECIDING & set(talk.buttons(firm.requester)) and "❓ Спросить" in talk.buttons(firm.requester)
    said = await talk.press(firm.approver, "Посмотреть", shown_to=firm.requester)
    assert set(talk.buttons(firm.approver)) >= DECIDING and "Ждём согласования" not in said
    await talk.press(firm.approver, "✅ Согласовать")
    await talk.press(firm.requester, "Посмотреть")
    assert not DECIDING & set(talk.buttons(firm.requester))


def test_a_private_copy_of_a_job_s_card_has_its_reader_s_buttons(talk: Talk) -> None:
    with talk.office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        number = opened(uow, firm).id
    assert "✋ Беру" in next(shown(talk, firm.dispatcher))
    with talk.office.work() as uow:
        take_ticket(uow, number, firm.engineer)
    theirs = next(shown(talk, firm.dispatcher))
    assert "↪️ Снять с инженера" in theirs and not theirs & {"🚗 Еду", "▶️ Начал", "↩️ Не могу"}
    with talk.office.work() as uow:
        number = opened(uow, firm).id
        take_ticket(uow, number, firm.dispatcher)
    learn(talk)
    assert {"🚗 Еду", "↪️ Снять с инженера"} <= next(shown(talk, firm.dispatcher)), "one who works on it themselves"
