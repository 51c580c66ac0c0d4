"""Every way something is said into a ticket, over the Bot API of the sandbox, on both databases (R1.8, R1.9)."""

import asyncio
from datetime import timedelta

from sqlmodel import col, select

from bot.app import App
from bot.demo.stage import PATIENCE, Stage
from bot.messaging.models import Timer
from bot.tickets.intake.appeals import WHOSE_WORDS
from bot.tickets.life.models import SHOT, Appeal, AppealEnd, Message
from tests.story.conftest import met
from tests.story.test_words_both_ways import ticket_in_its_topic

STEP = 0.1  # seconds
KINDS = ("photo", "voice", "video", "document")


async def on_the_way(stage: Stage) -> object:
    """Pavel's ticket, whose engineer has set out."""
    cast = await met(stage, "pavel", "sergey")
    await ticket_in_its_topic(stage, cast)
    await cast.sergey.presses("🚗 Еду", where=cast.group)
    await cast.pavel.sees("выехал", after=0)
    return cast


def minutes_pass(app: App) -> None:
    """Nobody says whose the words are."""
    with app.database.write() as session:
        for timer in session.exec(select(Timer).where(Timer.kind == WHOSE_WORDS, col(Timer.done_at).is_(None))).all():
            timer.due_at -= timedelta(days=1)


def kept(app: App) -> list[Message]:
    with app.database.read() as session:
        query = select(Message).where(col(Message.ticket_id).is_not(None), col(Message.from_staff).is_(False))
        return list(session.exec(query.order_by(col(Message.id))).all())


async def test_what_a_client_says_while_the_engineer_is_on_the_way_arrives_as_what_it_is(
    stage: Stage, app: App
) -> None:
    cast = await on_the_way(stage)
    pavel, sergey, group = cast.pavel, cast.sergey, cast.group
    told = await pavel.sees("выехал", after=0)
    line = await pavel.says("код домофона 35К", reply_to=told.message_id)
    await pavel.sees("✅ Передал в заявку №")
    topic = (await sergey.sees("код домофона 35К", where=group, after=0)).thread
    assert topic is not None
    await sergey.sees("код домофона 35К", after=0)
    await pavel.person.edits(stage.bot, line, "код домофона 36К")
    assert (await sergey.sees("исправляет", "36К", where=group, after=0)).thread == topic
    await sergey.sees("исправляет", "36К", after=0)
    for kind in KINDS:
        await pavel.person.sends(stage.bot, kind, reply_to=told.message_id)
        await stage.quiet()
    for where, thread in ((group, topic), (stage.bot, None)):
        seen = [each for each in await sergey.person.sees(where) if each.kind in KINDS and not each.mine]
        assert [(each.kind, each.thread) for each in seen] == [(kind, thread) for kind in KINDS]
    await pavel.says("подъезд второй")
    await pavel.sees("Это к заявке №", buttons=("Другой вопрос",))
    minutes_pass(app)
    await sergey.sees("подъезд второй", where=group, after=0)
    await pavel.person.sends(stage.bot, "voice")
    await pavel.sees("Это к заявке №")
    minutes_pass(app)
    for _ in range(int(PATIENCE / STEP)):  # the ticker looks once a second; an earlier «Передал» is on the screen
        if kept(app)[-1].kind == "voice":
            break
        await asyncio.sleep(STEP)
    await pavel.sees("✅ Передал в заявку №")
    await stage.quiet()
    said = kept(app)
    assert [each.kind for each in said] == ["text", "text", *KINDS, "text", "voice"]
    with app.database.read() as session:
        ends = set(session.exec(select(Appeal.end).where(col(Appeal.ticket_id).is_not(None))).all())
    assert ends == {AppealEnd.TICKET, AppealEnd.ATTACHED}


async def test_what_an_engineer_shows_before_the_work_is_kept_apart_and_sent_by_a_press_only(
    stage: Stage, app: App
) -> None:
    cast = await on_the_way(stage)
    pavel, sergey = cast.pavel, cast.sergey
    await sergey.person.sends(stage.bot, "photo", caption="искрит здесь")
    await sergey.sees("Это к заявке №", buttons=("📷 До работ",))
    await sergey.presses("📷 До работ")
    await sergey.sees("до работ")
    await pavel.sees_nothing_of("искрит здесь")
    await sergey.person.sends(stage.bot, "video", caption="везу такой блок")
    await sergey.sees("Это к заявке №", buttons=("💬 Клиенту",))
    await sergey.presses("💬 Клиенту")
    assert (await pavel.sees("везу такой блок", after=0)).kind == "video"
    await sergey.sees("✅ Отправил клиенту", "видео", after=0)
    with app.database.read() as session:
        said = session.exec(select(Message).where(col(Message.from_staff)).order_by(col(Message.id))).all()
    assert [(each.kind, each.file.get(SHOT), each.internal) for each in said] == [
        ("photo", "before", False),
        ("video", None, False),
    ]
