"""The start and the first calls over rough HTTP: only a token that Telegram itself refuses ends them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any

import pytest

from bot import app as app_module
from bot.app import App
from bot.cli.doctor import Standing
from bot.cli.telegram_check import telegram_findings
from bot.messaging.outgoing.outcomes import Later, Outcome, Refused, Sent, Unknown
from bot.settings import Settings
from bot.telegram.limits import Limiter
from bot.telegram.network.api import Api, TelegramRefusedError, UnreachableError
from bot.telegram.network.http import LONGEST_WAIT, read_answer
from bot.telegram.sender import LONGEST_FILE_ID, TelegramSender
from tests.messaging.incoming.test_odd_intake import NO_ANSWERS
from tests.messaging.test_routes import a_message, a_proxy

TOKEN = "777:" + "a" * 35
PAGE = b"<html>Please log in</html>"
ME = b'{"ok":true,"result":{"id":777,"is_bot":true,"first_name":"B","username":"b_bot"}}'
TOO_MANY = b'{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":1}}'
TROUBLE = (
    *NO_ANSWERS,
    (500, b'{"ok":false,"error_code":500,"description":"Internal Server Error"}'),
    (502, b'{"ok":false,"error_code":502,"description":"Bad Gateway"}'),
    (400, b'{"ok":false,"error_code":400,"description":"Bad Request"}'),
    (409, b'{"ok":false,"error_code":409,"description":"Conflict"}'),
    (401, PAGE),
    (401, b'{"message":"Unauthorized"}'),
    (403, b'{"message":"Forbidden"}'),
    (404, b'{"error":"not found"}'),
)


class Rough:
    """Answers each method with what was given for it, one after another, and the last for ever."""

    def __init__(self, **answers: list[tuple[int, bytes]]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"CONNECT"):  # a proxy that lets nobody through, and speaks itself
                    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                    continue
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                method = head.split()[1].rsplit(b"/", 1)[1].decode()
                self.asked.append((method, json.loads(body) if body.startswith(b"{") else {}))
                status, said = self._next(method)
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(said), said))
        writer.close()

    def _next(self, method: str) -> tuple[int, bytes]:
        known = self.answers.get(method, [(200, PAGE)])
        return known.pop(0) if len(known) > 1 else known[0]

    def times(self, method: str) -> int:
        return sum(asked == method for asked, _ in self.asked)


@asynccontextmanager
async def serving(rough: Rough) -> AsyncIterator[str]:
    server = await asyncio.start_server(rough.serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def settings(url: str, **more: Any) -> Settings:
    return Settings(bot_token=TOKEN, database_url="sqlite://", telegram_api_url=url, _env_file=None, **more)


@pytest.fixture
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "ASK_AGAIN", 0.01)


@pytest.mark.usefixtures("in_haste")
async def test_the_start_waits_out_whatever_is_no_refusal_of_the_token() -> None:
    trouble = [each for each in TROUBLE if not each[1].startswith(b'{"ok":true,"result":{')]  # that is a lean getMe
    rough = Rough(getMe=[*trouble, (200, ME)])
    async with serving(rough) as url:
        me = await asyncio.to_thread(App(settings(url)).me)
    assert (me.id, me.username) == (777, "b_bot")
    assert rough.times("getMe") == len(trouble) + 1


@pytest.mark.usefixtures("in_haste")
async def test_the_start_waits_as_long_as_it_is_told() -> None:
    rough = Rough(getMe=[(429, TOO_MANY), (200, ME)])
    async with serving(rough) as url:
        begun = monotonic()
        await asyncio.to_thread(App(settings(url)).me)
    assert monotonic() - begun >= 1.0


@pytest.mark.parametrize("code", [401, 404])
async def test_a_token_that_telegram_itself_refuses_ends_the_start(code: int) -> None:
    refusal = b'{"ok":false,"error_code":%d,"description":"Not this one"}' % code
    async with serving(Rough(getMe=[(code, refusal)])) as url:
        with pytest.raises(TelegramRefusedError) as told:
            await asyncio.to_thread(App(settings(url)).me)
    assert (told.value.code, told.value.final) == (code, True)


@pytest.mark.parametrize(
    "result", [b"{}", b'{"id":"x","first_name":5,"username":[]}', b'{"id":1e40}', b'{"id":18446744073709551616}']
)
async def test_a_lean_getme_is_enough(result: bytes) -> None:
    async with serving(Rough(getMe=[(200, b'{"ok":true,"result":%s}' % result)])) as url:
        me = await asyncio.to_thread(App(settings(url)).me)
    assert (me.id, me.first_name, me.username) == (777, "Firstline", None)


@pytest.mark.parametrize("status", [200, 401, 403, 404, 502])
async def test_a_first_proxy_that_answers_itself_gives_way_to_the_second(status: int) -> None:
    login, telegram = Rough(getMe=[(status, PAGE)]), Rough(getMe=[(200, ME)])
    async with serving(login) as page, serving(telegram) as url, a_proxy() as (port, asked):
        api = Api(TOKEN, url, (page, f"socks5://127.0.0.1:{port}"))
        assert (await api.connect())["username"] == "b_bot"
        await api.close()
    assert login.times("getMe") == telegram.times("getMe") == len(asked) == 1


async def test_a_first_proxy_that_answers_itself_gives_way_when_sending() -> None:
    sent = (200, b'{"ok":true,"result":{"message_id":5}}')
    login, telegram = Rough(sendMessage=[(403, PAGE)]), Rough(sendMessage=[sent])
    async with serving(login) as page, serving(telegram) as url, a_proxy() as (port, _):
        sender = TelegramSender(TOKEN, url, (page, f"socks5://127.0.0.1:{port}"), Limiter(False))
        first = await sender.send(a_message(7))
        assert isinstance(first, Later)
        assert first.offline
        assert await sender.send(a_message(7)) == Sent(5)
        await sender.close()


@pytest.mark.usefixtures("in_haste")
@pytest.mark.parametrize(("method", "hook"), [("setWebhook", "https://x.example/hook"), ("deleteWebhook", "")])
async def test_where_updates_go_is_arranged_in_the_end(method: str, hook: str) -> None:
    odd = [each for each in TROUBLE if each[0] not in {400, 404} and not (read_answer(each[1]) or {}).get("ok")]
    done = (200, b'{"ok":true,"result":true}')
    rough = Rough(getMe=[(200, ME)], **{method: [*odd, done]})
    async with serving(rough) as url:
        app = App(settings(url, webhook_url=hook, webhook_secret="s" * 20 if hook else ""))
        api = Api(TOKEN, url)
        await app._arrange_delivery_of_updates(api)
        await api.close()
    assert rough.times(method) == len(odd) + 1


@pytest.mark.usefixtures("in_haste")
async def test_a_refused_webhook_is_asked_for_again_and_a_server_that_knows_none_is_polled() -> None:
    refusal = (400, b'{"ok":false,"error_code":400,"description":"Bad Request: bad webhook: Failed to resolve host"}')
    unknown = (404, b"404 page not found")
    rough = Rough(getMe=[(200, ME)], setWebhook=[refusal, (200, b'{"ok":true,"result":true}')], deleteWebhook=[unknown])
    async with serving(rough) as url:
        api = Api(TOKEN, url)
        pushed = App(settings(url, webhook_url="https://x.example/hook", webhook_secret="s" * 20))
        await pushed._arrange_delivery_of_updates(api)
        await App(settings(url))._arrange_delivery_of_updates(api)
        await api.close()
    assert (rough.times("setWebhook"), rough.times("deleteWebhook")) == (2, 1)


@pytest.mark.parametrize("asked", ["getMe", "getWebhookInfo"])
async def test_doctor_says_of_any_answer_what_is_wrong(asked: str) -> None:
    for trouble in TROUBLE:
        rough = Rough(**{"getMe": [(200, ME)], asked: [trouble]})
        async with serving(rough) as url:
            hooked = settings(url, webhook_url="https://x.example/hook", webhook_secret="s" * 20)
            findings = await telegram_findings(hooked, Standing())
        (bad,) = [finding for finding in findings if not finding.fine]
        assert bad.mend, trouble


async def test_a_proxy_of_the_environment_that_is_none_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "quic://user:s3cret-word@127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    api = Api(TOKEN, "http://telegram.example")
    with pytest.raises(UnreachableError) as told:
        await api.connect()
    assert "s3cret-word" not in str(told.value)
    sender = TelegramSender(TOKEN, "http://telegram.example", (), Limiter(False))
    outcome = await sender.send(a_message(7))
    assert isinstance(outcome, Later)
    assert outcome.offline
    assert not await sender.alive()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        *(
            (200, body, Unknown("unreadable answer"))
            for body in (b"[]", b"7", b"null", b"{}", b'{"ok":true}', b'{"ok":"yes","result":{}}', b"[" * 50_000)
        ),
        (200, b'{"ok":true,"result":{"message_id":18446744073709551616}}', Sent(None)),
        (200, b'{"ok":true,"result":{"message_id":"5","message_thread_id":[]}}', Sent(None)),
        (429, b'{"ok":false,"parameters":{"retry_after":"soon"}}', Later(None, "server error")),
        (429, b'{"ok":false,"parameters":[1]}', Later(None, "server error")),
        (429, b'{"ok":false,"parameters":{"retry_after":%d}}' % 10**17, Later(float(LONGEST_WAIT), "429", True)),
        (400, b'{"ok":false,"description":["x"],"parameters":{"migrate_to_chat_id":"x"}}', Refused("['x']")),
    ],
)
async def test_a_send_outlives_any_answer(status: int, body: bytes, expected: Outcome) -> None:
    async with serving(Rough(sendMessage=[(status, body)])) as url:
        sender = TelegramSender(TOKEN, url, (), Limiter(False))
        assert await sender.send(a_message(7)) == expected
        await sender.close()


async def test_a_file_id_that_no_table_holds_is_not_kept() -> None:
    shown = b'{"ok":true,"result":{"message_id":5,"document":{"file_id":"%s"}}}' % (b"x" * (LONGEST_FILE_ID + 1))
    async with serving(Rough(sendDocument=[(200, shown)])) as url:
        sender = TelegramSender(TOKEN, url, (), Limiter(False))
        assert await sender.send(a_message(7, blob=("a.pdf", b"x"))) == Sent(5)
        await sender.close()
