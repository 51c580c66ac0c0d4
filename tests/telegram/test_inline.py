"""Plain filters run on the turn's thread, and decide as they did."""

import asyncio
import threading
from datetime import UTC, datetime

from aiogram import Bot, Dispatcher, F, Router
from aiogram.types import Chat, Message, Update

from bot.telegram.turns.dispatching import run_filters_inline

BOT = Bot("42:" + "x" * 35)


def _update(text: str) -> Update:
    message = Message(message_id=1, date=datetime(2026, 11, 24, tzinfo=UTC), chat=Chat(id=7, type="private"), text=text)
    return Update(update_id=1, message=message)


def test_a_line_is_filtered_without_leaving_the_thread_of_its_turn() -> None:
    asked_on: list[int] = []
    reached: list[str] = []

    def seen(message: Message) -> bool:
        asked_on.append(threading.get_ident())
        return message.text != "мимо"

    router = Router()

    @router.message(seen, F.text.startswith("привет"), F.text.as_("line"))
    async def greeted(_message: Message, line: str) -> None:
        reached.append(line)

    @router.message(F.text)
    async def other(message: Message) -> None:
        reached.append(f"other: {message.text}")

    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    run_filters_inline(dispatcher)

    async def feed() -> None:
        for line in ("привет, бот", "мимо", "пока"):
            await dispatcher.feed_update(BOT, _update(line))

    asyncio.run(feed())

    assert set(asked_on) == {threading.get_ident()}
    assert reached == ["привет, бот", "other: мимо", "other: пока"]
