"""The bots' side over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.sandbox.methods import chats as methods_chats
from bot.sandbox.methods import edits as methods_edits
from bot.sandbox.methods import media as methods_media
from bot.sandbox.methods import messages as methods_messages
from bot.sandbox.methods import profile as methods_profile
from bot.sandbox.methods.call import METHODS, Call
from bot.sandbox.world.faults import Fault, Trouble, Troubles
from bot.sandbox.world.params import Params, read_params
from bot.sandbox.world.refusals import Json, Refusal, not_found, unauthorized
from bot.sandbox.world.render import me_json
from bot.sandbox.world.state import Bot, World
from bot.sandbox.world.updates import drop_webhook, get_updates, set_webhook, webhook_info

logger = logging.getLogger(__name__)
METHODS_IN = (methods_chats, methods_edits, methods_media, methods_messages, methods_profile)
_PATH = re.compile(r"/bot([^/]+)/(?:test/)?([^/]*)/?")
_FILE_PATH = re.compile(r"/file/bot([^/]+)/(.+)")
_TOKEN = re.compile(r"(\d{1,19}):[\w-]{20,}", re.ASCII)


@dataclass(slots=True)
class BotApi:
    """An ASGI application that speaks Bot API. `only` names the methods it knows, None means all."""

    world: World
    troubles: Troubles
    only: frozenset[str] | None = None
    sparse_me: bool = False
    hanging: set[asyncio.Future[None]] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        request = Request(scope, receive)
        if found := _FILE_PATH.fullmatch(scope["path"]):
            await self._file(found.group(1), found.group(2))(scope, receive, send)
            return
        found = _PATH.fullmatch(scope["path"])
        try:
            if found is None:
                raise not_found()
            bot = self.authorise(found.group(1))
        except Refusal as refusal:
            await _answer(refusal.as_json(), refusal.code)(scope, receive, send)
            return
        await self._call(bot, found.group(2), request, send)

    def authorise(self, token: str) -> Bot:
        """The bot of a token; one that was never seen is registered. Raises Refusal 401 or 404."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise not_found()
        bot = self.world.bots.get(int(match.group(1)))
        if bot is None:
            return self.world.add_bot(token)
        if bot.revoked or bot.token != token:
            raise unauthorized()
        return bot

    async def _call(self, bot: Bot, name: str, request: Request, send: Send) -> None:
        started = time.perf_counter()
        record = self._begin(bot, name)
        fault: Fault | None = None
        try:
            params = await read_params(request)
            record["params"] = params.for_transcript()
            fault = self.troubles.take(bot, name, params)
            if fault is not None:
                await self._before(fault, send)
            body = {"ok": True, "result": await self.run(bot, name, params)}
            code = 200
        except Refusal as refusal:
            body, code = refusal.as_json(), refusal.code
        except Hung:
            record.update(ok=False, error="no answer: " + (fault.trouble.value if fault else ""))
            self._finish(record, started)
            return
        except Exception:
            logger.exception("sandbox failed in %s", name)
            body, code = Refusal(500, "Internal Server Error").as_json(), 500
        record.update(ok=code == 200, status=code)
        if code == 200:
            record["result"] = body["result"]
        else:
            record["error"] = body["description"]
        self._finish(record, started)
        try:
            if fault is not None:
                await self._after(fault, send)
        except Hung:
            record["error"] = f"no answer: {fault.trouble.value if fault else ''}"
            return
        await _answer(body, code)(request.scope, request.receive, send)

    def _begin(self, bot: Bot, name: str) -> Json:
        self.world.calls_made += 1
        record: Json = {"id": self.world.calls_made, "at": time.time(), "bot": bot.id, "method": name, "params": {}}
        return record

    def _finish(self, record: Json, started: float) -> None:
        record["ms"] = round((time.perf_counter() - started) * 1000, 2)
        self.world.calls.append(record)
        self.world.bots[record["bot"]].log.append(record)
        polled = record["method"].lower() == "getupdates"
        if not polled:
            self.world.bots[record["bot"]].calls += 1
        if not (polled and record["ok"]):  # an answered poll is no news: a bot polls all the time
            self.world.touch()

    async def run(self, bot: Bot, name: str, params: Params) -> object:
        """Do one call. Raises Refusal."""
        lower = name.lower()
        if self.only is not None and lower not in self.only:
            raise not_found()
        self.troubles.check_limits(bot, lower, params)
        match lower:
            case "getupdates":
                return await get_updates(self.world, bot, params)
            case "getme":
                return me_json(bot, self.sparse_me)
            case "setwebhook":
                set_webhook(self.world, bot, params, self._webhook_reply)
                return True
            case "deletewebhook":
                drop_webhook(bot, params)
                return True
            case "getwebhookinfo":
                return webhook_info(bot)
        known = METHODS.get(lower)
        if known is None:
            raise not_found()
        return known(Call(self.world, bot, params))

    async def _webhook_reply(self, bot: Bot, name: str, params: Params) -> None:
        """Do a call that came as the answer to a webhook; nobody hears of its result but the transcript."""
        record = self._begin(bot, name)
        record["params"] = params.for_transcript()
        started = time.perf_counter()
        try:
            record.update(result=await self.run(bot, name, params), ok=True, status=200)
        except Refusal as refusal:
            record.update(ok=False, status=refusal.code, error=refusal.description)
        except Exception:
            logger.exception("sandbox failed in %s", name)
            record.update(ok=False, status=500, error="Internal Server Error")
        self._finish(record, started)

    async def _before(self, fault: Fault, send: Send) -> None:
        if fault.trouble is Trouble.REFUSE:
            raise fault.refusal()
        if fault.trouble in (Trouble.SLOW, Trouble.TIMEOUT_BEFORE):
            await self._hang(fault.seconds)
        if fault.trouble in (Trouble.TIMEOUT_BEFORE, Trouble.DROP_BEFORE):
            await drop_connection(send)

    async def _after(self, fault: Fault, send: Send) -> None:
        if fault.trouble is Trouble.TIMEOUT_AFTER:
            await self._hang(fault.seconds)
        if fault.trouble in (Trouble.TIMEOUT_AFTER, Trouble.DROP_AFTER):
            await drop_connection(send)

    async def _hang(self, seconds: float) -> None:
        """Wait, but not beyond the end of the server."""
        hanging: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.hanging.add(hanging)
        await asyncio.wait([hanging], timeout=seconds)
        self.hanging.discard(hanging)

    def _file(self, token: str, path: str) -> Response:
        try:
            self.authorise(token)
            stored = self.world.paths.get(path)
            if stored is None:
                raise not_found()
        except Refusal as refusal:
            return _answer(refusal.as_json(), refusal.code)
        return Response(stored.content, media_type="application/octet-stream")


class Hung(Exception):
    """The connection is gone; nothing more can be said."""


async def drop_connection(send: Send) -> None:
    """Cut the connection without a word, as a dying proxy does. Raises Hung."""
    # ASGI has no word for it: the transport is reached through the server's own object.
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await asyncio.sleep(0)  # the server sees that it is cut, and misses no answer of ours
    raise Hung


def _answer(body: Json, code: int) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, code, media_type="application/json")
