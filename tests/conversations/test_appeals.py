from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.clients.models import ServiceObject
from bot.db.engine import Database
from bot.kb.articles.sync import sync_articles
from bot.kb.learning.models import Feedback, Miss
from bot.messaging.notices.texts import label
from bot.tickets.life.models import Appeal, AppealEnd, Message, Ticket
from tests.builders.appeals import Town
from tests.builders.talk import Talk, talking
from tests.kb.articles.test_sync import write

PHOTO = {"photo": [{"file_id": "F", "file_unique_id": "U", "width": 1, "height": 1}]}
STICKER = {"file_id": "a", "file_unique_id": "b", "type": "regular", "width": 1, "height": 1, "emoji": "🙂"}
OTHERS = [
    PHOTO,
    {"sticker": STICKER | {"is_animated": False, "is_video": False}},
    {"voice": {"file_id": "a", "file_unique_id": "b", "duration": 1}},
    {"document": {"file_id": "a", "file_unique_id": "b", "file_name": "<b>.pdf"}},
    {"location": {"latitude": 1.5, "longitude": 2.5}},
    {"contact": {"phone_number": "+7900", "first_name": "Чужой", "user_id": 5}},
    {"dice": {"emoji": "🎲", "value": 3}},
]


@pytest.fixture
def talk(database: Database, tmp_path: Path) -> Iterator[Talk]:
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит, печать стоит")
    write(tmp_path, "scanner", "Сканер не читает штрихкод", "сканер пищит")
    with talking(database) as found:
        with found.office.work() as uow:
            sync_articles(uow, tmp_path)
        yield found


async def test_from_a_line_to_a_ticket(talk: Talk, town: Town, session: Session) -> None:
    assert "ответа у меня нет" in await talk.say(town.client, "абракадабра")
    objects = await talk.press(town.client, "📝 Оформить заявку")
    assert "абракадабра" in objects
    assert "С чем нужна помощь" in objects
    assert "АТОЛ 91Ф · Тверская" in talk.buttons(town.client)
    confirm = await talk.press(town.client, "АТОЛ 91Ф · Тверская")
    assert "абракадабра" in confirm
    assert "Вложений: 1" in await talk.send(town.client, **PHOTO)
    await talk.press(town.client, "🔥 Срочно, всё стоит")
    await talk.press(town.client, "✅ Отправить")
    await talk.press(town.client, "✅ Отправить")
    ticket = session.exec(select(Ticket)).one()
    assert (ticket.object_id, ticket.description, ticket.emergency) == (town.till, "абракадабра", True)


async def test_an_answer_and_what_was_thought_of_it(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.client, "сканер не читает штрихкод")
    if "Не то" in talk.buttons(town.client):
        await talk.press(town.client, "Сканер не читает штрихкод")
    assert "👍 Помогло" in talk.buttons(town.client)
    assert "Не нахожу" in await talk.press(town.other, "👍 Помогло", shown_to=town.client)
    await talk.press(town.client, "👍 Помогло")
    assert "Уже записал" in await talk.press(town.client, "👎 Не помогло")
    assert [row.helped for row in session.exec(select(Feedback)).all()] == [True]
    assert session.exec(select(Appeal.end)).all() == [AppealEnd.ANSWERED]


async def test_two_misses_offer_a_person_who_gets_the_talk(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.client, "абракадабра")
    assert "Передать человеку" in await talk.say(town.client, "кракозябра")
    await talk.press(town.client, "🙋 Человек")
    assert "абракадабра" in talk.words(town.dispatcher)
    assert "Добавил" in await talk.say(town.client, "и ещё")
    await talk.press(town.client, "Это другой вопрос")
    assert "Добавил" not in await talk.say(town.client, "совсем другое")
    assert len(session.exec(select(Appeal)).all()) == 2
    assert [row.reason for row in session.exec(select(Miss)).all()][:2] == ["none", "none"]


@pytest.mark.parametrize("line", ["Помогите, ничего не работает!", "сломалось", "проблема, почините пожалуйста"])
async def test_trouble_with_no_word_of_what_is_asked_back(talk: Talk, town: Town, session: Session, line: str) -> None:
    assert "что случилось и с каким оборудованием" in await talk.say(town.client, line)
    assert session.exec(select(Miss)).all() == []


