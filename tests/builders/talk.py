"""Conversations without the network: updates go through the real routers, what they say is read from the outbox."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiogram import Dispatcher, Router
from aiogram.types import User
from sqlmodel import col, select

import bot.handlers.screens  # noqa: F401 - registers the buttons
from bot.answers.skills.sync import skill_units
from bot.clients.models import Account
from bot.clients.policy import quiet_hours
from bot.db.engine import Database
from bot.db.unit_of_work import Office
from bot.handlers.client.questions.reading import LineReader
from bot.handlers.common.conversation import begin, language_in
from bot.handlers.common.recording import record_update
from bot.handlers.conversations import chat_timers, routers
from bot.kb.index.living import LivingBase
from bot.messaging.incoming.models import Inbox
from bot.messaging.notices.telling import Notices
from bot.messaging.outgoing.models import Outbox
from bot.messaging.turns.lanes import try_turn
from bot.telegram.showing.rendering import TelegramRenderer
from bot.telegram.turns.dispatching import UpdateHandler, run_filters_inline
from bot.telegram.turns.session import capturing_bot
from bot.telegram.turns.storage import TurnStorage
from bot.tickets.life.topics import topic_name
from tests.conftest import NOON

BOT_ID = 777
ROUTERS = routers()


class Newcomer(int):
    """An account that no person of ours may have yet, where a person's id is expected."""


@dataclass
class Talk:
    """People write and press; `heard` is what the bot said because of the last update, in order."""

    database: Database
    office: Office
    handler: UpdateHandler
    base: LivingBase
    heard: list[dict[str, Any]] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: count(1))
    _buttons: dict[tuple[int, str], str] = field(default_factory=dict)

    async def say(self, person_id: int, text: str, **more: Any) -> str:
        """Write a line; returns the bot's words to this person, one text after another."""
        return await self.send(person_id, text=text, **more)

    async def send(self, person_id: int, **content: Any) -> str:
        """Send a message of any kind."""
        await self._run(self._store(person_id, [self.message(person_id, **content)]))
        return self.words(person_id)

    async def burst(self, person_id: int, *contents: dict[str, Any]) -> str:
        """Messages that are all in the inbox before the first one is handled."""
        rows = self._store(person_id, [self.message(person_id, **content) for content in contents])
        await self._run(rows)
        return self.words(person_id)

    async def edit(self, person_id: int, message: dict[str, Any], text: str) -> str:
        """Edit a message."""
        edited = {"edited_message": {**message["message"], "text": text, "edit_date": 1_790_000_100}}
        await self._run(self._store(person_id, [edited]))
        return self.words(person_id)

    async def press(
        self, person_id: int, button: str, *, shown_to: int | None = None, below: dict[str, Any] | None = None
    ) -> str:
        """Press a button by its text, as it was last shown to the person (or to another: a stolen one); `below`: the
        content of the message that has it, a text unless it is given."""
        chat = self.account(person_id)
        data = self._buttons[self.account(shown_to or person_id), button]
        press = {
            "id": str(next(self._ids)),
            "from": self._user(chat),
            "chat_instance": "1",
            "data": data,
            "message": {
                "message_id": 5,
                "date": 1_790_000_000,
                "chat": {"id": chat, "type": "private"},
                **({"text": "x"} if below is None else below),
            },
        }
        await self._run(self._store(person_id, [{"callback_query": press}]))
        return self.words(person_id)

    def message(self, person_id: int, **content: Any) -> dict[str, Any]:
        """An update with a message of the person."""
        chat = self.account(person_id)
        text = content.get("text", "")
        if text.startswith("/"):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        base = {"message_id": next(self._ids), "date": 1_790_000_000, "from": self._user(chat)}
        return {"message": {**base, "chat": {"id": chat, "type": "private"}, **content}}

    def words(self, person_id: int) -> str:
        """What the person was told because of the last update."""
        chat = self.account(person_id)
        texts = [call["text"] for call in self.heard if call.get("chat_id", chat) == chat and "text" in call]
        return "\n".join(texts)

    def buttons(self, person_id: int) -> list[str]:
        """Buttons of the last screen shown to the person because of the last update."""
        chat = self.account(person_id)
        markups = [
            call["reply_markup"] for call in self.heard if call.get("chat_id") == chat and "reply_markup" in call
        ]
        return [button["text"] for row in (_rows(markups[-1]) if markups else []) for button in row]

    def account(self, person_id: int) -> int:
        """The messenger account of a person: the one that speaks for them now."""
        if isinstance(person_id, Newcomer):
            return int(person_id)
        with self.database.read() as session:
            return session.exec(
                select(Account.user_id).where(Account.person_id == person_id, col(Account.unlinked_at).is_(None))
            ).one()

    def _user(self, chat: int) -> dict[str, Any]:
        return {"id": chat, "is_bot": False, "first_name": "<b>Имя & Co", "language_code": "ru"}

    def _store(self, person_id: int, updates: list[dict[str, Any]]) -> list[int]:
        return self._store_in(self.account(person_id), updates)

    def _store_in(self, chat: int, updates: list[dict[str, Any]]) -> list[int]:
        with self.office.work() as uow:
            rows = []
            for update in updates:
                number = next(self._ids)
                payload = {"update_id": number, **update}
                rows.append(Inbox(bot_id=BOT_ID, update_id=number, chat_id=chat, payload=payload, received_at=uow.now))
            uow.session.add_all(rows)
            uow.session.flush()
            return [row.id for row in rows]

    async def _run(self, rows: list[int]) -> None:
        self.heard.clear()
        with self.database.read() as session:
            said = max(session.exec(select(Outbox.id)).all(), default=0)
        for number in rows:
            with self.database.read() as session:
                row = session.get(Inbox, number)
            await try_turn(self.office, self.handler, row)
        with self.database.read() as session:
            query = select(Outbox).where(col(Outbox.id) > said).order_by(col(Outbox.id))
            for call in session.exec(query).all():
                self.heard.append(call.params | {"_card": call.card_key, "_method": call.method})
                for line in call.params.get("reply_markup", {}).get("inline_keyboard", []):
                    for button in line:
                        self._buttons[call.params["chat_id"], button["text"]] = button.get("callback_data", "")


