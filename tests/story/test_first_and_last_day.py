"""The first and the last day of a contract are its client's, whatever day it is for us: cover, hours, price, statement,
and what may be wished for (R3.5, R4.1)."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.hours.models import EntryKind
from bot.billing.prices.models import PriceLine
from bot.calendar.periods import month_of
from bot.clients.models import Contract
from bot.tickets.life.models import Appeal, AppealEnd, Ticket, TicketState
from tests.builders.at_moments import MONTHS, Scene, staged
from tests.builders.stories import learn
from tests.builders.talk import Talk
from tests.moments import EVE, FIRST, LAST, OVER, Moment

pytestmark = pytest.mark.sampled(6, of="first and last days")
DAY = date(2026, 11, 25)
NOVEMBER = month_of(DAY)
BEGINS: tuple[date, date | None] = (DAY, None)
ENDS: tuple[date, date | None] = (date(2026, 1, 1), DAY - timedelta(days=1))
TERMS: dict[str, Any] = {
    "asks_time": True,
    "bands": [{"days": [1, 2, 3, 4, 5, 6, 7], "start": 0, "end": 540, "bp": 20_000}],
}


def tickets(scene: Scene) -> int:
    with scene.talk.database.read() as session:
        return len(session.exec(select(Ticket)).all())


@pytest.mark.parametrize("moment", [FIRST, LAST], ids=str)
async def test_urgent_work_on_the_day_is_of_the_contract(talk: Talk, moment: Moment) -> None:
    """Also when it goes on after the last midnight, and is handed over where the contract is over."""
    scene = staged(talk, moment, minutes=600, days=BEGINS if moment is FIRST else ENDS)
    await scene.asks(urgent=True)
    starts = DAY if moment is FIRST else NOVEMBER.start
    assert scene.entries(EntryKind.HOLD) == [(starts, 60, None)]
    await scene.comes()
    await scene.hands_over()
    assert "закрыта" in await scene.accepts()
    assert scene.entries(EntryKind.CONSUME) == [(starts, 60, moment.day)]
    scene.closes(NOVEMBER)
    assert [(line.work_date, line.late, line.gross) for line in scene.lines(NOVEMBER)] == [(moment.day, False, 0)]
    scene.require_true_times()


@pytest.mark.parametrize("moment", [EVE, OVER], ids=str)
async def test_urgent_work_beside_the_days_has_no_contract(talk: Talk, moment: Moment) -> None:
    """Though for us it is the contract's day already, or still."""
    scene = staged(talk, moment, minutes=600, days=BEGINS if moment is EVE else ENDS)
    who = scene.firm.requester
    await talk.say(who, "абракадабра")
    said = await talk.press(who, "📝 Оформить заявку")
    if moment is EVE:  # an ordinary ticket would be done on the first day
        said = await talk.press(who, "🔥 Срочно, всё стоит")
    assert "не вижу действующего договора" in said
    assert tickets(scene) == 0
    with talk.database.read() as session:
        assert session.exec(select(Appeal.end)).one() is AppealEnd.TRIAGE
    scene.require_true_times()


async def test_work_asked_for_on_the_eve_is_held_and_priced_for_the_first_day(talk: Talk) -> None:
    scene = staged(talk, EVE, minutes=600, days=BEGINS)
    said = await scene.asks()
    assert "спишем из часов" in said.replace("\u00a0", " ")
    assert scene.entries(EntryKind.HOLD) == [(DAY, 60, None)]
    scene.require_true_times()


async def test_work_asked_for_on_the_last_evening_would_be_done_after_it(talk: Talk) -> None:
    """So a person decides; what is urgent is still the contract's."""
    scene = staged(talk, LAST, minutes=600, days=ENDS)
    who = scene.firm.requester
    await talk.say(who, "абракадабра")
    said = await talk.press(who, "📝 Оформить заявку")
    assert "действует по 24 ноября 2026, а работа пришлась бы на 25 ноября 2026" in said
    assert "🔥 Срочно, всё стоит" in talk.buttons(who)
    sent = await talk.press(who, "✅ Отправить")
    assert "не вижу действующего договора" in sent
    assert "ответим после 25 ноября, 08:00." in sent  # 9:00 in Moscow
    assert tickets(scene) == 0


@pytest.mark.parametrize("moment", [FIRST, LAST], ids=str)
async def test_paid_work_of_the_day_has_its_price_and_its_statement(talk: Talk, moment: Moment) -> None:
    """A price of that day at the site, to which ours is the day before or after."""
    scene = staged(talk, moment, days=BEGINS if moment is FIRST else ENDS)
    with talk.office.work() as uow:
        line = uow.session.exec(select(PriceLine).where(PriceLine.item_code == "hour:repair")).first()
        assert line is not None
        dearer = {"list_id": line.list_id, "item_code": "hour:repair"}
        uow.session.add(PriceLine(**dearer, kopecks=300_000, valid_from=moment.day))
        uow.session.add(PriceLine(**dearer, kopecks=400_000, valid_from=moment.day + timedelta(days=1)))
    await scene.asks(urgent=True)
    await scene.is_agreed()
    await scene.comes()
    await scene.hands_over()
    await scene.accepts()
    assert scene.ticket.state is TicketState.CLOSED
    scene.closes(NOVEMBER)
    assert [(line.work_date, line.gross) for line in scene.lines(NOVEMBER)] == [(moment.day, 300_000)]
    scene.require_true_times()


@pytest.mark.parametrize(("moment", "shown"), [(EVE, False), (FIRST, True), (LAST, True), (OVER, False)], ids=str)
async def test_the_balance_has_the_contract_on_its_days(talk: Talk, moment: Moment, shown: bool) -> None:
    scene = staged(talk, moment, minutes=600, days=BEGINS if moment in (EVE, FIRST) else ENDS)
    said = await talk.say(scene.firm.boss, "⏱ Баланс")
    assert ("осталось" in said) is shown
    assert ("Действующего договора нет" in said) is not shown


async def offered_days(scene: Scene) -> set[str]:
    """Days of November that are offered for a visit."""
    who, talk = scene.firm.requester, scene.talk
    await talk.say(who, "абракадабра")
    await talk.press(who, "📝 Оформить заявку")
    await talk.press(who, "🕒 Когда удобно")
    learn(talk)
    names = [f"{day} {MONTHS[10]}" for day in range(24, 31)]
    return {name for name in names if any(name in each for each in talk.buttons(who))}


@pytest.mark.parametrize("follows", [False, True])
async def test_no_visit_is_wished_for_beyond_the_end(talk: Talk, follows: bool) -> None:
    """Of the three days that are offered two are left; a contract that follows has its own hours to wish for."""
    scene = staged(talk, FIRST, minutes=600, days=(date(2026, 1, 1), DAY + timedelta(days=1)), **TERMS)
    if follows:
        with talk.office.work() as uow:
            old = uow.session.get_one(Contract, scene.firm.contract)
            since = DAY + timedelta(days=2)
            uow.session.add(
                Contract(company_id=old.company_id, number="Новый", plan_id=old.plan_id, starts=since, covers_all=True)
            )
    days = await offered_days(scene)
    assert days == {f"{day} ноября" for day in ((25, 26, 27) if follows else (25, 26))}
