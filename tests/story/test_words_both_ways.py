"""Words and files between a client and the engineers' group, over the Bot API of the sandbox, on both databases."""

from sqlmodel import col, select

from bot.app import App
from bot.demo.stage import Stage
from bot.sandbox.seen import Seen
from bot.tickets.life.models import DeliveryState, Message
from tests.story.conftest import met


async def ticket_in_its_topic(stage: Stage, cast: object) -> Seen:
    """Pavel's ticket on his till; the card in its topic, taken by Sergey."""
    pavel, sergey, group = cast.pavel, cast.sergey, cast.group
    await pavel.starts("o_ghd4uedxqtt9")
    await pavel.sees("Что случилось?")
    await pavel.says("касса искрит")
    await pavel.sees("касса искрит", buttons=("✅ Отправить",))
    await pavel.presses("✅ Отправить")
    await pavel.sees("Входит в договор")
    card = await sergey.sees("касса искрит", buttons=("✋ Беру",), where=group, after=0)
    await sergey.presses("✋ Беру", where=group)
    await pavel.sees("взял инженер", after=0)
    return card


async def test_files_go_both_ways_as_files_in_the_topic_and_the_writer_hears_what_left(stage: Stage, app: App) -> None:
    cast = await met(stage, "pavel", "sergey")
    pavel, sergey, group = cast.pavel, cast.sergey, cast.group
    card = await ticket_in_its_topic(stage, cast)
    await stage.bot.is_limited()
    await pavel.presses("💬 Написать")
    await pavel.sees("напишите", after=0)
    calls = (await stage.bot.calls())[-1]["id"]
    await pavel.person.sends_album(stage.bot, 10, "вот искры")
    album = await sergey.sees("вот искры", "Гусев Павел", where=group)
    look = await sergey.person.looks(group)
    parts = [each for each in look["messages"] if each["kind"] == "photo"]
    assert {each["thread"] for each in parts} == {card.thread}
    assert len(parts) == 10
    sent = [call for call in await stage.bot.calls(after=calls) if str(call["params"].get("chat_id")) == str(group.id)]
    assert [call["method"] for call in sent if call["method"].startswith("send")] == ["sendMediaGroup"]
    await stage.bot.is_limited(0, 0, 3, 0)
    await stage.quiet()  # nobody answers within the milliseconds between Telegram's yes and its record
    await sergey.person.sends(group, "photo", caption="эта деталь?", reply_to=album.message_id, thread=card.thread)
    got = await pavel.sees("эта деталь?")
    assert got.kind == "photo"
    await sergey.sees("✅ Отправил клиенту", "фото", where=group)
    await sergey.person.sends(group, "voice", reply_to=card.message_id, thread=card.thread)
    await sergey.sees("клиент этого не увидит", where=group)
    await sergey.person.says(group, "между нами", thread=card.thread)
    await pavel.sees_nothing_of("между нами")
    await pavel.person.blocks(stage.bot)
    await stage.quiet()
    await sergey.person.says(group, "буду в три", reply_to=album.message_id, thread=card.thread)
    await sergey.sees("клиент недоступен", where=group)
    with app.database.read() as session:
        kept = session.exec(select(Message).where(col(Message.from_staff)).order_by(col(Message.id))).all()
    assert [(each.kind, each.internal, each.delivery) for each in kept] == [
        ("photo", False, DeliveryState.SENT),
        ("voice", True, None),
        ("text", True, None),
        ("text", False, DeliveryState.REFUSED),
    ]


async def test_a_group_that_the_bot_may_not_write_in_gets_its_cards_when_it_may_again(stage: Stage) -> None:
    cast = await met(stage, "pavel", "sergey", "oksana")
    pavel, sergey, oksana, group = cast.pavel, cast.sergey, cast.oksana, cast.group
    await group.takes(stage.bot, "restricted", by=cast.vera.person)
    await oksana.sees("запретили в ней писать", after=0)
    await pavel.starts("o_ghd4uedxqtt9")
    await pavel.sees("Что случилось?")
    await pavel.says("касса искрит")
    await pavel.sees("касса искрит", buttons=("✅ Отправить",))
    await pavel.presses("✅ Отправить")
    await oksana.sees("касса искрит", buttons=("✋ Беру",), after=0)
    await sergey.sees_nothing_of("касса искрит", where=group)
    await group.takes(stage.bot, "administrator", by=cast.vera.person)
    card = await sergey.sees("касса искрит", buttons=("✋ Беру",), where=group, after=0)
    assert card.thread is not None
    await sergey.presses("✋ Беру", where=group)
    await oksana.sees("касса искрит", "Взята", after=0)  # her own card too
    there = await sergey.person.sees(group)
    assert len([each for each in there if "касса искрит" in each.text and not each.mine]) == 1
