"""Putting it together: which parts run in this process, and how they end."""

import asyncio
import errno
import gc
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import structlog
import uvicorn
from aiogram.types import User
from sqlmodel import Session
from starlette.applications import Starlette

import bot.tables  # noqa: F401 - every table, as they refer to each other
from bot.clients.audiences import still_hears
from bot.clients.policy import policy, quiet_hours
from bot.db.clock import utc_now
from bot.db.engine import Database
from bot.db.unit_of_work import Office
from bot.messaging.far_bells import ARRIVED, OUTGOING, carry
from bot.messaging.incoming.held_back import HeldBack
from bot.messaging.notices.telling import Notices
from bot.messaging.outgoing.delivery import Delivery
from bot.messaging.outgoing.doubts import Patience
from bot.messaging.runner import Bell, Runner
from bot.messaging.turns.lanes import Lanes
from bot.settings import Settings
from bot.telegram import arriving, polling
from bot.telegram.limits import Limiter
from bot.telegram.network.api import ALLOWED_UPDATES, Api, ForeignAnswerError, TelegramRefusedError, UnreachableError
from bot.telegram.network.http import NO_ANSWER
from bot.telegram.sender import TelegramSender
from bot.telegram.showing.rendering import TelegramRenderer
from bot.tickets.life.topics import topic_name
from bot.web.app import Webhook, create_app

log = structlog.get_logger()

PARTS = ("intake", "turns", "deliver", "ticker", "web")
DRAIN_SECONDS = 10.0
ASK_AGAIN = 2.0  # seconds, where Telegram does not say how many
BAD_REQUEST, UNKNOWN_METHOD = 400, 404
CHAT_MEND = (
    "add the bot to the engineers' group and check DISPATCH_CHAT_ID: ids of supergroups begin with -100; or leave it "
    "out and send /dispatch in the group"
)


class NeedsPostgresError(RuntimeError):
    """Parts as processes of their own share a database, which SQLite can't be."""


class AskedToStopError(RuntimeError):
    """A signal came before the start was over."""


class BusyPortError(RuntimeError):
    """The web port can't be had: somebody listens there already, or it isn't ours to listen on."""


