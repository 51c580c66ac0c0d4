"""A draft goes back a step on every screen, and takes what was said since the last answer (R1.11)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.clients.models import ClientRole, Membership
from bot.db.engine import Database
from bot.handlers.client.drafting.presses import DraftBack
from bot.kb.articles.sync import sync_articles
from bot.messaging.notices.texts import label
from bot.tickets.intake.appeals import DESCRIPTION
from bot.tickets.life.models import Appeal, Ticket
from tests.builders.appeals import Town, add
from tests.builders.stories import learn
from tests.builders.talk import Talk, talking
from tests.conftest import NOON
from tests.kb.articles.test_sync import write

TILL = "АТОЛ 91Ф · Тверская"
BACK = "← Назад"


@pytest.fixture
def talk(database: Database, tmp_path: Path) -> Iterator[Talk]:
    write(tmp_path, "scanner", "Сканер не читает штрихкод", "сканер пищит")
    with talking(database) as found:
        with found.office.work() as uow:
            sync_articles(uow, tmp_path)
        yield found


def backs(talk: Talk, person: int) -> int:
    """How many buttons of the last screen lead back a step."""
    prefix = f"{DraftBack.__prefix__}:"
    markups = [
        call["reply_markup"]
        for call in talk.heard
        if call.get("chat_id") == talk.account(person) and "reply_markup" in call
    ]
    rows = markups[-1].get("inline_keyboard", [])
    return sum(button.get("callback_data", "").startswith(prefix) for row in rows for button in row)


async def test_every_screen_of_a_draft_goes_back_a_step_and_keeps_the_words(talk: Talk, town: Town) -> None:
    with talk.office.work() as uow:
        add(
            uow.session,
            Membership(person_id=town.client, company_id=town.cafe, role=ClientRole.REQUESTER, granted_at=NOON),
        )
    await talk.say(town.client, label("menu.new_ticket", "ru"))
    assert backs(talk, town.client) == 1
    await talk.say(town.client, "Опять не печатает чек")
    assert backs(talk, town.client) == 1
    await talk.press(town.client, "Магазин <b>&")
    assert backs(talk, town.client) == 1
    await talk.press(town.client, "🔎 Найти")
    assert backs(talk, town.client) == 1
    assert "не нашлось" in await talk.say(town.client, "ЫЫЫ")
    assert backs(talk, town.client) == 1
    assert "С чем нужна помощь" in await talk.press(town.client, BACK)
    await talk.press(town.client, TILL)
    assert backs(talk, town.client) == 1
    assert "С чем нужна помощь" in await talk.press(town.client, BACK)
    assert "Для какой организации" in await talk.press(town.client, BACK)
    assert "сохранено" in await talk.press(town.client, BACK)
    assert "ответа у меня нет" in await talk.say(town.client, "абракадабра")  # the draft is left
    learn(talk)
    await talk.press(town.client, "📝 Продолжить")
    await talk.press(town.client, "Магазин <b>&")
    assert "Опять не печатает чек\nабракадабра" in await talk.press(town.client, TILL)
    assert "Не нахожу" in await talk.press(town.other, BACK, shown_to=town.client)


async def test_back_from_the_first_screen_asks_nothing_of_what_was_not_said(talk: Talk, town: Town) -> None:
    await talk.say(town.client, label("menu.new_ticket", "ru"))
    assert "сохранено" not in await talk.press(town.client, BACK)


async def answered(talk: Talk, town: Town) -> None:
    await talk.say(town.client, "сканер не читает штрихкод")
    if "Не то" in talk.buttons(town.client):
        await talk.press(town.client, "Сканер не читает штрихкод")
    assert "👍 Помогло" in talk.buttons(town.client)


async def test_a_draft_leaves_out_what_was_answered_and_offers_to_take_it(
    talk: Talk, town: Town, session: Session
) -> None:
    await answered(talk, town)
    await talk.say(town.client, "абракадабра")
    await talk.press(town.client, "📝 Оформить заявку")
    screen = await talk.press(town.client, TILL)
    assert "абракадабра" in screen and "штрихкод" not in screen
    taken = await talk.press(town.client, "➕ Добавить сказанное раньше")
    assert "сканер не читает штрихкод\nабракадабра" in taken
    assert "➕ Добавить сказанное раньше" not in talk.buttons(town.client)
    await talk.press(town.client, "✅ Отправить")
    assert session.exec(select(Ticket.description)).one() == "сканер не читает штрихкод\nабракадабра"


async def test_a_draft_below_an_answer_is_about_its_question(talk: Talk, town: Town) -> None:
    await answered(talk, town)
    await talk.press(town.client, "📝 Оформить заявку")
    assert "сканер не читает штрихкод" in await talk.press(town.client, TILL)


async def test_a_question_whose_answer_did_not_help_is_not_answered(talk: Talk, town: Town) -> None:
    await answered(talk, town)
    await talk.press(town.client, "👎 Не помогло")
    await talk.say(town.client, "абракадабра")
    await talk.press(town.client, "📝 Оформить заявку")
    assert "сканер не читает штрихкод\nабракадабра" in await talk.press(town.client, TILL)


@pytest.mark.parametrize("typed", [3, 4])
async def test_what_is_typed_now_is_never_cut_off(talk: Talk, town: Town, session: Session, typed: int) -> None:
    await talk.say(town.client, label("menu.new_ticket", "ru"))
    for part in range(typed):
        await talk.say(town.client, f"{part} " + "ля " * (DESCRIPTION // 9))
    assert "код ошибки 42" in await talk.say(town.client, "код ошибки 42")
    assert "код ошибки 42" in await talk.press(town.client, TILL)
    await talk.press(town.client, "✅ Отправить")
    assert session.exec(select(Ticket.description)).one().endswith("код ошибки 42")
    assert session.exec(select(Appeal.ticket_id)).one() is not None
