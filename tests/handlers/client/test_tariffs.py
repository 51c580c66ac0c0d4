"""Tariffs, prices and balances as clients of the demo company see them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.terms.models import Plan
from bot.clients.models import Account, ClientRole, Company, Membership, Person
from bot.db.engine import Database
from bot.imports.bring_in import bring_in
from bot.tickets.life.models import Appeal, AppealEnd, Ticket
from bot.transition.models import Wish
from tests.builders.talk import Talk, talking
from tests.conftest import NOON


@pytest.fixture
def talk(database: Database) -> Iterator[Talk]:
    with talking(database) as found:
        with found.office.work() as uow:
            bring_in(uow, Path("demo"))
            for person in uow.session.exec(select(Person)).all():
                uow.session.add(Account(user_id=7000 + person.id, person_id=person.id, linked_at=NOON))
        yield found


def person(session: Session, code: str) -> int:
    return session.exec(select(Person.id).where(Person.code == code)).one()


@pytest.fixture
def gusev(talk: Talk, session: Session) -> int:
    """He opens tickets and sees no figures of the company."""
    return person(session, "gusev")


@pytest.fixture
def orlova(talk: Talk, session: Session) -> int:
    """The owner."""
    return person(session, "orlova")


async def test_the_own_plan_with_used_and_left(talk: Talk, orlova: int) -> None:
    shown = await talk.say(orlova, "💼 Тарифы")
    assert "ООО «Ромашка»" in shown and "Тариф «Бизнес»" in shown
    assert "Включено в тариф: использовано 1\u00a0ч 15\u00a0мин из 6\u00a0ч, осталось" in shown
    assert "п. 3.4: ремонт печатающей техники" in shown


async def test_all_plans_compared_and_a_wish(talk: Talk, gusev: int, session: Session) -> None:
    await talk.say(gusev, "💼 Тарифы")
    compared = await talk.press(gusev, "📊 Сравнить тарифы")
    assert all(name in compared for name in ("Старт", "Бизнес", "Максимум", "Пакет часов"))
    assert "безлимит" not in compared.casefold(), "an old plan is not offered"
    assert "✓ Бизнес" in talk.buttons(gusev)
    assert "24\u00a0000\u00a0₽" in await talk.press(gusev, "Максимум")
    await talk.press(gusev, "✋ Хочу перейти")
    manager = person(session, "mgr")
    assert "ООО «Ромашка»" in talk.words(manager) and "Максимум" in talk.words(manager)
    await talk.press(gusev, "✋ Хочу перейти")
    assert "Ромашка" not in talk.words(manager), "the same wish is told once"
    with talk.database.read() as after:
        wish = after.exec(select(Wish)).one()
        assert (wish.person_id, wish.handled_at) == (gusev, None)


async def test_included_visits_stand_in_the_comparison(talk: Talk, gusev: int) -> None:
    with talk.office.work() as uow:
        uow.session.exec(select(Plan).where(Plan.name == "Максимум")).one().included_visits = 2
    await talk.say(gusev, "💼 Тарифы")
    assert "2\u00a0выезда в месяц без платы за дорогу и вызов" in await talk.press(gusev, "📊 Сравнить тарифы")
    assert "Без платы за дорогу и вызов: 2\u00a0выезда в месяц" in await talk.press(gusev, "Максимум")


async def test_there_is_no_wish_for_the_own_plan(talk: Talk, gusev: int) -> None:
    await talk.say(gusev, "💼 Тарифы")
    await talk.press(gusev, "📊 Сравнить тарифы")
    await talk.press(gusev, "✓ Бизнес")
    assert talk.buttons(gusev) == ["← Назад"]


async def test_own_prices_page_by_page(talk: Talk, gusev: int, session: Session) -> None:
    await talk.say(gusev, "💼 Тарифы")
    first = await talk.press(gusev, "💰 Цены")
    assert "69\u00a0позиций, стр. 1 из 9" in first
    assert "Час ремонта: <b>2\u00a0400\u00a0₽</b>" in first, "the client's own price, not the default 2 500"
    second = await talk.press(gusev, "→")
    assert "стр. 2 из 9" in second
    assert "стр. 1 из 9" in await talk.press(gusev, "←")


async def test_prices_are_searched_in_words_as_people_say_them(talk: Talk, gusev: int, session: Session) -> None:
    await talk.say(gusev, "💼 Тарифы")
    await talk.press(gusev, "💰 Цены")
    await talk.press(gusev, "🔎 Найти")
    found = await talk.say(gusev, "ремонт принтеров")
    assert "Ремонт принтера, шт: <b>3\u00a0200\u00a0₽</b>" in found
    assert "Час ремонта: <b>2\u00a0400\u00a0₽</b>" in await talk.say(gusev, "час ремонта")
    assert "ничего не нашлось" in await talk.say(gusev, "<b>подводная лодка")
    assert "&lt;b&gt;" in talk.words(gusev)
    with talk.database.read() as after:
        ends = {appeal.end for appeal in after.exec(select(Appeal)).all()}
        assert ends == {AppealEnd.CLOSED}, "a search is no appeal that waits for an answer"


async def test_a_menu_button_leaves_the_search(talk: Talk, orlova: int) -> None:
    await talk.say(orlova, "💼 Тарифы")
    await talk.press(orlova, "💰 Цены")
    await talk.press(orlova, "🔎 Найти")
    assert "баланс" in await talk.say(orlova, "⏱ Баланс")


async def test_another_model_has_its_price_shown(talk: Talk, session: Session) -> None:
    dyakov = person(session, "dyakov")
    await talk.say(dyakov, "💼 Тарифы")
    await talk.press(dyakov, "💰 Цены")
    await talk.press(dyakov, "🔎 Найти")
    assert "Эвотор 7.3: <b>2\u00a0900\u00a0₽</b>" in await talk.say(dyakov, "ремонт кассы")


async def test_the_balance_is_traced_to_tickets(talk: Talk, session: Session) -> None:
    zhukova = person(session, "zhukova")
    shown = await talk.say(zhukova, "⏱ Баланс")
    assert "осталось <b>30\u00a0мин</b>" in shown and "списано 9\u00a0ч 30\u00a0мин" in shown
    entries = await talk.press(zhukova, "Куплено · СЛ-2025/052")
    ids = session.exec(select(PoolEntry.ticket_id).where(col(PoolEntry.ticket_id).is_not(None))).all()
    contract_tickets = session.exec(select(Ticket).where(col(Ticket.id).in_(ids))).all()
    mine = [t.number for t in contract_tickets if t.company_id == _company(session, "ulybka")]
    assert sum(f"заявка №\u00a0{number}" in entries for number in mine) >= 9


async def test_held_hours_are_shown_apart(talk: Talk, orlova: int, session: Session) -> None:
    with talk.office.work() as uow:
        pool = uow.session.exec(select(Pool).where(Pool.code == "romashka-gift")).one()
        entry = PoolEntry(pool_id=pool.id, kind=EntryKind.HOLD, amount=45, ticket_id=1, made_at=uow.now)
        uow.session.add(entry)
    assert "в брони 45\u00a0мин" in await talk.say(orlova, "⏱ Баланс")


async def test_debts_are_for_finance_and_owner_only(talk: Talk, session: Session) -> None:
    pak, ershov = person(session, "pak"), person(session, "ershov")
    await talk.say(ershov, "⏱ Баланс")
    assert "🧾 Счета к оплате" not in talk.buttons(ershov)
    await talk.say(pak, "⏱ Баланс")
    debts = await talk.press(pak, "🧾 Счета к оплате")
    assert "просрочен на 45\u00a0дней" in debts and "Всего: <b>42\u00a0000\u00a0₽</b>" in debts
    assert "нет прав" in await talk.press(ershov, "🧾 Счета к оплате", shown_to=pak)
    with talk.office.work() as uow:
        owner = uow.session.exec(select(Membership).where(Membership.person_id == pak)).one()
        owner.role = ClientRole.REQUESTER
    assert "нет прав" in await talk.press(pak, "🧾 Счета к оплате"), "rights are read with each press (R2.4)"


async def test_no_way_leads_to_the_company_s_figures_but_finance_s_and_the_owner_s(
    talk: Talk, gusev: int, orlova: int, session: Session
) -> None:
    shut = {"gusev": gusev, "klimova": person(session, "klimova")}
    for name, who in shut.items():
        menu = await talk.say(who, "/menu") and talk.buttons(who)
        assert ("⏱ Баланс" in menu, "✅ Согласования" in menu) == (False, name == "klimova")
        told = await talk.say(who, "⏱ Баланс")  # the keyboard of before
        assert "видят её финансы и владелец" in told
        assert "⏱ Баланс" not in talk.buttons(who)
        plan = await talk.say(who, "💼 Тарифы")
        assert "Тариф «Бизнес»" in plan
        assert "осталось" not in plan
        assert "⏱ Баланс" not in talk.buttons(who)
        assert "нет прав" in await talk.say(who, "/documents")
    await talk.say(orlova, "/menu")
    assert "⏱ Баланс" in talk.buttons(orlova)
    await talk.say(orlova, "💼 Тарифы")
    await talk.press(orlova, "⏱ Баланс")
    buttons = talk.buttons(orlova)
    for who in shut.values():
        for button in ("⏱ Баланс", *buttons):
            if button not in ("💼 Мой тариф", "✅ Согласования"):
                assert "нет прав" in await talk.press(who, button, shown_to=orlova), button
    assert "нет прав" in await talk.press(gusev, "✅ Согласования", shown_to=orlova)


async def test_an_approver_reaches_ceilings_and_hours_to_buy_on_a_screen_of_their_own(
    talk: Talk, session: Session
) -> None:
    klimova = person(session, "klimova")
    shown = await talk.say(klimova, "✅ Согласования")
    assert "Вы согласуете: до 15\u00a0000\u00a0₽ за работу, до 50\u00a0000\u00a0₽ в месяц." in shown
    assert "осталось" not in shown
    assert "⏱ Баланс" not in talk.buttons(klimova)
    [size, *_] = [each for each in talk.buttons(klimova) if each.startswith("🔋 Купить")]
    assert "без согласования" in await talk.press(klimova, "🔕 Лимит без согласования")
    await talk.press(klimova, "← Назад")
    assert "12\u00a0000\u00a0₽" in await talk.press(klimova, size)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("button", ["📊 Сравнить тарифы", "💰 Цены", "⏱ Баланс"])
async def test_a_stolen_button_shows_nothing(talk: Talk, orlova: int, session: Session, button: str) -> None:
    await talk.say(orlova, "💼 Тарифы")
    kim = person(session, "kim")
    assert "нет прав" in await talk.press(kim, button, shown_to=orlova)


async def test_a_stolen_pool_or_wish_changes_nothing(talk: Talk, orlova: int, session: Session) -> None:
    await talk.say(orlova, "⏱ Баланс")
    kim = person(session, "kim")
    assert "нет прав" in await talk.press(kim, "Включено в тариф · СЛ-2025/014", shown_to=orlova)
    await talk.say(orlova, "💼 Тарифы")
    await talk.press(orlova, "📊 Сравнить тарифы")
    await talk.press(orlova, "Старт")
    assert "нет прав" in await talk.press(kim, "✋ Хочу перейти", shown_to=orlova)
    with talk.database.read() as after:
        assert after.exec(select(Wish)).all() == []


async def test_a_person_of_two_companies_chooses(talk: Talk, gusev: int, session: Session) -> None:
    with talk.office.work() as uow:
        other = _company(uow.session, "zarya")
        role = Membership(person_id=gusev, company_id=other, role=ClientRole.REQUESTER, granted_at=uow.now)
        uow.session.add(role)
    assert "Для какой компании" in await talk.say(gusev, "💼 Тарифы")
    assert "Тариф «Старт»" in await talk.press(gusev, "ООО «Пекарня „Заря“»")


async def test_a_stranger_sees_plans_and_default_prices(talk: Talk, session: Session) -> None:
    with talk.office.work() as uow:
        stranger = Person(name="Незнакомец", created_at=uow.now)
        uow.session.add(stranger)
        uow.session.flush()
        number = stranger.id
        uow.session.add(Account(user_id=9999, person_id=number, linked_at=uow.now))
    assert "Наши тарифы" in await talk.say(number, "💼 Тарифы")
    assert "Час ремонта: <b>2\u00a0500\u00a0₽</b>" in await talk.press(number, "💰 Цены")
    assert "пока ни с одной компанией" in await talk.say(number, "⏱ Баланс")


def _company(session: Session, code: str) -> int:
    return session.exec(select(Company.id).where(Company.code == code)).one()
