"""Debts and hours to buy, through their buttons: who may press, what they read, what is kept."""

from sqlmodel import col, select

from bot.billing.debts.models import DebtExemption, InvoiceDispute, PaymentPromise
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.prices.models import PriceLine
from bot.billing.quotes.models import TopUp, TopUpState
from bot.clients.models import ClientRole, StaffRole
from bot.tickets.life.lifecycle import history
from bot.tickets.life.models import Ticket, TicketState
from tests.builders.bills import accepted
from tests.builders.held_tickets import remind_all
from tests.builders.jobs import Firm, build_firm, opened, person, worker
from tests.builders.stories import all_heard, learn, messages_to, popups
from tests.builders.talk import Talk


def indebted(talk: Talk) -> tuple[Firm, int, int]:
    """A firm two days late, reminded; its finance contact and our manager."""
    with talk.office.work() as uow:
        firm = build_firm(uow.session, debt=2)
        finance = person(uow.session, "Счётова", firm.company, ClientRole.FINANCE)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
    with talk.office.work() as uow:
        remind_all(uow)
    learn(talk)
    return firm, finance, manager


async def test_a_promise_is_kept_and_told(talk: Talk) -> None:
    firm, finance, manager = indebted(talk)
    assert "когда оплатите?" in await talk.press(finance, "🤝 Обещаю оплатить")
    assert "Записал: оплата до 27 ноября" in await talk.press(finance, "до 27.11")
    assert "Счётова обещает оплатить до 27 ноября" in talk.words(manager)
    with talk.database.read() as session:
        assert session.exec(select(PaymentPromise.person_id)).all() == [finance]
    learn(talk)
    for stranger in (firm.requester, firm.approver, firm.outsider, firm.engineer):
        for button in ("🤝 Обещаю оплатить", "до 27.11", "⚠️ Спорный счёт", "🧾 Счета к оплате"):
            await talk.press(stranger, button, shown_to=finance)
            assert popups(talk), button
            assert "СЧ-1" not in all_heard(talk), button
    with talk.database.read() as session:
        assert len(session.exec(select(PaymentPromise)).all()) == 1


async def test_a_disputed_invoice_is_settled_by_a_manager(talk: Talk) -> None:
    firm, finance, manager = indebted(talk)
    assert "с каким счётом вы не согласны" in await talk.press(finance, "⚠️ Спорный счёт")
    assert "что не так" in await talk.press(finance, "СЧ-1")
    assert "счёт СЧ-1 в долге не считаем" in await talk.say(finance, "Такой работы <не было>")
    assert "Возражение по счёту СЧ-1, Счётова: Такой работы &lt;не было&gt;" in talk.words(manager)
    learn(talk)
    for stranger in (firm.engineer, firm.dispatcher, finance):
        await talk.press(stranger, "Спор закрыт, счёт верный", shown_to=manager)
        assert "нет прав" in popups(talk)
    await talk.press(manager, "Спор закрыт, счёт верный")
    assert "счёт снова ждёт оплаты" in talk.words(finance)
    await talk.press(manager, "Спор закрыт, счёт верный")
    assert messages_to(talk, finance) == []
    with talk.database.read() as session:
        assert session.exec(select(InvoiceDispute.settled_by)).all() == [manager]


async def test_a_manager_lifts_the_limits_with_a_reason(talk: Talk) -> None:
    firm, finance, manager = indebted(talk)
    await talk.press(finance, "🤝 Обещаю оплатить")
    await talk.press(finance, "до 27.11")
    learn(talk)
    for stranger in (firm.engineer, firm.dispatcher, finance):
        await talk.press(stranger, "Не ограничивать: 7 дн.", shown_to=manager)
        assert "нет прав" in popups(talk)
    assert "Напишите причину" in await talk.press(manager, "Не ограничивать: 7 дн.")
    assert "Готово: Ромашка без ограничений до 1 декабря" in await talk.say(manager, "Ждут казначейство")
    with talk.database.read() as session:
        made = session.exec(select(DebtExemption)).one()
        assert (made.given_by, made.reason) == (manager, "Ждут казначейство")


