"""What the sandbox remembers: bots, people, chats, messages and files, in memory."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections import deque
from dataclasses import dataclass, field

from bot.sandbox.world.refusals import Json

GROUP_ANONYMOUS_BOT = 1087968824
DEFAULT_UPDATES_OFF = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
CALLS_KEPT = 50_000


@dataclass(slots=True)
class User:
    """A user of Telegram."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    phone: str | None = None
    about: str | None = None
    deactivated: bool = False


@dataclass(slots=True)
class Webhook:
    """Where a bot's updates are posted to."""

    url: str
    secret: str
    max_connections: int
    last_error_date: int | None = None
    last_error: str | None = None


@dataclass(slots=True)
class Bot:
    """A bot and the updates that wait for it."""

    id: int
    token: str
    username: str
    first_name: str
    reads_all: bool = False
    revoked: bool = False
    updates: deque[Json] = field(default_factory=deque)
    next_update: int = 1
    allowed: frozenset[str] | None = None
    poll: asyncio.Future[str] | None = None
    webhook: Webhook | None = None
    webhook_task: asyncio.Task[None] | None = None
    sent: dict[int, Json] = field(default_factory=dict)
    next_message: int = 0
    calls: int = 0
    log: deque[Json] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    profile: Json = field(default_factory=dict)

    def wants(self, kind: str) -> bool:
        """Whether updates of this kind are delivered to the bot."""
        return kind not in DEFAULT_UPDATES_OFF if self.allowed is None else kind in self.allowed


@dataclass(slots=True)
class Member:
    """Someone's place in a group."""

    user_id: int
    status: str
    title: str | None = None
    anonymous: bool = False

    @property
    def inside(self) -> bool:
        """Whether they are in the group now."""
        return self.status not in ("left", "kicked")


@dataclass(slots=True)
class Topic:
    """A topic of a forum; its id is that of the message that opened it."""

    id: int
    name: str
    icon_color: int
    closed: bool = False
    deleted: bool = False


@dataclass(slots=True)
class Message:
    """A message; `fields` holds its content as Bot API names it."""

    id: int
    chat: Chat
    sender: int
    date: int
    fields: Json
    reply_to: Message | None = None
    thread: int | None = None
    inline: Json | None = None
    keyboard: Json | None = None
    edit_date: int | None = None
    deleted: bool = False
    anonymous: bool = False
    reactions: dict[int, list[Json]] = field(default_factory=dict)
    changed: int = 0

    @property
    def service(self) -> bool:
        """Whether Telegram wrote it itself: a member came, a topic was opened."""
        return not self.fields.keys().isdisjoint(SERVICE_FIELDS)


SERVICE_FIELDS = frozenset(
    {
        "new_chat_members",
        "left_chat_member",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
        "pinned_message",
        "successful_payment",
        "group_chat_created",
        "supergroup_chat_created",
    }
)


@dataclass(slots=True)
class Chat:
    """A private dialogue of one bot with one person, or a group."""

    id: int
    type: str
    title: str = ""
    username: str | None = None
    is_forum: bool = False
    bot: Bot | None = None
    started: bool = False
    blocked: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    next_message: int = 0
    keyboard: Json | None = None
    pinned: int | None = None
    upgraded_to: int | None = None
    toasts: list[Json] = field(default_factory=list)
    action: Json | None = None
    acted: dict[int, int] = field(default_factory=dict)
    waiters: set[asyncio.Future[None]] = field(default_factory=set)

    @property
    def private(self) -> bool:
        """Whether it is a dialogue of one bot with one person."""
        return self.type == "private"


@dataclass(slots=True)
class Query:
    """A press that waits for its answer."""

    id: str
    bot: Bot
    person: int
    chat: Chat
    at: float
    update: Json
    answered: bool = False


@dataclass(slots=True)
class StoredFile:
    """A file that someone has sent."""

    id: str
    unique_id: str
    path: str
    name: str
    mime: str
    content: bytes
    thumbnail: StoredFile | None = None


@dataclass(slots=True)
class World:
    """Everything that exists in one sandbox. Used from one event loop only."""

    bots: dict[int, Bot] = field(default_factory=dict)
    people: dict[int, User] = field(default_factory=dict)
    dialogues: dict[tuple[int, int], Chat] = field(default_factory=dict)
    groups: dict[int, Chat] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    paths: dict[str, StoredFile] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    checkouts: dict[str, Query] = field(default_factory=dict)
    invoices: dict[tuple[int, int], str] = field(default_factory=dict)
    calls: deque[Json] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    calls_made: int = 0
    version: int = 0
    watchers: set[asyncio.Future[None]] = field(default_factory=set)
    query_lifetime: float = 900.0
    closing: bool = False
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def fresh(self) -> int:
        """A number that was never given before."""
        return next(self._ids)

    def fresh_user_id(self) -> int:
        """An id for a person or bot: above 2**32, so that 32-bit columns are found out."""
        while True:
            user_id = 5_000_000_000 + self.fresh() * 7
            if user_id not in self.people and user_id not in self.bots:
                return user_id

    def stamp(self) -> int:
        """The number of the next change: later changes have greater ones."""
        self.version += 1
        return self.version

    def touch(self, chat: Chat | None = None) -> None:
        """Tell those who watch that a chat has changed."""
        self.stamp()
        waiting = [*self.watchers, *chat.waiters] if chat else list(self.watchers)
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def dialogue(self, bot: Bot, person_id: int) -> Chat:
        """The private chat of a bot and a person, made on first use."""
        key = (bot.id, person_id)
        if key not in self.dialogues:
            self.dialogues[key] = Chat(person_id, "private", bot=bot)
        return self.dialogues[key]

    def add_bot(self, token: str, username: str | None = None, first_name: str = "Bot") -> Bot:
        """Register a bot under its token, whose first part is its id."""
        bot_id = int(token.split(":", maxsplit=1)[0])
        bot = Bot(bot_id, token, username or f"sandbox_{bot_id}_bot", first_name)
        self.bots[bot_id] = bot
        self.touch()
        return bot

    def add_message(self, chat: Chat, sender: int, fields: Json) -> Message:
        """Put a message into a chat under its next number."""
        if chat.bot is not None:
            # One person's and one bot's dialogues share a numbering, as in Telegram.
            chat.bot.next_message += 1
            number = chat.bot.next_message
        else:
            chat.next_message += 1
            number = chat.next_message
        message = Message(number, chat, sender, int(time.time()), fields)
        message.changed = self.stamp()
        chat.messages[number] = message
        return message

    def store_file(self, folder: str, name: str, content: bytes, mime: str) -> StoredFile:
        """Keep a file and give it an id and a path."""
        number = self.fresh()
        extension = f".{name.rsplit('.', 1)[1]}" if "." in name else ""
        path = f"{folder}/file_{number}{extension}"
        stored = StoredFile(
            f"BQACAgIAAx{secrets.token_urlsafe(30)}{number}", f"AgAD{number:012d}", path, name, mime, content
        )
        self.files[stored.id] = stored
        self.paths[path] = stored
        return stored
