"""HTTP to the Bot API: through proxies, and which failures mean that a request never left."""

import asyncio
import gc
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from bot.messaging.outgoing.models import Outbox
from bot.messaging.outgoing.outcomes import Later, Outcome, Parcel, Refused, Sent, Unknown
from bot.sandbox.client import BotHandle, SandboxClient
from bot.sandbox.server import Sandbox
from bot.telegram.limits import Limiter
from bot.telegram.network import http
from bot.telegram.network.api import Api, UnreachableError
from bot.telegram.sender import TelegramSender
from tests.conftest import NOON
from tests.messaging.conftest import Planted, echo

SELF_SIGNED = Path(__file__).with_name("self_signed.pem")  # good for a hundred years, for localhost
A_TOKEN = "1:" + "a" * 30


@asynccontextmanager
async def a_proxy() -> AsyncIterator[tuple[int, list[str]]]:
    """A real proxy on this machine that speaks SOCKS5 and HTTP CONNECT: its port, and whom it was asked for."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(1)
        if first == b"\x05":  # RFC 1928, no authentication
            await reader.readexactly((await reader.readexactly(1))[0])
            writer.write(b"\x05\x00")
            kind = (await reader.readexactly(4))[3]
            host = (
                str(IPv4Address(await reader.readexactly(4)))
                if kind == 1
                else (await reader.readexactly((await reader.readexactly(1))[0])).decode()
            )
            port = int.from_bytes(await reader.readexactly(2), "big")
            agreed = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
        else:
            head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
            host, _, number = head.split()[1].partition(":")
            port, agreed = int(number), b"HTTP/1.1 200 OK\r\n\r\n"
        asked.append(f"{host}:{port}")
        there, onward = await asyncio.open_connection(host, port)
        writer.write(agreed)
        with suppress(ConnectionError):
            await asyncio.gather(_copy(reader, onward), _copy(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        sink.write(piece)
        await sink.drain()
    sink.close()


def a_message(chat: int, blob: tuple[str, bytes] | None = None) -> Parcel:
    params: dict[str, Any]
    method, params = "sendMessage", {"chat_id": chat, "text": "привет & <b>"}
    if blob is not None:
        method, params = "sendDocument", {"chat_id": chat, "caption": "счёт", "document": "blob:1", "_blobs": [1]}
    row = Outbox(id=1, bot_id=1, chat_id=chat, method=method, params=params, created_at=NOON, attempts=1)
    return Parcel(row, blobs={} if blob is None else {1: blob})


async def sent(sender: TelegramSender, parcel: Parcel) -> Outcome:
    try:
        return await sender.send(parcel)
    finally:
        await sender.close()


async def alive(sender: TelegramSender) -> bool:
    try:
        return await sender.alive()
    finally:
        await sender.close()


def a_sender(handle: BotHandle, url: str, *proxies: str, read_timeout: float = 5.0) -> TelegramSender:
    return TelegramSender(handle.token, url, proxies, Limiter(False), read_timeout)


@pytest.mark.parametrize("scheme", ["socks5", "http"])
async def test_sends_and_updates_go_through_a_proxy(
    sandbox: SandboxClient, sandbox_server: Sandbox, scheme: str
) -> None:
    handle = await sandbox.bot()
    anna = await sandbox.person("Анна")
    await anna.says(handle, "есть кто?")
    async with a_proxy() as (port, asked):
        way = f"{scheme}://127.0.0.1:{port}"
        assert isinstance(await sent(a_sender(handle, sandbox_server.url, way), a_message(anna.id)), Sent)
        api = Api(handle.token, sandbox_server.url, (way,))
        assert (await api.connect())["username"] == handle.username
        await api.close()
        assert asked == [sandbox_server.url.removeprefix("http://")] * 2
    await anna.waits_for(handle, "привет & <b>")


async def test_bytes_arrive_as_they_are(sandbox: SandboxClient, sandbox_server: Sandbox) -> None:
    handle = await sandbox.bot()
    anna = await sandbox.person("Анна")
    await anna.says(handle, "счёт?")
    content = bytes(range(256)) * 300
    outcome = await sent(a_sender(handle, sandbox_server.url), a_message(anna.id, blob=("счёт № 1.pdf", content)))
    assert isinstance(outcome, Sent)
    file_id = outcome.files[1]
    call = (await handle.calls("sendDocument"))[0]
    assert call["result"]["document"]["file_name"] == "счёт № 1.pdf"
    assert call["result"]["document"]["file_size"] == len(content)
    assert call["result"]["document"]["file_id"] == file_id


async def test_a_route_that_fails_gives_way_to_the_next(sandbox: SandboxClient, sandbox_server: Sandbox) -> None:
    handle = await sandbox.bot()
    anna = await sandbox.person("Анна")
    await anna.says(handle, "есть кто?")
    async with a_proxy() as (port, _):
        sender = a_sender(handle, sandbox_server.url, "socks5://127.0.0.1:9", f"socks5://127.0.0.1:{port}")
        first = await sender.send(a_message(anna.id))
        assert isinstance(first, Later)
        assert first.offline
        assert isinstance(await sent(sender, a_message(anna.id)), Sent)


@pytest.mark.parametrize(
    "nowhere",
    ["http://127.0.0.1:9", "http://no-such-host.invalid", "https://127.0.0.1:9"],
    ids=["refused", "no name", "refused TLS"],
)
@pytest.mark.parametrize("proxy", [(), ("socks5://127.0.0.1:9",), ("http://127.0.0.1:9",)], ids=["-", "socks", "http"])
async def test_what_never_left_is_sent_later_and_not_doubted(nowhere: str, proxy: tuple[str, ...]) -> None:
    sender = TelegramSender(A_TOKEN, nowhere, proxy, Limiter(False))
    outcome = await sent(sender, a_message(7))
    assert isinstance(outcome, Later)
    assert outcome.offline


@asynccontextmanager
async def answering(
    heard: list[bytes],
    encrypted: ssl.SSLContext | None = None,
    body: bytes = b'{"ok":true,"result":{"message_id":1}}',
    status: int = 200,
) -> AsyncIterator[int]:
    """A server that answers one request a connection, and leaves a second one without an answer; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            heard.append(head)
            await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
            await reader.read(1)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=encrypted)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("believed", [True, False])
