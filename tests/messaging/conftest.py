"""A bot of planted handlers on the real frame: intake, inbox, lanes, outbox, delivery against the sandbox."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from aiogram import Dispatcher, Router
from aiogram.types import Message, Update, User

from bench.soak.nursery import Nursery
from bot.app import App
from bot.clients.models import StaffChat
from bot.db.clock import utc_now
from bot.handlers.common.conversation import Conversation, begin, language_in
from bot.messaging.outgoing import outbox
from bot.messaging.outgoing.delivery import Delivery
from bot.messaging.outgoing.doubts import Patience
from bot.messaging.turns.lanes import Lanes
from bot.sandbox.client import BotHandle, Group, SandboxClient
from bot.sandbox.server import Sandbox, serve_in_thread
from bot.settings import Settings
from bot.telegram.limits import Limiter
from bot.telegram.sender import TelegramSender
from bot.telegram.turns.dispatching import ReadsLines, UpdateHandler
from bot.telegram.turns.session import capturing_bot
from bot.telegram.turns.storage import TurnStorage
from tests.conftest import NOON


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    """One Bot API server for the whole run; tests are apart by token."""
    with serve_in_thread() as server:
        yield server


@pytest.fixture
async def sandbox(sandbox_server: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(sandbox_server.url) as client:
        yield client


@pytest.fixture(scope="session")
def one_nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Importing the bot takes seconds: once for all tests that start processes."""
    with Nursery(tmp_path_factory.mktemp("bots") / "log") as nursery:
        yield nursery


@pytest.fixture
def nursery(one_nursery: Nursery, tmp_path: Path) -> Iterator[Nursery]:
    """Starts bots as processes; what they say is in `nursery.log`."""
    one_nursery.log = tmp_path / "bot.log"
    yield one_nursery
    for pid in list(one_nursery.alive):
        one_nursery.end(pid)


class NothingToRead:
    """A base that knows nothing."""

    def __call__(self, message: Message) -> None:
        return None

    def ahead(self, texts: Sequence[str]) -> None:
        return None


class Clock:
    """Goes as time goes, and hours further when it is told to."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self._began = monotonic()

    def __call__(self) -> datetime:
        return NOON + self.ahead + timedelta(seconds=monotonic() - self._began)


# As shipped, but for the first wait.
HASTE = Patience(5, timedelta(minutes=30), first_wait=timedelta(milliseconds=20))


@dataclass
class Planted:
    """Starts and kills processes of one bot with handlers of the test."""

    url: str
    database_url: str
    handle: BotHandle
    limits: bool = False
    read_timeout: float = 20.0
    patience: Patience = HASTE
    pauses: tuple[timedelta, ...] = (timedelta(milliseconds=20),) * 2
    clock: Callable[[], datetime] = utc_now
    record: Callable[[Conversation, Update], bool] = lambda _turn, _update: True
    reads: ReadsLines = field(default_factory=NothingToRead)
    apps: list[App] = field(default_factory=list)

    def start(self, router_of: Callable[[], Router], *, only: tuple[str, ...] = ("intake", "turns", "deliver")) -> App:
        """Run the parts in threads of this process until `stop`."""
        settings = Settings(
            bot_token=self.handle.token,
            database_url=self.database_url,
            telegram_api_url=self.url,
            web_port=0,
            _env_file=None,
        )
        app = App(settings, clock=self.clock)
        dispatcher = Dispatcher(storage=TurnStorage())
        dispatcher.include_router(router_of())
        handler = UpdateHandler(
            bot=capturing_bot(
                self.handle.token, User(id=self.handle.id, is_bot=True, first_name="B", username=self.handle.username)
            ),
            dispatcher=dispatcher,
            read_line=self.reads,
            begin=begin,
            language_in=language_in,
            record=self.record,
            chat_timers={},
        )
        if "turns" in only:
            lanes = 1 if app.database.is_sqlite else 3
            Lanes(app.office, handler, app.arrived, app.outgoing, lanes, pauses=self.pauses).start(app.runner)
        if "deliver" in only:
            sender = TelegramSender(
                self.handle.token, self.url, limiter=Limiter(self.limits), read_timeout=self.read_timeout
            )
            Delivery(
                app.office, sender, app.outgoing, lambda _session: self.patience, probe_every=0.2, drain_seconds=0.3
            ).start(app.runner)
        if "intake" in only:
            app._start_intake()
        self.apps.append(app)
        return app

    async def sends_all(self) -> None:
        """Wait until what came of every send is written down."""
        for _ in range(400):
            await asyncio.sleep(0.05)
            with self.apps[-1].database.read() as session:
                if outbox.oldest_pending(session, self.clock()) is None:
                    return
        raise AssertionError("delivery is still at it")

    def stop(self) -> None:
        for app in self.apps:
            app.stop()
        self.apps.clear()


@pytest.fixture
async def planted(sandbox: SandboxClient, database_url: str) -> AsyncIterator[Planted]:
    bot = Planted(sandbox.url, database_url, await sandbox.bot())
    yield bot
    bot.stop()


def echo() -> Router:
    """Answers each text with itself."""
    router = Router()

    @router.message()
    async def answer(message: Message) -> None:
        await message.answer(f"эхо: {message.html_text}" if message.text else "эхо")

    return router


def link(app: App, group: Group) -> None:
    """Make the group the one that notices to dispatchers go to."""
    with app.office.work() as uow:
        uow.session.add(StaffChat(chat_id=group.id, title="Инженеры", linked_at=NOON))
