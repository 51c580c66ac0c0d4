"""The few calls that are made outside of turns: who am I, what is new, where to push."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.redaction import conceal
from bot.telegram.network.http import NO_ANSWER, POOL_SECONDS, ROUTE_SECONDS, open_session, patience, read_answer

ALLOWED_UPDATES = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
    "pre_checkout_query",
]
POLL_SECONDS = 25.0
_NO_SUCH_BOT = (401, 404)


class TelegramRefusedError(RuntimeError):
    """The server answered, with an error: `code` and its words."""

    def __init__(self, method: str, code: int, description: str, retry_after: float = 0.0) -> None:
        super().__init__(f"{method}: {code} {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after

    @property
    def final(self) -> bool:
        """Whether waiting mends nothing: the token is revoked, or the server does not know it."""
        return self.code in _NO_SUCH_BOT


class UnreachableError(ConnectionError):
    """No route to the server worked."""


class ForeignAnswerError(ConnectionError):
    """Somebody else answered in the server's place: `code` is the HTTP status."""

    def __init__(self, method: str, code: int) -> None:
        super().__init__(f"{method}: no answer of a Bot API server came back, but {code}")
        self.code = code
        self.retry_after = 0.0


@dataclass(slots=True)
class Api:
    """One HTTP session per route; the first that answers getMe is used (TELEGRAM_PROXIES)."""

    token: str
    api_url: str
    proxies: Sequence[str] = ()
    route_seconds: float = ROUTE_SECONDS  # of several routes one that says nothing for so long gives way
    _route: int = 0
    _rounds: int = 0  # in which no route answered
    _session: aiohttp.ClientSession | None = None

    async def connect(self) -> dict[str, Any]:
        """Probe the routes in order, from the one in use on; returns getMe.

        Raises UnreachableError, TelegramRefusedError.
        A route on which somebody else answers gives way to the next one, as one that is dead.
        """
        problems: list[str] = []
        routes: Sequence[str | None] = self.proxies or (None,)
        for step in range(len(routes)):
            await self.close()
            number = (self._route + step) % len(routes)
            proxy = routes[number]
            route = conceal(proxy) if proxy else "directly"
            try:
                self._session = open_session(self.api_url, proxy)
                me = await self.call("getMe", read_timeout=self._doubt(10.0))
            except ForeignAnswerError as error:
                problems.append(f"{route}: {error.code} with no answer of a Bot API server")
            except NO_ANSWER as error:
                problems.append(f"{route}: {type(error).__name__}")
            else:
                if isinstance(me, dict):
                    self._route, self._rounds = number, 0
                    return me
                problems.append(f"{route}: no answer of a Bot API server")
        self._rounds += 1
        raise UnreachableError(
            f"{conceal(self.api_url)} is not reachable ({'; '.join(problems)}): "
            "check TELEGRAM_API_URL, TELEGRAM_PROXIES"
        )

    async def leave_route(self) -> dict[str, Any]:
        """The route in use has failed: look for one that works, the next one first. As connect()."""
        self._route += 1
        return await self.connect()

    @property
    def poll_seconds(self) -> float:
        """How long a question for updates may stay open: a route that stalls looks like one where nothing is new."""
        return self.route_seconds if len(self.proxies) > 1 else POLL_SECONDS

    def _doubt(self, seconds: float) -> float:
        """Seconds of silence that are waited out: few where there is another route, more after each vain round."""
        if len(self.proxies) < 2:
            return seconds
        return min(seconds, self.route_seconds * (1 << min(self._rounds, 5)))

    async def call(self, method: str, *, read_timeout: float = 10.0, **params: Any) -> Any:
        """POST one method as JSON and give its result. Raises TelegramRefusedError, and one of NO_ANSWER, of which
        ForeignAnswerError is one."""
        if self._session is None:
            await self.connect()
        assert self._session is not None  # noqa: S101 - connect() sets it
        url = f"{self.api_url}/bot{self.token}/{method}"
        timeout = patience(read_timeout, connect=self._doubt(POOL_SECONDS))
        async with self._session.post(url, json=params, timeout=timeout) as answer:
            said, status = await answer.read(), answer.status
        body = read_answer(said)
        if body is None:
            raise ForeignAnswerError(method, status)
        if not body["ok"]:
            wait = float(body["parameters"].get("retry_after", 0))
            raise TelegramRefusedError(method, body.get("error_code", status), body["description"], wait)
        return body["result"]

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
