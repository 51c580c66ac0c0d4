"""The sandbox speaks Bot API, not one library's dialect: each scenario runs through both clients."""

from __future__ import annotations

import asyncio
import logging
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.sandbox.client import BotHandle, Person, SandboxClient
from bot.sandbox.server import Sandbox, serve
from tests.sandbox.kits import AiogramKit, PtbKit

# Both libraries announce what they will change one day.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning"),
]

Kit = type[AiogramKit] | type[PtbKit]


def png(width: int = 120, height: int = 80) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\xff\x80\x20" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(params=[AiogramKit, PtbKit], ids=["aiogram", "ptb"])
def kit(request: pytest.FixtureRequest) -> Kit:
    return request.param


@pytest.fixture
async def client(kit: Kit, server: Sandbox, bot: BotHandle) -> AsyncIterator[Any]:
    async with kit.bot(server.url, bot.token) as made:
        yield made


def buttons(kit: Kit, *rows: list[tuple[str, str]]) -> Any:
    button = kit.types.InlineKeyboardButton
    return kit.types.InlineKeyboardMarkup(
        inline_keyboard=[[button(text=text, callback_data=data) for text, data in row] for row in rows]
    )


async def taken(client: Any, offset: int | None = None, **how: Any) -> list[Any]:
    return list(await client.get_updates(offset=offset, **how))


async def test_the_bot_knows_itself(client: Any, bot: BotHandle) -> None:
    me = await client.get_me()
    assert (me.id, me.is_bot, me.username, me.can_read_all_group_messages) == (bot.id, True, bot.username, False)


