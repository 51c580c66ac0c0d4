"""Letting people in and out, muting, the dispatch chat, and the bot being blocked, as people in chats see it."""

from typing import Any

import pytest
from sqlmodel import Session, select

from bot.clients.audiences import Dispatchers
from bot.clients.models import Account, ClientRole, Membership, Person, StaffChat, StaffRole
from bot.clients.people import staff_roles
from bot.handlers.common.acting import ANONYMOUS_ADMIN
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Reach
from bot.tickets.dispatch.alarms import tell_alarms
from bot.tickets.life.models import Message
from tests.builders.appeals import Town, add, staff
from tests.builders.talk import BOT_ID, Newcomer, Talk
from tests.conftest import NOON

GROUP = -1001234567890
NEWCOMER = Newcomer(880_001)


@pytest.fixture
def admin(talk: Talk, town: Town) -> int:
    with talk.office.work() as uow:
        return staff(uow.session, 990_001, "Админ", StaffRole.ADMIN)


@pytest.fixture
def owner(talk: Talk, town: Town) -> int:
    with talk.office.work() as uow:
        row = uow.session.exec(select(Membership).where(Membership.person_id == town.client)).one()
        row.role = ClientRole.OWNER
    return town.client


def link_in(words: str) -> str:
    return "/start " + words.split("?start=")[1].split(maxsplit=1)[0]


async def in_group(talk: Talk, user_id: int, text: str = "/dispatch", **chat: Any) -> list[str]:
    message = {
        "message_id": next(talk._ids),
        "date": 1,
        "chat": {"id": GROUP, "type": "supergroup", "title": "Инженеры <b>", **chat},
        "from": {"id": user_id, "is_bot": False, "first_name": "И", "language_code": "ru"},
        "text": text,
        "entities": [{"type": "bot_command", "offset": 0, "length": len(text)}],
    }
    await talk._run(talk._store(Newcomer(GROUP), [{"message": message}]))
    return [call["text"] for call in talk.heard if call.get("chat_id") == GROUP]


async def bot_is(talk: Talk, status: str, chat_id: int, user_id: int, before: str = "member") -> None:
    me = {"id": BOT_ID, "is_bot": True, "first_name": "F"}
    kind = "private" if chat_id > 0 else "supergroup"
    gone = {"until_date": 0}
    event = {
        "chat": {"id": chat_id, "type": kind, "title": "Инженеры"},
        "from": {"id": user_id, "is_bot": False, "first_name": "И", "language_code": "ru"},
        "date": 1,
        "old_chat_member": {"user": me, "status": before, **(gone if before == "kicked" else {})},
        "new_chat_member": {"user": me, "status": status, **(gone if status == "kicked" else {})},
    }
    await talk._run(talk._store(Newcomer(chat_id), [{"my_chat_member": event}]))


async def test_an_engineer_is_invited_comes_in_and_is_let_out(talk: Talk, town: Town, admin: int) -> None:
    assert "Наши сотрудники" in await talk.say(admin, "👥 Сотрудники")
    await talk.press(admin, "➕ Пригласить")
    await talk.press(admin, "инженер")
    assert "не похоже на номер" in await talk.say(admin, "Пётр без номера")
    invited = await talk.say(admin, "Пётр <b>Смелов</b>, 8 900 765-43-21")
    to_sender, to_pass_on = (call["text"] for call in talk.heard if "text" in call)
    assert "Перешлите следующее сообщение" in to_sender and "?start=" not in to_sender
    assert to_pass_on.startswith("Пётр &lt;b&gt;Смелов&lt;/b&gt;, здравствуйте!") and "?start=i_" in to_pass_on
    assert "рабочий бот" in to_pass_on and "Перешлите" not in to_pass_on
    assert "Пётр &lt;b&gt;Смелов&lt;/b&gt;" in invited
    assert "рад знакомству" in await talk.say(NEWCOMER, link_in(invited))
    assert talk.buttons(NEWCOMER) == ["🧰 Мои наряды", "❓ Задать вопрос", "⚙️ Настройки"]
    await talk.say(admin, "/people")
    await talk.press(admin, "Пётр <b>Смелов</b>")
    await talk.press(admin, "Закрыть доступ")
    assert "Доступ закрыт" in await talk.press(admin, "Да, закрыть доступ")
    await talk.say(NEWCOMER, "🧰 Мои наряды")
    assert "🙋 Человек" in talk.buttons(NEWCOMER), "a stranger's menu from the next message on (R2.7)"


