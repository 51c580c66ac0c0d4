"""One sandbox for all tests of this room; each test has its own bot and people."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox.client import BotHandle, Person, SandboxClient
from bot.sandbox.server import Sandbox, serve


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[Sandbox]:
    async with serve() as running:
        yield running


@pytest.fixture(scope="session")
async def sandbox(server: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(server.url) as client:
        yield client


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        yield client


class Api:
    """A bot that calls the server with plain JSON."""

    def __init__(self, http: httpx.AsyncClient, url: str, token: str) -> None:
        self.http = http
        self.base = f"{url}/bot{token}"

    async def raw(self, method: str, **params: object) -> dict:
        return (await self.http.post(f"{self.base}/{method}", json=params)).json()

    async def __call__(self, method: str, **params: object):
        answer = await self.raw(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: object) -> str:
        answer = await self.raw(method, **params)
        assert not answer["ok"], answer
        assert answer["error_code"] == int(answer["error_code"])
        return f"{answer['error_code']} {answer['description']}"


@pytest.fixture
async def bot(sandbox: SandboxClient) -> BotHandle:
    return await sandbox.bot("Helper")


@pytest.fixture
async def anna(sandbox: SandboxClient) -> Person:
    return await sandbox.person("Анна", phone="+79161234567")


@pytest.fixture
def api(http: httpx.AsyncClient, server: Sandbox, bot: BotHandle) -> Api:
    return Api(http, server.url, bot.token)
