"""Turns of Telegram updates: aiogram's dispatcher run inside a turn."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiogram import Bot, Dispatcher
from aiogram.types import CallbackQuery, Message, Update, User
from aiogram.types import Chat as TelegramChat

from bot.clients.identity import visitor_of
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging import outbox
from bot.messaging.models import Inbox
from bot.messaging.turn import Turn
from bot.telegram.conversation import Conversation


class ReadsLines(Protocol):
    """What the knowledge base makes of private texts: slow, before the transaction."""

    def __call__(self, message: Message) -> Any: ...

    def ahead(self, texts: Sequence[str]) -> None:
        """These will be read one after another: what can be done for all of them at once."""


ChatTimer = Callable[[Conversation, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Phase one of a turn: the parsed update, and what the knowledge base makes of a free-text line."""

    update: Update | None = None
    reading: Any = None


def without_nul(value: Any) -> Any:
    """The same JSON with U+FFFD for U+0000, which PostgreSQL can't keep in a text; lengths, and so entities, hold."""
    match value:
        case str():
            return value.replace("\0", "\ufffd")
        case dict():
            return {key: without_nul(part) for key, part in value.items()}
        case list():
            return [without_nul(part) for part in value]
    return value


@dataclass(slots=True)
class UpdateHandler:
    """The `TurnHandler` of Telegram.

    `read_line` searches the knowledge base for a private text; `record` keeps the contact and says whether the
    conversation goes on (a muted person is recorded, not answered).
    """

    bot: Bot
    dispatcher: Dispatcher
    read_line: ReadsLines
    record: Callable[[Conversation, Update], bool]
    chat_timers: Mapping[str, ChatTimer]
    apology: str = "errors/apology"

    def foresee(self, rows: Sequence[Inbox]) -> None:
        """Read the questions among the rows ahead."""
        self.read_line.ahead([text for row in rows if (text := _private_text(row.payload.get("message")))])

    async def prepare(self, row: Inbox) -> Prepared:
        """Parse the update; search where a line may be a question."""
        if row.kind != "update":
            return Prepared()
        update = Update.model_validate(without_nul(row.payload), context={"bot": self.bot})
        if update.message is None or not _private_text(row.payload.get("message")):
            return Prepared(update)
        return Prepared(update, self.read_line(update.message))

    async def handle(self, turn: Turn) -> None:
        """Feed the update to the routers."""
        prepared: Prepared = turn.prepared
        if prepared.update is None:
            await self._chat_timer(turn)
            return
        conversation = self._begin(turn, prepared.update)
        if conversation is not None:
            await self.dispatcher.feed_update(self.bot, prepared.update, turn=conversation)
            conversation.alert("")

    async def refuse(self, turn: Turn, refusal: Refusal) -> None:
        """Say the refusal where the person looks: on the pressed button, else in the chat.

        A line that its dialogue may not take any more, for lack of a right or of the thing itself, ends the dialogue:
        the next line is heard as any other (R2.7).
        """
        prepared: Prepared = turn.prepared
        if prepared.update is None:
            raise refusal
        conversation = self._begin(turn, prepared.update)
        if conversation is None:
            return
        if conversation.callback_id is not None:
            conversation.alert(refusal.key, popup=True, **refusal.values)
        else:
            conversation.say("errors/refusal", key=refusal.key, values=refusal.values)
            if type(refusal) in (NotAllowed, NotFound):
                place = self.dispatcher.fsm.get_context(self.bot, conversation.chat_id, conversation.user_id)
                await place.clear()

    def _begin(self, turn: Turn, update: Update) -> Conversation | None:
        """Who speaks, and their contact kept; None when they are not to be answered."""
        conversation = _conversation(turn, update)
        turn.uow.actor = conversation.visitor.person.id if conversation.visitor.person else None
        if conversation.is_private:
            outbox.mark_reachable(turn.uow.session, turn.inbox.bot_id, conversation.chat_id)
        return conversation if self.record(conversation, update) else None

    async def _chat_timer(self, turn: Turn) -> None:
        row = turn.inbox
        conversation = Conversation(turn, visitor_of(turn.uow.session, row.chat_id), row.chat_id, row.chat_id)
        await self.chat_timers[row.kind](conversation, row.payload)

    def apologise(self, uow: UnitOfWork, row: Inbox) -> None:
        """In the person's language, in their chat."""
        if row.kind != "update" or row.chat_id == 0:
            return
        turn = Turn(uow, row)
        update = Update.model_validate(row.payload, context={"bot": self.bot})
        _conversation(turn, update).say(self.apology)


def _private_text(message: Any) -> str | None:
    """The text of a raw message that may be a question."""
    if not isinstance(message, dict) or message.get("chat", {}).get("type") != "private":
        return None
    text = message.get("text")
    return text if isinstance(text, str) and not text.startswith("/") else None


def _conversation(turn: Turn, update: Update) -> Conversation:
    press: CallbackQuery | None = update.callback_query
    message = press.message if press else (update.message or update.edited_message)
    user, chat = _who_where(update)
    visitor = visitor_of(turn.uow.session, user.id if user else 0, user.language_code if user else None)
    return Conversation(
        turn,
        visitor,
        chat_id=chat.id if chat else turn.inbox.chat_id,
        user_id=user.id if user else 0,
        thread_id=message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None,
        pressed_message_id=message.message_id if press and message else None,
        pressed_is_text=not isinstance(message, Message) or message.text is not None,
        callback_id=press.id if press else None,
        is_private=chat.type == "private" if chat else False,
    )


def _who_where(update: Update) -> tuple[User | None, TelegramChat | None]:
    event: Any = update.event
    user = getattr(event, "from_user", None) or getattr(event, "user", None)
    if isinstance(event, CallbackQuery):
        return user, event.message.chat if event.message else None
    return user, getattr(event, "chat", None)


def chat_of(update: Mapping[str, Any]) -> int:
    """The chat whose order an update keeps, from its raw JSON; 0 when it belongs to none."""
    for name, event in update.items():
        if name == "update_id" or not isinstance(event, dict):
            continue
        holder = event.get("message") if name == "callback_query" and event.get("message") else event
        chat = holder.get("chat") if isinstance(holder, dict) else None
        user = event.get("from") or event.get("user")
        for found in (chat, user):
            if isinstance(found, dict) and isinstance(found.get("id"), int):
                return int(found["id"])
    return 0
