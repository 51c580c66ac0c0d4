"""A client says when the work should be done, and sees what the hour costs before agreeing to anything (R5.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from bot.billing.quotes.send import version_of
from bot.billing.scope.models import ScopeDecision
from bot.billing.terms.models import Plan
from bot.clients.models import Seller
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


async def test_nobody_is_asked_where_the_hour_does_not_make_the_price(talk: Talk, town: Town) -> None:
    assert "Приедем в рабочее время" not in await drafted(talk, town)
    assert WHEN not in talk.buttons(town.client)


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
        assert "1 час по 3 750 ₽ в час (нерабочее время, ×1,5)" in text
        assert "нерабочее время" not in version_of(uow.session, by_day).texts["ru"]


def test_times_are_of_the_site_and_never_in_the_past(office: TestOffice) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, terms=EVENING)
        found = slots(uow.session, firm.contract, "Asia/Vladivostok", NOON)
        assert found[0].at.isoformat() == "2026-11-25T10:00:00+10:00"
        assert [slot.multiplier for slot in found[:3]] == [10_000, 10_000, 15_000]
