"""The server itself: starting, stopping, the page, the documentation, what it says of bad requests."""

import asyncio
import signal
import socket
import sys

import httpx
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from bot.sandbox.client import BotHandle, NotPossibleError, Person, SandboxClient
from bot.sandbox.markup.entities import formatted, units
from bot.sandbox.server import Sandbox, serve, serve_in_thread
from bot.sandbox.world.refusals import Refusal
from tests.sandbox.conftest import Api


async def test_page_and_documentation(server: Sandbox, http: httpx.AsyncClient) -> None:
    page = await http.get(f"{server.url}/")
    assert "Firstline" in page.text
    for script in ("words.js", "text.js", "phone.js", "page.js", "style.css"):
        assert (await http.get(f"{server.url}/{script}")).status_code == 200
    paths = (await http.get(f"{server.url}/sandbox/openapi.json")).json()["paths"]
    assert "/sandbox/people/{person_id}/chats/{peer}/press" in paths
    assert all(operation.get("description") for methods in paths.values() for operation in methods.values()), (
        "each call of the person's side is described"
    )
    assert (await http.get(f"{server.url}/sandbox/docs")).status_code == 200


async def test_stopping_wakes_long_polls() -> None:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        async with serve() as short, SandboxClient(short.url) as sandbox:
            bot = await sandbox.bot()
            poll = asyncio.ensure_future(http.get(f"{short.url}/bot{bot.token}/getUpdates?timeout=30"))
            await asyncio.sleep(0.1)  # for the poll to be on the server: it does not tell
            began = asyncio.get_running_loop().time()
        assert (await poll).json() == {"ok": True, "result": []}
        assert asyncio.get_running_loop().time() - began < 3


def test_busy_port_is_named_and_a_thread_serves() -> None:
    with serve_in_thread() as running:
        assert httpx.get(f"{running.url}/sandbox/bots", trust_env=False).json() == []
        port = int(running.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 is busy"), serve_in_thread(port=port):
            pass


async def test_serves_until_it_is_told_to_stop() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = f"from bot.sandbox.server import serve_forever; serve_forever('127.0.0.1', {port})"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(200):
            try:
                answer = await http.get(f"http://127.0.0.1:{port}/bot1:{'a' * 30}/getMe")
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
    assert answer.json()["result"]["is_bot"] is True
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_the_sandbox_imports_nothing_else_of_the_bot() -> None:
    program = (
        "import sys, bot.sandbox.server, bot.sandbox.client;"
        "print([m for m in sys.modules if m.startswith(('bot.', 'aiogram', 'telegram')) and 'sandbox' not in m])"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert (await process.communicate())[0].strip() == b"[]"


async def test_what_a_person_cannot_do(sandbox: SandboxClient, bot: BotHandle, anna: Person) -> None:
    with pytest.raises(NotPossibleError, match="no bot 42"):
        await anna.says(42, "x")
    with pytest.raises(NotPossibleError, match="no button 'Да'; there are: none"):
        await anna.presses(bot, "Да")
    with pytest.raises(NotPossibleError, match="message text is empty"):
        await anna.says(bot, "  ")
    boris = await sandbox.person("Борис")
    group = await sandbox.group("Группа", boris, bot)
    with pytest.raises(NotPossibleError, match="is not in chat"):
        await anna.says(group, "x")


async def test_forged_data_and_raw_updates(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    await api("sendMessage", chat_id=anna.id, text="без кнопок")
    await anna.presses(bot, data="v1:чужое", forge=True)
    given_update = await bot.gets({"poll_answer": {"poll_id": "1", "option_ids": []}})
    await anna.sends_content(bot, {"dice": {"emoji": "🎲", "value": 6}})
    updates = await api("getUpdates")
    assert updates[1]["callback_query"]["data"] == "v1:чужое"
    assert updates[2] == given_update
    assert updates[3]["message"]["dice"]["value"] == 6


async def test_a_malformed_call_is_no_crash(api: Api, bot: BotHandle, anna: Person, http: httpx.AsyncClient) -> None:
    await anna.starts(bot)
    answer = await http.post(f"{api.base}/sendMessage", content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["description"]) == (400, "Bad Request: can't parse JSON object")
    words = await api.refused("sendMessage", chat_id="не число", text="x")
    assert words == "400 Bad Request: chat not found"
    words = await api.refused("setWebhook", url="http://127.0.0.1:1/", secret_token="секрет")
    assert words == "400 Bad Request: secret token contains unallowed characters"


async def test_a_webhook_may_answer_with_a_method(api: Api, bot: BotHandle, anna: Person) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
        )
        await reader.readexactly(length)
        body = b'{"method": "sendMessage", "chat_id": %d, "text": "from the webhook"}' % anna.id
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n")
        writer.write(b"content-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    web = await asyncio.start_server(answer, "127.0.0.1", 0)
    await api("setWebhook", url=f"http://127.0.0.1:{web.sockets[0].getsockname()[1]}/")
    await anna.says(bot, "x")
    assert (await anna.waits_for(bot)).text == "from the webhook"
    await api("deleteWebhook")
    web.close()


@given(
    st.text(alphabet="<>/&;\"'= abiя👍\\*_[]()`|~#\n!-", max_size=60),
    st.sampled_from(["HTML", "MarkdownV2", "Markdown", ""]),
)
def test_any_text_is_parsed_or_refused(text: str, mode: str) -> None:
    try:
        shown, entities = formatted(text, mode, None)
    except Refusal as refusal:
        event(refusal.description)
        return
    for entity in entities:
        assert entity["length"] > 0
        assert 0 <= entity["offset"] <= units(shown) - entity["length"]
