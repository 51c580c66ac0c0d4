"""The baseline: an echo bot on bare aiogram, long polling, collector tuned as ours (stack.md)."""

import asyncio
import gc
import logging
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, Message


async def main(token: str, url: str) -> None:
    """Answer each text with itself until killed."""
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "?")

    @dispatcher.callback_query()
    async def pressed(press: CallbackQuery) -> None:
        await press.answer()

    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    await dispatcher.start_polling(bot, handle_signals=False, polling_timeout=10)


if __name__ == "__main__":
    logging.disable(logging.INFO)
    asyncio.run(main(sys.argv[1], sys.argv[2]))
