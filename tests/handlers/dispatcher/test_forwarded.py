"""Staff forwards messages of several people: each author gets an appeal of their own (R1.5)."""

from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.clients.models import Employment
from bot.handlers.dispatcher.triage.presses import ForwardedFrom
from bot.tickets.life.models import Appeal, Message
from tests.builders.appeals import Town
from tests.builders.talk import Talk
from tests.conftest import NOON

HIDDEN = {"type": "hidden_user", "date": 1}


def of(talk: Talk, person: int) -> dict[str, Any]:
    return {"type": "user", "date": 1, "sender_user": talk._user(talk.account(person))}


def hidden(name: str) -> dict[str, Any]:
    return {**HIDDEN, "sender_user_name": name}


async def named(talk: Talk, town: Town, name: str) -> str:
    """The dispatcher types a name that one person has, and presses it."""
    await talk.say(town.dispatcher, name)
    (button,) = [each for each in talk.buttons(town.dispatcher) if name in each]
    return await talk.press(town.dispatcher, button)


def appeals(talk: Talk) -> dict[int, list[str]]:
    """Words of each appeal by its person."""
    found: dict[int, list[str]] = {}
    with talk.database.read() as session:
        for appeal in session.exec(select(Appeal).order_by(col(Appeal.id))).all():
            words = select(Message.text).where(Message.appeal_id == appeal.id).order_by(col(Message.id))
            assert appeal.person_id not in found, "one appeal an author"
            found[appeal.person_id] = list(session.exec(words).all())
    return found


async def test_two_authors_forwarded_together_are_two_appeals(talk: Talk, town: Town) -> None:
    told = await talk.burst(
        town.dispatcher,
        {"text": "касса молчит", "forward_origin": of(talk, town.client)},
        {"text": "а у нас чайник", "forward_origin": of(talk, town.other)},
        {"text": "и принтер", "forward_origin": of(talk, town.client)},
    )
    assert "Анна" in told and "Борис" in told
    assert appeals(talk) == {town.client: ["касса молчит", "и принтер"], town.other: ["а у нас чайник"]}


async def test_a_hidden_author_who_is_asked_about_gets_no_word_of_the_next(talk: Talk, town: Town) -> None:
    asked = await talk.say(town.dispatcher, "не печатает", forward_origin=hidden("А."))
    assert "Чьё это сообщение (А.)" in asked and "не печатает" in asked
    told = await talk.say(town.dispatcher, "моё другое", forward_origin=of(talk, town.other))
    assert "Борис" in told and "Чьё это сообщение (А.)" in told, "it is still to be said whose the first one is"
    assert appeals(talk) == {town.other: ["моё другое"]}
    assert "Анна" in await named(talk, town, "Анна")
    assert appeals(talk) == {town.other: ["моё другое"], town.client: ["не печатает"]}


async def test_two_hidden_authors_are_asked_about_one_after_another(talk: Talk, town: Town) -> None:
    await talk.say(town.dispatcher, "раз", forward_origin=hidden("А."))
    await talk.say(town.dispatcher, "два", forward_origin=hidden("Б."))
    await talk.say(town.dispatcher, "ещё раз", forward_origin=hidden("А."))
    told = await named(talk, town, "Анна")
    assert "Чьё это сообщение (Б.)" in told
    await named(talk, town, "Борис")
    assert appeals(talk) == {town.client: ["раз", "ещё раз"], town.other: ["два"]}


async def test_the_only_match_is_shown_with_its_company_and_taken_by_a_press(talk: Talk, town: Town) -> None:
    await talk.say(town.dispatcher, "не печатает", forward_origin=hidden("А."))
    asked = await talk.say(town.dispatcher, "Анна")
    assert "Анна · Магазин" in asked
    (anna,) = talk.buttons(town.dispatcher)
    assert anna.startswith("Анна · Магазин")
    assert appeals(talk) == {}
    assert "Борис" in await talk.say(town.dispatcher, "Борис"), "it was another one"
    await talk.press(town.dispatcher, talk.buttons(town.dispatcher)[0])
    assert appeals(talk) == {town.other: ["не печатает"]}
    await talk.press(town.dispatcher, anna)
    assert appeals(talk) == {town.other: ["не печатает"]}, "the first offer is outdated by now"


async def test_a_late_press_does_not_take_the_words_of_another(talk: Talk, town: Town) -> None:
    await talk.say(town.dispatcher, "раз", forward_origin=hidden("А."))
    first = max(talk_messages(talk))
    press = ForwardedFrom(person=town.client, message=first).pack()
    talk._buttons[talk.account(town.dispatcher), "первый"] = press
    await talk.press(town.dispatcher, "первый")
    await talk.say(town.dispatcher, "два", forward_origin=hidden("Б."))
    await talk.press(town.dispatcher, "первый")
    assert appeals(talk) == {town.client: ["раз"]}, "pressed again it is outdated"
    assert "Борис" in await named(talk, town, "Борис")
    assert appeals(talk) == {town.client: ["раз"], town.other: ["два"]}


def talk_messages(talk: Talk) -> list[int]:
    with talk.database.read() as session:
        return [row.id for row in session.exec(select(Message)).all()]


@pytest.mark.parametrize("press", [False, True])
async def test_one_dismissed_in_the_middle_searches_nobody(
    talk: Talk, town: Town, session: Session, press: bool
) -> None:
    await talk.say(town.dispatcher, "раз", forward_origin=hidden("А."))
    kept = max(talk_messages(talk))
    with talk.office.work() as uow:
        uow.session.exec(select(Employment).where(Employment.person_id == town.dispatcher)).one().ended_at = NOON
    if press:
        data = ForwardedFrom(person=town.client, message=kept).pack()
        talk._buttons[talk.account(town.dispatcher), "кто"] = data
        await talk.press(town.dispatcher, "кто")
    else:
        told = await talk.say(town.dispatcher, "Анна")
        assert "Анна" not in told and "Магазин" not in told
        assert "Магазин" not in await talk.say(town.dispatcher, "Магазин")
    assert town.client not in appeals(talk)


async def test_a_colleagues_words_are_asked_about(talk: Talk, town: Town) -> None:
    told = await talk.say(town.dispatcher, "клиент говорит: искрит", forward_origin=of(talk, town.dispatcher))
    assert "Чьё это сообщение" in told