async def test_text_entities_and_reply(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.says(bot, "/start@xyz 👍 @someone https://example.com")
    [update] = await taken(client)
    message = update.message
    kinds = [(e.type, e.offset, e.length) for e in message.entities]
    assert ("bot_command", 0, 10) in kinds
    assert ("mention", 14, 8) in kinds
    sent = await client.send_message(
        anna.id,
        "👍 <b>жирный <i>и косой</i></b> &lt;b&gt;",
        parse_mode="HTML",
        reply_parameters=kit.types.ReplyParameters(message_id=message.message_id),
    )
    assert sent.text == "👍 жирный и косой <b>"
    assert [(e.type, e.offset, e.length) for e in sent.entities] == [("bold", 3, 14), ("italic", 10, 7)]
    assert sent.reply_to_message.message_id == message.message_id
    assert (await anna.waits_for(bot, "жирный")).reply_to == message.message_id


async def test_markdown_v2(client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    sent = await client.send_message(
        anna.id, "*жирный* _косой_ `код` [ссылка](https://example.com/a) 1\\.5", parse_mode="MarkdownV2"
    )
    assert sent.text == "жирный косой код ссылка 1.5"
    assert [e.type for e in sent.entities] == ["bold", "italic", "code", "text_link"]


async def test_press_answer_edit(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    await client.send_message(anna.id, "Выбор", reply_markup=buttons(kit, [("Да", "y"), ("Нет", "n")]))
    await anna.presses(bot, "Нет")
    query = (await taken(client))[-1].callback_query
    assert (query.data, query.message.text, query.from_user.id) == ("n", "Выбор", anna.id)
    assert await client.answer_callback_query(query.id, text="Нет так нет", show_alert=True)
    assert await anna.waits_for_toast(bot) == "Нет так нет"
    edited = await client.edit_message_text(
        text="Новый", chat_id=anna.id, message_id=query.message.message_id, reply_markup=buttons(kit, [("Ок", "ok")])
    )
    assert (edited.text, edited.reply_markup.inline_keyboard[0][0].callback_data) == ("Новый", "ok")
    await client.edit_message_reply_markup(chat_id=anna.id, message_id=edited.message_id, reply_markup=None)
    assert (await anna.waits_for(bot, "Новый")).labels == []
    assert await client.delete_message(anna.id, edited.message_id)
    assert "Новый" not in [message.text for message in await anna.sees(bot)]


async def test_contact_request(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    keyboard = kit.types.ReplyKeyboardMarkup(
        keyboard=[[kit.types.KeyboardButton(text="Мой номер", request_contact=True)]], resize_keyboard=True
    )
    await client.send_message(anna.id, "Номер?", reply_markup=keyboard)
    await anna.presses(bot, "Мой номер")
    message = (await taken(client))[-1].message
    assert message.contact.user_id == message.from_user.id == anna.id
    await client.send_message(anna.id, "Спасибо", reply_markup=kit.types.ReplyKeyboardRemove())
    assert (await anna.looks(bot))["keyboard"] is None


async def test_files_both_ways(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.sends(bot, "document", b"%PDF-1.7", "акт.pdf", caption="акт")
    message = (await taken(client))[-1].message
    assert (message.document.file_name, message.caption) == ("акт.pdf", "акт")
    assert await kit.download(client, message.document.file_id) == b"%PDF-1.7"
    sent = await client.send_document(anna.id, kit.file(b"1;2", "отчёт.csv"), caption="<b>Отчёт</b>", parse_mode="HTML")
    assert (sent.document.file_name, sent.caption) == ("отчёт.csv", "Отчёт")
    again = await client.send_document(anna.id, sent.document.file_id)
    assert again.document.file_unique_id == sent.document.file_unique_id
    photo = await client.send_photo(anna.id, kit.file(png(), "chart.png"), caption="график")
    assert (photo.photo[-1].width, photo.photo[-1].height) == (120, 80)
    assert await kit.download(client, photo.photo[-1].file_id) == png()
    edited = await client.edit_message_caption(chat_id=anna.id, message_id=photo.message_id, caption="другой")
    assert edited.caption == "другой"
    voice = await client.send_voice(anna.id, kit.file(b"OggS", "v.ogg"))
    assert voice.voice.duration >= 1
    video = await client.send_video(anna.id, kit.file(b"mp4", "v.mp4"))
    assert video.video.width > 0
    sticker = await client.send_sticker(anna.id, kit.file(b"webp", "s.webp"))
    assert sticker.sticker.type == "regular"


async def test_albums_both_ways(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.sends_album(bot, 3, "поломка", late_from=2, late_by=0.05)
    messages = [update.message for update in await taken(client)]
    assert len({message.media_group_id for message in messages}) == 1
    assert [message.caption for message in messages] == ["поломка", None, None]
    sent = await client.send_media_group(
        anna.id, [kit.photo_item(png(), "a.png", "раз"), kit.photo_item(png(10, 10), "b.png")]
    )
    assert len({message.media_group_id for message in sent}) == 1
    assert [message.caption for message in sent] == ["раз", None]


async def test_what_people_send(client: Any, bot: BotHandle, anna: Person, sandbox: SandboxClient) -> None:
    boris = await sandbox.person("Борис")
    first = await anna.says(bot, "первое")
    for kind in ("voice", "sticker", "video", "video_note", "audio", "animation"):
        await anna.sends(bot, kind)
    await anna.sends_location(bot)
    await anna.shares_contact(bot, "+79990000000", "Чужой", boris.id)
    await anna.edits(bot, first, "исправлено")
    await anna.forwards(bot, first, bot)
    updates = await taken(client)
    assert updates[1].message.voice.duration == 1
    assert updates[2].message.sticker.width == 512
    assert updates[7].message.location.latitude == 55.75
    assert updates[8].message.contact.user_id == boris.id
    assert updates[9].edited_message.text == "исправлено"
    assert updates[9].edited_message.edit_date is not None
    assert updates[10].message.forward_origin.sender_user.id == anna.id


async def test_place_contact_copy_forward(client: Any, bot: BotHandle, anna: Person) -> None:
    note = await anna.says(bot, "заметка")
    assert (await client.send_location(anna.id, 55.5, 37.5)).location.longitude == 37.5
    assert (await client.send_contact(anna.id, "+70000000000", "Сервис")).contact.first_name == "Сервис"
    copied = await client.copy_message(anna.id, anna.id, note.message_id)
    forwarded = await client.forward_message(anna.id, anna.id, note.message_id)
    assert forwarded.forward_origin.sender_user.first_name == "Анна"
    messages = {message.message_id: message for message in await anna.sees(bot)}
    assert "forward_origin" not in messages[copied.message_id].raw
    assert messages[copied.message_id].text == "заметка"


async def test_block_and_unblock(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    await anna.blocks(bot)
    with pytest.raises(kit.Forbidden, match="bot was blocked by the user"):
        await client.send_message(anna.id, "?")
    await anna.unblocks(bot)
    await client.send_message(anna.id, "снова")
    statuses = [u.my_chat_member.new_chat_member.status for u in await taken(client) if u.my_chat_member]
    assert statuses == ["kicked", "member"]


async def test_forum_topics(kit: Kit, client: Any, bot: BotHandle, anna: Person, sandbox: SandboxClient) -> None:
    forum = await sandbox.group("Диспетчерская", anna, bot, forum=True)
    topic = await client.create_forum_topic(forum.id, "Заявка 1")
    thread = topic.message_thread_id
    sent = await client.send_message(forum.id, "карточка", message_thread_id=thread)
    assert (sent.message_thread_id, sent.is_topic_message) == (thread, True)
    await anna.says(forum, "принято", thread=thread)
    heard = (await taken(client))[-1].message
    assert (heard.message_thread_id, heard.reply_to_message.forum_topic_created.name) == (thread, "Заявка 1")
    assert await client.edit_forum_topic(forum.id, thread, name="Заявка 1 (готово)")
    assert await client.close_forum_topic(forum.id, thread)
    with pytest.raises(kit.BadRequest, match=r"(?i)TOPIC_NOT_MODIFIED"):
        await client.close_forum_topic(forum.id, thread)
    assert await client.reopen_forum_topic(forum.id, thread)
    await forum.loses_topic(thread)
    with pytest.raises(kit.BadRequest, match=r"(?i)message thread not found"):
        await client.send_message(forum.id, "?", message_thread_id=thread)


async def test_groups_members_and_kick(
    kit: Kit, client: Any, bot: BotHandle, anna: Person, sandbox: SandboxClient
) -> None:
    boris = await sandbox.person("Борис")
    group = await sandbox.group("Бригада", anna, bot)
    await client.get_updates(offset=-1, allowed_updates=["message", "my_chat_member", "chat_member"])
    await group.takes(boris, "member", by=anna)
    kinds = [u.chat_member.new_chat_member.status for u in await taken(client) if u.chat_member]
    assert kinds == ["member"]
    assert (await client.get_chat(group.id)).title == "Бригада"
    assert (await client.get_chat(group.id)).type == "supergroup"
    assert (await client.get_chat_member(group.id, anna.id)).status == "creator"
    assert {m.user.id for m in await client.get_chat_administrators(group.id)} == {anna.id, bot.id}
    assert await client.get_chat_member_count(group.id) == 3
    await group.takes(boris, "restricted", by=anna)
    assert (await client.get_chat_member(group.id, boris.id)).status == "restricted"
    sent = await client.send_message(group.id, "пин")
    assert await client.pin_chat_message(group.id, sent.message_id)
    assert (await client.get_chat(group.id)).pinned_message.text == "пин"
    assert await client.unpin_chat_message(group.id, message_id=sent.message_id)
    await group.takes(bot, "kicked", by=anna)
    with pytest.raises(kit.Forbidden, match="bot was kicked from the supergroup chat"):
        await client.send_message(group.id, "?")
    assert [u for u in await taken(client) if u.my_chat_member][-1].my_chat_member.new_chat_member.status == "kicked"


async def test_group_becomes_supergroup(
    kit: Kit, client: Any, bot: BotHandle, anna: Person, sandbox: SandboxClient
) -> None:
    group = await sandbox.group("Цех", anna, bot, kind="group")
    new = await group.upgrades(by=anna)
    messages = [u.message for u in await taken(client) if u.message]
    assert [m.migrate_to_chat_id for m in messages if m.migrate_to_chat_id] == [new.id]
    assert [m.migrate_from_chat_id for m in messages if m.migrate_from_chat_id] == [group.id]
    with pytest.raises(kit.Migrated) as caught:
        await client.send_message(group.id, "?")
    assert kit.chat_of_migration(caught.value) == new.id
    assert (await client.send_message(new.id, "!")).chat.id == new.id


async def test_anonymous_admin(client: Any, bot: BotHandle, anna: Person, sandbox: SandboxClient) -> None:
    group = await sandbox.group("Диспетчеры", anna, bot)
    await anna.says(group, "кто это", anonymous=True)
    message = (await taken(client))[-1].message
    assert (message.sender_chat.id, message.from_user.username) == (group.id, "GroupAnonymousBot")


async def test_reactions(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await client.get_updates(allowed_updates=["message", "message_reaction"])
    said = await anna.says(bot, "спасибо")
    assert await client.set_message_reaction(anna.id, said.message_id, [kit.types.ReactionTypeEmoji(emoji="👍")])
    await anna.reacts(bot, said, "🔥")
    assert (await taken(client))[-1].message_reaction.new_reaction[0].emoji == "🔥"
    with pytest.raises(kit.BadRequest, match=r"(?i)REACTION_INVALID"):
        await client.set_message_reaction(anna.id, said.message_id, [kit.types.ReactionTypeEmoji(emoji="🧨")])


async def test_invoice_and_payment(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    await client.send_invoice(
        chat_id=anna.id,
        title="Выезд",
        description="Ремонт кассы",
        payload="quote:7",
        currency="RUB",
        prices=[kit.types.LabeledPrice(label="Работа", amount=250000)],
        provider_token="1:TEST:x",
    )
    await anna.presses(bot, "Pay")
    question = (await taken(client))[-1].pre_checkout_query
    assert (question.invoice_payload, question.total_amount) == ("quote:7", 250000)
    assert await client.answer_pre_checkout_query(question.id, ok=True)
    assert (await taken(client))[-1].message.successful_payment.total_amount == 250000


async def test_profile(kit: Kit, client: Any) -> None:
    assert await client.set_my_commands([kit.types.BotCommand(command="menu", description="Меню")], language_code="ru")
    assert [c.command for c in await client.get_my_commands(language_code="ru")] == ["menu"]
    assert list(await client.get_my_commands()) == []
    assert await client.set_my_description("Что я умею")
    assert (await client.get_my_description()).description == "Что я умею"
    assert await client.set_chat_menu_button(menu_button=kit.types.MenuButtonCommands())
    with pytest.raises(kit.BadRequest, match=r"(?i)BOT_COMMAND_INVALID"):
        await client.set_my_commands([kit.types.BotCommand(command="Меню", description="x")])


async def test_typing(client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    assert await client.send_chat_action(anna.id, "typing")
    assert (await anna.looks(bot))["action"]["action"] == "typing"


async def test_refusals_are_typed(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    for words, text, how in (
        ("message text is empty", " ", {}),
        ("message is too long", "я" * 4097, {}),
        ('can\'t parse entities: Unsupported start tag "x" at byte offset 3', "я <x>", {"parse_mode": "HTML"}),
        ("BUTTON_DATA_INVALID", "?", {"reply_markup": buttons(kit, [("x", "я" * 33)])}),
    ):
        with pytest.raises(kit.BadRequest) as caught:
            await client.send_message(anna.id, text, **how)
        assert words.lower() in str(caught.value).lower()
    with pytest.raises(kit.BadRequest, match=r"(?i)chat not found"):
        await client.send_message(1, "?")
    sent = await client.send_message(anna.id, "то же")
    with pytest.raises(kit.BadRequest, match=r"(?i)message is not modified"):
        await client.edit_message_text(text="то же", chat_id=anna.id, message_id=sent.message_id)
    with pytest.raises(kit.BadRequest, match=r"(?i)message to edit not found"):
        await client.edit_message_text(text="?", chat_id=anna.id, message_id=10_000_000)
    with pytest.raises(kit.BadRequest, match=r"(?i)query is too old"):
        await client.answer_callback_query("1")


async def test_two_pollers(kit: Kit, client: Any) -> None:
    first = asyncio.ensure_future(client.get_updates(timeout=10))
    while not first.done():  # whichever of the two comes first, the other ends it in the end
        await client.get_updates(timeout=0)
    with pytest.raises(kit.Conflict, match="terminated by other getUpdates request"):
        await first


async def test_revoked_token(kit: Kit, client: Any, bot: BotHandle) -> None:
    await bot.revokes()
    with pytest.raises(kit.Unauthorized):
        await client.get_me()


async def test_429_tells_how_long_to_wait(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    await bot.fails("refuse", method="sendMessage", retry_after=7)
    with pytest.raises(kit.RetryAfter) as caught:
        await client.send_message(anna.id, "?")
    assert int(getattr(caught.value.retry_after, "total_seconds", lambda: caught.value.retry_after)()) == 7
    await client.send_message(anna.id, "!")


async def test_5xx(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    await bot.fails("refuse", code=502)
    with pytest.raises(kit.Server, match=r"(?i)bad gateway"):
        await client.send_message(anna.id, "?")


@pytest.mark.parametrize("trouble", ["drop_before", "drop_after", "timeout_before", "timeout_after"])
async def test_lost_answers(
    kit: Kit,
    server: Sandbox,
    bot: BotHandle,
    anna: Person,
    trouble: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)
    await anna.starts(bot)
    await bot.fails(trouble, method="sendMessage")
    async with kit.bot(server.url, bot.token, seconds=0.3) as client:
        with pytest.raises(kit.Network if trouble.startswith("drop") else kit.Timeout):
            await client.send_message(anna.id, "один раз")
    sent = [message.text for message in await anna.sees(bot)].count("один раз")
    assert sent == (1 if trouble.endswith("after") else 0)
    assert [
        each.message for each in caplog.records if each.name == "uvicorn.error"
    ] == []  # what was arranged is no error of the server


async def test_a_file_over_50_mb(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    with pytest.raises(kit.TooLarge):
        await client.send_document(anna.id, kit.file(b"0" * (51 * 1024 * 1024), "big.bin"))


async def test_deleted_message_is_inaccessible(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    await anna.starts(bot)
    sent = await client.send_message(anna.id, "?", reply_markup=buttons(kit, [("Да", "y")]))
    await client.delete_message(anna.id, sent.message_id)
    seen = await anna.looks(bot)
    assert all(message["message_id"] != sent.message_id for message in seen["messages"])
    await anna.client.post(f"/people/{anna.id}/chats/{bot.id}/press", data="y", message_id=sent.message_id, forge=True)
    query = (await taken(client))[-1].callback_query
    # aiogram has a type of its own for it, python-telegram-bot a property.
    assert not getattr(query.message, "is_accessible", False)
    assert not getattr(query.message, "text", None)


class Receiver:
    """An address that updates are posted to; refuses the first `failing` posts."""

    def __init__(self, failing: int = 0) -> None:
        self.failing = failing
        self.got: list[tuple[str, dict[str, Any]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if self.failing:
            self.failing -= 1
            await Response(status_code=500)(scope, receive, send)
            return
        self.got.append((request.headers["x-telegram-bot-api-secret-token"], await request.json()))
        await Response()(scope, receive, send)


async def test_webhook(kit: Kit, client: Any, bot: BotHandle, anna: Person) -> None:
    receiver = Receiver(failing=2)
    config = uvicorn.Config(receiver, "127.0.0.1", 0, log_level="error", lifespan="off", ws="none")
    web = uvicorn.Server(config)
    running = asyncio.ensure_future(web.serve())
    while not web.started:  # noqa: ASYNC110 - uvicorn tells nobody that it has started
        await asyncio.sleep(0.01)
    port = web.servers[0].sockets[0].getsockname()[1]
    await anna.says(bot, "до вебхука")
    assert await client.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3cret")
    await anna.says(bot, "после")
    await bot.settles()
    info = await client.get_webhook_info()
    assert (info.pending_update_count, info.last_error_message) == (
        0,
        "Wrong response from the webhook: 500 Internal Server Error",
    )
    assert [kit.parse(update).message.text for _, update in receiver.got] == ["до вебхука", "после"]
    assert {secret for secret, _ in receiver.got} == {"s3cret"}
    with pytest.raises(kit.Conflict, match="can't use getUpdates method while webhook is active"):
        await client.get_updates()
    assert await client.delete_webhook()
    assert list(await client.get_updates()) == []
    web.should_exit = True
    await running


async def test_a_server_that_knows_three_methods(kit: Kit) -> None:
    known = {"getMe", "getUpdates", "sendMessage"}
    async with serve(only=known, sparse_me=True) as minimal, SandboxClient(minimal.url) as sandbox:
        bot = await sandbox.bot()
        anna = await sandbox.person("Анна")
        async with kit.bot(minimal.url, bot.token) as client:
            await anna.says(bot, "привет")
            [update] = await taken(client)
            await client.send_message(update.message.chat.id, "здравствуйте")
            with pytest.raises(kit.NotFound, match=r"(?i)not found"):
                await client.send_chat_action(anna.id, "typing")
        assert (await anna.waits_for(bot)).text == "здравствуйте"
