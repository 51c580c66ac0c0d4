"""How python-telegram-bot makes its requests here: over aiohttp, with aiohttp's own error as the cause of each."""

from typing import Any

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.telegram.network.http import NO_ANSWER, POOL_SECONDS, open_session, patience, read_answer

NO_JSON = "Invalid server response"  # python-telegram-bot's words
UPLOAD_SECONDS = 120.0  # a document over a thin line


class AiohttpRequest(BaseRequest):
    """One route of a `telegram.Bot`."""

    __slots__ = ("_api_url", "_connect", "_proxy", "_read_timeout", "_session")

    def __init__(self, api_url: str, proxy: str | None, read_timeout: float, connect: float = POOL_SECONDS) -> None:
        self._api_url = api_url
        self._proxy = proxy
        self._read_timeout = read_timeout
        self._connect = connect
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the session; it belongs to the running event loop."""
        self._session = open_session(self._api_url, self._proxy)

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_timeouts: Any, **_named: Any
    ) -> tuple[int, bytes]:
        """(status, body). Raises TimedOut and NetworkError. Waits are the class's own, not the call's."""
        if self._session is None:
            raise RuntimeError("initialize() comes first")
        uploads = request_data is not None and request_data.contains_files
        timeout = patience(self._read_timeout, UPLOAD_SECONDS if uploads else 0.0, self._connect)
        try:
            async with self._session.request(method, url, data=_form(request_data), timeout=timeout) as answer:
                return answer.status, await answer.read()
        except NO_ANSWER as error:
            kind = TimedOut if isinstance(error, TimeoutError) else NetworkError
            raise kind(type(error).__name__) from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """What the server said. Raises TelegramError, in python-telegram-bot's own words, for what no server says."""
        answer = read_answer(payload)
        if answer is None:
            raise TelegramError(NO_JSON)
        return answer


def _form(data: RequestData | None) -> Any:
    """The parameters as a form, in parts where bytes go with them."""
    if data is None:
        return None
    if not data.contains_files:
        return data.json_parameters
    form = aiohttp.FormData(quote_fields=False)  # names of files in any script, as they are
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form
