"""Articles written and changed in the chat, through the real routers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.answers.asking import missed
from bot.answers.writing import ArticleDraft, begin_edit, publish_draft, switch_article
from bot.db.engine import Database
from bot.db.errors import NotAllowed, Outdated
from bot.kb.articles.models import Article
from bot.kb.articles.sync import BadArticleTextError, sync_articles, write_article
from tests.builders.appeals import Town, build_town, says
from tests.builders.talk import Talk, talking
from tests.conftest import TestOffice
from tests.kb.articles.test_sync import write

LINE = "весы не показывают вес на кассе"


def photo(file_id: str, **more: str) -> dict[str, object]:
    return {"photo": [{"file_id": file_id, "file_unique_id": "U", "width": 1, "height": 1}], **more}


@pytest.fixture
def talk(database: Database, tmp_path: Path) -> Iterator[Talk]:
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит, печать стоит")
    (tmp_path / "ru" / "scheme.png").write_bytes(b"png")
    guide = "---\ntitle: Как подключить сканер штрихкода\n---\nТак:\n\n![Схема](scheme.png)\n\n1. Раз.\n2. Два.\n"
    (tmp_path / "ru" / "guide.md").write_text(guide, "utf-8")
    with talking(database) as found:
        with found.office.work() as uow:
            sync_articles(uow, tmp_path)
        yield found


def calls(talk: Talk, field: str) -> list[tuple[object, object]]:
    return [(call[field], call.get("caption")) for call in talk.heard if field in call]


async def test_from_an_unanswered_question_to_an_article_with_a_picture(
    talk: Talk, town: Town, session: Session
) -> None:
    await talk.say(town.client, LINE)
    await talk.say(town.dispatcher, "/gaps")
    await talk.press(town.dispatcher, "1")
    assert LINE in await talk.press(town.dispatcher, "✍️ Новая статья")
    assert "Теперь текст" in await talk.press(town.dispatcher, "Взять вопрос заголовком")
    seen = await talk.say(town.dispatcher, "Проверьте **кабель**.")
    assert f"<b>{LINE}</b>\n\nПроверьте <b>кабель</b>." in seen
    await talk.press(town.dispatcher, "🖼 Фото")
    await talk.send(town.dispatcher, **photo("SCALES", caption="Разъём [сзади]"))
    assert calls(talk, "photo") == [("SCALES", "Разъём сзади")]
    assert "Вопросы клиентов теперь ведут" in await talk.press(town.dispatcher, "✅ Опубликовать")
    talk.base.refresh()
    await talk.say(town.client, LINE)
    if LINE in talk.buttons(town.client):
        await talk.press(town.client, LINE)
    assert "Проверьте <b>кабель</b>." in talk.words(town.client)
    assert calls(talk, "photo") == [("SCALES", "Разъём сзади")]
    assert [("photo" in call, "text" in call) for call in talk.heard if "chat_id" in call] == [
        (True, False),
        (False, True),
    ]


async def test_an_article_is_found_changed_and_taken_out(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.dispatcher, "/articles")
    await talk.say(town.dispatcher, "принтер не печатает")
    card = await talk.press(town.dispatcher, "Принтер не печатает")
    assert "показана 0" in card
    await talk.press(town.dispatcher, "✏️ Изменить")
    assert "<pre>Body of Принтер не печатает.</pre>" in await talk.press(town.dispatcher, "Текст")
    await talk.say(town.dispatcher, "Включите принтер.")
    await talk.press(town.dispatcher, "✅ Опубликовать")
    article = session.exec(select(Article).where(Article.code == "printer")).one()
    assert (article.body, article.questions, article.from_file) == (
        "Включите принтер.",
        ["принтер молчит", "печать стоит"],
        False,
    )
    assert "клиенты её не видят" in await talk.press(town.dispatcher, "Снять с публикации")
    talk.base.refresh()
    await talk.say(town.client, "принтер не печатает")
    assert "Принтер не печатает" not in talk.buttons(town.client)
    await talk.press(town.dispatcher, "Вернуть в базу")
    talk.base.refresh()
    assert talk.base.ask("принтер не печатает").hits[0].id == "printer"


async def test_pictures_from_files_are_sent_as_bytes_before_the_text(talk: Talk, town: Town) -> None:
    await talk.say(town.client, "как подключить сканер штрихкода")
    if "Как подключить сканер штрихкода" in talk.buttons(town.client):
        await talk.press(town.client, "Как подключить сканер штрихкода")
    sent = [call for call in talk.heard if "chat_id" in call]
    assert sent[0]["caption"] == "Схема"
    assert sent[0]["photo"] == f"blob:{sent[0]['_blobs'][0]}"
    assert "Схема" not in sent[-1]["text"]
    assert "👍 Помогло" in talk.buttons(town.client)


async def test_a_step_comes_below_its_own_picture(talk: Talk, town: Town, tmp_path: Path) -> None:
    (tmp_path / "ru" / "lid.png").write_bytes(b"png")
    lid = "---\ntitle: Как заменить картридж\n---\n1. Выключите.\n2. Откройте.\n\n   ![Крышка](lid.png)\n3. Замените.\n"
    (tmp_path / "ru" / "lid.md").write_text(lid, "utf-8")
    with talk.office.work() as uow:
        sync_articles(uow, tmp_path)
    talk.base.refresh()
    await talk.say(town.client, "как заменить картридж")
    if "Как заменить картридж" in talk.buttons(town.client):
        await talk.press(town.client, "Как заменить картридж")
    assert "Шаг 1 из 3" in await talk.press(town.client, "🪜 По шагам")
    assert calls(talk, "photo") == []
    assert "Шаг 2 из 3" in await talk.press(town.client, "Сделал, не помогло")
    assert [caption for _, caption in calls(talk, "photo")] == ["Крышка"]
    assert "Шаг 3 из 3" in await talk.press(town.client, "Сделал, не помогло")


async def test_a_draft_is_dropped_and_its_buttons_are_outdated(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.dispatcher, "/articles")
    await talk.press(town.dispatcher, "✍️ Новая статья")
    await talk.say(town.dispatcher, "Заголовок")
    await talk.say(town.dispatcher, "Текст")
    assert "ничего не изменилось" in await talk.press(town.dispatcher, "Отменить")
    assert "Опубликовано" not in await talk.press(town.dispatcher, "✅ Опубликовать")
    assert len(session.exec(select(Article)).all()) == 2


async def test_strangers_to_the_base_write_nothing(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.dispatcher, "/articles")
    assert "нет прав" in await talk.press(town.client, "✍️ Новая статья", shown_to=town.dispatcher)


def test_two_authors_never_overwrite_each_other(office: TestOffice, tmp_path: Path) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        row = write_article(uow, "ru", "a", "Статья", "Текст", by=None)
        first = begin_edit(uow.session, row.id, town.dispatcher)
        write_article(uow, "ru", "a", "Статья", "Другой текст", by=None)
        with pytest.raises(Outdated):
            publish_draft(uow, first, town.dispatcher)
        for act in (
            lambda: begin_edit(uow.session, row.id, town.client),
            lambda: switch_article(uow, row.id, False, town.client),
            lambda: publish_draft(uow, first, town.client),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_a_settled_question_is_not_answered_twice(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        appeal = says(uow, town.client, "x").appeal
        missed(uow, appeal, LINE, "ru", "none")
        draft = ArticleDraft("ru", "Весы", "Текст", miss=1)
        publish_draft(uow, draft, town.dispatcher)
        with pytest.raises(Outdated):
            publish_draft(uow, draft, town.dispatcher)


def test_ten_pictures_are_enough() -> None:
    draft = ArticleDraft("ru", "Весы", "Текст")
    for number in range(10):
        draft = draft.with_picture(f"F{number}", "")
    assert len(draft.pictures) == 10
    with pytest.raises(BadArticleTextError):
        draft.with_picture("F", "")
