"""aiogram's network, replaced: every outgoing method becomes an outbox row of the current turn (promise 4)."""

import json
from collections.abc import AsyncGenerator
from typing import Any, cast

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile, User

from bot.messaging.outgoing import outbox
from bot.messaging.outgoing.outbox import Priority
from bot.messaging.turns.turn import current_turn


class UploadInTurnError(TypeError):
    """A turn tried to upload a file object: bytes are stored as a blob and referred to."""


class CapturingSession(BaseSession):
    """Writes instead of sending. The answer of a captured method is no real message: chain nothing on it."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's signature
    ) -> TelegramType:
        turn = current_turn.get()
        files: dict[str, InputFile] = {}
        params: dict[str, Any] = {}
        for name, value in method.model_dump(warnings=False).items():
            prepared = self.prepare_value(value, bot=bot, files=files)
            if prepared is not None and prepared != "":
                params[name] = _plain(prepared)
        if files:
            raise UploadInTurnError(f"{method.__api_method__}: store the bytes as a Blob")
        callback = method.__api_method__ == "answerCallbackQuery"
        outbox.put(
            turn.uow.session,
            turn.inbox.bot,
            method.__api_method__,
            params,
            turn.now,
            chat_id=None if callback else int(params.get("chat_id", turn.inbox.chat_id)),
            priority=Priority.CALLBACK if callback else Priority.REPLY,
            inbox_id=turn.inbox.id,
        )
        return cast(TelegramType, True)

    async def close(self) -> None:
        """There is nothing to close."""

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ASYNC109 - aiogram's signature
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """Turns read no files: the background fetcher does."""
        raise UploadInTurnError("a turn does not download")
        yield b""


def _plain(value: Any) -> Any:
    """aiogram prepares nested values as JSON strings; the outbox keeps them as JSON."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def capturing_bot(token: str, me: User) -> Bot:
    """A Bot that can't reach the network; it knows itself, so filters never ask."""
    bot = Bot(token, session=CapturingSession(), default=DefaultBotProperties(parse_mode="HTML"))
    bot._me = me  # `/cmd@bot` filters and deep links would call getMe
    return bot
