"""A stage for stories: the real bot over the sandbox's HTTP, on both databases."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from bot.app import App
from bot.demo.cast import Cast, gather, gets_acquainted, links_group
from bot.demo.house import bot_in, demo_clock, until_quiet
from bot.demo.stage import PATIENCE, Actor, Stage
from bot.demo.transcript import Unwritten
from bot.handlers.conversations import routers
from bot.sandbox.client import SandboxClient
from bot.sandbox.server import Sandbox, serve_in_thread
from tests.builders.talk import detached


@pytest.fixture(scope="session")
def story_server() -> Iterator[Sandbox]:
    """One Bot API server for all stories; they are apart by token."""
    with serve_in_thread() as server:
        yield server


@asynccontextmanager
async def housed(server: Sandbox, database_url: str) -> AsyncIterator[tuple[Stage, App]]:
    """The bot of the demo company, with nobody acquainted yet. Words alone answer: the encoder takes seconds."""
    async with AsyncExitStack() as stack:
        stack.enter_context(detached(routers()))
        sandbox = await stack.enter_async_context(SandboxClient(server.url))
        bot = await sandbox.bot("Сервис-Линия")
        app: App = await stack.enter_async_context(bot_in(database_url, bot, demo_clock(), encoder=False))
        stage = Stage(sandbox, bot, Unwritten(), lambda: until_quiet(app, bot, PATIENCE))
        yield stage, app


@pytest.fixture
async def house(story_server: Sandbox, database_url: str) -> AsyncIterator[tuple[Stage, App]]:
    """The house on a fresh database."""
    async with housed(story_server, database_url) as found:
        yield found


@pytest.fixture
def stage(house: tuple[Stage, App]) -> Stage:
    return house[0]


@pytest.fixture
def app(house: tuple[Stage, App]) -> App:
    """The running bot, for looking into its database."""
    return house[1]


async def met(stage: Stage, *names: str, forum: bool = True) -> Cast:
    """A cast of whom these have talked to the bot, with the engineers' group linked."""
    cast = await gather(stage, forum=forum)
    for name in (*names, "vera"):
        actor: Actor = getattr(cast, name)
        await gets_acquainted(actor)
    await links_group(cast)
    return cast
