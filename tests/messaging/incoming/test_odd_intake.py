"""Whatever a server gives to getUpdates or pushes at the webhook: kept, set aside or waited out, and intake goes on."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import DataError
from sqlmodel import Session, col, select

from bot.app import App
from bot.messaging.incoming import inbox
from bot.messaging.incoming.inbox import Arrival
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm
from bot.settings import Settings
from bot.telegram import arriving, polling
from bot.web.app import LARGEST_UPDATE, Webhook, create_app
from tests.conftest import TestOffice

TOKEN = "777:" + "a" * 35
SECRET = "a-secret-of-this-test"
GOOD = b'{"update_id":%d,"message":{"message_id":1,"date":1,"chat":{"id":55,"type":"private"},"text":"\xd0\xb0"}}'
LAST = 900_000

# What stands among good updates of one batch; the number is the id under which it is kept, None where it has none.
ODD = {
    "no object": (b'"text"', None),
    "null": (b"null", None),
    "a number": (b"7", None),
    "no id": (b'{"message":{}}', None),
    "a true id": (b'{"update_id":true}', None),
    "an id beyond 64 bits": (b'{"update_id":18446744073709551616}', None),
    "an id of 5000 digits": (b'{"update_id":%s}' % (b"9" * 5_000), None),
    "a deep one": (b'{"update_id":500,"message":{"a":%s%s}}' % (b"[" * 20_000, b"]" * 20_000), 500),
    "a chat beyond 64 bits": (b'{"update_id":500,"message":{"chat":{"id":9223372036854775808}}}', 500),
    "the least number": (b'{"update_id":500,"message":{"chat":{"id":-9223372036854775808}}}', 500),
    "infinity": (b'{"update_id":500,"message":{"chat":{"id":-100},"a":[Infinity,NaN,1e999,-1e999]}}', 500),
    "nul and half a pair": (b'{"update_id":500,"message":{"text":"a\\u0000b\\ud800","chat":{"id":7}}}', 500),
    "broken utf-8": (b'{"update_id":500,"message":{"text":"\xff\xfe","chat":{"id":7}}}', 500),
    "no content": (b'{"update_id":500}', 500),
    "odd content": (b'{"update_id":500,"message":[1],"callback_query":"x","poll":7}', 500),
}
# Bodies in the place of an answer: nothing of them is an update.
NO_ANSWERS = (
    *((200, body) for body in (b"", b"<html>", b"[]", b"null", b"7", b'"ok"', b"{}", b'{"ok":true}', b"[" * 50_000)),
    *((200, b'{"ok":true,"result":%s}' % result) for result in (b"5", b'"x"', b"{}", b"true", b"null", b'{"a":[1]}')),
    *((500, body) for body in (b"", b"<html>", b'{"ok":false}', b'{"ok":false,"error_code":"x","description":[1]}')),
    (429, b'{"ok":false,"error_code":429,"parameters":{"retry_after":"soon"}}'),
    (429, b'{"ok":false,"error_code":429,"parameters":[1]}'),
    (429, b'{"ok":false,"error_code":429,"parameters":{"retry_after":-1e999}}'),
    (502, b"<html>502 Bad Gateway</html>"),
    (302, b"<html>Please log in</html>"),
    (404, b"<html>404 page not found</html>"),
)


class Rough:
    """A server that answers getUpdates with the bodies it was given, and getMe properly."""

    def __init__(self, batches: list[tuple[int, bytes]]) -> None:
        self.batches = batches
        self.offsets: list[Any] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                asked = json.loads(await reader.readexactly(length) or b"{}")
                status, body = await self._batch(head, asked)
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
        writer.close()

    async def _batch(self, head: bytes, asked: dict[str, Any]) -> tuple[int, bytes]:
        if b"/getUpdates" not in head.split(b"\r\n")[0]:
            return 200, b'{"ok":true,"result":{"id":777,"is_bot":true,"first_name":"B"}}'
        self.offsets.append(asked.get("offset"))
        if self.batches:
            return self.batches.pop(0)
        await asyncio.sleep(0.05)  # a short long poll
        return 200, b'{"ok":true,"result":[]}'


@asynccontextmanager
async def serving(rough: Rough) -> AsyncIterator[str]:
    server = await asyncio.start_server(rough.answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def taking_in(url: str, database_url: str) -> AsyncIterator[App]:
    settings = Settings(bot_token=TOKEN, database_url=database_url, telegram_api_url=url, web_port=0, _env_file=None)
    app = App(settings)
    app._start_intake()
    try:
        yield app
    finally:
        await asyncio.to_thread(app.stop)


async def until_kept(app: App, update_id: int) -> None:
    for _ in range(400):
        assert app.runner.failed is None
        with app.database.read() as session:
            if session.exec(select(Inbox.id).where(Inbox.update_id == update_id)).first():
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the last update was not taken in")


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(polling, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(polling, "UNKNOWN_PAUSE", 0.01)


async def test_an_odd_update_costs_no_other(database_url: str) -> None:
    """Each kind in a batch of its own with good ones about it; then all kinds alone."""
    batches, last = [], 1_000
    for odd, _ in ODD.values():
        batches.append((200, b'{"ok":true,"result":[%s,%s,%s]}' % (GOOD % last, odd, GOOD % (last + 1))))
        batches.append((200, b'{"ok":true,"result":[%s]}' % odd))
        last += 2
    batches.append((200, b'{"ok":true,"result":[%s]}' % (GOOD % LAST)))
    rough = Rough(batches)
    async with serving(rough) as url, taking_in(url, database_url) as app:
        await until_kept(app, LAST)
        with app.database.read() as session:
            found = session.exec(select(Inbox.update_id, Inbox.state, Inbox.payload)).all()
            alarms = session.exec(select(Alarm.kind)).all()
        kept = {update_id for update_id, _, _ in found}
        assert {*range(1_000, last), LAST, 500} <= kept
        aside = [payload for _, state, payload in found if state is InboxState.POISON]
        nameless = sum(number is None for _, number in ODD.values())
        assert len(aside) == len(alarms) == nameless - 1  # two of them say the same once null stands for the id
        assert all(set(payload) == {"raw"} for payload in aside)
        for _ in range(100):
            if rough.offsets and rough.offsets[-1] is None and LAST + 1 in rough.offsets:
                break
            await asyncio.sleep(0.05)
        assert LAST + 1 in rough.offsets
        assert max(offset for offset in rough.offsets if offset is not None) == LAST + 1


async def test_what_is_no_answer_is_waited_out(database_url: str) -> None:
    rough = Rough([*NO_ANSWERS, (200, b'{"ok":true,"result":[%s]}' % (GOOD % LAST))])
    async with serving(rough) as url, taking_in(url, database_url) as app:
        await until_kept(app, LAST)
        assert len(rough.offsets) >= len(NO_ANSWERS) + 1
        with app.database.read() as session:
            assert session.exec(select(Inbox.update_id)).all() == [LAST]


@pytest.fixture
def hook(office: TestOffice) -> httpx.AsyncClient:
    def take_in(body: bytes, *, whole: bool) -> None:
        arriving.keep(office, [arriving.pushed(777, body, whole=whole)])

    transport = httpx.ASGITransport(create_app(office, Webhook("/hook", SECRET, take_in)))
    return httpx.AsyncClient(transport=transport, base_url="http://bot")


async def push(hook: httpx.AsyncClient, body: bytes, secret: str = SECRET) -> int:
    return (await hook.post("/hook", content=body, headers={"X-Telegram-Bot-Api-Secret-Token": secret})).status_code


async def test_whatever_is_pushed_with_the_secret_is_kept_or_set_aside(
    hook: httpx.AsyncClient, office: TestOffice
) -> None:
    """Telegram pushes again what is refused, before all that follows it in the chat, for ever."""
    bodies = [odd for odd, _ in ODD.values()] + [body for status, body in NO_ANSWERS if status == 200]
    bodies += [b'{"update_id": 71, "text": "' + b"x" * LARGEST_UPDATE + b'"}', b"\xff" * 10, b'{"update_id": 72, ']
    for body in bodies * 2:
        assert await push(hook, body) == 200
        assert await push(hook, body, "wrong") == 403
    assert await push(hook, GOOD % LAST) == 200
    with office.database.read() as session:
        rows = session.exec(select(Inbox).order_by(col(Inbox.id))).all()
        assert {71, 72, 500, LAST} <= {row.update_id for row in rows}
        new = {row.update_id for row in rows if row.state is InboxState.NEW}
        assert new == {500, LAST}
        assert len(rows) <= len(set(bodies)) + 1
        assert len(session.exec(select(Alarm)).all()) == len(rows) - len(new)
        assert max(len(json.dumps(row.payload)) for row in rows) < 50_000


async def test_one_that_the_database_refuses_costs_no_other(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it may be that got past: it is set aside without what it holds."""
    real = inbox.record

    def refusing(session: Session, arrivals: Sequence[Arrival], now: datetime) -> None:
        if any(arrival.update_id == 2 and arrival.payload for arrival in arrivals):
            raise DataError("INSERT", {}, ValueError("no"))
        real(session, arrivals, now)

    monkeypatch.setattr(inbox, "record", refusing)
    arriving.store(office, 777, [{"update_id": number} for number in (1, 2, 3)])
    with office.database.read() as session:
        rows = session.exec(select(Inbox.update_id, Inbox.state).order_by(col(Inbox.update_id))).all()
    assert rows == [(1, InboxState.NEW), (2, InboxState.POISON), (3, InboxState.NEW)]
