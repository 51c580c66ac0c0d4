"""A person and a bot talk through the sandbox."""

import time

import pytest

from bot.sandbox.client import BotHandle, NotPossibleError, NotSeenError, Person, SandboxClient
from tests.sandbox.conftest import Api


async def test_a_text_reaches_the_bot_and_its_answer_the_person(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.says(bot, "/start привет")
    [update] = await api("getUpdates")
    assert update["message"]["text"] == "/start привет"
    assert update["message"]["entities"] == [{"offset": 0, "length": 6, "type": "bot_command"}]
    assert update["message"]["from"]["id"] == anna.id
    await api("sendMessage", chat_id=anna.id, text="<b>Здравствуйте</b>, Анна", parse_mode="HTML")
    answer = await anna.waits_for(bot, "Здравствуйте")
    assert answer.text == "Здравствуйте, Анна"
    assert answer.raw["entities"] == [{"offset": 0, "length": 12, "type": "bold"}]


async def test_offset_confirms_updates(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.says(bot, "one")
    await anna.says(bot, "two")
    first, second = await api("getUpdates")
    assert await api("getUpdates", offset=first["update_id"] + 1) == [second]
    assert await api("getUpdates", offset=second["update_id"] + 1) == []


async def test_pressing_a_button_and_its_answer(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    markup = {"inline_keyboard": [[{"text": "Подтвердить", "callback_data": "yes:1"}]]}
    await api("sendMessage", chat_id=anna.id, text="Точно?", reply_markup=markup)
    press = await anna.presses(bot, "Подтвердить")
    update = (await api("getUpdates"))[-1]
    query = update["callback_query"]
    assert (query["data"], query["id"], query["message"]["text"]) == ("yes:1", press.query, "Точно?")
    await api("answerCallbackQuery", callback_query_id=query["id"], text="Готово")
    assert await anna.waits_for_toast(bot) == "Готово"
    await api("editMessageText", chat_id=anna.id, message_id=query["message"]["message_id"], text="Принято")
    assert (await anna.waits_for(bot, "Принято")).edited
    with pytest.raises(NotPossibleError, match="there are: none"):
        await anna.presses(bot, "Подтвердить")


async def test_the_same_press_again_and_redelivered(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    markup = {"inline_keyboard": [[{"text": "Да", "callback_data": "yes"}]]}
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=markup)
    press = await anna.presses(bot, "Да")
    await press.again()
    await bot.gets_again(press.updates[0])
    _, first, again, redelivered = await api("getUpdates")
    assert first == redelivered
    assert again["update_id"] != first["update_id"]
    assert again["callback_query"] == first["callback_query"]


async def test_contact_button_sends_ones_own_contact(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    markup = {"keyboard": [[{"text": "Поделиться", "request_contact": True}]], "one_time_keyboard": True}
    await api("sendMessage", chat_id=anna.id, text="Номер?", reply_markup=markup)
    await anna.presses(bot, "Поделиться")
    contact = (await api("getUpdates"))[-1]["message"]["contact"]
    assert (contact["user_id"], contact["phone_number"]) == (anna.id, "+79161234567")
    assert (await anna.looks(bot))["keyboard"] is None


async def test_waiting_fails_with_what_the_chat_shows(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    await api("sendMessage", chat_id=anna.id, text="Другое")
    with pytest.raises(NotSeenError, match="Другое"):
        await anna.waits_for(bot, "Нужное", timeout=0.05)


async def test_a_step_is_fast(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    began = time.perf_counter()
    for number in range(50):
        await anna.says(bot, f"{number}")
        await api("sendMessage", chat_id=anna.id, text=f"re {number}")
    assert (time.perf_counter() - began) / 50 < 0.05


async def test_bots_are_apart(sandbox: SandboxClient, api: Api, bot: BotHandle, anna: Person) -> None:
    other = await sandbox.bot("Other")
    await anna.says(other, "не тебе")
    assert await api("getUpdates") == []
    assert await anna.sees(bot) == []