async def test_thanks_are_answered_in_kind(talk: Talk, town: Town, session: Session) -> None:
    assert "Пожалуйста" in await talk.say(town.client, "Спасибо большое, всё заработало!")
    assert "Пожалуйста" not in await talk.say(town.client, "спасибо, но принтер не печатает")
    assert session.exec(select(Miss)).all() == []


async def test_a_draft_holds_what_was_said_line_by_line_without_the_thanks(talk: Talk, town: Town) -> None:
    for line in ("абракадабра", "Спасибо!", "второй день так"):
        await talk.say(town.client, line)
    objects = await talk.press(town.client, "📝 Оформить заявку")
    assert "абракадабра\nвторой день так" in objects
    assert "Спасибо" not in objects


async def test_a_greeting_is_no_miss(talk: Talk, town: Town, session: Session) -> None:
    assert "Расскажите" in await talk.say(town.client, "Здравствуйте!")
    assert "Расскажите" in await talk.say(town.client, "🙂")
    assert session.exec(select(Miss)).all() == []


async def test_a_hundred_messages_at_once_are_answered_once(talk: Talk, town: Town, session: Session) -> None:
    await talk.burst(town.client, *({"text": f"строка {n}"} for n in range(100)))
    assert len(talk.heard) == 1
    await talk.press(town.client, "📝 Оформить заявку")
    await talk.press(town.client, "АТОЛ 91Ф · Тверская")
    await talk.press(town.client, "✅ Отправить")
    assert session.exec(select(Ticket)).one().description == "\n".join(f"строка {n}" for n in range(100))
    kept = session.exec(select(Message.text).order_by(col(Message.id))).all()
    assert list(kept) == [f"строка {n}" for n in range(100)]


async def test_an_album_with_a_late_part_is_one_ticket(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.client, label("menu.new_ticket", "ru"))
    parts = [PHOTO | {"media_group_id": "A"}] * 9
    await talk.burst(town.client, parts[0] | {"caption": "Вот так"}, *parts[1:])
    assert len(talk.heard) == 1
    await talk.press(town.client, "АТОЛ 91Ф · Тверская")
    assert await talk.send(town.client, **parts[0]) == ""
    await talk.press(town.client, "✅ Отправить")
    assert await talk.send(town.client, **parts[0]) == ""
    ticket = session.exec(select(Ticket)).one()
    assert ticket.description == "Вот так"
    assert session.exec(select(Message.ticket_id).where(Message.album == "A")).all() == [ticket.id] * 11


async def test_a_line_is_answered_though_a_late_part_of_an_answered_album_waits_behind_it(
    talk: Talk, town: Town, session: Session
) -> None:
    await talk.say(town.client, label("menu.new_ticket", "ru"))
    part = PHOTO | {"media_group_id": "A"}
    await talk.burst(town.client, part | {"caption": "Вот так"}, part)
    await talk.press(town.client, "АТОЛ 91Ф · Тверская")
    await talk.press(town.client, "✅ Отправить")
    await talk.burst(town.client, {"text": "абракадабра"}, part)
    assert len(talk.heard) == 1


async def test_a_line_is_answered_though_the_same_message_comes_again_behind_it(
    talk: Talk, town: Town, session: Session
) -> None:
    first = talk.message(town.client, text="абракадабра")
    await talk._run(talk._store(town.client, [first]))
    talk.heard.clear()
    await talk._run(talk._store(town.client, [talk.message(town.client, text="кракозябра"), first]))
    assert len(talk.heard) == 1


@pytest.mark.parametrize("content", OTHERS, ids=lambda content: next(iter(content)))
async def test_every_kind_is_kept_and_answered(
    talk: Talk, town: Town, session: Session, content: dict[str, object]
) -> None:
    assert "сохранил" in await talk.send(town.client, **content)
    assert session.exec(select(Message)).one().appeal_id is not None


async def test_an_edit_reaches_the_ticket_text(talk: Talk, town: Town, session: Session) -> None:
    update = talk.message(town.client, text="опечтака")
    await talk._run(talk._store(town.client, [update]))
    await talk.edit(town.client, update, "опечатка")
    kept = session.exec(select(Message)).one()
    assert (kept.text, kept.edited_at is not None) == ("опечатка", True)