async def test_a_manager_sees_the_prepayment_and_the_work_starts_while_the_debt_stands(talk: Talk) -> None:
    with talk.office.work() as uow:
        firm = build_firm(uow.session, debt=20)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
    with talk.office.work() as uow:
        ticket_id = opened(uow, firm).id
    learn(talk)
    await talk.press(firm.approver, "✅ Согласовать")
    assert "работа ждёт предоплаты" in talk.words(manager)
    learn(talk)
    for stranger in (firm.engineer, firm.approver):
        await talk.press(stranger, "💰 Предоплата получена", shown_to=manager)
        assert "нет прав" in popups(talk)
    await talk.press(manager, "💰 Предоплата получена")
    assert "передали инженерам" in talk.words(firm.requester)
    await talk.press(manager, "💰 Предоплата получена")
    assert messages_to(talk, firm.requester) == []
    with talk.database.read() as session:
        assert session.get_one(Ticket, ticket_id).state is TicketState.NEW
        assert [event.kind for event in history(session, ticket_id or 0)].count("released") == 1


async def offered(talk: Talk, *, priced: bool) -> tuple[Firm, int, str]:
    """The last hour is worked; the owner reads that the hours are over, and what can be bought."""
    with talk.office.work() as uow:
        firm = build_firm(uow.session, minutes=60)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        if not priced:
            for line in uow.session.exec(select(PriceLine).where(col(PriceLine.item_code) == "hour:repair")).all():
                uow.session.delete(line)
    with talk.office.work() as uow:
        accepted(uow, firm, minutes=58)
    learn(talk)
    button = next(text for chat, text in talk._buttons if chat == talk.account(firm.boss) and "Купить" in text)
    return firm, manager, button


async def test_hours_are_bought_once(talk: Talk) -> None:
    firm, manager, button = await offered(talk, priced=True)
    for stranger in (firm.requester, firm.outsider, firm.engineer):
        await talk.press(stranger, button, shown_to=firm.boss)
        assert popups(talk).startswith(("Не нахожу такого", "У вас нет прав"))
    assert "Цена держится до" in await talk.press(firm.boss, button)
    for stranger in (firm.requester, firm.outsider, firm.engineer):
        await talk.press(stranger, "✅ Согласовать", shown_to=firm.boss)
        assert "нет прав" in popups(talk)
    assert "часы начислены" in await talk.press(firm.boss, "✅ Согласовать")
    assert "Согласие дано: Орлова. Часы начислены, нужен счёт." in talk.words(manager)
    await talk.press(firm.boss, "✅ Согласовать")
    assert popups(talk) == "Часы начислены"
    assert messages_to(talk, manager) == []
    with talk.database.read() as session:
        top_up = session.exec(select(TopUp)).one()
        granted = session.exec(
            select(PoolEntry.amount).where(PoolEntry.kind == EntryKind.GRANT, PoolEntry.pool_id == top_up.pool_id)
        ).all()
        assert (top_up.state, list(granted)) == (TopUpState.APPROVED, [top_up.minutes])
        assert len(session.exec(select(Pool)).all()) == 2


async def test_without_a_price_in_the_list_a_manager_names_it(talk: Talk) -> None:
    firm, manager, button = await offered(talk, priced=False)
    assert "Он назовёт цену, она придёт сюда" in await talk.press(firm.boss, button)
    assert "Орлова хочет купить" in talk.words(manager)
    learn(talk)
    for stranger in (firm.engineer, firm.dispatcher, firm.boss):
        assert "сумму" not in await talk.press(stranger, "Назвать цену", shown_to=manager)
        assert popups(talk)
    assert "Напишите сумму" in await talk.press(manager, "Назвать цену")
    assert "сумма" in (await talk.say(manager, "недорого")).lower()
    assert "22\u00a0500\u00a0₽" in await talk.say(manager, "22 500")
    assert "22\u00a0500\u00a0₽" not in talk.words(firm.boss)
    assert "Отправил клиенту: 22\u00a0500\u00a0₽" in await talk.press(manager, "📨 Отправить")
    assert "22\u00a0500\u00a0₽" in talk.words(firm.boss)
    learn(talk)
    assert "часы начислены" in await talk.press(firm.boss, "✅ Согласовать")
