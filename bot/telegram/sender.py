"""Sending with python-telegram-bot: one outbox row, one `do_api_request`, one outcome."""

import asyncio
import html
import re
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog
import telegram
from telegram import error as tg
from telegram.warnings import PTBUserWarning

from bot.messaging.messengers import Messenger
from bot.messaging.outgoing.models import Outbox
from bot.messaging.outgoing.outbox import CORRECTS
from bot.messaging.outgoing.outcomes import Later, Moved, Outcome, Parcel, Refused, Resend, Sent, TopicMade, Unknown
from bot.telegram.ids import MESSENGER
from bot.telegram.limits import Limiter
from bot.telegram.network.http import POOL_SECONDS, ROUTE_SECONDS, UnusableProxyError, never_left
from bot.telegram.network.request import NO_JSON, AiohttpRequest

# Each known method warns that it has a wrapper: the raw form is what the outbox keeps.
warnings.filterwarnings("ignore", category=PTBUserWarning)
# A repr of a request would name the token.
log = structlog.get_logger()

_HARMLESS = ("message is not modified", "query is too old", "message to delete not found", "message can't be deleted")
_GONE = (
    "chat not found",
    "user is deactivated",
    "group chat was deleted",
    "bot was kicked",
    "peer_id_invalid",
    "user not found",
)
# In a group: the bot is there and may say nothing.
_MUTE = (
    "not enough rights to send text messages",
    "have no rights to send a message",
    "chat_write_forbidden",
    "chat_send_plain_forbidden",
    "chat_restricted",
)
_EDIT_LOST = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier is not specified",
    "there is no text in the message to edit",  # a file's: its press came without the message, so nobody knew
)
TOPIC_NAME_LIMIT = 128
# What the library wants the items of an album to be; the outbox keeps them as JSON.
_ITEMS: Mapping[str, Callable[..., telegram.InputMedia]] = {
    "photo": telegram.InputMediaPhoto,
    "video": telegram.InputMediaVideo,
    "document": telegram.InputMediaDocument,
    "audio": telegram.InputMediaAudio,
}
LONGEST_FILE_ID = 300  # what the table of uploads holds
_TOPIC_LOST = ("message thread not found", "topic_deleted", "topic_id_invalid", "topic_closed")


class RouteStalledError(Exception):
    """A route says nothing any more: what became of the call nobody knows."""