def _rows(markup: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return markup.get("inline_keyboard", markup.get("keyboard", []))


@contextmanager
def detached(found: Sequence[Router]) -> Iterator[None]:
    """Routers live as long as the process, dispatchers as long as a test: they are given back as they were."""
    parents = [router.parent_router for router in found]
    for router in found:
        router._parent_router = None
    try:
        yield
    finally:
        for router, parent in zip(found, parents, strict=True):
            router._parent_router = parent


@contextmanager
def talking(database: Database, **data: Any) -> Iterator[Talk]:
    """The conversations over a database; routers are given back as they were. `data` is what handlers get by name."""
    messenger = TelegramRenderer(BOT_ID, topic_name)
    office = Office(database, Notices(lambda: messenger, quiet_hours), lambda: NOON)
    base = LivingBase(database, make_encoder=None, beside=skill_units)
    with detached(ROUTERS):
        dispatcher = Dispatcher(storage=TurnStorage(), **data)
        dispatcher.include_routers(*ROUTERS)
        run_filters_inline(dispatcher)
        me = User(id=BOT_ID, is_bot=True, first_name="Firstline", username="firstline_bot")
        handler = UpdateHandler(
            bot=capturing_bot(f"{BOT_ID}:{'x' * 35}", me),
            dispatcher=dispatcher,
            read_line=LineReader(office, base),
            begin=begin,
            language_in=language_in,
            record=record_update,
            chat_timers=chat_timers(),
        )
        yield Talk(database, office, handler, base)
