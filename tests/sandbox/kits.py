"""aiogram and python-telegram-bot behind one set of names, for the conformance scenarios."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiogram
import telegram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram.request import HTTPXRequest


class AiogramKit:
    """What scenarios need of aiogram."""

    BadRequest = aiogram.exceptions.TelegramBadRequest
    Forbidden = aiogram.exceptions.TelegramForbiddenError
    RetryAfter = aiogram.exceptions.TelegramRetryAfter
    Conflict = aiogram.exceptions.TelegramConflictError
    Unauthorized = aiogram.exceptions.TelegramUnauthorizedError
    NotFound = aiogram.exceptions.TelegramNotFound
    Migrated = aiogram.exceptions.TelegramMigrateToChat
    Network = aiogram.exceptions.TelegramNetworkError
    Server = aiogram.exceptions.TelegramServerError
    TooLarge = aiogram.exceptions.TelegramEntityTooLarge
    Timeout = aiogram.exceptions.TelegramNetworkError
    types = aiogram.types

    @staticmethod
    @asynccontextmanager
    async def bot(url: str, token: str, seconds: float = 20) -> AsyncIterator[aiogram.Bot]:
        session = AiohttpSession(api=TelegramAPIServer.from_base(url), timeout=seconds)
        async with aiogram.Bot(token, session=session) as bot:
            yield bot

    @staticmethod
    def file(content: bytes, name: str) -> Any:
        return aiogram.types.BufferedInputFile(content, name)

    @staticmethod
    def photo_item(content: bytes, name: str, caption: str | None = None) -> Any:
        return aiogram.types.InputMediaPhoto(media=AiogramKit.file(content, name), caption=caption)

    @staticmethod
    async def download(bot: Any, file_id: str) -> bytes:
        found = await bot.get_file(file_id)
        stream = await bot.download_file(found.file_path, io.BytesIO())
        return stream.getvalue()

    @staticmethod
    def parse(update: dict[str, Any]) -> Any:
        return aiogram.types.Update.model_validate(update)

    @staticmethod
    def chat_of_migration(error: Any) -> int:
        return error.migrate_to_chat_id


class PtbKit:
    """What scenarios need of python-telegram-bot."""

    BadRequest = telegram.error.BadRequest
    Forbidden = telegram.error.Forbidden
    RetryAfter = telegram.error.RetryAfter
    Conflict = telegram.error.Conflict
    Unauthorized = telegram.error.InvalidToken
    NotFound = telegram.error.InvalidToken
    Migrated = telegram.error.ChatMigrated
    Network = telegram.error.NetworkError
    Server = telegram.error.NetworkError
    TooLarge = telegram.error.NetworkError
    Timeout = telegram.error.TimedOut
    types = telegram

    @staticmethod
    @asynccontextmanager
    async def bot(url: str, token: str, seconds: float = 20) -> AsyncIterator[telegram.Bot]:
        request = HTTPXRequest(
            read_timeout=seconds, media_write_timeout=seconds, httpx_kwargs={"trust_env": False, "verify": False}
        )
        polls = HTTPXRequest(read_timeout=seconds, httpx_kwargs={"trust_env": False, "verify": False})
        bot = telegram.Bot(token, f"{url}/bot", f"{url}/file/bot", request=request, get_updates_request=polls)
        await request.initialize()
        await polls.initialize()
        try:
            yield bot
        finally:
            await request.shutdown()
            await polls.shutdown()

    @staticmethod
    def file(content: bytes, name: str) -> Any:
        return telegram.InputFile(content, name)

    @staticmethod
    def photo_item(content: bytes, name: str, caption: str | None = None) -> Any:
        return telegram.InputMediaPhoto(content, caption=caption, filename=name)

    @staticmethod
    async def download(bot: Any, file_id: str) -> bytes:
        found = await bot.get_file(file_id)
        return bytes(await found.download_as_bytearray())

    @staticmethod
    def parse(update: dict[str, Any]) -> Any:
        return telegram.Update.de_json(update, None)

    @staticmethod
    def chat_of_migration(error: Any) -> int:
        return error.new_chat_id