async def test_buttons_of_others_do_nothing(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.client, "абракадабра")
    await talk.press(town.client, "📝 Оформить заявку")
    for button in talk.buttons(town.client):
        for who in (town.other, town.stranger, town.dispatcher):
            await talk.press(who, button, shown_to=town.client)
    await talk.press(town.client, "АТОЛ 91Ф · Тверская")
    for button in talk.buttons(town.client):
        for who in (town.other, town.stranger, town.dispatcher):
            await talk.press(who, button, shown_to=town.client)
    assert session.exec(select(Ticket)).all() == []
    own = session.exec(select(Appeal).where(Appeal.person_id == town.client)).one()
    assert (own.end, own.object_id, own.emergency) == (None, town.till, False)


async def test_outdated_buttons_answer_politely(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.client, "абракадабра")
    await talk.press(town.client, "📝 Оформить заявку")
    await talk.press(town.client, "АТОЛ 91Ф · Тверская")
    screen = talk.buttons(town.client)
    await talk.press(town.client, "✖️ Отмена")
    for button in screen:
        if button != "🙋 Человек":
            assert "устарела" in await talk.press(town.client, button)
    assert session.exec(select(Ticket)).all() == []


async def test_a_sticker_on_the_equipment_opens_its_draft(talk: Talk, town: Town, session: Session) -> None:
    code = session.get(ServiceObject, town.till).qr_code
    assert "нет среди вашего" in await talk.say(town.other, f"/start o_{code}")
    assert "АТОЛ 91Ф" in await talk.say(town.client, f"/start o_{code}")
    assert "Новая заявка" in await talk.say(town.client, "не бьёт чек")


async def test_search_by_number_while_choosing(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.client, label("menu.new_ticket", "ru"))
    await talk.say(town.client, "не бьёт чек")
    assert "не нашлось" not in await talk.press(town.client, "🔎 Найти")
    assert "не нашлось" in await talk.say(town.client, "нет такого <b>")
    confirm = await talk.say(town.client, "0010 6503")
    assert "АТОЛ 91Ф" in confirm
    assert "6503" not in confirm.split("<blockquote>")[1]


async def test_a_stranger_is_recorded_and_led_to_people(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.stranger, "сломалась касса")
    await talk.press(town.stranger, "📝 Оформить заявку")
    appeal = session.exec(select(Appeal)).one()
    assert (appeal.end, appeal.end_reason, appeal.summary) == (AppealEnd.TRIAGE, "stranger", "сломалась касса")


async def test_the_dispatcher_adds_it_to_a_ticket_that_is_there(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.client, "абракадабра")
    await talk.press(town.client, "📝 Оформить заявку")
    await talk.press(town.client, "АТОЛ 91Ф · Тверская")
    await talk.press(town.client, "✅ Отправить")
    await talk.say(town.stranger, "это снова про ту кассу")
    await talk.press(town.stranger, "🙋 Человек")
    await talk.say(town.dispatcher, "/triage")
    await talk.press(town.dispatcher, "1")
    await talk.press(town.dispatcher, "🏢 Организация")
    await talk.say(town.dispatcher, "магазин")
    await talk.press(town.dispatcher, "Магазин <b>&")
    await talk.press(town.dispatcher, "✅ Да, связать")
    assert "№\u00a01: абракадабра" in await talk.press(town.dispatcher, "📎 К заявке")
    assert "нет прав" in await talk.press(town.client, "К заявке №\u00a01", shown_to=town.dispatcher)
    assert "Добавил к заявке №\u00a01" in await talk.press(town.dispatcher, "К заявке №\u00a01")
    assert "добавлено к заявке №\u00a01" in talk.words(town.stranger)
    appeal = session.exec(select(Appeal).where(Appeal.person_id == town.stranger)).one()
    assert (appeal.end, appeal.triage_done_by) == (AppealEnd.ATTACHED, town.dispatcher)


