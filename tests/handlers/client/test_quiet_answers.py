"""The first line says little where it knows little: the same again, a code that nobody knows, «ок»."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from bot.db.engine import Database
from bot.kb.articles.sync import sync_articles
from bot.kb.learning.models import Miss
from tests.builders.appeals import Town
from tests.builders.stories import learn
from tests.builders.talk import Talk, talking
from tests.kb.articles.test_sync import write


@pytest.fixture
def talk(database: Database, tmp_path: Path) -> Iterator[Talk]:
    write(tmp_path, "scanner", "Сканер не читает штрихкод", "сканер пищит")
    write(tmp_path, "offline", "Ошибка 235 на кассе", "ошибка 235 касса")
    with talking(database) as found:
        with found.office.work() as uow:
            sync_articles(uow, tmp_path)
        learn(found)
        yield found


async def test_the_same_answer_twice_in_a_row_says_so(talk: Talk, town: Town) -> None:
    assert "тот же" not in await talk.say(town.client, "сканер пищит")
    assert "Ответ тот же, что и выше" in await talk.say(town.client, "сканер не читает штрихкод")


async def test_a_code_that_no_article_knows_is_said_to_be_unknown(talk: Talk, town: Town) -> None:
    told = await talk.say(town.client, "ошибка <9>E77 на кассе")
    assert "мне незнаком" not in told
    assert "<b>E77</b> мне незнаком" in await talk.say(town.client, "касса ошибка E77")
    assert "📝 Оформить заявку" in talk.buttons(town.client)
    assert "мне незнаком" not in await talk.say(town.client, "касса ошибка 235")


async def test_agreeing_and_taking_leave_are_answered_in_kind_and_are_no_gap(talk: Talk, town: Town) -> None:
    assert "Хорошо. Если что" in await talk.say(town.client, "ок")
    assert "До свидания!" in await talk.say(town.client, "до свидания")
    await talk.say(town.client, "ул. Ленина, 15")
    await talk.say(town.client, "абракадабра")
    with talk.database.read() as session:
        assert session.exec(select(Miss.query)).all() == ["абракадабра"]
