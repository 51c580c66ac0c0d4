"""The main stories at every awkward moment, by the real conversations: updates in, outbox out (R3.5, R4.9, R8.4).

Each is played by a client where the work is and by one who reads in another zone than the site's.
"""

from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.answers.skills.sync import sync_skills
from bot.billing.debts.models import Debt
from bot.billing.hours.models import EntryKind
from bot.billing.prices.models import PriceLine
from bot.calendar.periods import month_of
from bot.db.clock import at, day_of
from bot.messaging.notices.texts import month as named_month
from bot.tickets.life.models import TicketState
from tests.builders.at_moments import MONTHS, MOSCOW, Scene, opens, staged, told_at
from tests.builders.held_tickets import remind_all, run_releases
from tests.builders.jobs import report_debts
from tests.builders.stories import in_group, learn
from tests.builders.talk import Talk
from tests.moments import Moment, at_each

pytestmark = pytest.mark.sampled(4, of="stories at moments")
HOMES = pytest.mark.parametrize("home", [None, "Europe/Kaliningrad"], ids=["there", "elsewhere"])


@at_each
@HOMES
async def test_covered_work_from_the_question_to_the_statement(talk: Talk, moment: Moment, home: str | None) -> None:
    """Asked at the moment, done on the first day on which people work there: that day's hours, statement and price."""
    scene = staged(talk, moment, home=home, minutes=600)
    month = month_of(moment.works)
    said = await scene.asks()
    assert "спишем из часов" in said.replace("\u00a0", " ")
    assert scene.entries(EntryKind.HOLD) == [(month.start, 60, None)]
    due = opens(moment) + timedelta(hours=2)
    assert scene.ticket.reaction_due == due
    assert f"Ответим до {told_at(due, moment.zone, scene.home)}" in said
    scene.now = opens(moment)
    scene.passes(30)
    await scene.comes()
    assert "потрачено 50 мин → учтено 1 ч" in (await scene.hands_over()).replace("\u00a0", " ")
    assert "закрыта" in await scene.accepts()
    assert scene.ticket.state is TicketState.CLOSED
    assert scene.entries(EntryKind.CONSUME) == [(month.start, 60, moment.works)]
    scene.closes(month)
    assert [(line.work_date, line.late, line.gross) for line in scene.lines(month)] == [(moment.works, False, 0)]
    scene.require_true_times()


async def urgent_job(scene: Scene) -> None:
    """Urgent work begun at the moment and handed over fifty minutes later, whatever day it is then."""
    await scene.asks(urgent=True)
    await scene.comes()
    await scene.hands_over()


@at_each
@HOMES
async def test_urgent_work_at_the_very_moment(talk: Talk, moment: Moment, home: str | None) -> None:
    """Its day is the one it began on at the site, in whatever month it was handed over."""
    scene = staged(talk, moment, home=home, minutes=600)
    month = month_of(moment.day)
    await urgent_job(scene)
    assert scene.entries(EntryKind.HOLD) == [(month.start, 60, None)]
    assert "закрыта" in await scene.accepts()
    assert scene.entries(EntryKind.CONSUME) == [(month.start, 60, moment.day)]
    scene.closes(month)
    assert [(line.work_date, line.late) for line in scene.lines(month)] == [(moment.day, False)]
    scene.require_true_times()


def dearer_from(scene: Scene, days: int, kopecks: int) -> None:
    """The hour costs so much from a day on, counted from the one on which people work."""
    with scene.talk.office.work() as uow:
        line = uow.session.exec(select(PriceLine).where(PriceLine.item_code == "hour:repair")).first()
        assert line is not None
        since = scene.moment.works + timedelta(days=days)
        uow.session.add(PriceLine(list_id=line.list_id, item_code="hour:repair", kopecks=kopecks, valid_from=since))


@at_each
@HOMES
async def test_paid_work_from_the_price_to_the_invoice(talk: Talk, moment: Moment, home: str | None) -> None:
    """The list of the day of the work makes the price, though it begins only then; another one waits for the day after.
    It is told with its day and hour, and billed in that day's month."""
    scene = staged(talk, moment, home=home)
    dearer_from(scene, 0, 300_000)
    dearer_from(scene, 1, 400_000)
    month = month_of(moment.works)
    await scene.asks()
    offered = scene.told(scene.firm.approver)
    assert f"Цена посчитана на {told_at(opens(moment), moment.zone, scene.home)}." in offered
    assert "3 000 ₽" in offered
    await scene.is_agreed()
    scene.now = max(opens(moment), scene.now)
    scene.passes(30)
    await scene.comes()
    assert "Итого к оплате" in await scene.hands_over()
    assert "закрыта" in await scene.accepts()
    scene.closes(month)
    assert [(line.work_date, line.late, line.gross) for line in scene.lines(month)] == [(moment.works, False, 300_000)]
    await talk.say(scene.finance, "/documents")
    summary = await talk.press(scene.finance, f"{named_month(month.start, 'ru')}: 3\u00a0000\u00a0₽")
    assert "3 000 ₽" in summary.replace("\u00a0", " ")
    scene.require_true_times()