async def test_the_dispatcher_makes_a_ticket_of_it(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.stranger, "сломалась касса")
    await talk.press(town.stranger, "🙋 Человек")
    assert "сломалась касса" in await talk.say(town.dispatcher, "/triage")
    await talk.press(town.dispatcher, "1")
    await talk.press(town.dispatcher, "🏢 Организация")
    await talk.say(town.dispatcher, "магазин")
    await talk.press(town.dispatcher, "Магазин <b>&")
    await talk.press(town.dispatcher, "✅ Да, связать")
    await talk.press(town.dispatcher, "🖨 Объект")
    await talk.say(town.dispatcher, "6503")
    await talk.press(town.dispatcher, "АТОЛ 91Ф · Тверская")
    for button in ("🏢 Организация", "🖨 Объект", "📝 Открыть заявку", "✖️ Закрыть", "💬 Ответить"):
        assert "нет прав" in await talk.press(town.client, button, shown_to=town.dispatcher)
    await talk.press(town.dispatcher, "📝 Открыть заявку")
    ticket = session.exec(select(Ticket)).one()
    assert (ticket.requester_id, ticket.object_id) == (town.stranger, town.till)


async def test_the_dispatcher_answers_and_closes(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.client, label("menu.human", "ru"))
    await talk.say(town.dispatcher, "/triage")
    await talk.press(town.dispatcher, "1")
    await talk.press(town.dispatcher, "💬 Ответить")
    await talk.say(town.dispatcher, "Слушаю <b>вас")
    assert "Слушаю &lt;b&gt;вас" in talk.words(town.client)
    await talk.say(town.dispatcher, "/triage")
    await talk.press(town.dispatcher, "1")
    await talk.press(town.dispatcher, "✖️ Закрыть")
    await talk.say(town.dispatcher, "Решено")
    assert "Решено" in talk.words(town.client)
    assert session.exec(select(Appeal)).one().end is AppealEnd.CLOSED


async def test_staff_forwards_a_clients_message(talk: Talk, town: Town, session: Session) -> None:
    origin = {"type": "hidden_user", "sender_user_name": "X", "date": 1_790_000_000}
    assert "Чьё это" in await talk.say(town.dispatcher, "у нас сломалось", forward_origin=origin)
    assert "Анна · Магазин" in await talk.say(town.dispatcher, "анна")
    assert "Записал" in await talk.press(town.dispatcher, talk.buttons(town.dispatcher)[0])
    appeal = session.exec(select(Appeal)).one()
    assert (appeal.person_id, appeal.channel, appeal.summary) == (town.client, "forwarded", "у нас сломалось")


async def test_an_unanswered_question_becomes_an_article(talk: Talk, town: Town) -> None:
    await talk.say(town.client, "абракадабра кракозябра")
    assert "абракадабра" in await talk.say(town.dispatcher, "/gaps")
    await talk.press(town.dispatcher, "1")
    assert "нет прав" in await talk.press(town.client, "Не наш вопрос", shown_to=town.dispatcher)
    await talk.press(town.dispatcher, "✍️ Новая статья")
    await talk.say(town.dispatcher, "Абракадабра кракозябра")
    assert "Это <b>нормально</b>." in await talk.say(town.dispatcher, "Это **нормально**.")
    assert "Опубликовано" in await talk.press(town.dispatcher, "✅ Опубликовать")


async def test_staff_looks_into_the_base_without_a_trace(talk: Talk, town: Town, session: Session) -> None:
    assert "Body of Сканер" in await talk.say(town.dispatcher, "сканер не читает штрихкод")
    assert "в меню внизу" in await talk.say(town.dispatcher, "абракадабра")
    assert session.exec(select(Appeal)).all() == []
    assert session.exec(select(Miss)).all() == []


async def test_the_dispatcher_sees_the_files(talk: Talk, town: Town) -> None:
    await talk.say(town.client, label("menu.human", "ru"))
    for content in OTHERS:
        await talk.send(town.client, **content)
    await talk.say(town.dispatcher, "/triage")
    await talk.press(town.dispatcher, "1")
    await talk.press(town.dispatcher, "📎 Вложения")
    kinds = ["photo", "sticker", "voice", "document", "latitude"]
    sent = [next(kind for kind in kinds if kind in call) for call in talk.heard if "chat_id" in call]
    assert sent == kinds