async def test_an_owner_lets_a_colleague_in_by_the_settings(talk: Talk, town: Town, owner: int) -> None:
    await talk.say(owner, "⚙️ Настройки")
    assert "Магазин &lt;b&gt;&amp;" in await talk.press(owner, "👥 Люди компании")
    await talk.press(owner, "➕ Пригласить")
    await talk.press(owner, "согласующий")
    link = link_in(await talk.say(owner, "+7 900 765-43-21 Вера"))
    await talk.say(NEWCOMER, link)
    assert "Вера, рад знакомству! Вы пишете от: Магазин" in await talk.press(NEWCOMER, "✅ Согласен")
    with talk.database.read() as session:
        row = session.exec(select(Membership).where(Membership.granted_by == owner)).one()
    assert (row.company_id, row.role) == (town.shop, ClientRole.APPROVER)


async def test_a_lost_link_is_replaced(talk: Talk, town: Town, owner: int) -> None:
    await talk.say(owner, "⚙️ Настройки")
    await talk.press(owner, "👥 Люди компании")
    await talk.press(owner, "Анна")
    assert "Закрыть доступ" not in talk.buttons(owner), "nobody shuts themselves out"
    assert "?start=i_" in await talk.press(owner, "🔗 Новая ссылка")


@pytest.mark.parametrize("button", ["👥 Люди компании"])
async def test_a_stolen_list_shows_nothing(talk: Talk, town: Town, owner: int, button: str) -> None:
    await talk.say(owner, "⚙️ Настройки")
    assert "нет прав" in await talk.press(town.other, button, shown_to=owner)
    assert "нет прав" in await talk.press(town.dispatcher, button, shown_to=owner)


async def test_a_manager_lets_client_people_in_and_no_staff(talk: Talk, town: Town) -> None:
    with talk.office.work() as uow:
        manager = staff(uow.session, 990_002, "Мария", StaffRole.MANAGER)
    assert "Название, ИНН" in await talk.say(manager, "🏢 Люди клиентов")
    await talk.say(manager, "кафе")
    assert "Люди компании Кафе" in await talk.press(manager, "Кафе")
    assert "➕ Пригласить" in talk.buttons(manager)


async def test_a_manager_sees_staff_and_lets_none_in_or_out(talk: Talk, town: Town, admin: int) -> None:
    with talk.office.work() as uow:
        manager = staff(uow.session, 990_002, "Мария", StaffRole.MANAGER)
    assert "Наши сотрудники" in await talk.say(manager, "👥 Сотрудники")
    assert "➕ Пригласить" not in talk.buttons(manager)
    await talk.press(manager, "Мария")
    assert talk.buttons(manager) == ["← Назад"]
    await talk.say(admin, "👥 Сотрудники")
    await talk.press(admin, "Мария")
    for stolen in ("🔗 Новая ссылка", "Закрыть доступ"):
        assert "нет прав" in await talk.press(manager, stolen, shown_to=admin)
    await talk.press(admin, "← Назад")
    assert "нет прав" in await talk.press(manager, "➕ Пригласить", shown_to=admin)
    with talk.database.read() as session:
        assert staff_roles(session, manager) == {StaffRole.MANAGER}
    assert "Наши сотрудники" not in await talk.say(town.dispatcher, "👥 Сотрудники")


@pytest.mark.parametrize(
    ("role", "named", "others"),
    [
        (StaffRole.ENGINEER, ["Мои наряды", "Перешлите сообщение клиента"], ["Статьи", "Счета", "/muted", "/dispatch"]),
        (StaffRole.DISPATCHER, ["Разбор", "Статьи", "Без ответа", "Перешлите", "/muted"], ["Счета", "Сотрудники"]),
        (
            StaffRole.MANAGER,
            ["Разбор", "Статьи", "Счета", "Сотрудники", "Люди клиентов"],
            ["/dispatch", "работает, приг"],
        ),
        (StaffRole.ADMIN, ["Разбор", "Счета", "пригласить, закрыть доступ", "/dispatch"], []),
    ],
)
async def test_help_names_what_the_role_can_do_and_nothing_else(
    talk: Talk, town: Town, role: StaffRole, named: list[str], others: list[str]
) -> None:
    with talk.office.work() as uow:
        someone = staff(uow.session, 990_003, "Кто-то", role)
    told = await talk.say(someone, "/help")
    assert [each for each in named if each not in told] == []
    assert [each for each in others if each in told] == []


async def test_every_button_of_a_menu_opens_something_for_its_role(talk: Talk, town: Town) -> None:
    with talk.office.work() as uow:
        manager = staff(uow.session, 990_002, "Мария", StaffRole.MANAGER)
        finance = Membership(person_id=town.client, company_id=town.shop, role=ClientRole.OWNER, granted_at=NOON)
        uow.session.add(finance)
    for person in (manager, town.dispatcher, town.client):
        await talk.say(person, "/menu")
        rows = talk.buttons(person)
        assert len(rows) > 4
        for button in rows:
            told = await talk.say(person, button)
            assert told and "Напишите, что случилось, или выберите внизу" not in told, (person, button)


