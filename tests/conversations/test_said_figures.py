"""Sums and times typed in the chat: said back before they are sent or booked, asked again where they are unclear."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.billing.prices.models import PriceLine
from bot.billing.quotes.models import Quote, TopUp, TopUpState
from bot.billing.quotes.top_up import ask_top_up
from bot.billing.work.models import TimeEntry
from bot.billing.work.said_figures import SumUnclear, TimeUnclear, said_minutes, said_sum
from bot.clients.models import Employment, StaffRole
from bot.handlers.engineer.jobs.presses import JobFind, JobFinish, JobTime, JobWrite
from bot.handlers.manager.top_up.presses import PriceTopUp
from bot.tickets.life.models import Ticket, TicketState
from tests.builders.jobs import Firm, worker
from tests.builders.stories import begun, in_group, learn, messages_to, popups, ticket
from tests.builders.talk import Talk
from tests.conftest import NOON

SEND = "📨 Отправить клиенту"
BOOK = "⏱ Записать"
DONE = "✅ Сдать работу"
BACK = "← Что сделано"
UNCLEAR_SUMS = (
    *("1 250 000 замена", "4500x2 замена", "12.500 замена", "5 млн замена", "2 ч замена", "50 коп замена"),
    *("5 т. р. замена", "5 k замена", "100 $ замена", "2 часа замена", "100 и 50 коп", "-500 замена", "замена 4500"),
)
UNCLEAR_ESTIMATES = (*UNCLEAR_SUMS, "4500 замена\n+дорого", "4500 замена\n800x2 чистка")
UNCLEAR_TIMES = (
    "2 дня ждал",
    "1,5 ждал",
    "10-12 ждал",
    "час и 30 минут ждал",
    "1 ч 90 ждал",
    "2 hrs waiting",
    "ждал 90",
)


async def estimating(talk: Talk) -> tuple[Firm, int]:
    firm, number = begun(talk)
    await in_group(talk, firm.dispatcher, "🧮 Смета")
    await talk.press(firm.dispatcher, "🧮 Смета")
    return firm, number


def prices(talk: Talk) -> list[tuple[int, ...]]:
    """Sums of the lines of every quote that anybody typed."""
    with talk.database.read() as session:
        rows = session.exec(select(Quote).order_by(col(Quote.id))).all()
        return [(row.version,) for row in rows]


async def test_a_sum_with_a_space_is_offered_whole_and_only_after_the_press(talk: Talk) -> None:
    firm, _ = await estimating(talk)
    before = prices(talk)
    said = await talk.say(firm.dispatcher, "12 500 замена термоблока\n+2,5 тыс доставка")
    assert "12\u00a0500\u00a0₽" in said
    assert "замена термоблока" in said
    assert "2\u00a0500\u00a0₽" in said
    assert prices(talk) == before
    assert not messages_to(talk, firm.approver)
    sent = await talk.press(firm.dispatcher, SEND)
    assert "12\u00a0500\u00a0₽" in sent
    assert "не больше: 12\u00a0500" in talk.words(firm.boss)
    assert "☐ доставка · 2\u00a0500\u00a0₽" in talk.buttons(firm.boss)


async def test_an_unclear_sum_is_asked_and_never_sent(talk: Talk) -> None:
    firm, _ = await estimating(talk)
    before = prices(talk)
    for line in UNCLEAR_ESTIMATES:
        assert "можно понять по-разному" in await talk.say(firm.dispatcher, line), line
        assert SEND not in talk.buttons(firm.dispatcher)
    assert prices(talk) == before
    assert "4\u00a0500\u00a0₽" in await talk.say(firm.dispatcher, "4500 замена")


async def test_what_is_written_anew_takes_the_place_of_what_was_understood(talk: Talk) -> None:
    firm, _ = await estimating(talk)
    await talk.say(firm.dispatcher, "4500 замена")
    first = talk._buttons[talk.account(firm.dispatcher), SEND]
    assert "Допишите, за что" in await talk.say(firm.dispatcher, "5 500 ₽")
    await talk.say(firm.dispatcher, "5 500 ₽ замена")
    second = talk._buttons[talk.account(firm.dispatcher), SEND]
    talk._buttons[talk.account(firm.dispatcher), SEND] = first
    await talk.press(firm.dispatcher, SEND)
    assert "устарела" in popups(talk)
    assert not messages_to(talk, firm.approver)
    talk._buttons[talk.account(firm.dispatcher), SEND] = second
    await talk.press(firm.engineer, SEND, shown_to=firm.dispatcher)
    assert not messages_to(talk, firm.approver)
    await talk.press(firm.dispatcher, SEND)
    assert "не больше: 5\u00a0500" in talk.words(firm.approver)
    await talk.press(firm.dispatcher, SEND)
    assert not messages_to(talk, firm.approver)


async def test_a_dispatcher_who_has_left_sends_nothing_that_was_understood_before(talk: Talk) -> None:
    firm, _ = await estimating(talk)
    await talk.say(firm.dispatcher, "4500 замена")
    with talk.office.work() as uow:
        for row in uow.session.exec(select(Employment).where(Employment.person_id == firm.dispatcher)).all():
            row.ended_at = NOON
    await talk.press(firm.dispatcher, SEND)
    assert not messages_to(talk, firm.approver)


async def at_work(talk: Talk) -> tuple[Firm, int]:
    """An engineer is asked how long it took."""
    firm, number = begun(talk, minutes=600)
    with talk.office.work() as uow:
        job = ticket(talk, number)
        job.engineer_id, job.state, job.started_at = firm.engineer, TicketState.IN_WORK, NOON
        uow.session.merge(job)
    talk._buttons[talk.account(firm.engineer), "time"] = JobTime(ticket=number).pack()
    await talk.press(firm.engineer, "time")
    return firm, number


def booked(talk: Talk) -> list[tuple[int, str | None]]:
    with talk.database.read() as session:
        rows = session.exec(select(TimeEntry).order_by(col(TimeEntry.id))).all()
        return [(row.minutes, row.reason) for row in rows]


async def test_a_time_with_its_unit_is_said_back_and_booked_whole(talk: Talk) -> None:
    firm, _ = await at_work(talk)
    said = await talk.say(firm.engineer, "1 час 30 мин ждал доступ")
    assert "1\u00a0ч 30\u00a0мин" in said
    assert booked(talk) == []
    assert "1\u00a0ч 30\u00a0мин" in await talk.press(firm.engineer, BOOK)
    assert booked(talk) == [(90, "ждал доступ")]
    await talk.press(firm.engineer, BOOK)
    assert booked(talk) == [(90, "ждал доступ")]


async def test_an_unclear_time_is_asked_and_never_booked(talk: Talk) -> None:
    firm, _ = await at_work(talk)
    for line in UNCLEAR_TIMES:
        assert "можно понять по-разному" in await talk.say(firm.engineer, line), line
        assert BOOK not in talk.buttons(firm.engineer)
    assert "Напишите причину" in await talk.say(firm.engineer, "2 ч")
    await talk.say(firm.engineer, "3 ч монтаж")
    await talk.press(firm.engineer, BOOK)
    assert booked(talk) == [(180, "монтаж")]


async def test_a_reason_written_after_its_time_belongs_to_it(talk: Talk) -> None:
    firm, _ = await at_work(talk)
    await talk.say(firm.engineer, "2 ч")
    assert "можно понять по-разному" in await talk.say(firm.engineer, "10-12")
    assert "2\u00a0ч" in await talk.say(firm.engineer, "ждал доступ")
    await talk.press(firm.engineer, BOOK)
    assert booked(talk) == [(120, "ждал доступ")]


async def test_work_handed_over_below_a_time_that_was_said_back_has_that_time(talk: Talk) -> None:
    firm, number = await at_work(talk)
    await talk.say(firm.engineer, "60 настройка")
    await talk.say(firm.engineer, "1 ч 30 настройка")
    await talk.press(firm.engineer, DONE)
    assert booked(talk) == [(90, "настройка")]
    assert ticket(talk, number).state is TicketState.DONE
    await talk.press(firm.engineer, BOOK)
    assert booked(talk) == [(90, "настройка")]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("way", ["at once", "spec", "list", "search", "to client"])
async def test_a_time_that_was_said_back_is_not_lost_when_the_work_is_handed_over(talk: Talk, way: str) -> None:
    firm, number = await at_work(talk)
    await talk.say(firm.engineer, "90 ждал доступ")
    account = talk.account(firm.engineer)
    if way == "spec":
        assert "Запишу его, когда сдадите работу" in await talk.press(firm.engineer, BACK)
    elif way == "list":
        await talk.say(firm.engineer, "🧰 Мои наряды")
    elif way in ("search", "to client"):
        press = JobFind(ticket=number) if way == "search" else JobWrite(ticket=number)
        talk._buttons[account, way] = press.pack()
        await talk.press(firm.engineer, way)
        await talk.say(firm.engineer, "плата")
    assert booked(talk) == []
    talk._buttons[account, DONE] = JobFinish(ticket=number).pack()
    await talk.press(firm.engineer, DONE)
    assert "время 1\u00a0ч 30\u00a0мин" in popups(talk)
    assert booked(talk) == [(90, "ждал доступ")]
    assert ticket(talk, number).state is TicketState.DONE


async def test_a_time_that_was_said_on_an_earlier_visit_is_not_booked_on_the_next(talk: Talk) -> None:
    firm, number = await at_work(talk)
    await talk.say(firm.engineer, "90 ждал доступ")
    with talk.office.work() as uow:
        uow.session.get_one(Ticket, number).started_at = NOON - timedelta(minutes=20)
    await talk.press(firm.engineer, DONE)
    assert [minutes for minutes, _ in booked(talk)] == [20]


async def test_a_time_that_was_dropped_is_not_asked_about_again(talk: Talk) -> None:
    firm, number = await at_work(talk)
    with talk.office.work() as uow:
        uow.session.get_one(Ticket, number).started_at = NOON - timedelta(minutes=30)
    await talk.say(firm.engineer, "90 ждал доступ")
    assert "от «начал»" in await talk.press(firm.engineer, "✖️ Не записывать")
    await talk.press(firm.engineer, DONE)
    assert [minutes for minutes, _ in booked(talk)] == [30]


async def test_a_top_up_is_priced_by_what_was_said_back(talk: Talk) -> None:
    firm, _ = begun(talk, minutes=60)
    with talk.office.work() as uow:
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        for line in uow.session.exec(select(PriceLine).where(col(PriceLine.item_code) == "hour:repair")).all():
            uow.session.delete(line)
        uow.session.flush()
        ask_top_up(uow, firm.contract, 600, firm.boss)
    learn(talk)
    talk._buttons[talk.account(manager), "price"] = PriceTopUp(top_up=top_up(talk).id).pack()
    await talk.press(manager, "price")
    assert "не понял" in await talk.say(manager, "22 500 за всё")
    assert "можно понять по-разному" in await talk.say(manager, "22.500")
    assert "22\u00a0500,50\u00a0₽" in await talk.say(manager, "22 500,50 ₽")
    assert top_up(talk).state is TopUpState.ASKED
    await talk.press(manager, "📨 Отправить")
    assert (top_up(talk).state, top_up(talk).kopecks) == (TopUpState.OFFERED, 2_250_050)
    await talk.press(manager, "📨 Отправить")
    assert not messages_to(talk, firm.boss)


def top_up(talk: Talk) -> TopUp:
    with talk.database.read() as session:
        return session.exec(select(TopUp)).one()


@pytest.mark.parametrize("line", [line for line in UNCLEAR_SUMS if "\n" not in line])
def test_what_might_mean_another_sum_is_refused(line: str) -> None:
    with pytest.raises(SumUnclear):
        said_sum(line)


@pytest.mark.parametrize("line", UNCLEAR_TIMES)
def test_what_might_mean_another_time_is_refused(line: str) -> None:
    with pytest.raises(TimeUnclear):
        said_minutes(line)


@pytest.mark.parametrize(
    "words", ["тройник", "термоблок", "Котёл", "коптильня", "интернет", "дневная смена", "и доставка"]
)
def test_a_word_that_only_begins_like_a_unit_is_what_the_sum_is_for(words: str) -> None:
    assert said_sum(f"4500 {words}").rest == words
