from base64 import b64decode

from aiogram import Router
from aiogram.types import Message
from sqlmodel import select

from bot.handlers.common.conversation import Conversation
from bot.messaging.outgoing.models import Blob, Upload
from bot.sandbox.client import SandboxClient
from tests.messaging.conftest import Planted

PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def pictures() -> Router:
    """Answers with one picture, the same each time, then a text."""
    router = Router()

    @router.message()
    async def answer(message: Message, turn: Conversation) -> None:
        blob = turn.session.exec(select(Blob)).first()
        if blob is None:
            blob = Blob(filename="scheme.png", content=PNG, lasting=True, created_at=turn.now)
            turn.session.add(blob)
            turn.session.flush()
        turn.call("sendPhoto", chat_id=turn.chat_id, photo=f"blob:{blob.id}", caption="Схема", _blobs=[blob.id])
        await message.answer(f"После: {message.text}")

    return router


async def test_a_stored_picture_is_uploaded_once_and_again_when_its_id_is_refused(
    planted: Planted, sandbox: SandboxClient
) -> None:
    anna = await sandbox.person("Анна")
    app = planted.start(pictures)

    async def ask(line: str) -> str:
        """Ask; the name that the messenger has for the picture by then."""
        await anna.says(planted.handle, line)
        await anna.waits_for(planted.handle, f"После: {line}")
        await planted.sends_all()
        with app.database.read() as session:
            upload = session.exec(select(Upload)).one()
        assert upload.bot_id == planted.handle.id
        return upload.file_id

    first = await ask("раз")
    assert await ask("два") == first
    with app.office.work() as uow:
        uow.session.exec(select(Upload)).one().file_id = "FORGOTTEN"
    renewed = await ask("три")
    assert renewed not in {first, "FORGOTTEN"}
    heard = [seen for seen in await anna.sees(planted.handle) if not seen.mine]
    assert [seen.text for seen in heard] == [
        "Схема", "После: раз", "Схема", "После: два", "Схема", "После: три",
    ]  # fmt: skip
    assert [seen.raw["photo"][-1]["file_id"] for seen in heard if "photo" in seen.raw] == [first, first, renewed]