async def test_a_certificate_that_is_not_believed_is_sent_nothing(
    believed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if believed:
        monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))
    http._trusted.cache_clear()
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(SELF_SIGNED)
    heard: list[bytes] = []
    async with answering(heard, own) as server, a_proxy() as (proxy, _):
        for ways in ((), (f"socks5://127.0.0.1:{proxy}",), (f"http://127.0.0.1:{proxy}",)):
            sender = TelegramSender(A_TOKEN, f"https://localhost:{server}", ways, Limiter(False))
            outcome = await sent(sender, a_message(7))
            assert isinstance(outcome, Sent) if believed else isinstance(outcome, Later) and outcome.offline, ways
    assert len(heard) == (3 if believed else 0)
    http._trusted.cache_clear()


@pytest.mark.parametrize("trouble", ["timeout_before", "timeout_after", "drop_before", "drop_after"])
async def test_what_left_with_no_answer_is_of_unknown_result(
    sandbox: SandboxClient, sandbox_server: Sandbox, trouble: str
) -> None:
    handle = await sandbox.bot()
    anna = await sandbox.person("Анна")
    await anna.says(handle, "есть кто?")
    await handle.fails(trouble, method="sendMessage")
    outcome = await sent(a_sender(handle, sandbox_server.url, read_timeout=0.3), a_message(anna.id))
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Unknown("unreadable answer")),
        (400, Later(None, "somebody else answered", offline=True)),
        (403, Later(None, "somebody else answered", offline=True)),
        (409, Later(None, "somebody else answered", offline=True)),
        (502, Unknown("TelegramError")),
    ],
)
async def test_a_page_in_telegrams_place_is_no_answer(status: int, expected: Outcome) -> None:
    async with answering([], body=b"<html>Please log in</html>", status=status) as port:
        url = f"http://127.0.0.1:{port}"
        assert await sent(TelegramSender(A_TOKEN, url), a_message(7)) == expected
        assert not await alive(TelegramSender(A_TOKEN, url))


async def test_a_lean_server_says_in_any_words_that_it_knows_no_method() -> None:
    async with answering([], body=b"404 page not found", status=404) as port:
        url = f"http://127.0.0.1:{port}"
        refused = await sent(TelegramSender(A_TOKEN, url), a_message(7))
        assert isinstance(refused, Refused)
        assert refused.harmless
        assert await alive(TelegramSender(A_TOKEN, url))


async def test_an_idle_connection_is_not_met_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server gives up idle connections before we do the next request: it comes on a fresh one."""
    monkeypatch.setattr(http, "IDLE_SECONDS", 0.05)
    heard: list[bytes] = []
    async with answering(heard) as port:
        sender = TelegramSender(A_TOKEN, f"http://127.0.0.1:{port}")
        assert isinstance(await sender.send(a_message(7)), Sent)
        await asyncio.sleep(0.1)
        assert isinstance(await sent(sender, a_message(7)), Sent)
    assert len(heard) == 2


async def test_the_environments_proxy_holds_where_none_is_set(
    sandbox: SandboxClient, sandbox_server: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = await sandbox.bot()
    async with a_proxy() as (port, asked):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "")
        api = Api(handle.token, sandbox_server.url)
        await api.connect()
        await api.close()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        api = Api(handle.token, sandbox_server.url)
        await api.connect()
        await api.close()
    assert len(asked) == 1


async def test_no_route_at_all_names_each_with_what_failed() -> None:
    api = Api(A_TOKEN, "http://127.0.0.1:9", ("socks5://127.0.0.1:9", "http://127.0.0.1:9"))
    with pytest.raises(UnreachableError, match=r"TELEGRAM_PROXIES") as told:
        await api.connect()
    await api.close()
    assert str(told.value).count("ProxyConnectionError") == 2


async def test_a_stopped_bot_leaves_no_connection_open(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        app = planted.start(echo)
        await anna.says(planted.handle, "раз")
        await anna.waits_for(planted.handle, "эхо: раз")
        assert await asyncio.to_thread(app.stop) == 0
        gc.collect()
    assert [str(each.message) for each in warned if "nclosed" in str(each.message)] == []
