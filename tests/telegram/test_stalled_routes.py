"""A proxy that goes silent in the middle of a run: another one takes over in seconds, and nothing is doubled but what
nobody can know the fate of, once."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest
from sqlmodel import func, select

from bot.app import App
from bot.messaging.incoming.models import Inbox
from bot.messaging.outgoing.outcomes import Later, Sent, Unknown
from bot.sandbox.client import SandboxClient
from bot.sandbox.server import Sandbox, serve_in_thread
from bot.settings import Settings
from bot.telegram.limits import Limiter
from bot.telegram.sender import TelegramSender
from tests.messaging.test_routes import a_message

SILENCE = 1.0  # TELEGRAM_ROUTE_SECONDS


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with serve_in_thread() as found:
        yield found


@pytest.fixture
async def sandbox(server: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(server.url) as client:
        yield client


class Proxy:
    """Speaks HTTP CONNECT to one server; once it stalls it takes everything and passes on nothing."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.there = (str(parts.hostname), int(parts.port or 0))
        self.flows = asyncio.Event()
        self.flows.set()
        self.way = ""
        self.talks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self.talks.add(talk)
        try:
            await reader.readuntil(b"\r\n\r\n")
            await self.flows.wait()
            there, onward = await asyncio.open_connection(*self.there)
            try:
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                await asyncio.gather(self._copy(reader, onward), self._copy(there, writer))
            finally:
                onward.close()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while piece := await source.read(65536):
            await self.flows.wait()
            sink.write(piece)
            await sink.drain()
        sink.close()

    async def ends(self) -> None:
        for talk in self.talks:
            talk.cancel()
        await asyncio.gather(*self.talks, return_exceptions=True)


@asynccontextmanager
async def proxies(url: str, count: int = 2) -> AsyncIterator[list[Proxy]]:
    made = [Proxy(url) for _ in range(count)]
    servers = [await asyncio.start_server(each.serve, "127.0.0.1", 0) for each in made]
    for each, listening in zip(made, servers, strict=True):
        each.way = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        for each, listening in zip(made, servers, strict=True):
            listening.close()
            await each.ends()


def a_sender(token: str, url: str, ways: list[Proxy]) -> TelegramSender:
    return TelegramSender(token, url, [each.way for each in ways], Limiter(False), route_seconds=SILENCE)


async def test_a_send_on_a_route_that_stalls_is_of_unknown_result_in_seconds_and_the_next_one_works(
    sandbox: SandboxClient, server: Sandbox
) -> None:
    bot, anna = await sandbox.bot(), await sandbox.person("Анна")
    await anna.starts(bot)
    async with proxies(server.url) as ways:
        sender = a_sender(bot.token, server.url, ways)
        assert isinstance(await sender.send(a_message(anna.id)), Sent)
        ways[0].flows.clear()
        begun = monotonic()
        outcomes = await asyncio.gather(*(sender.send(a_message(anna.id)) for _ in range(8)))
        took = monotonic() - begun
        # The one on the connection that is open may have left; the others surely found none.
        assert all(isinstance(each, Unknown | Later) for each in outcomes)
        assert sum(isinstance(each, Unknown) for each in outcomes) <= 1
        assert took < 3 * SILENCE + 1
        assert await sender.alive()
        assert isinstance(await sender.send(a_message(anna.id)), Sent)
        assert monotonic() - begun < 3 * SILENCE + 2
        await sender.close()
    assert len(await bot.calls("sendMessage")) == 2


async def test_a_server_that_is_slow_with_one_call_is_waited_for(sandbox: SandboxClient, server: Sandbox) -> None:
    bot, anna = await sandbox.bot(), await sandbox.person("Анна")
    await anna.starts(bot)
    await bot.fails("slow", method="sendMessage", seconds=3 * SILENCE)
    async with proxies(server.url) as ways:
        sender = a_sender(bot.token, server.url, ways)
        assert isinstance(await sender.send(a_message(anna.id)), Sent)
        await sender.close()
    assert len(await bot.calls("sendMessage")) == 1


async def test_updates_come_by_the_next_proxy_in_seconds(
    sandbox: SandboxClient, server: Sandbox, tmp_path: Path, sqlite_template: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "x.db")
    bot, anna = await sandbox.bot(), await sandbox.person("Анна")
    async with proxies(server.url) as ways:
        app = App(
            Settings(
                bot_token=bot.token,
                database_url=f"sqlite:///{tmp_path}/x.db",
                telegram_api_url=server.url,
                telegram_proxies=",".join(each.way for each in ways),
                telegram_route_seconds=SILENCE,
                _env_file=None,
            )
        )
        app._start_intake()
        try:
            await bot.makes_calls("getUpdates", 1)
            ways[0].flows.clear()
            await anna.says(bot, "есть кто?")
            begun = monotonic()
            while monotonic() - begun < 5 * SILENCE:
                await asyncio.sleep(0.1)
                with app.database.read() as session:
                    if session.exec(select(func.count()).select_from(Inbox)).one():
                        break
            else:
                raise AssertionError("nothing came in")
        finally:
            await asyncio.to_thread(app.stop)
