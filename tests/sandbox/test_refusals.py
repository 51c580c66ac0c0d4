"""Telegram's own refusals, in its own words."""

import asyncio

import httpx
import pytest

from bot.sandbox.client import BotHandle, Person, SandboxClient
from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import Api

PARSE = "400 Bad Request: can't parse entities: "


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("я <x>y</x>", 'Unsupported start tag "x" at byte offset 3'),
        ("<b>я", 'Can\'t find end tag corresponding to start tag "b"'),
        ("я</b>", "Unexpected end tag at byte offset 2"),
        ("<b>я</i>", 'Unmatched end tag at byte offset 5, expected "</b>", found "</i>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<a href=x!>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_html_that_cannot_be_parsed(api: Api, bot: BotHandle, anna: Person, text: str, words: str) -> None:
    await anna.starts(bot)
    assert await api.refused("sendMessage", chat_id=anna.id, text=text, parse_mode="HTML") == PARSE + words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.5", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("я *x", "Can't find end of Bold entity at byte offset 3"),
        ("`x", "Can't find end of Code entity at byte offset 0"),
    ],
)
async def test_markdown_that_cannot_be_parsed(api: Api, bot: BotHandle, anna: Person, text: str, words: str) -> None:
    await anna.starts(bot)
    assert await api.refused("sendMessage", chat_id=anna.id, text=text, parse_mode="MarkdownV2") == PARSE + words


@pytest.mark.parametrize(
    ("text", "shown", "entities"),
    [
        ("<b>a</b><i></i>", "a", [("bold", 0, 1)]),
        ("<pre><code class='language-python'>x</code></pre>", "x", [("pre", 0, 1)]),
        ("<blockquote expandable>длинно</blockquote>", "длинно", [("expandable_blockquote", 0, 6)]),
        ("&lt;&amp;&#1103;&nbsp;", "<&я&nbsp;", []),
        ('<a href="https://x.ru/?a=1&amp;b=2">x</a>', "x", [("text_link", 0, 1)]),
        ("  <b>по краям </b> ", "по краям", [("bold", 0, 8)]),
    ],
)
async def test_html_that_can(
    api: Api, bot: BotHandle, anna: Person, text: str, shown: str, entities: list[tuple[str, int, int]]
) -> None:
    await anna.starts(bot)
    sent = await api("sendMessage", chat_id=anna.id, text=text, parse_mode="HTML")
    assert sent["text"] == shown
    assert [(e["type"], e["offset"], e["length"]) for e in sent.get("entities", [])] == entities