@dataclass(slots=True)
class TelegramSender:
    """The `Sender` of delivery. Routes (proxies) are tried in order; the one that works stays."""

    token: str
    api_url: str
    proxies: Sequence[str] = ()
    limiter: Limiter = field(default_factory=Limiter)
    read_timeout: float = 20.0
    route_seconds: float = ROUTE_SECONDS
    _bots: list[telegram.Bot] = field(default_factory=list)
    _route: int = 0
    _stalled: set[int] = field(default_factory=set)
    _rounds: int = 0  # of vain questions whether the messenger is there
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _limited: dict[int, float] = field(default_factory=dict)
    messenger: Messenger = MESSENGER

    async def open(self) -> None:
        """Prepare one client per route; nothing is asked of the server, which may know few methods."""
        for proxy in self.proxies or (None,):
            connect = self.route_seconds if len(self.proxies) > 1 else POOL_SECONDS
            request = AiohttpRequest(self.api_url, proxy, self.read_timeout, connect)
            bot = telegram.Bot(
                self.token,
                base_url=f"{self.api_url}/bot",
                base_file_url=f"{self.api_url}/file/bot",
                request=request,
                get_updates_request=request,  # never used; its own would read the environment's proxies
            )
            await request.initialize()
            bot._initialized = True  # `initialize()` needs a full getMe, which a lean server lacks
            self._bots.append(bot)

    async def _opened(self) -> None:
        if not self._bots:
            try:
                await self.open()
            except UnusableProxyError:
                await self.close()
                raise

    async def close(self) -> None:
        """Let go of the connections."""
        for bot in self._bots:
            await bot.request.shutdown()
        self._bots.clear()

    def wait_for(self, row: Outbox) -> float:
        """Seconds until Telegram's limits let this row go."""
        return self.limiter.wait(row.chat_id, monotonic(), len(row.params.get("media", ())) or 1)

    async def send(self, parcel: Parcel) -> Outcome:
        """Make the call; every way it can end has a name."""
        method, params = _call(parcel)
        try:
            await self._opened()
        except UnusableProxyError:
            return Later(None, "no usable proxy", offline=True)
        route = self._route
        try:
            result = await self._watched(route, self._bots[route].do_api_request(method, api_kwargs=params))
        except RouteStalledError:
            return Unknown("the route stalled")
        except tg.TelegramError as error:
            return self._outcome(parcel, method, error, route)
        first = result[0] if isinstance(result, list) and result else result
        said = first if isinstance(first, dict) else {}
        thread = _number(said.get("message_thread_id"))
        if method == "createForumTopic":
            # A server that makes topics without a name for them has none.
            return TopicMade(thread) if thread is not None else Resend(outside_topics=True)
        if isinstance(result, list):
            ids = [_number(part.get("message_id")) for part in result if isinstance(part, dict)]
            return Sent(_number(said.get("message_id")), message_ids=[number for number in ids if number is not None])
        if (message := _number(said.get("message_id"))) is not None:
            return Sent(message, thread, _files(parcel, said))
        return Sent(parcel.card_message if method.startswith("edit") else None)

    async def _watched(self, route: int, call: Awaitable[Any]) -> Any:
        """The call's result. Raises RouteStalledError, with the call given up, once its route says nothing to anybody
        while another one answers; a server that is slow with this call alone is waited for."""
        if len(self._bots) == 1:
            return await call
        asked = asyncio.ensure_future(call)
        try:
            while not (await asyncio.wait({asked}, timeout=self.route_seconds))[0]:
                if await self._left(route) and not asked.done():
                    raise RouteStalledError
            return asked.result()
        finally:
            asked.cancel()

    async def _left(self, route: int) -> bool:
        """Whether a route was found to stall and another one is in use now. Sends that wait at once look once."""
        async with self._looking:
            if route != self._route:
                return route in self._stalled
            if await self._answers(route, self.route_seconds):
                return False
            for step in range(1, len(self._bots)):
                other = (route + step) % len(self._bots)
                if await self._answers(other, self.route_seconds):
                    self._stalled = (self._stalled - {other}) | {route}
                    self._next_route(route, to=other)
                    return True
            return False

    async def _answers(self, route: int, seconds: float) -> bool:
        """Whether the server answers getMe by a route; a refusal is an answer too."""
        try:
            async with asyncio.timeout(seconds):
                await self._bots[route].do_api_request("getMe")
        except TimeoutError:
            return False
        except tg.TelegramError as error:
            plainly = isinstance(error, tg.BadRequest) or not isinstance(error, tg.NetworkError)
            return plainly and not _foreign(error)
        return True

    async def alive(self) -> bool:
        """Whether getMe is answered; a refusal is an answer too."""
        try:
            await self._opened()
        except UnusableProxyError:
            return False
        route, seconds = self._route, self.read_timeout + POOL_SECONDS
        if len(self._bots) > 1:  # ever longer, so that a line on which all is slow is found alive in the end
            seconds = min(seconds, self.route_seconds * (1 << min(self._rounds // len(self._bots), 5)))
        if await self._answers(route, seconds):
            self._rounds = 0
            return True
        self._rounds += 1
        self._next_route(route)
        return False

    def _outcome(self, parcel: Parcel, method: str, error: tg.TelegramError, route: int) -> Outcome:
        row = parcel.row
        text = str(error.message)
        low = text.lower()
        match error:
            case tg.Forbidden() | tg.BadRequest() | tg.Conflict() if _foreign(error):
                self._next_route(route)
                return Later(None, "somebody else answered", offline=True)
            case tg.RetryAfter():
                wait = error.retry_after
                seconds = float(wait.total_seconds() if hasattr(wait, "total_seconds") else wait)
                return Later(seconds, "429", everywhere=self._limited_everywhere(row.chat_id, seconds))
            case tg.ChatMigrated():
                return Moved(error.new_chat_id)
            case tg.Forbidden():
                return Refused(text, chat_gone=True)
            case tg.InvalidToken():
                return self._unknown_method_or_token(row, method, error)
            case tg.EndPointNotFound():
                return Refused(f"the server does not know {method}", harmless=True)
            case tg.BadRequest():
                if any(word in low for word in _HARMLESS):
                    return Refused(text, harmless=True)
                silenced = row.chat_id is not None and row.chat_id < 0 and any(word in low for word in _MUTE)
                if silenced or any(word in low for word in _GONE):
                    return Refused(text, chat_gone=True)
                return self._lost(parcel, method, text, low)
            case tg.TimedOut() | tg.NetworkError():
                return self._network(error, route)
            case _ if _foreign(error):
                return Unknown("unreadable answer")
            case _:
                return Refused(text)

    def _lost(self, parcel: Parcel, method: str, text: str, low: str) -> Outcome:
        """A 400 about a message or topic that is not there any more; each way out changes what is tried next."""
        if method == "createForumTopic":
            return Resend(outside_topics=True)  # no forum, or no right to make topics: better there than nowhere
        if any(word in low for word in _EDIT_LOST) and method.startswith("edit"):
            # Only a text can be said anew; a markup or a caption has nothing to hang on.
            anew = method == "editMessageText" and CORRECTS not in parcel.row.params
            return Resend(forget_card=True) if anew else Refused(text, harmless=True)
        if any(word in low for word in _TOPIC_LOST):
            if parcel.thread_id is not None:
                return Resend(forget_topic=True)
            if "message_thread_id" in parcel.row.params:
                return Resend(outside_topics=True)
        if parcel.files:
            return Resend(forget_files=True)  # whatever is wrong with a known file: its bytes are here
        return Refused(text)

    def _limited_everywhere(self, chat_id: int | None, seconds: float) -> bool:
        """Telegram does not say whose limit was met. A private chat's own is short, and two chats at once share one."""
        now = monotonic()
        self._limited = {chat: until for chat, until in self._limited.items() if until > now}
        if chat_id is None:
            return True
        if chat_id < 0:
            return False
        self._limited[chat_id] = now + seconds
        return seconds > 5 or len(self._limited) > 1

    def _unknown_method_or_token(self, row: Outbox, method: str, error: tg.TelegramError) -> Outcome:
        """PTB says InvalidToken for 401, for 404 and before `initialize`: only the cause tells which."""
        if "not found" in str(error.__cause__ or error).lower() or isinstance(error.__cause__, tg.EndPointNotFound):
            log.warning("method_unknown_to_server", method=method, outbox_id=row.id)
            return Refused(f"the server does not know {method}", harmless=True)
        log.error("token_refused", mend="check BOT_TOKEN; a revoked token needs a new one from @BotFather")
        return Later(30.0, "401", everywhere=True)

    def _network(self, error: tg.TelegramError, route: int) -> Outcome:
        cause = error.__cause__
        if cause is not None and never_left(cause):
            self._next_route(route)
            return Later(None, type(cause).__name__, offline=True)
        if cause is None and not isinstance(error, tg.TimedOut):
            return Later(None, "server error")  # an answer came, with 5xx: nothing was done
        return Unknown(type(cause).__name__ if cause else type(error).__name__)

    def _next_route(self, failed: int, to: int | None = None) -> None:
        """Leave a route that failed, unless another send has done so already."""
        if len(self._bots) > 1 and self._route == failed:
            self._route = (failed + 1) % len(self._bots) if to is None else to
            log.warning("telegram_route_changed", route=self._route)


def _foreign(error: tg.TelegramError) -> bool:
    """Whether the answer is no JSON: a proxy, a gateway or a hotel's login page spoke in the server's place."""
    return NO_JSON in {str(error), str(error.__cause__)}


def _topic_name(params: dict[str, Any]) -> str:
    """As the notice names it; what has no name of its own is called by what is said in it first."""
    plain = params.get("_topic_name") or html.unescape(re.sub(r"<[^>]*>", "", params.get("text", "")))
    return (plain.strip().splitlines() or ["…"])[0][:TOPIC_NAME_LIMIT] or "…"


def _call(parcel: Parcel) -> tuple[str, dict[str, Any]]:
    """Method and parameters with what delivery knows filled in: card, topic, bytes."""
    row = parcel.row
    params = {key: value for key, value in row.params.items() if not key.startswith("_")}
    method = row.method
    if parcel.card_message is not None and method == "sendMessage":
        method = "editMessageText"
        params["message_id"] = parcel.card_message
    elif parcel.thread_id is not None:
        params["message_thread_id"] = parcel.thread_id
    elif row.params.get("_topic"):
        return "createForumTopic", {"chat_id": params["chat_id"], "name": _topic_name(row.params)}
    if CORRECTS in row.params:
        params["message_id"] = parcel.card_message
    elif method == "editMessageText" and "message_id" not in params:
        method = "sendMessage"
    if method == "sendMediaGroup":
        params["media"] = [_item(**item) for item in params["media"]]
    for blob_id, (filename, content) in parcel.blobs.items():
        params[_field(params, blob_id)] = telegram.InputFile(content, filename=filename)
    for blob_id, file_id in parcel.files.items():
        params[_field(params, blob_id)] = file_id
    return method, params


def _item(type: str, media: str, **words: str) -> telegram.InputMedia:
    return _ITEMS[type](media, **words)


def _field(params: Mapping[str, Any], blob_id: int) -> str:
    return next(name for name, value in params.items() if value == f"blob:{blob_id}")


def _files(parcel: Parcel, message: Mapping[str, Any]) -> dict[int, str]:
    """The messenger's ids of what was sent as bytes; of a picture's sizes the largest is the picture."""
    found: dict[int, str] = {}
    for blob_id in parcel.blobs:
        shown = message.get(_field(parcel.row.params, blob_id))
        if isinstance(shown, list) and shown:
            shown = shown[-1]
        file_id = shown.get("file_id") if isinstance(shown, dict) else None
        if isinstance(file_id, str) and len(file_id) <= LONGEST_FILE_ID:
            found[blob_id] = file_id
    return found


def _number(said: Any) -> int | None:
    """A number of the server's, or None: it goes into a column."""
    return said if type(said) is int else None
