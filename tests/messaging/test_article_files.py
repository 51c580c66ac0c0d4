from base64 import b64decode

from aiogram import Router
from aiogram.types import Message

from bot.messaging.models import Blob
from bot.sandbox.client import SandboxClient
from bot.telegram.conversation import Conversation
from tests.messaging.conftest import Planted

PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


async def test_a_stored_picture_is_uploaded_before_what_follows(planted: Planted, sandbox: SandboxClient) -> None:
    anna = await sandbox.person("Анна")

    def pictures() -> Router:
        router = Router()

        @router.message()
        async def answer(message: Message, turn: Conversation) -> None:
            blob = Blob(filename="scheme.png", content=PNG, lasting=True, created_at=turn.now)
            turn.session.add(blob)
            turn.session.flush()
            turn.call("sendPhoto", chat_id=turn.chat_id, photo=f"blob:{blob.id}", caption="Схема", _blobs=[blob.id])
            await message.answer("Текст")

        return router

    planted.start(pictures)
    await anna.says(planted.handle, "как?")
    await anna.waits_for(planted.handle, "Текст")
    heard = [seen for seen in await anna.sees(planted.handle) if not seen.mine]
    assert [(seen.text or seen.caption) for seen in heard] == ["Схема", "Текст"]