@dataclass(slots=True)
class App:
    """One process of Firstline. `start()` returns at once; `wait()` blocks until it ends."""

    settings: Settings
    parts: tuple[str, ...] = PARTS
    clock: Callable[[], Any] = utc_now
    runner: Runner = field(default_factory=Runner)
    arrived: Bell = field(default_factory=Bell)
    outgoing: Bell = field(default_factory=Bell)
    asked_to_stop: list[int] = field(default_factory=list)
    held: HeldBack = field(default_factory=lambda: HeldBack(queue_late))
    database: Database = field(init=False)
    office: Office = field(init=False)

    def __post_init__(self) -> None:
        self.settings.require_token()
        self.database = Database(
            self.settings.database_url,
            lock_seconds=self.settings.database_lock_seconds,
            statement_seconds=self.settings.database_statement_seconds,
        )
        if self.database.is_sqlite and set(self.parts) != set(PARTS):
            raise NeedsPostgresError(
                "parts as processes of their own need PostgreSQL: set DATABASE_URL=postgresql://…, "
                "or use `python -m bot run`"
            )
        renderer = TelegramRenderer(self.settings.bot_id, topic_name)
        self.office = Office(self.database, Notices(lambda: renderer, quiet_hours), self.clock)

    def start(self) -> None:
        """Start every part of this process; the port first, since the rest waits for Telegram. Raises BusyPortError."""
        import bot.handlers.screens  # noqa: F401 - buttons of notices; aiogram comes along, so not before it is needed

        if "web" in self.parts:
            self._start_web()
        elif self.settings.health_port is not None:
            self._serve(create_app(self.office, None, self._held()), "HEALTH_PORT", self.settings.health_port)
        if "turns" in self.parts:
            self._start_turns()
        if "deliver" in self.parts:
            sender = TelegramSender(
                self.settings.bot_token,
                self.settings.telegram_api_url,
                self.settings.proxies,
                Limiter(self.settings.telegram_limits == "on"),
                route_seconds=self.settings.telegram_route_seconds,
            )
            Delivery(self.office, sender, self.outgoing, patience, still_hears).start(self.runner)
        if "ticker" in self.parts:
            self._start_ticker()
        if "intake" in self.parts:
            self._start_intake()
        self._carry_bells()
        # A full collection over aiogram's objects is 100 ms of silence (stack.md).
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        log.info("started", parts=",".join(self.parts), database="sqlite" if self.database.is_sqlite else "postgresql")

    def wait(self) -> int:
        """Until a signal or a dead loop; then drain. Returns the exit code."""
        self.heed_signals()
        while not self.asked_to_stop and not self.runner.stopping.wait(0.1):
            pass
        return self.stop()

    def heed_signals(self) -> None:
        """From now on SIGTERM and SIGINT ask for an orderly end, in the middle of the start too."""
        for number in (signal.SIGTERM, signal.SIGINT):
            # Only noted: the handler may run while this very thread holds the event's lock.
            signal.signal(number, lambda number, _frame: self.asked_to_stop.append(number))

    def stop(self) -> int:
        """Stop intake, finish the turns and sends under way, release what is held."""
        self.runner.stop()
        left = self.runner.join(DRAIN_SECONDS)
        if left:
            log.error("did_not_drain", loops=left)
        self.database.dispose()
        log.info("stopped")
        return 1 if self.runner.failed or left else 0

    def _api(self) -> Api:
        settings = self.settings
        return Api(settings.bot_token, settings.telegram_api_url, settings.proxies, settings.telegram_route_seconds)

    def me(self) -> User:
        """Who the bot is; waits out an outage. Raises TelegramRefusedError, and AskedToStopError while it waits.

        Only a token that is refused in Telegram's own words ends the start (401, 404); whatever else is said, by
        whomever, passes.
        """

        async def ask() -> dict[str, Any]:
            api = self._api()
            try:
                while True:
                    try:
                        return await api.connect()
                    except UnreachableError as error:
                        log.warning("telegram_unreachable", said=str(error))
                        self.held.back(str(error), self.clock())
                        await self._wait_to_ask_again(ASK_AGAIN)
                    except TelegramRefusedError as error:
                        if error.final:
                            raise
                        wait = max(error.retry_after, ASK_AGAIN)
                        log.warning("telegram_refused", code=error.code, said=error.description, again_in=wait)
                        self.held.back(f"Telegram says {error.code} {error.description}: waiting", self.clock())
                        await self._wait_to_ask_again(wait)
            finally:
                await api.close()

        return _bot_user(asyncio.run(ask()), self.settings.bot_id)

    async def _wait_to_ask_again(self, seconds: float) -> None:
        """Raises AskedToStopError."""
        until = monotonic() + seconds
        while monotonic() < until:
            if self.asked_to_stop:
                raise AskedToStopError
            await asyncio.sleep(0.1)

    def _link_dispatch_chat(self) -> None:
        """DISPATCH_CHAT_ID links the engineers' group with no command in it; an id that Telegram calls wrong links
        nothing, and what is linked stays."""
        from bot.clients.dispatch_chat import link_by_setting
        from bot.telegram.ids import chat as telegram_chat

        chat_id = self.settings.dispatch_chat_id
        if chat_id is None:
            return

        async def ask() -> dict[str, Any] | None:
            api = self._api()
            try:
                said = await api.call("getChat", chat_id=chat_id)
            except TelegramRefusedError as error:
                if error.code == BAD_REQUEST:
                    raise
                log.warning("dispatch_chat_unknown", chat_id=chat_id, said=error.description)
                return None
            except (UnreachableError, *NO_ANSWER) as error:
                log.warning("dispatch_chat_unknown", chat_id=chat_id, said=type(error).__name__)
                return None
            else:
                return said if isinstance(said, dict) else None
            finally:
                await api.close()

        try:
            known = asyncio.run(ask())
        except TelegramRefusedError as error:
            log.error("dispatch_chat_unknown", chat_id=chat_id, said=error.description, mend=CHAT_MEND)
            return
        with self.office.work() as uow:
            link_by_setting(uow, telegram_chat(chat_id), known)

    def _start_turns(self) -> None:
        from bot.handlers.wiring import update_handler

        me = self.me()
        self._link_dispatch_chat()
        handler = update_handler(self.settings, self.office, me, self.runner)
        lanes = self.settings.lanes or (1 if self.database.is_sqlite else 4)
        Lanes(self.office, handler, self.arrived, self.outgoing, 1 if self.database.is_sqlite else lanes).start(
            self.runner
        )

    def _carry_bells(self) -> None:
        """Arrivals wake the turns, and what is to be sent wakes delivery, in whichever process they are."""
        bells = {ARRIVED: ("turns", self.arrived), OUTGOING: ("deliver", self.outgoing)}
        near = {channel: bell for channel, (part, bell) in bells.items() if part in self.parts}
        far = {channel: bell for channel, (_, bell) in bells.items() if channel not in near}
        carry(self.database, self.runner, near, far)

    def _start_ticker(self) -> None:
        from bot.jobs.recurring import start_recurring
        from bot.jobs.ticker import Ticker
        from bot.jobs.timers import TIMERS
        from bot.telegram.ids import bot as telegram_bot

        with self.office.work() as uow:
            start_recurring(uow)
        Ticker(self.office, TIMERS, telegram_bot(self.settings.bot_id), self.arrived, self.outgoing).start(self.runner)

    def _start_web(self) -> None:
        webhook = None
        if self.settings.webhook_url:
            webhook = Webhook(
                urlsplit(self.settings.webhook_url).path or "/", self.settings.webhook_secret, self._take_in
            )
        self._serve(create_app(self.office, webhook, self._held()), "WEB_PORT", self.settings.web_port)

    def _held(self) -> HeldBack | None:
        return self.held if "intake" in self.parts else None

    def _serve(self, application: Starlette, setting: str, port: int) -> None:
        listening = _listening(self.settings.web_host, port, setting)
        server = uvicorn.Server(
            uvicorn.Config(
                application,
                log_level="warning",
                log_config=None,  # our own log, which hides secrets
                access_log=False,
                lifespan="off",
            )
        )
        self.runner.on_stop(lambda: setattr(server, "should_exit", True))

        self.runner.async_thread("web", lambda: server.serve([listening]))

    def _take_in(self, body: bytes, *, whole: bool) -> None:
        arriving.keep(self.office, [arriving.pushed(self.settings.bot_id, body, whole=whole)])
        self.arrived.ring()

    def _start_intake(self) -> None:
        async def intake() -> None:
            api = self._api()
            try:
                await self.runner.until_stopped(self._arrange_delivery_of_updates(api))
                if self.settings.webhook_url:
                    await polling.watch_webhook(api, self.office, self.runner, self.held)
                else:
                    await polling.poll(api, self.office, self.settings.bot_id, self.arrived, self.runner, self.held)
            finally:
                await api.close()

        self.runner.async_thread("intake", intake)

    async def _arrange_delivery_of_updates(self, api: Api) -> None:
        """Tell Telegram whether we poll or are pushed to; a server that knows neither is polled."""
        if self.settings.webhook_url:
            call: tuple[str, dict[str, Any]] = (
                "setWebhook",
                {
                    "url": self.settings.webhook_url,
                    "secret_token": self.settings.webhook_secret,
                    "allowed_updates": ALLOWED_UPDATES,
                },
            )
        else:
            call = ("deleteWebhook", {})
        while True:
            try:
                await api.call(call[0], **call[1])
            except (TelegramRefusedError, ForeignAnswerError) as error:
                log.warning("method_refused", method=call[0], code=error.code, said=str(error))
                if error.code == UNKNOWN_METHOD or (error.code == BAD_REQUEST and not self.settings.webhook_url):
                    return
                pause = max(error.retry_after, ASK_AGAIN)
            except (UnreachableError, *NO_ANSWER) as error:
                log.warning("telegram_unreachable", said=type(error).__name__)
                pause = ASK_AGAIN
            else:
                return
            await asyncio.sleep(pause)


