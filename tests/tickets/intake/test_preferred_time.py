"""A client says when the work should be done, and sees what the hour costs before they agree (R5.3, R1.11)."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlmodel import Session, select

from bot.billing.quotes.send import version_of
from bot.billing.scope.models import ScopeDecision
from bot.billing.terms.models import Plan
from bot.clients.models import Person, Seller, Site
from bot.messaging.notices.texts import label
from bot.tickets.intake.preferred_time import slots
from bot.tickets.life.models import Ticket
from tests.builders.appeals import Town, add, build_town
from tests.builders.bills import billed_firm, quote_of
from tests.builders.jobs import opened
from tests.builders.stories import popups
from tests.builders.talk import Talk
from tests.conftest import NOON, TestOffice

TILL = "АТОЛ 91Ф · Тверская"
EVENING = {"asks_time": True, "bands": [{"start": 18 * 60, "end": 22 * 60, "bp": 15_000}]}
TONIGHT = "вт, 24 ноября, 19:00 · ×1,5"
WHEN = label("draft.when", "ru")
PHOTO = {"file_id": "F", "file_unique_id": "U", "width": 1, "height": 1}


@pytest.fixture
def town(talk: Talk) -> Town:
    with talk.office.work() as uow:
        add(uow.session, Seller(name="Сервис", inn="7707083893", phone="+7 495 000-00-00"))
        return build_town(uow.session)


def with_bands(talk: Talk) -> None:
    with talk.office.work() as uow:
        for plan in uow.session.exec(select(Plan)).all():
            plan.terms = {**plan.terms, **EVENING}


async def drafted(talk: Talk, town: Town) -> str:
    await talk.say(town.client, label("menu.new_ticket", "ru"))
    await talk.say(town.client, "Опять не печатает чек")
    return await talk.press(town.client, TILL)


async def test_the_hour_is_chosen_with_its_price_beside_it(talk: Talk, town: Town, session: Session) -> None:
    with_bands(talk)
    assert "Приедем в рабочее время" in await drafted(talk, town)
    asked = await talk.press(town.client, WHEN)
    assert "Когда удобно начать?" in asked and "Знак × показывает" in asked
    confirmed = await talk.press(town.client, TONIGHT)
    assert "Удобное время: 24 ноября, 19:00. Платный час в это время стоит ×1,5 от обычного" in confirmed
    await talk.press(town.client, label("draft.send", "ru"))
    ticket = session.exec(select(Ticket)).one()
    assert ticket.preferred_at == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    snapshot = session.exec(select(ScopeDecision.snapshot)).one()
    assert snapshot["starts"] == "2026-11-24T19:00:00"


async def test_whoever_does_not_mind_gets_working_hours(talk: Talk, town: Town, session: Session) -> None:
    with_bands(talk)
    await drafted(talk, town)
    await talk.press(town.client, WHEN)
    await talk.press(town.client, TONIGHT)
    await talk.press(town.client, WHEN)
    assert "Приедем в рабочее время" in await talk.press(town.client, label("draft.any_time", "ru"))
    await talk.press(town.client, label("draft.send", "ru"))
    assert session.exec(select(Ticket)).one().preferred_at is None


async def test_where_the_hour_does_not_make_the_price_a_time_is_said_in_words_alone(talk: Talk, town: Town) -> None:
    assert "Приедем в рабочее время" not in await drafted(talk, town)
    asked = await talk.press(town.client, WHEN)
    assert "Напишите своими словами" in asked and "Знак ×" not in asked
    assert TONIGHT not in talk.buttons(town.client)


async def test_a_time_that_is_over_by_now_is_refused(talk: Talk, town: Town, session: Session) -> None:
    with_bands(talk)
    await drafted(talk, town)
    await talk.press(town.client, WHEN)
    talk.office.clock = lambda: NOON + timedelta(hours=8)
    await talk.press(town.client, TONIGHT)
    assert popups(talk)
    assert session.exec(select(Ticket)).first() is None


def test_an_evening_asked_for_is_quoted_at_the_evening_price(office: TestOffice) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, terms=EVENING)
        wanted = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
        evening = quote_of(uow, opened(uow, firm, preferred_at=wanted))
        by_day = quote_of(uow, opened(uow, firm))
        [first, second] = uow.session.exec(select(ScopeDecision).order_by(ScopeDecision.id)).all()
        assert [row.explanation["lines"][0]["kopecks"] for row in (first, second)] == [375_000, 250_000]
        text = version_of(uow.session, evening).texts["ru"].replace("\u00a0", " ")
        assert "1 ч по 3 750 ₽ в час (нерабочее время, ×1,5)" in text
        assert "нерабочее время" not in version_of(uow.session, by_day).texts["ru"]


def test_times_are_of_the_site_and_never_in_the_past(office: TestOffice) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, terms=EVENING)
        found = slots(uow.session, firm.contract, "Asia/Vladivostok", NOON)
        assert found[0].at.isoformat() == "2026-11-25T10:00:00+10:00"
        assert [slot.multiplier for slot in found[:3]] == [10_000, 10_000, 15_000]


def plain(page: str) -> str:
    """A text as its reader sees it."""
    return unescape(re.sub(r"</?(?:b|i|code|blockquote)>", "", page)).replace("\u00a0", " ")


async def asked_when(talk: Talk, town: Town) -> None:
    await drafted(talk, town)
    await talk.press(town.client, WHEN)


async def sent(talk: Talk, town: Town, session: Session) -> Ticket:
    await talk.press(town.client, label("draft.send", "ru"))
    return session.exec(select(Ticket)).one()


async def test_words_are_understood_and_said_back_with_a_button_to_change_them(
    talk: Talk, town: Town, session: Session
) -> None:
    await asked_when(talk, town)
    assert "Понял так: четверг, 26 ноября, к 10:00" in plain(await talk.say(town.client, "в четверг к 10"))
    await talk.press(town.client, label("draft.when_else", "ru"))
    assert "Понял так: среда, 25 ноября, днём, с 14:00" in plain(await talk.say(town.client, "завтра после обеда"))
    ticket = await sent(talk, town, session)
    assert ticket.preferred_at == datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
    assert ticket.description == "Опять не печатает чек"
    assert "к 25 ноября, 14:00 («завтра после обеда»)" in plain(talk.words(town.dispatcher))


async def test_words_in_english_are_said_back_in_english(talk: Talk, town: Town, session: Session) -> None:
    with talk.office.work() as uow:
        uow.session.get_one(Person, town.client).language = "en"
    await talk.say(town.client, label("menu.new_ticket", "en"))
    await talk.say(town.client, "No receipts again")
    await talk.press(town.client, TILL)
    await talk.press(town.client, label("draft.when", "en"))
    assert "understood: Thursday, 26 November, by 10:00" in plain(await talk.say(town.client, "Thursday by 10"))


async def test_the_hour_said_in_words_has_its_price_beside_it(talk: Talk, town: Town) -> None:
    with_bands(talk)
    await asked_when(talk, town)
    heard = await talk.say(town.client, "сегодня в 7 вечера")
    assert "к 19:00. Платный час в это время стоит ×1,5 от обычного" in plain(heard)


async def test_what_is_not_understood_goes_to_the_dispatcher_as_it_was_said(
    talk: Talk, town: Town, session: Session
) -> None:
    await asked_when(talk, town)
    heard = await talk.say(town.client, "как <b>Петрович</b> ключ отдаст")
    assert "вашими словами: «как <b>Петрович</b> ключ отдаст»" in plain(heard)
    assert label("draft.when_else", "ru") in talk.buttons(town.client)
    ticket = await sent(talk, town, session)
    assert ticket.preferred_at is None
    assert "Клиент просит: «как <b>Петрович</b> ключ отдаст»" in plain(talk.words(town.dispatcher))
    assert "Петрович" not in ticket.description


async def test_a_time_that_is_over_is_asked_for_again(talk: Talk, town: Town, session: Session) -> None:
    await asked_when(talk, town)
    talk.office.clock = lambda: NOON + timedelta(hours=3)
    assert "но это время уже прошло" in await talk.say(town.client, "сегодня утром")
    assert "Понял так: среда, 25 ноября, утром, с 10:00" in plain(await talk.say(town.client, "тогда завтра утром"))
    assert (await sent(talk, town, session)).preferred_at == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)


async def test_what_is_further_away_than_the_policy_goes_on_in_words(talk: Talk, town: Town, session: Session) -> None:
    await asked_when(talk, town)
    assert "вашими словами: «10 июня»" in plain(await talk.say(town.client, "10 июня"))
    assert (await sent(talk, town, session)).preferred_at is None


async def test_a_day_said_to_a_draft_unasked_is_a_wish_and_what_began_in_the_morning_is_not(
    talk: Talk, town: Town, session: Session
) -> None:
    await drafted(talk, town)
    assert "Понял так: среда, 25 ноября" in plain(await talk.say(town.client, "завтра"))
    assert "Понял так: среда, 25 ноября, после 15:00" in plain(await talk.say(town.client, "после 15"))
    assert "с утра" in await talk.say(town.client, "с утра")
    ticket = await sent(talk, town, session)
    assert ticket.description == "Опять не печатает чек\nс утра"
    assert ticket.preferred_words == "завтра после 15"


async def test_a_wish_in_two_lines_is_one(talk: Talk, town: Town, session: Session) -> None:
    await asked_when(talk, town)
    heard = await talk.burst(town.client, {"text": "завтра"}, {"text": "после обеда"})
    assert "Понял так: среда, 25 ноября, днём, с 14:00" in plain(heard)
    assert (await sent(talk, town, session)).preferred_words == "завтра после обеда"


async def test_a_picture_instead_of_a_time_is_part_of_the_description(talk: Talk, town: Town, session: Session) -> None:
    await asked_when(talk, town)
    shown = await talk.send(town.client, photo=[PHOTO], caption="вот что на экране")
    assert "Вложений: 1" in shown and "вот что на экране" in shown


async def test_any_time_takes_the_wish_back(talk: Talk, town: Town, session: Session) -> None:
    await asked_when(talk, town)
    await talk.say(town.client, "завтра после обеда")
    await talk.press(town.client, label("draft.when_else", "ru"))
    assert "в любое рабочее время" in await talk.say(town.client, "да неважно")
    ticket = await sent(talk, town, session)
    assert (ticket.preferred_at, ticket.preferred_words) == (None, None)


async def test_words_are_read_by_the_clocks_of_the_site(talk: Talk, town: Town, session: Session) -> None:
    with talk.office.work() as uow:
        uow.session.get_one(Site, town.site).timezone = "Asia/Vladivostok"
    await asked_when(talk, town)
    assert "среда, 25 ноября, к 10:00 (время: Владивосток)" in plain(await talk.say(town.client, "завтра к 10"))
    assert (await sent(talk, town, session)).preferred_at == datetime(2026, 11, 25, 0, 0, tzinfo=UTC)


async def test_nobody_elses_draft_is_asked_for_a_time(talk: Talk, town: Town) -> None:
    await drafted(talk, town)
    assert "Не нахожу" in await talk.press(town.other, WHEN, shown_to=town.client)
