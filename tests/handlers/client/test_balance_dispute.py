"""«Не согласен» beside each drawing of hours: from the client's reason to the minutes given back."""

from datetime import date

import pytest
from sqlmodel import select

from bot.billing.hours.balances import pool_balances
from bot.billing.hours.holds import consume
from bot.billing.hours.models import EntryDispute, EntryKind, Pool, PoolEntry
from bot.clients.models import ClientRole
from tests.builders.jobs import Firm, build_firm, opened, person
from tests.builders.talk import Talk
from tests.conftest import NOON


@pytest.fixture
def firm(talk: Talk) -> Firm:
    """A firm whose ticket № 1 has drawn 45 of 600 minutes."""
    with talk.office.work() as uow:
        made = build_firm(uow.session, minutes=600)
        ticket = opened(uow, made)
        consume(uow, ticket.id, made.contract, 45, NOON.date(), None, object_id=made.till, work_type="repair")
        return made


def left(talk: Talk, firm: Firm) -> int:
    with talk.database.read() as session:
        return pool_balances(session, [firm.contract], NOON.date())[0].left


async def object_to_it(talk: Talk, firm: Firm) -> str:
    await talk.say(firm.boss, "⏱ Баланс")
    [pool] = [each for each in talk.buttons(firm.boss) if each.startswith("Куплено")]
    await talk.press(firm.boss, pool)
    [button] = [each for each in talk.buttons(firm.boss) if "не согласен" in each]
    assert "45\u00a0мин" in button
    assert "Напишите, что не так" in await talk.press(firm.boss, button)
    return button


@pytest.mark.parametrize(("ends", "shown"), [(date(2026, 10, 31), True), (date(2026, 9, 30), False)])
async def test_last_months_drawing_is_seen_and_objected_to_after_its_month(
    talk: Talk, firm: Firm, ends: date, *, shown: bool
) -> None:
    """It could not be reached from the 1st on, when its pool had just ended (R4.10)."""
    with talk.office.work() as uow:
        uow.session.exec(select(Pool)).one().ends = ends
    await talk.say(firm.boss, "⏱ Баланс")
    assert ("до 31 октября 2026, срок прошёл: списано 45\u00a0мин из 10\u00a0ч" in talk.words(firm.boss)) is shown
    assert len([each for each in talk.buttons(firm.boss) if each.startswith("Куплено")]) == shown
    if shown:
        await object_to_it(talk, firm)


async def test_the_minutes_come_back_once(talk: Talk, firm: Firm) -> None:
    await object_to_it(talk, firm)
    assert "проверит диспетчер" in await talk.say(firm.boss, "Мастер был 10 минут")
    assert "Мастер был 10 минут" in talk.words(firm.dispatcher)
    assert left(talk, firm) == 555, "nothing moves until it is checked"
    await talk.press(firm.dispatcher, "↩️ Вернуть")
    assert "Вернули 45\u00a0мин" in talk.words(firm.boss)
    assert left(talk, firm) == 600
    assert "уже разобран" in await talk.press(firm.dispatcher, "Оставить")
    assert left(talk, firm) == 600
    with talk.database.read() as session:
        kinds = [entry.kind for entry in session.exec(select(PoolEntry).order_by(PoolEntry.id)).all()]
        assert kinds.count(EntryKind.REVERSE) == 1


async def test_a_drawing_that_was_right_stays(talk: Talk, firm: Firm) -> None:
    await object_to_it(talk, firm)
    await talk.say(firm.boss, "Почему так много?")
    await talk.press(firm.dispatcher, "Оставить")
    assert "оно остаётся" in talk.words(firm.boss)
    assert left(talk, firm) == 555
    await talk.say(firm.boss, "⏱ Баланс")
    [pool] = [each for each in talk.buttons(firm.boss) if each.startswith("Куплено")]
    assert "проверено" in await talk.press(firm.boss, pool)
    assert not any("не согласен" in each for each in talk.buttons(firm.boss)), "once for each drawing"


async def test_a_stolen_button_and_an_engineer_settle_nothing(talk: Talk, firm: Firm) -> None:
    button = await object_to_it(talk, firm)
    assert "нет прав" in await talk.press(firm.outsider, button, shown_to=firm.boss)
    await talk.say(firm.boss, "Не так")
    assert "нет прав" in await talk.press(firm.engineer, "↩️ Вернуть", shown_to=firm.dispatcher)
    assert left(talk, firm) == 555


async def test_a_dispute_says_what_is_wrong(talk: Talk, firm: Firm) -> None:
    await object_to_it(talk, firm)
    await talk.send(
        firm.boss,
        sticker={
            "file_id": "s",
            "file_unique_id": "u",
            "width": 1,
            "height": 1,
            "type": "regular",
            "is_animated": False,
            "is_video": False,
        },
    )
    with talk.database.read() as session:
        assert session.exec(select(EntryDispute)).all() == []
    assert "проверит диспетчер" in await talk.say(firm.boss, "Мастера не было")


async def test_finance_may_object_to_what_it_is_shown(talk: Talk, firm: Firm) -> None:
    with talk.office.work() as uow:
        finance = person(uow.session, "Счётова", firm.company, ClientRole.FINANCE)
    await talk.say(finance, "⏱ Баланс")
    for kind in ("Куплено", "⚠️ №\u00a01"):
        [button] = [each for each in talk.buttons(finance) if each.startswith(kind)]
        await talk.press(finance, button)
    assert "проверит диспетчер" in await talk.say(finance, "Мастера не было")
