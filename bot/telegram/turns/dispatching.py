"""Turns of Telegram updates: aiogram's dispatcher run inside a turn."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Generic, Protocol, TypeVar

from aiogram import Bot, Dispatcher
from aiogram.enums import ChatMemberStatus
from aiogram.types import CallbackQuery, Message, Update, User
from aiogram.types import Chat as TelegramChat
from pydantic import ValidationError
from sqlmodel import Session

from bot.db.errors import NotAllowed, NotFound, Outdated, Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.incoming.models import Inbox
from bot.messaging.messengers import ChatId
from bot.messaging.notices.subjects import NOTHING, RefusalSaid
from bot.messaging.outgoing import outbox
from bot.messaging.turns.turn import Failed, Turn, UnreadableError
from bot.telegram.showing.rendering import compose
from bot.telegram.turns.answering import Answering


class ReadsLines(Protocol):
    """What the knowledge base makes of private texts: slow, before the transaction."""

    def __call__(self, message: Message) -> Any: ...

    def ahead(self, texts: Sequence[str]) -> None:
        """These will be read one after another: what can be done for all of them at once."""


_NO_ID = re.compile(r"[\d_]{19}")  # as many digits as 64 bits need; ours are far shorter

C = TypeVar("C", bound=Answering)

ChatTimer = Callable[[C, dict[str, Any]], Awaitable[None]]

CAME_BACK = "came_back"  # a note of the turn: since when whoever writes could not be written to, until now
_LONE_COMMAND = re.compile(r"/[A-Za-z]\w*(?:@\w+)?", re.ASCII)  # nothing in it that the knowledge base could answer


@dataclass(frozen=True, slots=True)
class Prepared:
    """Phase one of a turn: the parsed update, and what the knowledge base makes of a free-text line."""

    update: Update | None = None
    reading: Any = None


def read_update(payload: Any, bot: Bot | None = None) -> Update:
    """The update of raw JSON. Raises UnreadableError: a kind of content newer than aiogram, or none of Telegram's."""
    try:
        update = Update.model_validate(payload, context={"bot": bot})
        update.event_type  # noqa: B018 - it raises for a kind of update that aiogram does not know
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnreadableError(f"{place}: {first['type']}"[:300]) from None  # the error quotes what was said
    except Exception as error:
        raise UnreadableError(type(error).__name__) from None
    return update


@dataclass(slots=True)
class UpdateHandler(Generic[C]):
    """The `TurnHandler` of Telegram.

    `read_line` searches the knowledge base for a private text; `record` keeps the contact and says whether the
    conversation goes on (a muted person is recorded, not answered). Who speaks is known above: `begin` takes the
    turn, the user's id and language code and where it is; `language_in` says in which language a chat is told of
    a failure, None for a group that is none of ours.
    """

    bot: Bot
    dispatcher: Dispatcher
    read_line: ReadsLines
    begin: Callable[..., C]
    language_in: Callable[[Session, ChatId], str | None]
    record: Callable[[C, Update], bool]
    chat_timers: Mapping[str, ChatTimer[C]]
    apology: str = "errors/apology"

    def foresee(self, rows: Sequence[Inbox]) -> None:
        """Read the questions among the rows ahead."""
        self.read_line.ahead([text for row in rows if (text := _private_text(row.payload.get("message")))])

    async def prepare(self, row: Inbox) -> Prepared:
        """Parse the update; search where a line may be a question. Raises UnreadableError."""
        if row.kind != "update":
            return Prepared()
        update = read_update(row.payload, self.bot)
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
            _look_at_press(prepared.update.callback_query)
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
            conversation.say("errors/refusal", RefusalSaid(refusal.key, refusal.values))
            if type(refusal) in (NotAllowed, NotFound):
                place = self.dispatcher.fsm.get_context(self.bot, conversation.chat_id, conversation.user_id)
                await place.clear()

    def _begin(self, turn: Turn, update: Update) -> C | None:
        """Who speaks, and their contact kept; None when they are not to be answered."""
        conversation = self._conversation(turn, update)
        turn.uow.actor = conversation.visitor.person.id if conversation.visitor.person else None
        if conversation.is_private and not _is_blocked(update):
            turn.notes[CAME_BACK] = outbox.mark_reachable(turn.uow.session, turn.inbox.bot, conversation.chat_id)
        return conversation if self.record(conversation, update) else None

    def _conversation(self, turn: Turn, update: Update) -> C:
        press: CallbackQuery | None = update.callback_query
        message = press.message if press else (update.message or update.edited_message)
        in_topic = isinstance(message, Message) and message.is_topic_message
        user, chat = _who_where(update)
        return self.begin(
            turn,
            user.id if user else 0,
            user.language_code if user else None,
            chat_id=chat.id if chat else turn.inbox.chat_id,
            thread_id=message.message_thread_id if isinstance(message, Message) and in_topic else None,
            pressed_message_id=message.message_id if press and message else None,
            pressed_is_text=not isinstance(message, Message) or message.text is not None,
            callback_id=press.id if press else None,
            is_private=chat.type == "private" if chat else False,
        )

    async def _chat_timer(self, turn: Turn) -> None:
        row = turn.inbox
        conversation = self.begin(turn, row.chat_id, chat_id=row.chat_id)
        await self.chat_timers[row.kind](conversation, row.payload)

    def apologise(self, uow: UnitOfWork, failed: Failed) -> None:
        """In the person's language, in their chat; a group that is none of ours is told nothing."""
        chat_id = failed.chat.number
        if failed.kind != "update" or chat_id == 0:
            return
        language = self.language_in(uow.session, failed.chat)
        if language is None:
            return
        for params in compose(self.apology, language, NOTHING, chat_id):
            outbox.put(
                uow.session,
                failed.bot,
                "sendMessage",
                params,
                uow.now,
                chat_id=chat_id,
                inbox_id=failed.inbox_id,
            )


def _look_at_press(press: CallbackQuery | None) -> None:
    """Raises Outdated for a forged payload with a number that no row has, before a database refuses it."""
    if press is not None and _NO_ID.search(press.data or ""):
        raise Outdated


def _private_text(message: Any) -> str | None:
    """The text of a raw message that may be a question."""
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(chat, dict) or chat.get("type") != "private":
        return None
    text = message.get("text")
    return text if isinstance(text, str) and not _LONE_COMMAND.fullmatch(text) else None


def _is_blocked(update: Update) -> bool:
    """Whether it tells that the person has blocked the bot: the one thing somebody out of reach still sends."""
    change = update.my_chat_member
    return change is not None and change.new_chat_member.status == ChatMemberStatus.KICKED


def _who_where(update: Update) -> tuple[User | None, TelegramChat | None]:
    event: Any = update.event
    user = getattr(event, "from_user", None) or getattr(event, "user", None)
    if isinstance(event, CallbackQuery):
        return user, event.message.chat if event.message else None
    return user, getattr(event, "chat", None)


def run_filters_inline(dispatcher: Dispatcher) -> None:
    """Let every filter of the included routers run where it is asked; to be called once they are all included."""
    for router in dispatcher.chain_tail:
        for observer in router.observers.values():
            for handler in observer.handlers:
                for each in handler.filters or ():
                    if not each.awaitable:
                        each.callback, each.awaitable = _inline(each.callback), True


def _inline(check: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    @wraps(check)
    async def checked(*args: Any, **values: Any) -> Any:
        return check(*args, **values)

    return checked
