"""Files on their way: which call shows what, and an album that the library and the server take."""

import pytest

from bot.messaging.outgoing.models import Outbox
from bot.messaging.outgoing.outcomes import Parcel, Sent
from bot.sandbox.client import SandboxClient
from bot.sandbox.server import serve_in_thread
from bot.telegram.limits import Limiter
from bot.telegram.sender import TelegramSender
from bot.telegram.showing.media import CAPTION_LIMIT, with_media

TEXT = {"chat_id": 7, "text": "<b>Анна</b>: вот", "parse_mode": "HTML"}
BUTTONS = {"reply_markup": {"inline_keyboard": []}}


def item(kind: str, number: int = 1) -> dict[str, object]:
    return {"kind": kind, "file_id": f"{kind}{number}", "latitude": 1.0, "longitude": 2.0}


def methods(kinds: list[str], chat: int = 7, text: str = "вот", **more: object) -> list[str]:
    message = {**TEXT, "chat_id": chat, "text": text, **more}
    return [method for method, _ in with_media([message], [item(kind, n) for n, kind in enumerate(kinds)])]


@pytest.mark.parametrize(
    ("kinds", "sent"),
    [
        ([], ["sendMessage"]),
        (["photo"], ["sendPhoto"]),
        (["sticker"], ["sendMessage", "sendSticker"]),
        (["video_note"], ["sendMessage", "sendVideoNote"]),
        (["location"], ["sendMessage", "sendLocation"]),
        (["photo", "video"], ["sendMediaGroup"]),
        (["photo", "document"], ["sendPhoto", "sendDocument"]),
        (["voice", "voice"], ["sendVoice", "sendVoice"]),
        (["photo"] * 10, ["sendMediaGroup"]),
        (["photo"] * 11, ["sendMediaGroup", "sendPhoto"]),
    ],
)
def test_which_calls_show_it(kinds: list[str], sent: list[str]) -> None:
    assert methods(kinds) == sent


def test_a_long_text_and_an_album_with_buttons_go_before_the_files() -> None:
    assert methods(["photo"], text="ы" * (CAPTION_LIMIT + 1)) == ["sendMessage", "sendPhoto"]
    assert methods(["photo"], text="ы" * CAPTION_LIMIT) == ["sendPhoto"]
    assert methods(["photo", "photo"], **BUTTONS) == ["sendMessage", "sendMediaGroup"]
    assert methods(["photo", "photo"], chat=-7, **BUTTONS) == ["sendMediaGroup"]  # a group takes it as one


async def test_an_album_arrives_with_its_caption_and_all_its_ids_are_known() -> None:
    with serve_in_thread() as server:
        async with SandboxClient(server.url) as sandbox:
            bot, anna = await sandbox.bot(), await sandbox.person("Анна")
            for kind in ("photo", "video", "document", "audio"):
                seen = await anna.sends_album(bot, 3, kind=kind)
                files = [one.raw[kind][-1] if kind == "photo" else one.raw[kind] for one in seen]
                media = [{"kind": kind, "file_id": file["file_id"]} for file in files]
                ((method, params),) = with_media([{**TEXT, "chat_id": anna.id}], media)
                sender = TelegramSender(bot.token, server.url, (), Limiter(False))
                outcome = await sender.send(Parcel(Outbox(bot_id=1, chat_id=anna.id, method=method, params=params)))
                await sender.close()
                assert isinstance(outcome, Sent)
                there = [one for one in await anna.sees(bot) if not one.mine][-3:]
                assert list(outcome.message_ids) == [one.message_id for one in there]
                assert there[0].text == "Анна: вот"
