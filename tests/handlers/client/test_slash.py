"""A line that begins with «/» is a command only if it is one (R1.1, R1.2)."""

from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.handlers.common.commands import OURS, read_command, words_beside
from bot.handlers.common.filters import Command, CommandStart
from bot.handlers.conversations import routers
from bot.messaging.notices.texts import label
from bot.tickets.life.models import Appeal, Message, Ticket
from tests.builders.appeals import Town
from tests.builders.spoken import FILES, in_group, thread
from tests.builders.stories import begun
from tests.builders.stories import in_group as press_in_group
from tests.builders.talk import Talk

PLAIN = ["/dev/sda1 не виден", "/ касса встала", "/12345", "/нет связи", "/4500 руб", "//", "/etc/hosts", "/foo бар"]
BARE = ["/foo", "/foo@other_bot", "/help@other_bot", "/FOO", "/foo@other_bot бар"]


@pytest.mark.parametrize("line", PLAIN)
def test_speech(line: str) -> None:
    assert read_command(line) is None


@pytest.mark.parametrize("line", [*BARE, *(f"/{name}" for name in sorted(OURS)), "/human касса дымит", "/start o_x1"])
def test_commands(line: str) -> None:
    found = read_command(line)
    assert found is not None
    assert words_beside(line) == ("касса дымит" if "дымит" in line else "бар" if "бар" in line else "")


def _filters(router: Any) -> Any:
    for handler in router.message.handlers:
        yield from (each.callback for each in handler.filters or ())
    for below in router.sub_routers:
        yield from _filters(below)


def test_every_command_of_ours_is_known_by_name_and_takes_no_caption() -> None:
    from aiogram import filters

    commands = [each for router in routers() for each in _filters(router) if isinstance(each, filters.Command)]
    assert all(isinstance(each, (Command, CommandStart)) for each in commands)
    assert {str(name) for each in commands for name in each.commands} == OURS


@pytest.mark.sampled(13)
@pytest.mark.parametrize("line", PLAIN)
async def test_a_plain_line_is_a_contact_and_is_read(talk: Talk, town: Town, session: Session, line: str) -> None:
    said = await talk.say(town.client, line)
    assert said and "Команды" not in said
    appeal = session.exec(select(Appeal)).one()
    assert (appeal.person_id, appeal.summary) == (town.client, line)
    assert session.exec(select(Message.text).where(Message.appeal_id == appeal.id)).all() == [line]


@pytest.mark.parametrize("line", BARE)
async def test_an_unknown_command_is_answered_helpfully_and_kept(
    talk: Talk, town: Town, session: Session, line: str
) -> None:
    said = await talk.say(town.client, line)
    assert "у меня для вас нет" in said and "в меню внизу" in said
    assert line in session.exec(select(Message.text)).all()
    assert "у меня для вас нет" in await talk.say(town.dispatcher, line)


async def test_in_a_draft_a_line_is_part_of_it_and_an_unknown_command_does_not_end_it(
    talk: Talk, town: Town, session: Session
) -> None:
    await talk.say(town.client, label("menu.new_ticket", "ru"))
    assert "/dev/sda1 не виден" in await talk.say(town.client, "/dev/sda1 не виден")
    assert "у меня для вас нет" in await talk.say(town.client, "/foo")
    await talk.say(town.client, "второй день")
    await talk.press(town.client, "АТОЛ 91Ф · Тверская")
    await talk.press(town.client, "✅ Отправить")
    assert session.exec(select(Ticket.description)).one() == "/dev/sda1 не виден\nвторой день"


@pytest.mark.parametrize("caption", ["/help", "/human", "/dev/sda1", "/start o_x"])
async def test_a_caption_is_never_a_command(talk: Talk, town: Town, session: Session, caption: str) -> None:
    said = await talk.send(town.client, **FILES["photo"], caption=caption)
    assert "Передал" not in said and "Что я умею" not in said
    message = session.exec(select(Message)).one()
    assert (message.kind, message.text, message.appeal_id is not None) == ("photo", caption, True)


async def test_words_beside_a_command_are_a_contact(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.client, "/human касса дымит")
    appeal = session.exec(select(Appeal)).one()
    assert appeal.wants_human and appeal.summary == "/human касса дымит"


async def test_a_command_edited_into_words_is_a_contact(talk: Talk, town: Town, session: Session) -> None:
    update = talk.message(town.client, text="/foo")
    await talk._run(talk._store(town.client, [update]))
    assert session.exec(select(Appeal)).all() == []
    session.rollback()
    await talk.edit(town.client, update, "касса не печатает")
    assert session.exec(select(Appeal.summary)).all() == ["касса не печатает"]
    session.rollback()
    await talk.edit(town.client, update, "/dev/sda1 не виден")
    assert session.exec(select(Message.text).order_by(col(Message.id))).all() == ["/dev/sda1 не виден"]


async def test_in_a_topic_a_line_is_a_note_and_a_command_is_nobody_s(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    await press_in_group(talk, firm.engineer, "✋ Беру")
    from bot.messaging.outgoing.models import Card
    from tests.builders.stories import GROUP
    from tests.builders.talk import BOT_ID

    with talk.office.work() as uow:
        uow.session.add(Card(bot_id=BOT_ID, chat_id=GROUP, card_key=f"ticket:{ticket_id}", message_id=44))
    for line in ("/dev/sda1 заменил", "/foo", "/foo@other_bot", "/help"):
        await in_group(talk, talk.account(firm.engineer), reply_to=44, text=line)
    await in_group(talk, talk.account(firm.engineer), reply_to=44, **FILES["photo"], caption="/help")
    assert [each.text for each in thread(talk, ticket_id)] == ["/dev/sda1 заменил", "/help"]