def _listening(host: str, port: int, setting: str) -> socket.socket:
    """The port, taken. Raises BusyPortError."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            said = f"port {port} is taken: stop the other process or set {setting}"
        elif error.errno == errno.EACCES:
            said = f"port {port} is not for everybody's use: set {setting} to one from 1024 on"
        else:
            said = f"WEB_HOST {host} is no address of this machine: 127.0.0.1, or 0.0.0.0 for all it has"
        raise BusyPortError(said) from error


def _bot_user(known: dict[str, Any], bot_id: int) -> User:
    """The bot as `getMe` tells it; a lean server leaves fields out."""
    told = {name: known[name] for name in ("first_name", "username") if isinstance(known.get(name), str)}
    own_id = known.get("id") if type(known.get("id")) is int else bot_id
    return User.model_validate({"id": own_id, "is_bot": True, "first_name": "Firstline", **told})


def patience(session: Session) -> Patience:
    """How long chats wait for a send of unknown result, by the policy in force."""
    minutes = policy(session, "unsure_hold_minutes")
    return Patience(policy(session, "unsure_alarm_repeats"), timedelta(minutes=minutes))


def queue_late(session: Session) -> timedelta:
    """From which age on of a queue staff is told, by the policy in force."""
    return timedelta(minutes=policy(session, "queue_late_minutes"))
