"""Documents in chat: who sees them, what each line leads to, disputes, sending, paying."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.documents.issued import left_to_pay
from bot.billing.documents.models import CreditedLine, Document, LineDispute, Payment, Sending
from bot.clients.models import ClientRole, Policy, StaffRole
from bot.db.engine import Database
from bot.messaging.notices.texts import label
from bot.messaging.outgoing.models import Blob, Outbox
from bot.tickets.month.close import close_period
from tests.builders.bills import AFTER_NOVEMBER, NOVEMBER, accepted, billed_firm
from tests.builders.held_tickets import send_all
from tests.builders.jobs import Firm, person, worker
from tests.builders.talk import Talk, talking

TOKEN = "381764678:TEST:1"


@pytest.fixture
def talk(database: Database) -> Any:
    with talking(database, provider_token=TOKEN) as found:
        yield found


def closed(talk: Talk) -> tuple[Firm, int, int]:
    """A firm with a closed November; its finance contact and the manager."""
    with talk.office.work() as uow:
        firm = billed_firm(uow, fee=1_500_000)
        accepted(uow, firm, minutes=50)
        finance = person(uow.session, "Фомина", firm.company, ClientRole.FINANCE)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
    clock, talk.office.clock = talk.office.clock, lambda: AFTER_NOVEMBER
    for _ in close_period(talk.office, NOVEMBER):
        pass
    talk.office.clock = clock
    return firm, finance, manager


async def test_finance_sees_every_line_down_to_its_ticket_approval_and_time(talk: Talk) -> None:
    _, finance, _ = closed(talk)
    assert "Выберите месяц" in await talk.say(finance, "/documents")
    summary = await talk.press(finance, "ноябрь 2026: 17\u00a0500\u00a0₽")
    assert "Всего: <b>17\u00a0500\u00a0₽</b>" in summary and "Согласованные работы: 2\u00a0500\u00a0₽" in summary
    assert "потрачено 50\u00a0мин → учтено 1\u00a0ч" in summary
    lines = await talk.press(finance, "Строки")
    assert ("1. Абонентское обслуживание" in lines and "2. Работа инженера" in lines) or "2." in lines
    line = await talk.press(finance, "2")
    assert "Заявка №" in line and "Согласовано: Климова" in line and "потрачено 50\u00a0мин → учтено 1\u00a0ч" in line


@pytest.mark.parametrize("who", ["requester", "approver", "outsider", "engineer"])
async def test_nobody_else_sees_a_document(talk: Talk, who: str) -> None:
    firm, finance, _ = closed(talk)
    await talk.say(finance, "/documents")
    await talk.press(finance, "ноябрь 2026: 17\u00a0500\u00a0₽")
    stranger = getattr(firm, who)
    for button in ("Строки", "Счёт, PDF", "Акт, PDF", "Таблица, XLSX", "💳 Оплатить"):
        await talk.press(stranger, button, shown_to=finance)
        assert [call["_method"] for call in talk.heard] == ["answerCallbackQuery"], button
    await talk.say(stranger, "/documents")
    assert "ноябрь 2026" not in str(talk.heard)


async def test_files_come_as_documents_of_stored_bytes(talk: Talk, session: Any) -> None:
    _, finance, _ = closed(talk)
    await talk.say(finance, "/documents")
    await talk.press(finance, "ноябрь 2026: 17\u00a0500\u00a0₽")
    for button, start in (("Счёт, PDF", b"%PDF"), ("Акт, PDF", b"%PDF"), ("Таблица, XLSX", b"PK")):
        await talk.press(finance, button)
        (call,) = [call for call in talk.heard if call["_method"] == "sendDocument"]
        session.rollback()
        blob = session.get(Blob, call["_blobs"][0])
        assert call["document"] == f"blob:{blob.id}" and blob.content.startswith(start)
        assert blob.filename.startswith({"Счёт, PDF": "Счёт 1", "Акт, PDF": "Акт 1"}.get(button, "Детализация"))


async def test_a_disputed_line_is_taken_back_by_a_credit_note(talk: Talk, session: Any) -> None:
    _, finance, manager = closed(talk)
    await talk.say(finance, "/documents")
    await talk.press(finance, "ноябрь 2026: 17\u00a0500\u00a0₽")
    await talk.press(finance, "Строки")
    await talk.press(finance, "2")
    assert "Что не так" in await talk.press(finance, "Оспорить строку")
    assert "Менеджер разберётся" in await talk.say(finance, "Инженер не приезжал")
    assert "Инженер не приезжал" in talk.words(manager)
    told = await talk.press(manager, "Вернуть корректировкой")
    assert "Корректировка №\u00a01 на 2\u00a0500\u00a0₽" in told
    assert "Вы были правы" in talk.words(finance)
    await talk.press(manager, "Вернуть корректировкой")
    session.rollback()
    credit = session.exec(select(Document).where(Document.kind == "credit")).one()
    invoice = session.get(Document, credit.reverses_id)
    assert (credit.gross, credit.vat, left_to_pay(session, invoice)) == (250_000, 45_082, 1_500_000)
    assert len(session.exec(select(CreditedLine)).all()) == 1
    assert session.exec(select(LineDispute.settled)).one() == "credited"


async def test_a_button_of_the_menu_is_no_reason_of_a_dispute(talk: Talk, session: Any) -> None:
    _, finance, manager = closed(talk)
    await talk.say(finance, "/documents")
    for button in ("ноябрь 2026: 17\u00a0500\u00a0₽", "Строки", "2", "Оспорить строку"):
        await talk.press(finance, button)
    assert "Записали" not in await talk.say(finance, label("menu.ask", "ru"))
    assert not any(call.get("chat_id") == talk.account(manager) for call in talk.heard)
    assert session.exec(select(LineDispute)).all() == []


async def test_a_line_that_was_right_says_whom_to_ask(talk: Talk, session: Any) -> None:
    _, finance, manager = closed(talk)
    await talk.say(finance, "/documents")
    for button in ("ноябрь 2026: 17\u00a0500\u00a0₽", "Строки", "2", "Оспорить строку"):
        await talk.press(finance, button)
    await talk.say(finance, "Инженер не приезжал")
    await talk.press(manager, "Начислено верно")
    assert f"нажмите «{label('menu.human', 'ru')}»" in talk.words(finance)
    assert session.exec(select(LineDispute.settled)).one() == "kept"


async def test_a_client_can_t_settle_their_own_dispute(talk: Talk, session: Any) -> None:
    _, finance, manager = closed(talk)
    await talk.say(finance, "/documents")
    await talk.press(finance, "ноябрь 2026: 17\u00a0500\u00a0₽")
    await talk.press(finance, "Строки")
    await talk.press(finance, "1")
    await talk.press(finance, "Оспорить строку")
    await talk.say(finance, "Дорого")
    await talk.press(finance, "Вернуть корректировкой", shown_to=manager)
    session.rollback()
    assert session.exec(select(Document).where(Document.kind == "credit")).all() == []


async def test_the_manager_sends_each_invoice_once_with_its_pdf(talk: Talk, session: Any) -> None:
    firm, finance, manager = closed(talk)
    assert "не отправлено: 1" in await talk.say(manager, "/invoices")
    assert "Отправляем 1\u00a0счёт" in await talk.press(manager, "📨 Отправить счета: ноябрь 2026")
    for _ in range(2):
        with talk.office.work() as uow:
            send_all(uow, "2026-11", manager)
    session.rollback()
    sent = [row for row in session.exec(select(Outbox)).all() if row.method == "sendDocument"]
    assert sorted(row.chat_id for row in sent) == sorted([talk.account(finance), talk.account(firm.boss)])
    assert all("Счёт №\u00a01" in row.params["caption"] for row in sent)
    assert len(session.exec(select(Sending)).all()) == 1
    assert "все отправлены" in await talk.say(manager, "/invoices")


async def test_only_a_manager_sends(talk: Talk) -> None:
    firm, _, manager = closed(talk)
    await talk.say(manager, "/invoices")
    await talk.press(firm.engineer, "📨 Отправить счета: ноябрь 2026", shown_to=manager)
    assert [call["_method"] for call in talk.heard] == ["answerCallbackQuery"]


async def bill(talk: Talk, finance: int) -> dict[str, Any]:
    await talk.say(finance, "/documents")
    await talk.press(finance, "ноябрь 2026: 17\u00a0500\u00a0₽")
    await talk.press(finance, "💳 Оплатить")
    (call,) = [call for call in talk.heard if call["_method"] == "sendInvoice"]
    return call


async def checkout(talk: Talk, who: int, call: dict[str, Any], **more: Any) -> dict[str, Any]:
    asked = {
        "id": "77",
        "from": talk._user(talk.account(who)),
        "currency": call["currency"],
        "total_amount": call["prices"][0]["amount"],
        "invoice_payload": call["payload"],
        **more,
    }
    await talk._run(talk._store(who, [{"pre_checkout_query": asked}]))
    (answer,) = [call for call in talk.heard if call["_method"] == "answerPreCheckoutQuery"]
    return answer


async def pay(talk: Talk, who: int, call: dict[str, Any], charge: str = "charge-1") -> str:
    paid = {
        "currency": call["currency"],
        "total_amount": call["prices"][0]["amount"],
        "invoice_payload": call["payload"],
        "telegram_payment_charge_id": charge,
        "provider_payment_charge_id": f"provider-{charge}",
    }
    return await talk.send(who, successful_payment=paid)


async def test_an_invoice_is_paid_once_however_often_the_receipt_comes(talk: Talk, session: Any) -> None:
    _, finance, manager = closed(talk)
    call = await bill(talk, finance)
    assert (call["currency"], call["prices"][0]["amount"], call["provider_token"]) == ("RUB", 1_750_000, TOKEN)
    assert "provider_data" not in call
    assert (await checkout(talk, finance, call))["ok"] is True
    assert "17\u00a0500\u00a0₽ по счёту №\u00a01" in await pay(talk, finance, call)
    assert "оплачен в чате счёт №\u00a01" in talk.words(manager)
    assert "получена" in await pay(talk, finance, call)
    session.rollback()
    (payment,) = session.exec(select(Payment)).all()
    assert (payment.kopecks, payment.provider_charge_id) == (1_750_000, "provider-charge-1")
    refused = await checkout(talk, finance, call)
    assert (refused["ok"], refused["error_message"]) == (False, "Этот счёт уже оплачен.")


async def test_a_seller_whose_provider_issues_receipts_sends_it_the_lines_with_their_vat(talk: Talk) -> None:
    _, finance, _ = closed(talk)
    with talk.office.work() as uow:
        uow.session.add(Policy(name="receipts_by_provider", value=1))
    call = await bill(talk, finance)
    assert (call["need_email"], call["send_email_to_provider"]) == (True, True)
    items = json.loads(call["provider_data"])["receipt"]["items"]
    assert [(each["amount"]["value"], each["vat_code"]) for each in items] == [("15000.00", 11), ("2500.00", 11)]


async def test_two_who_pay_one_invoice_at_once_pay_it_once(talk: Talk) -> None:
    firm, finance, _ = closed(talk)
    call = await bill(talk, finance)
    with talk.office.work() as uow:
        owner = person(uow.session, "Орлов", firm.company, ClientRole.OWNER)
    assert (await checkout(talk, finance, call))["ok"] is True
    assert (await checkout(talk, finance, call))["ok"] is True, "the same question again has the same answer"
    second = await checkout(talk, owner, call, id="78")
    assert "прямо сейчас оплачивают" in second["error_message"] and "через 5\u00a0мин." in second["error_message"]
    later = talk.office.clock() + timedelta(minutes=6)
    talk.office.clock = lambda: later  # the first one's card was declined
    assert (await checkout(talk, owner, call, id="79"))["ok"] is True
    assert (await checkout(talk, finance, call, id="80"))["ok"] is False
    await pay(talk, owner, call)
    assert (await checkout(talk, finance, call, id="81"))["error_message"] == "Этот счёт уже оплачен."


async def test_money_that_came_twice_all_the_same_is_kept_and_told_of(talk: Talk, session: Any) -> None:
    firm, finance, manager = closed(talk)
    call = await bill(talk, finance)
    with talk.office.work() as uow:
        owner = person(uow.session, "Орлов", firm.company, ClientRole.OWNER)
    assert "переплата" not in await pay(talk, finance, call, "charge-1")
    said = await pay(talk, owner, call, "charge-2")
    assert "переплата 17\u00a0500\u00a0₽. Её вернут или зачтут, менеджер уже знает" in said
    assert "Переплата 17\u00a0500\u00a0₽: верните её" in talk.words(manager)
    assert "лишние 17\u00a0500\u00a0₽ получены и записаны" in talk.words(finance)
    session.rollback()
    assert [row.kopecks for row in session.exec(select(Payment)).all()] == [1_750_000, 1_750_000]


async def test_a_payment_is_checked_by_right_sum_and_payload(talk: Talk) -> None:
    firm, finance, _ = closed(talk)
    call = await bill(talk, finance)
    assert (await checkout(talk, firm.requester, call))["ok"] is False
    assert (await checkout(talk, finance, call, total_amount=1))["error_message"].startswith("Сумма изменилась")
    assert (await checkout(talk, finance, call, currency="USD"))["ok"] is False
    for payload in ("invoice:999999", "invoice:x", "other"):
        assert (await checkout(talk, finance, call, invoice_payload=payload))["ok"] is False