async def test_a_spammer_is_muted_from_triage_recorded_and_let_speak_again(talk: Talk, town: Town) -> None:
    await talk.say(town.stranger, "🙋 Человек")
    await talk.say(town.dispatcher, "/triage")
    await talk.press(town.dispatcher, "1")
    assert "не отвечает" in await talk.press(town.dispatcher, "🔇 Не отвечать")
    assert await talk.say(town.stranger, "купите слона") == ""
    assert await talk.say(town.stranger, "/start") == ""
    with talk.database.read() as session:
        assert "купите слона" in session.exec(select(Message.text).where(Message.person_id == town.stranger)).all()
    assert "Кто-то" in await talk.say(town.dispatcher, "/muted")
    await talk.press(town.dispatcher, "🔊 Снова отвечать")
    assert await talk.say(town.stranger, "/start") != ""
    assert "отвечает всем" in await talk.say(town.dispatcher, "/muted")


async def test_the_dispatch_chat_is_linked_by_an_admin_as_themselves(talk: Talk, town: Town, admin: int) -> None:
    assert "анонимного" in " ".join(await in_group(talk, ANONYMOUS_ADMIN))
    assert "нет прав" in " ".join(await in_group(talk, talk.account(town.dispatcher)))
    assert "нет прав" in " ".join(await in_group(talk, 5_000_000_000))
    assert "отдельную тему" in " ".join(await in_group(talk, talk.account(admin), is_forum=True))
    with talk.database.read() as session:
        chat = session.exec(select(StaffChat)).one()
        assert (chat.chat_id, chat.title, chat.is_forum, chat.linked_by) == (GROUP, "Инженеры <b>", True, admin)
    assert "Напишите в группе /dispatch" in await talk.say(admin, "/dispatch")


async def test_put_out_of_the_dispatch_chat_dispatchers_are_told_in_private(talk: Talk, town: Town, admin: int) -> None:
    await in_group(talk, talk.account(admin))
    await bot_is(talk, "kicked", GROUP, talk.account(admin))
    assert "убрали из группы «Инженеры &lt;b&gt;»" in talk.words(town.dispatcher)
    with talk.database.read() as session:
        assert {a.chat_id for a in Dispatchers().addresses(session)} == {
            talk.account(admin),
            talk.account(town.dispatcher),
        }
    await bot_is(talk, "member", GROUP, talk.account(admin), before="kicked")
    with talk.database.read() as session:  # back in the group, dispatch is back as well
        assert [a.chat_id for a in Dispatchers().addresses(session)] == [GROUP]


async def test_an_admin_who_adds_the_bot_to_a_group_is_told_how_to_link_it(talk: Talk, town: Town, admin: int) -> None:
    await bot_is(talk, "member", GROUP, talk.account(admin), before="left")
    assert any("/dispatch" in call.get("text", "") for call in talk.heard if call.get("chat_id") == GROUP)


async def test_a_client_who_blocks_the_bot_is_shown_to_staff_and_forgiven(talk: Talk, town: Town) -> None:
    await talk.say(town.client, "🙋 Человек")
    account = talk.account(town.client)
    await bot_is(talk, "kicked", account, account)
    with talk.office.work() as uow:
        assert uow.session.get(Reach, ("telegram", BOT_ID, account)).reason == "blocked by the person"
        assert uow.session.exec(select(Alarm.kind)).all() == ["unreachable"]
        tell_alarms(uow, {})
    await talk.say(town.dispatcher, "/triage")
    assert "не может написать" in await talk.press(town.dispatcher, "1")
    await talk.press(town.dispatcher, "💬 Ответить")
    assert "недоступен в Telegram" in await talk.say(town.dispatcher, "Перезвоните нам")
    await bot_is(talk, "member", account, account, before="kicked")
    with talk.database.read() as session:
        assert session.get(Reach, ("telegram", BOT_ID, account)) is None


async def test_a_stranger_who_blocks_the_bot_alarms_nobody(talk: Talk, town: Town, session: Session) -> None:
    account = talk.account(town.stranger)
    await bot_is(talk, "kicked", account, account)
    assert session.exec(select(Alarm)).all() == []


async def test_a_stranger_who_is_invited_keeps_their_account(talk: Talk, town: Town, owner: int) -> None:
    with talk.office.work() as uow:
        row = add(uow.session, Person(name="x_X", phone="+79007654321", created_at=NOON))
        add(uow.session, Account(user_id=880_001, person_id=row.id, linked_at=NOON))
    await talk.say(owner, "⚙️ Настройки")
    await talk.press(owner, "👥 Люди компании")
    await talk.press(owner, "➕ Пригласить")
    await talk.press(owner, "заявитель")
    await talk.say(owner, "Вера Холод +7 900 765-43-21")
    await talk.say(NEWCOMER, "/menu")
    assert "📝 Новая заявка" in talk.buttons(NEWCOMER)
    with talk.database.read() as session:
        assert session.get(Person, row.id).name == "Вера Холод"
