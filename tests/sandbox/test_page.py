"""The page of phones in a real browser."""

import pytest

from bot.sandbox.client import SandboxClient
from bot.sandbox.server import serve
from tests.sandbox.chromium import PROGRAM, opened


@pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed: apt-get install chromium")
async def test_hostile_words_stay_words_and_a_button_presses() -> None:
    async with serve() as server, SandboxClient(server.url) as sandbox:
        bot = await sandbox.bot("Service")
        hostile = "<img src=x onerror=document.title='broken'>"
        anna = await sandbox.person(hostile, phone="+79001112233", about="client & <b>owner</b>")
        await anna.starts(bot)
        call = f"{server.url}/bot{bot.token}/sendMessage"
        keys = {"inline_keyboard": [[{"text": "Yes <i>", "callback_data": "yes"}]]}
        body = {"chat_id": anna.id, "text": hostile, "reply_markup": keys}
        answer = await sandbox._http.post(call, json=body)
        assert answer.json()["ok"]
        async with opened(server.url) as page:
            await page.until("document.querySelectorAll('.inline .key').length === 1")
            assert await page.value("document.title") != "broken"
            assert await page.value("document.querySelectorAll('.phone img, .phone b b').length") == 0
            assert hostile in await page.value("document.querySelector('.messages').innerText")
            assert "client & <b>owner</b>" in await page.value("document.querySelector('.who').innerText")
            await page.value("document.querySelector('.inline .key').click()")
        updates = await sandbox._http.post(f"{server.url}/bot{bot.token}/getUpdates", json={})
        pressed = [update for update in updates.json()["result"] if "callback_query" in update]
        assert [update["callback_query"]["data"] for update in pressed] == ["yes"]
