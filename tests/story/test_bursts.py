"""Many messages at once, two people at once, one press three times: over HTTP, on both databases (R1.4)."""

import asyncio

import pytest
from sqlmodel import col, select

from bot.app import App
from bot.billing.quotes.models import Approval
from bot.demo.paid_story import approval
from bot.demo.stage import Stage
from bot.tickets.life.models import Appeal, Message, Ticket
from tests.story.conftest import met

BURST = 100


@pytest.mark.sampled(3, of="bursts")
async def test_a_hundred_messages_in_a_second_are_all_kept_in_order_in_one_draft(stage: Stage, app: App) -> None:
    pavel = (await met(stage, "pavel")).pavel
    await pavel.presses("📝 Новая заявка")
    await pavel.sees("Что случилось?")
    for number in range(BURST):
        await pavel.person.says(stage.bot, f"строка {number}")
    await stage.quiet()
    with app.database.read() as session:
        kept = session.exec(select(Message).where(col(Message.text).like("строка %")).order_by(col(Message.id))).all()
        drafts = session.exec(select(Appeal).where(col(Appeal.ended_at).is_(None))).all()
    assert [message.text for message in kept] == [f"строка {number}" for number in range(BURST)]
    assert {message.appeal_id for message in kept} == {drafts[0].id}
    assert len(drafts) == 1


@pytest.mark.sampled(3, of="bursts")
async def test_an_album_of_ten_with_a_late_part_makes_one_ticket_with_all_parts(stage: Stage, app: App) -> None:
    pavel = (await met(stage, "pavel")).pavel
    await pavel.starts("o_ghd4uedxqtt9")
    await pavel.sees("Что случилось?")
    await pavel.person.sends_album(stage.bot, 10, "касса искрит", late_from=7, late_by=0.4)
    await pavel.sees("касса искрит", "Вложений: 10", buttons=("✅ Отправить",), after=0)
    await pavel.presses("✅ Отправить")
    await pavel.sees("Входит в договор")
    with app.database.read() as session:
        ticket = session.exec(select(Ticket).order_by(col(Ticket.id).desc())).first()
        assert ticket is not None
        parts = session.exec(select(Message).where(Message.ticket_id == ticket.id)).all()
    assert len([part for part in parts if part.kind == "photo"]) == 10


@pytest.mark.sampled(3, of="bursts")
async def test_two_clients_at_once_never_see_each_other(stage: Stage) -> None:
    cast = await met(stage, "pavel", "yulia")
    for turn in range(5):
        await asyncio.gather(
            cast.pavel.says(f"дымок из Атола, павлово слово {turn}"),
            cast.yulia.says(f"дымок из Меркурия, юлино слово {turn}"),
        )
    await stage.quiet()
    await asyncio.gather(cast.pavel.presses("📝 Оформить заявку"), cast.yulia.presses("📝 Оформить заявку"))
    await cast.pavel.sees("ООО «Ромашка»")
    await cast.yulia.sees("ИП Соколов")
    await cast.pavel.sees_nothing_of("Соколов")
    await cast.yulia.sees_nothing_of("Ромашка")


@pytest.mark.sampled(3, of="bursts")
async def test_a_press_that_comes_three_times_approves_once(stage: Stage, app: App) -> None:
    cast = await met(stage, "yulia", "andrey", "ilya")
    await approval(stage, cast)
    with app.database.read() as session:
        made = session.exec(select(Approval).order_by(col(Approval.id).desc())).all()
    assert len([each for each in made if each.quote_id == made[0].quote_id]) == 1