@at_each
@HOMES
async def test_a_debtor_promises_is_let_on_and_gets_the_price_of_the_day(
    talk: Talk, moment: Moment, home: str | None
) -> None:
    """Overdue by our days, promised for a day of the client's, decided for the next day on which people work there."""
    scene = staged(talk, moment, home=home)
    dearer_from(scene, 0, 300_000)
    with talk.office.work() as uow:
        due = day_of(moment.at, MOSCOW) - timedelta(days=40)
        report_debts(uow.session, moment.at)
        uow.session.add(
            Debt(company_id=scene.firm.company, invoice="СЧ-1", kopecks=500_000, due=due, reported_at=moment.at)
        )
    await scene.asks()
    assert scene.ticket.state is TicketState.AWAITING_PAYMENT
    with talk.office.work() as uow:
        remind_all(uow)
    learn(talk)
    assert "Просрочка: 40 дней" in scene.told(scene.finance)
    until = day_of(moment.at, scene.home) + timedelta(days=3)
    await talk.press(scene.finance, "🤝 Обещаю оплатить")
    told = await talk.press(scene.finance, f"до {until:%d.%m}")
    assert f"оплата до {until.day} {MONTHS[until.month - 1]}" in told
    learn(talk)
    await talk.press(scene.manager, "Не ограничивать: 7 дн.")
    await talk.say(scene.manager, "Ждут казначейство")
    with talk.office.work() as uow:
        assert run_releases(uow)
    learn(talk)
    assert "3 000 ₽" in scene.told(scene.firm.approver)
    await scene.is_agreed()
    scene.now = max(opens(moment), scene.now)
    await scene.comes()
    await scene.hands_over()
    await scene.accepts()
    month = month_of(moment.works)
    scene.closes(month)
    assert [(line.work_date, line.gross) for line in scene.lines(month)] == [(moment.works, 300_000)]
    scene.require_true_times()


@at_each
@HOMES
async def test_a_drawing_that_is_disputed_and_given_back(talk: Talk, moment: Moment, home: str | None) -> None:
    """What was drawn for the day comes back to its month, dated as it was."""
    scene = staged(talk, moment, home=home, minutes=600)
    month, boss = month_of(moment.day), scene.firm.boss
    await scene.asks(urgent=True)
    await scene.comes()
    await scene.hands_over(10)
    await scene.accepts()
    scene.now = max(scene.now, at(month.start, time(), scene.home))  # where that month has begun for them
    await talk.say(boss, "⏱ Баланс")
    await talk.press(boss, next(each for each in talk.buttons(boss) if each.startswith("Включено")))
    await talk.press(boss, next(each for each in talk.buttons(boss) if "не согласен" in each))
    await talk.say(boss, "Мастер был 10 минут")
    learn(talk)
    await in_group(talk, scene.firm.dispatcher, "↩️ Вернуть")
    assert "Вернули 1 ч" in talk.words(boss).replace("\u00a0", " ")
    assert scene.entries(EntryKind.REVERSE) == [(month.start, 60, moment.day)]
    scene.closes(month)
    assert not any(line.gross for line in scene.lines(month))
    scene.require_true_times()


@at_each
@HOMES
async def test_work_accepted_after_its_month_is_closed_is_late(talk: Talk, moment: Moment, home: str | None) -> None:
    """It stands in the next statement, marked, with its own day."""
    scene = staged(talk, moment, home=home)
    month = month_of(moment.day)
    after = month_of(month.end + timedelta(days=1))
    await scene.asks(urgent=True)
    await scene.is_agreed()
    await scene.comes()
    await scene.hands_over()
    scene.closes(month)
    assert scene.lines(month) == []
    await scene.accepts()
    scene.closes(after)
    assert [(line.work_date, line.late, line.gross) for line in scene.lines(after)] == [(moment.day, True, 250_000)]
    scene.require_true_times()


@at_each
@HOMES
async def test_a_wished_hour_a_wait_for_parts_and_what_is_asked_meanwhile(
    talk: Talk, moment: Moment, home: str | None
) -> None:
    """«Завтра в 10» is ten at the site on the day after the one there; while parts are waited for no clock of ours
    runs; a reply is on the ticket; the hours told are those of the month at the contract."""
    scene = staged(talk, moment, home=home, minutes=600)
    with talk.office.work() as uow:
        sync_skills(uow, Path("content/skills"))
    who, boss, engineer = scene.firm.requester, scene.firm.boss, scene.firm.engineer
    await talk.say(who, "абракадабра")
    await talk.press(who, "📝 Оформить заявку")
    await talk.press(who, "🕒 Когда удобно")
    await talk.say(who, "завтра в 10")
    await talk.press(who, "✅ Отправить")
    learn(talk)
    assert scene.ticket.preferred_at == at(moment.day + timedelta(days=1), time(10), moment.zone)
    await in_group(talk, engineer, "✋ Беру")
    scene.passes(1)
    left = scene.ticket.resolution_due
    scene.remembers()
    await in_group(talk, engineer, "⏸ Жду…")
    await in_group(talk, engineer, "Запчасти")
    assert "ждём" in (await talk.say(who, "что с заявкой")).lower()
    scene.passes(24 * 60)
    await in_group(talk, engineer, "▶️ Продолжить")
    assert left is not None and scene.ticket.resolution_due is not None and scene.ticket.resolution_due >= left
    told = (await talk.say(boss, "сколько часов осталось")).replace("\u00a0", " ")
    month = month_of(day_of(scene.now, scene.home))
    assert f"до {month.end.day} {MONTHS[month.end.month - 1]} {month.end.year}" in told and "из 10 ч" in told
    scene.require_true_times()
