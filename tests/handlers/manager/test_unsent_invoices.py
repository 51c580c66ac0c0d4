"""An invoice that reached nobody is not called sent, and managers hear of it (telegram.md: «Going out»)."""

from sqlmodel import col, select

from bot.billing.documents.models import Document, Sending
from bot.billing.documents.send import CARRIED
from bot.clients.models import Company
from bot.db.unit_of_work import UnitOfWork
from bot.jobs.receipts import take_receipt
from bot.messaging.models import Timer
from bot.messaging.outgoing.models import Outbox, OutboxState, Reach
from bot.messaging.outgoing.outbox import drop_unsent, mark_unreachable
from bot.messaging.outgoing.receipts import RECEIPT
from bot.telegram.ids import bot as telegram_bot
from bot.telegram.ids import chat as telegram_chat
from tests.builders.held_tickets import send_all
from tests.builders.talk import BOT_ID, Talk
from tests.handlers.client.test_documents import closed

NOVEMBER = "2026-11"


def send(uow: UnitOfWork, manager: int) -> None:
    uow.session.flush()
    uow.session.expire_all()
    send_all(uow, NOVEMBER, manager)
    uow.session.flush()


def files(uow: UnitOfWork) -> list[Outbox]:
    return list(uow.session.exec(select(Outbox).where(Outbox.method == "sendDocument").order_by(col(Outbox.id))).all())


def said_to(uow: UnitOfWork, chat: int) -> list[str]:
    """What a chat is told of invoices that were not sent."""
    texts = select(Outbox).where(Outbox.chat_id == chat, Outbox.method == "sendMessage").order_by(col(Outbox.id))
    return [row.params["text"] for row in uow.session.exec(texts).all() if "Не отправлено" in row.params["text"]]


def hear(uow: UnitOfWork) -> None:
    """Word from delivery, come twice."""
    uow.session.flush()
    timers = uow.session.exec(select(Timer).where(Timer.kind == RECEIPT)).all()
    for payload in [timer.payload for timer in timers] * 2:
        take_receipt(uow, payload)
        uow.session.flush()


def lost(uow: UnitOfWork, *chats: int) -> None:
    for chat in chats:
        mark_unreachable(uow.session, telegram_bot(BOT_ID), chat, "Forbidden: bot was blocked by the user", uow.now)


def back(uow: UnitOfWork) -> None:
    for row in uow.session.exec(select(Reach)).all():
        uow.session.delete(row)
    uow.session.flush()


async def test_what_nobody_may_have_or_can_be_sent_stays_unsent_until_somebody_can(talk: Talk) -> None:
    firm, finance, manager = closed(talk)
    readers, chat = (talk.account(finance), talk.account(firm.boss)), talk.account(manager)
    with talk.office.work() as uow:
        company = uow.session.get_one(Company, firm.company)
        company.active = False
        send(uow, manager)
        assert (files(uow), uow.session.exec(select(Sending)).all()) == ([], [])
        (told,) = said_to(uow, chat)
        assert "№\u00a01 на 17\u00a0500\u00a0₽" in told and company.name in told and "не обслуживается" in told
        company.active = True
        lost(uow, *readers)
        send(uow, manager)
        assert (files(uow), uow.session.exec(select(Sending)).all()) == ([], [])
        assert len(said_to(uow, chat)) == 2 and "некому написать" in said_to(uow, chat)[1]
    assert "не отправлено: 1" in await talk.say(manager, "/invoices")
    with talk.office.work() as uow:
        back(uow)
        lost(uow, readers[0])
        send(uow, manager)
        assert [row.chat_id for row in files(uow)] == [readers[1]], "one who can be written to is enough"
        assert len(said_to(uow, chat)) == 2
    assert "все отправлены" in await talk.say(manager, "/invoices")


async def test_what_was_refused_by_all_is_unsent_again_and_told_once(talk: Talk) -> None:
    firm, finance, manager = closed(talk)
    readers, chat = (talk.account(finance), talk.account(firm.boss)), talk.account(manager)
    with talk.office.work() as uow:
        send(uow, manager)
        assert sorted(row.chat_id or 0 for row in files(uow)) == sorted(readers)
        lost(uow, readers[0])
        hear(uow)
        assert uow.session.exec(select(Sending)).all() and not said_to(uow, chat), "the other may still get it"
        lost(uow, readers[1])
        hear(uow)
        assert uow.session.exec(select(Sending)).all() == []
        assert len(said_to(uow, chat)) == 1
    assert "не отправлено: 1" in await talk.say(manager, "/invoices")
    with talk.office.work() as uow:
        back(uow)
        send(uow, manager)
        hear(uow)
        assert uow.session.exec(select(Sending)).all(), "word of the first try says nothing of the second"
        for row in files(uow)[2:]:
            row.state = OutboxState.SENT
        hear(uow)
        assert uow.session.exec(select(Sending)).all() and len(said_to(uow, chat)) == 1


async def test_what_was_taken_back_before_it_left_is_unsent_again(talk: Talk) -> None:
    firm, finance, manager = closed(talk)
    with talk.office.work() as uow:
        send(uow, manager)
        drop_unsent(
            uow.session, [telegram_chat(talk.account(finance)), telegram_chat(talk.account(firm.boss))], uow.now
        )
        document = uow.session.exec(select(Document).where(Document.kind == "invoice")).one()
        assert {row.carries for row in files(uow)} == {f"{CARRIED}:{document.id}"}
        assert {row.state for row in files(uow)} == {OutboxState.EXPIRED}
        hear(uow)
        assert uow.session.exec(select(Sending)).all() == []
        assert len(said_to(uow, talk.account(manager))) == 1
