"""The few calls that are made outside of turns: who am I, what is new, where to push."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.telegram.http import NO_ANSWER, open_session, patience

ALLOWED_UPDATES = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
    "pre_checkout_query",
]


class TelegramRefusedError(RuntimeError):
    """The server answered, with an error: `code` and its words."""

    def __init__(self, method: str, code: int, description: str, retry_after: float = 0.0) -> None:
        super().__init__(f"{method}: {code} {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after


class UnreachableError(ConnectionError):
    """No route to the server worked."""


@dataclass(slots=True)
class Api:
    """One HTTP session per route; the first that answers getMe is used (TELEGRAM_PROXIES)."""

    token: str
    api_url: str
    proxies: Sequence[str] = ()
    _session: aiohttp.ClientSession | None = None

    async def connect(self) -> dict[str, Any]:
        """Probe the routes in order; returns getMe. Raises UnreachableError, TelegramRefusedError."""
        problems: list[str] = []
        for proxy in self.proxies or (None,):
            await self.close()
            self._session = open_session(self.api_url, proxy)
            try:
                return dict(await self.call("getMe"))
            except NO_ANSWER as error:
                problems.append(f"{proxy or 'directly'}: {type(error).__name__}")
        raise UnreachableError(
            f"{self.api_url} is not reachable ({'; '.join(problems)}): check TELEGRAM_API_URL, TELEGRAM_PROXIES"
        )

    async def call(self, method: str, *, read_timeout: float = 10.0, **params: Any) -> Any:
        """POST one method as JSON and give its result. Raises TelegramRefusedError, and one of NO_ANSWER."""
        if self._session is None:
            await self.connect()
        assert self._session is not None  # noqa: S101 - connect() sets it
        url = f"{self.api_url}/bot{self.token}/{method}"
        async with self._session.post(url, json=params, timeout=patience(read_timeout)) as answer:
            said, status = await answer.read(), answer.status
        try:
            body = json.loads(said)
        except ValueError as error:
            raise TelegramRefusedError(method, status, "no JSON came back") from error
        if not body.get("ok"):
            wait = float((body.get("parameters") or {}).get("retry_after", 0))
            raise TelegramRefusedError(
                method, int(body.get("error_code", status)), str(body.get("description", "")), wait
            )
        return body["result"]

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