async def test_lengths_are_counted_in_utf16_after_parsing(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    fits = "<b>" + "👍" * 2048 + "</b>"
    await api("sendMessage", chat_id=anna.id, text=fits, parse_mode="HTML")
    too_long = await api.refused("sendMessage", chat_id=anna.id, text="👍" * 2048 + "x")
    assert too_long == "400 Bad Request: message is too long"
    await anna.sends(bot, "document")
    file_id = (await api("getUpdates"))[-1]["message"]["document"]["file_id"]
    await api("sendDocument", chat_id=anna.id, document=file_id, caption="я" * 1024)
    refused = await api.refused("sendDocument", chat_id=anna.id, document=file_id, caption="я" * 1025)
    assert refused == "400 Bad Request: message caption is too long"


async def test_empty_text(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    for text in ("", "  \n", "<b> </b>"):
        words = await api.refused("sendMessage", chat_id=anna.id, text=text, parse_mode="HTML")
        assert words == "400 Bad Request: message text is empty"


async def test_callback_data_over_64_bytes(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)

    def markup(data: str) -> object:
        return {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}

    await api("sendMessage", chat_id=anna.id, text="x", reply_markup=markup("я" * 32))
    words = await api.refused("sendMessage", chat_id=anna.id, text="x", reply_markup=markup("я" * 32 + "x"))
    assert words == "400 Bad Request: BUTTON_DATA_INVALID"


async def test_edits(api: Api, bot: BotHandle, anna: Person) -> None:
    said = await anna.says(bot, "моё")
    sent = await api("sendMessage", chat_id=anna.id, text="<b>x</b>", parse_mode="HTML")
    edit = {"chat_id": anna.id, "message_id": sent["message_id"]}
    words = await api.refused("editMessageText", text="<b>x</b>", parse_mode="HTML", **edit)
    assert words == (
        "400 Bad Request: message is not modified: specified new message content and reply markup are exactly the "
        "same as a current content and reply markup of the message"
    )
    await api("editMessageText", text="x", **edit)
    words = await api.refused("editMessageText", text="x", chat_id=anna.id, message_id=9999)
    assert words == "400 Bad Request: message to edit not found"
    words = await api.refused("editMessageText", text="x", chat_id=anna.id, message_id=said.message_id)
    assert words == "400 Bad Request: message can't be edited"
    await api("deleteMessage", **edit)
    assert await api.refused("deleteMessage", **edit) == "400 Bad Request: message to delete not found"
    assert await api.refused("editMessageText", text="y", **edit) == "400 Bad Request: message to edit not found"


async def test_old_query(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    press = await anna.client.post(f"/people/{anna.id}/chats/{bot.id}/say", text="x")
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]}
    await api("sendMessage", chat_id=anna.id, text="x", reply_markup=markup)
    press = await anna.presses(bot, "x")
    await press.expires()
    assert await api.refused("answerCallbackQuery", callback_query_id=press.query) == (
        "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    )


async def test_who_can_be_written_to(api: Api, bot: BotHandle, anna: Person, sandbox: SandboxClient) -> None:
    assert await api.refused("sendMessage", chat_id=anna.id, text="x") == "400 Bad Request: chat not found"
    assert await anna.sees(bot) == []
    assert await api.refused("sendMessage", chat_id=anna.id, text="x") == "400 Bad Request: chat not found"
    group = await sandbox.group("Группа", anna, bot)
    words = await api.refused("sendMessage", chat_id=anna.id, text="x")
    assert words == "403 Forbidden: bot can't initiate conversation with a user"
    await anna.starts(bot)
    await api("sendMessage", chat_id=anna.id, text="x")
    await anna.blocks(bot)
    words = await api.refused("sendMessage", chat_id=anna.id, text="x")
    assert words == "403 Forbidden: bot was blocked by the user"
    await anna.changes(deactivated=True)
    words = await api.refused("sendMessage", chat_id=anna.id, text="x")
    assert words == "403 Forbidden: user is deactivated"
    await group.takes(bot, "left", by=anna)
    words = await api.refused("sendMessage", chat_id=group.id, text="x")
    assert words == "403 Forbidden: bot is not a member of the supergroup chat"
    assert await api.refused("sendMessage", text="x") == "400 Bad Request: chat_id is empty"
    assert await api.refused("sendMessage", chat_id="@nobody_here", text="x") == "400 Bad Request: chat not found"


async def test_group_that_was_upgraded(api: Api, bot: BotHandle, anna: Person, sandbox: SandboxClient) -> None:
    group = await sandbox.group("Группа", anna, bot, kind="group")
    new = await group.upgrades(by=anna)
    answer = await api.raw("sendMessage", chat_id=group.id, text="x")
    assert answer == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": new.id},
    }


async def test_unknown_method_and_tokens(api: Api, bot: BotHandle, server: Sandbox, http: httpx.AsyncClient) -> None:
    assert await api.refused("sendTelepathy") == "404 Not Found"
    malformed = await http.get(f"{server.url}/bot12:short/getMe")
    assert (malformed.status_code, malformed.json()["description"]) == (404, "Not Found")
    await bot.revokes()
    assert await api.refused("getMe") == "401 Unauthorized"
    fresh = await http.get(f"{server.url}/bot{bot.id + 3}:{'a' * 35}/getMe")
    assert fresh.json()["result"]["id"] == bot.id + 3


async def test_keyboards(api: Api, bot: BotHandle, anna: Person, sandbox: SandboxClient) -> None:
    group = await sandbox.group("Группа", anna, bot)
    contact = {"keyboard": [[{"text": "номер", "request_contact": True}]]}
    words = await api.refused("sendMessage", chat_id=group.id, text="x", reply_markup=contact)
    assert words == "400 Bad Request: phone number can be requested in private chats only"
    words = await api.refused(
        "sendMessage", chat_id=group.id, text="x", reply_markup={"inline_keyboard": [[{"text": "x"}]]}
    )
    assert words.endswith("Text buttons are unallowed in the inline keyboard")
    words = await api.refused("sendMessage", chat_id=group.id, text="x", reply_markup="{")
    assert words == "400 Bad Request: can't parse reply keyboard markup JSON object"


async def test_files(api: Api, bot: BotHandle, anna: Person, http: httpx.AsyncClient) -> None:
    await anna.starts(bot)
    words = await api.refused("sendPhoto", chat_id=anna.id, photo="no-such-file")
    assert words == "400 Bad Request: wrong file identifier/HTTP URL specified"
    words = await api.refused("sendPhoto", chat_id=anna.id)
    assert words == "400 Bad Request: there is no photo in the request"
    words = await api.refused("sendMediaGroup", chat_id=anna.id, media=[{"type": "photo", "media": "x"}])
    assert "2-10 items" in words
    files = {"photo": ("x.png", b"not a picture")}
    answer = await http.post(f"{api.base}/sendPhoto", data={"chat_id": anna.id}, files=files)
    assert answer.json()["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    await anna.sends(bot, "video", b"0" * (20 * 1024 * 1024 + 1))
    big = (await api("getUpdates"))[-1]["message"]["video"]["file_id"]
    assert await api.refused("getFile", file_id=big) == "400 Bad Request: file is too big"


async def test_limits_of_telegram(api: Api, bot: BotHandle, anna: Person, sandbox: SandboxClient) -> None:
    await bot.is_limited()
    await anna.starts(bot)
    answers = [await api.raw("sendMessage", chat_id=anna.id, text=f"{i}") for i in range(8)]
    assert [a["ok"] for a in answers[:3]] == [True] * 3
    refused = next(a for a in answers if not a["ok"])
    assert refused["description"] == f"Too Many Requests: retry after {refused['parameters']['retry_after']}"
    group = await sandbox.group("Группа", anna, bot)
    answers = [await api.raw("sendMessage", chat_id=group.id, text=f"{i}") for i in range(21)]
    assert [a["ok"] for a in answers] == [True] * 20 + [False]
    assert 50 <= answers[-1]["parameters"]["retry_after"] <= 60


async def test_limit_in_all(api: Api, bot: BotHandle, sandbox: SandboxClient) -> None:
    await bot.is_limited()
    people = [await sandbox.person(f"П{i}") for i in range(40)]
    for person in people:
        await person.starts(bot)
    answers = await asyncio.gather(*(api.raw("sendMessage", chat_id=p.id, text="x") for p in people))
    assert sum(a["ok"] for a in answers) >= 30
    assert any(not a["ok"] for a in answers)
    assert await api("getMe")


async def test_faults_are_narrow_and_counted(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    await bot.fails("refuse", method="sendMessage", text="карточка", count=2, code=403, description="Forbidden: x")
    assert (await api.raw("sendMessage", chat_id=anna.id, text="другое"))["ok"]
    for _ in range(2):
        assert await api.refused("sendMessage", chat_id=anna.id, text="карточка 1") == "403 Forbidden: x"
    assert (await api.raw("sendMessage", chat_id=anna.id, text="карточка 1"))["ok"]
    await bot.fails("slow", seconds=0.2)
    began = asyncio.get_running_loop().time()
    await api("getMe")
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_transcript(api: Api, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    await api("sendMessage", chat_id=anna.id, text="раз", reply_markup='{"remove_keyboard": true}')
    await api.refused("sendMessage", chat_id=1, text="два")
    good, bad = await bot.makes_calls("sendMessage", 2)
    assert (good["ok"], good["params"]["text"], good["result"]["text"]) == (True, "раз", "раз")
    assert good["params"]["reply_markup"] == {"remove_keyboard": True}
    assert (bad["ok"], bad["status"], bad["error"]) == (False, 400, "Bad Request: chat not found")
    assert good["ms"] < 1000
    assert [call["params"]["text"] for call in await bot.calls(chat_id=anna.id)] == ["раз"]


async def test_privacy_of_groups(api: Api, bot: BotHandle, anna: Person, sandbox: SandboxClient) -> None:
    group = await sandbox.group("Группа", anna, bot, bot_status="member")
    sent = await api("sendMessage", chat_id=group.id, text="я тут")
    for text in ("между собой", "/help", "/help@other_bot", f"/help@{bot.username}", f"@{bot.username} глянь"):
        await anna.says(group, text)
    await anna.says(group, "ответ", reply_to=sent["message_id"])
    heard = [u["message"]["text"] for u in await api("getUpdates") if "text" in u.get("message", {})]
    assert heard == ["/help", f"/help@{bot.username}", f"@{bot.username} глянь", "ответ"]


async def test_long_poll_wakes_at_once(api: Api, bot: BotHandle, anna: Person) -> None:
    loop = asyncio.get_running_loop()
    poll = asyncio.ensure_future(api("getUpdates", timeout=20))
    await asyncio.sleep(0.1)  # for the poll to be on the server: it does not tell
    began = loop.time()
    await anna.says(bot, "x")
    assert (await poll)[0]["message"]["text"] == "x"
    assert loop.time() - began < 1
