"""Getting acquainted with the bot, as a person in the chat sees it (R2, R2.2)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.clients.consent import TEXT_VERSION, text_hash
from bot.clients.identification.invitations import invite
from bot.clients.models import (
    Account,
    ClientRole,
    Company,
    Consent,
    Employment,
    Invitation,
    Membership,
    Person,
    Seller,
    ServiceObject,
    StaffRole,
)
from bot.clients.people import dismiss
from bot.tickets.life.models import Appeal, AppealEnd, Message
from tests.builders.appeals import Town, add, build_town, staff
from tests.builders.talk import Newcomer, Talk
from tests.conftest import NOON

NEWCOMER = Newcomer(880_001)
PHONE = "+79001234567"
HOSTILE = "<b>Вася</b> & Co 🙃 " + "ы" * 5000


@pytest.fixture
def town(talk: Talk) -> Town:
    with talk.office.work() as uow:
        add(
            uow.session,
            Seller(name="Сервис", inn="7707083893", phone="+7 495 000-00-00", emergency_phone="+7 495 000-00-01"),
        )
        return build_town(uow.session)


def known(talk: Talk, company: int, phone: str = PHONE, name: str = "Вера") -> int:
    """A person of the company who never wrote."""
    with talk.office.work() as uow:
        row = add(uow.session, Person(name=name, phone=phone, created_at=NOON))
        add(
            uow.session,
            Membership(person_id=row.id, company_id=company, role=ClientRole.REQUESTER, granted_at=NOON),
        )
        return row.id


def link_for(talk: Talk, person: int) -> str:
    with talk.office.work() as uow:
        return f"/start i_{invite(uow, person, None).code}"


def card(phone: str, user_id: int | None = int(NEWCOMER), **more: Any) -> dict[str, Any]:
    return {"contact": {"phone_number": phone, "first_name": "В", "user_id": user_id}, **more}


def menu(talk: Talk, person: int) -> list[str]:
    return talk.buttons(person)


async def test_a_known_number_is_welcomed_with_the_menu(talk: Talk, town: Town, session: Session) -> None:
    vera = known(talk, town.shop)
    greeting = await talk.say(NEWCOMER, "/start")
    assert "Сервис" in greeting and "номер телефона" in greeting
    assert "отправить свой номер" in await talk.press(NEWCOMER, "✅ Согласен")
    assert "📱 Отправить мой номер" in menu(talk, NEWCOMER)
    welcome = await talk.send(NEWCOMER, **card("79001234567"))
    assert "Вера, рад знакомству!" in welcome and "Магазин &lt;b&gt;&amp;" in welcome
    assert "📝 Новая заявка" in menu(talk, NEWCOMER) and "🙋 Человек" in menu(talk, NEWCOMER)
    consents = session.exec(select(Consent).where(Consent.person_id == vera)).all()
    assert [(c.user_id, c.message_id, c.text_hash) for c in consents] == [(int(NEWCOMER), 5, text_hash(session, "ru"))]
    assert "выберите внизу" in await talk.say(NEWCOMER, "/start"), "known people are not asked again"


async def test_the_consent_names_who_gets_the_data_and_is_kept_as_it_was_shown(
    talk: Talk, town: Town, session: Session
) -> None:
    with talk.office.work() as uow:
        operator = uow.session.exec(select(Seller)).one()
        operator.address = "Москва, ул. Речная, 5"
        shown = (operator.name, f"ИНН {operator.inn}", operator.address)
    asked = await talk.say(NEWCOMER, "/start")
    for words in (*shown, "Отозвать согласие", "мессенджер, хостинг", "подрядчики", "пока обслуживаем"):
        assert words in asked, words
    assert "Политика" not in asked and "никому" not in asked
    with talk.office.work() as uow:
        uow.session.exec(select(Seller)).one().privacy_url = "https://example.org/privacy?a=1&b=2"
    assert '<a href="https://example.org/privacy?a=1&amp;b=2">Политика' in await talk.say(NEWCOMER, "/start")
    await talk.press(NEWCOMER, "✅ Согласен")
    consent = session.exec(select(Consent)).one()
    assert (consent.text_version, consent.text_hash) == (TEXT_VERSION, text_hash(session, "ru"))


async def test_what_a_stranger_asked_goes_with_them(talk: Talk, town: Town, session: Session) -> None:
    vera = known(talk, town.shop)
    await talk.say(NEWCOMER, "касса не печатает")
    await talk.say(NEWCOMER, "/start")
    await talk.press(NEWCOMER, "✅ Согласен")
    await talk.send(NEWCOMER, **card(PHONE))
    appeal = session.exec(select(Appeal)).one()
    assert (appeal.person_id, appeal.company_id) == (vera, town.shop)
    assert {m.person_id for m in session.exec(select(Message)).all()} == {vera}


async def test_an_unknown_number_says_who_it_is_and_goes_to_triage(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(NEWCOMER, "/start")
    await talk.press(NEWCOMER, "✅ Согласен")
    assert "нет в наших договорах" in await talk.send(NEWCOMER, **card("+79990000000"))
    assert "передал диспетчеру" in await talk.say(NEWCOMER, "ООО «Ёж», ИНН 7707083893, s/n 5-5")
    at_dispatcher = talk.words(town.dispatcher)
    assert "ООО «Ёж»" in at_dispatcher and "+7 999 000-00-00" in at_dispatcher
    appeal = session.exec(select(Appeal)).one()
    assert (appeal.end, appeal.end_reason) == (AppealEnd.TRIAGE, "stranger")


async def test_without_consent_there_is_the_phone_and_the_public_base(talk: Talk, town: Town) -> None:
    await talk.say(NEWCOMER, "/start")
    assert "+7 495 000-00-00" in await talk.press(NEWCOMER, "Пока нет")
    assert menu(talk, NEWCOMER) == ["❓ Задать вопрос", "🙋 Человек", "💼 Тарифы", "⚙️ Настройки"]
    assert "номер телефона" in await talk.send(NEWCOMER, **card(PHONE)), "no number is taken before a yes (R2.5)"
    assert "Передал сотруднику" in await talk.say(NEWCOMER, "🙋 Человек")
    assert "ответа у меня нет" in await talk.say(Newcomer(880_002), "абракадабра")


@pytest.mark.parametrize(
    "content",
    [
        card(PHONE, user_id=5),
        card(PHONE, user_id=None),
        card(PHONE, forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "В"}),
    ],
    ids=["of another", "of nobody", "forwarded"],
)
async def test_a_contact_that_proves_nothing_is_refused(
    talk: Talk, town: Town, content: dict[str, Any], session: Session
) -> None:
    vera = known(talk, town.shop)
    await talk.say(NEWCOMER, "/start")
    await talk.press(NEWCOMER, "✅ Согласен")
    assert "не ваш контакт" in await talk.send(NEWCOMER, **content)
    assert session.exec(select(Account).where(Account.person_id == vera)).all() == []


async def test_an_invited_client_agrees_and_is_in(talk: Talk, town: Town, session: Session) -> None:
    vera = known(talk, town.shop)
    link = link_for(talk, vera)
    assert "номер телефона" in await talk.say(NEWCOMER, link)
    assert "Вера, рад знакомству!" in await talk.press(NEWCOMER, "✅ Согласен")
    assert session.get(Account, ("telegram", int(NEWCOMER))).person_id == vera
    assert "Ссылка уже использована" in await talk.say(Newcomer(880_002), link)
    assert "Вера" in await talk.say(NEWCOMER, link), "the same account may open its link again"


async def test_invited_staff_is_in_at_once(talk: Talk, town: Town) -> None:
    with talk.office.work() as uow:
        oleg = add(uow.session, Person(name="Олег", phone=PHONE, created_at=NOON)).id
        add(uow.session, Employment(person_id=oleg, role=StaffRole.ADMIN, granted_at=NOON))
    assert "Олег, рад знакомству!" in await talk.say(NEWCOMER, link_for(talk, oleg))
    office = ["🧰 Мои наряды", "📥 Разбор", "📚 Статьи", "❔ Без ответа"]
    assert menu(talk, NEWCOMER) == [*office, "👥 Сотрудники", "🏢 Люди клиентов", "🧾 Счета", "⚙️ Настройки"]


async def test_links_that_are_forged_expired_or_replaced(talk: Talk, town: Town) -> None:
    vera = known(talk, town.shop)
    first, second = link_for(talk, vera), link_for(talk, vera)
    assert "Ссылка уже использована" in await talk.say(NEWCOMER, first), "a newer link replaces the older"
    assert "Ссылка уже использована" in await talk.say(NEWCOMER, "/start i_' OR 1=1")
    assert "Ссылка уже использована" in await talk.say(NEWCOMER, "/start i_" + "x" * 60)
    with talk.office.work() as uow:
        for row in uow.session.exec(select(Invitation)).all():
            row.expires_at = NOON - timedelta(seconds=1)
    assert "Ссылка уже использована" in await talk.say(NEWCOMER, second)


async def test_a_link_of_one_who_lost_access_meanwhile(talk: Talk, town: Town, session: Session) -> None:
    vera = known(talk, town.shop)
    link = link_for(talk, vera)
    with talk.office.work() as uow:
        for row in uow.session.exec(select(Membership).where(Membership.person_id == vera)).all():
            row.ended_at = NOON
    assert "Ссылка уже использована" in await talk.say(NEWCOMER, link)


async def test_a_changed_telegram_account_speaks_for_the_same_person(talk: Talk, town: Town, session: Session) -> None:
    vera = known(talk, town.shop)
    for account in (NEWCOMER, Newcomer(880_002)):
        await talk.say(account, "/start")
        await talk.press(account, "✅ Согласен")
        await talk.send(account, **card(PHONE, user_id=int(account)))
    assert talk.account(vera) == 880_002
    assert "номер телефона" in await talk.say(NEWCOMER, "/start"), "the earlier account is nobody's"
    assert len(session.exec(select(Person).where(Person.phone == PHONE)).all()) == 1


async def test_a_changed_number_is_kept(talk: Talk, town: Town, session: Session) -> None:
    vera = known(talk, town.shop)
    await talk.say(NEWCOMER, link_for(talk, vera))
    await talk.press(NEWCOMER, "✅ Согласен")
    assert "Вера" in await talk.send(NEWCOMER, **card("+79017654321"))
    assert session.get(Person, vera).phone == "+79017654321"


async def test_a_hostile_name_breaks_nothing(talk: Talk, town: Town) -> None:
    vera = known(talk, town.shop, name=HOSTILE[:200])
    await talk.say(NEWCOMER, link_for(talk, vera))
    welcome = await talk.press(NEWCOMER, "✅ Согласен")
    assert "&lt;b&gt;Вася&lt;/b&gt; &amp; Co 🙃" in welcome
    await talk.say(Newcomer(880_002), "/start")
    await talk.press(Newcomer(880_002), "✅ Согласен")
    await talk.send(Newcomer(880_002), **card("+79990000000", user_id=880_002))
    assert "передал диспетчеру" in await talk.say(Newcomer(880_002), HOSTILE[:4096])
    assert "&lt;b&gt;Вася" in talk.words(town.dispatcher)


async def test_the_language_switch_changes_the_whole_menu(talk: Talk, town: Town) -> None:
    await talk.say(town.client, "⚙️ Настройки")
    assert "Language: English" in await talk.press(town.client, "🌐 English")
    assert menu(talk, town.client)[:2] == ["📝 New ticket", "❓ Ask a question"]
    assert "Write what happened" in await talk.say(town.client, "/menu")
    assert "in one message" in await talk.say(town.client, "❓ Задать вопрос"), "an old keyboard works on"
    await talk.say(town.client, "⚙️ Settings")
    assert "Язык: русский" in await talk.press(town.client, "🌐 Русский")


async def test_consent_is_withdrawn_and_given_again(talk: Talk, town: Town, session: Session) -> None:
    vera = known(talk, town.shop)
    await talk.say(NEWCOMER, link_for(talk, vera))
    await talk.press(NEWCOMER, "✅ Согласен")
    assert "дано" in await talk.say(NEWCOMER, "⚙️ Настройки")
    await talk.press(NEWCOMER, "Отозвать согласие")
    assert "больше не связан" in await talk.press(NEWCOMER, "Да, отозвать")
    assert "📝 Новая заявка" not in menu(talk, NEWCOMER)
    consent = session.exec(select(Consent).where(Consent.person_id == vera)).one()
    assert consent.withdrawn_at == NOON
    await talk.say(NEWCOMER, "/start")
    await talk.press(NEWCOMER, "✅ Согласен")
    assert "Вера, рад знакомству!" in await talk.send(NEWCOMER, **card(PHONE))


async def test_removed_staff_loses_access_with_the_next_message(talk: Talk, town: Town) -> None:
    with talk.office.work() as uow:
        admin = staff(uow.session, 990_001, "Админ", StaffRole.ADMIN)
    assert "Пусто" in await talk.say(town.dispatcher, "📥 Разбор") or "разбор" in talk.words(town.dispatcher).lower()
    with talk.office.work() as uow:
        dismiss(uow, town.dispatcher, admin)
    assert "выберите внизу" in await talk.say(town.dispatcher, "📥 Разбор")
    assert menu(talk, town.dispatcher) == ["❓ Задать вопрос", "🙋 Человек", "💼 Тарифы", "⚙️ Настройки"]


async def test_a_sticker_before_acquaintance_leads_to_its_equipment(talk: Talk, town: Town, session: Session) -> None:
    known(talk, town.shop)
    code = session.get(ServiceObject, town.till).qr_code
    assert "номер телефона" in await talk.say(NEWCOMER, f"/start o_{code}")
    await talk.press(NEWCOMER, "✅ Согласен")
    assert "АТОЛ" in await talk.send(NEWCOMER, **card(PHONE))


async def test_help_and_unknown_commands_lead_somewhere(talk: Talk, town: Town) -> None:
    assert "+7 495 000-00-00" in await talk.say(town.client, "/help")
    assert "у меня для вас нет" in await talk.say(town.client, "/doesnotexist")
    assert "Передал сотруднику" in await talk.say(town.client, "/human")


async def test_a_forged_press_is_refused_politely(talk: Talk, town: Town) -> None:
    talk._buttons[talk.account(town.client), "?"] = "v1zz:1:2:3"
    said = await talk.press(town.client, "?")
    assert "устарела" in said and "выберите внизу" in said


async def test_a_person_of_two_companies_is_asked_for_which_by_the_object_only(
    talk: Talk, town: Town, session: Session
) -> None:
    with talk.office.work() as uow:
        role = ClientRole.REQUESTER
        add(
            uow.session,
            Membership(person_id=town.client, company_id=town.cafe, role=role, granted_at=NOON),
        )
    code = session.get(ServiceObject, town.cafe_till).qr_code
    await talk.say(town.client, "не включается")
    await talk.say(town.client, f"/start o_{code}")
    with talk.database.read() as after:
        appeal = after.exec(select(Appeal).order_by(col(Appeal.id).desc()).limit(1)).one()
        assert after.get(Company, appeal.company_id).name == "Кафе"
