"""Tables of what goes out and of what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Index, LargeBinary, literal_column, text
from sqlmodel import Field, SQLModel, col

from bot.db.types import BigId, big_id, big_int, enumerated, json_column, moment
from bot.messaging.messengers import BotId, ChatId, Messenger, of_messenger

_PENDING = text("state IN ('new', 'sending')")
_CARRYING = text("carries IS NOT NULL")


class OutboxState(StrEnum):
    NEW = "new"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"  # the messenger said no for good: set aside with an alarm
    EXPIRED = "expired"  # too late to be of use: a callback answer after 10 s, a card that a newer one has overtaken


class Outbox(SQLModel, table=True):
    """One call of the messenger's API that must happen, in order within its chat.

    Rows of one `chat_id` leave one after another; a callback answer has none and waits for nobody. `card_key` names a
    message to be edited later; delivery knows which message that is.
    Until `held_until` the row stays where it is and its chat waits behind it; until `not_before` it is in nobody's
    way. `repeats` counts sends done though an earlier one may have arrived, unsure since `unsure_since`.
    `carries` names what of a thread the call shows (`said:15`, `ticket:7`): its messages are remembered as its copies.
    """

    __table_args__ = (
        Index("ix_outbox_pending", "lane", "id", sqlite_where=_PENDING, postgresql_where=_PENDING),
        Index("ix_outbox_order", "priority", "id", sqlite_where=_PENDING, postgresql_where=_PENDING),
        Index("ix_outbox_carries", "carries", sqlite_where=_CARRYING, postgresql_where=_CARRYING),
    )
    id: int = big_id()
    messenger: Messenger = of_messenger()
    bot_id: int = big_int()
    chat_id: int | None = big_int(default=None, nullable=True, sa_column_kwargs={"name": "lane"})
    method: str = Field(max_length=64)
    params: dict[str, Any] = json_column()
    priority: int = 1
    card_key: str | None = Field(default=None, max_length=80)
    carries: str | None = Field(default=None, max_length=40)
    state: OutboxState = enumerated(OutboxState, default=OutboxState.NEW)
    attempts: int = 0
    repeats: int = 0
    unsure_since: datetime | None = moment(default=None, nullable=True)
    error: str | None = None
    message_id: int | None = big_int(default=None, nullable=True)
    inbox_id: int | None = big_int(default=None, nullable=True)
    created_at: datetime = moment()
    not_before: datetime | None = moment(default=None, nullable=True)
    held_until: datetime | None = moment(default=None, nullable=True)
    expires_at: datetime | None = moment(default=None, nullable=True)
    leased_until: datetime | None = moment(default=None, nullable=True)
    leased_by: int | None = big_int(default=None, nullable=True)
    sent_at: datetime | None = moment(default=None, nullable=True)

    @property
    def bot(self) -> BotId:
        return BotId(self.messenger, self.bot_id)

    @property
    def chat(self) -> ChatId:
        return ChatId(self.messenger, self.chat_id or 0)


def still_pending(rows: type[Outbox] = Outbox) -> ColumnElement[bool]:
    """What is yet to be sent, in the words of the partial indexes.

    With the states as parameters SQLite can't see that an index serves the query, and reads all that was ever sent.
    """
    return col(rows.state).in_([literal_column("'new'"), literal_column("'sending'")])


_PART = "#"


def part_key(card_key: str, place: int) -> str:
    """The key of a part of a card; `place` counts from 0. The first has the card's own key, so that all that asks for a
    card finds it."""
    return card_key if place == 0 else f"{card_key}{_PART}{place + 1}"


def whole_of(key: str) -> str:
    """The card that a part is of."""
    return key.partition(_PART)[0]


class Card(SQLModel, table=True):
    """Which message shows a card in a chat, or a part of one, so that it can be edited. Delivery writes it."""

    __table_args__ = (Index("ix_card_message", "chat_id", "message_id"),)
    messenger: Messenger = of_messenger(primary_key=True)
    bot_id: int = big_int(primary_key=True)
    chat_id: int = big_int(primary_key=True)
    card_key: str = Field(primary_key=True, max_length=80, index=True)
    message_id: int = big_int()
    thread_id: int | None = big_int(default=None, nullable=True)


class Copy(SQLModel, table=True):
    """A sent message and what of a thread it carries: a reply to it is about that."""

    __tablename__ = "sent_copy"
    messenger: Messenger = of_messenger(primary_key=True)
    bot_id: int = big_int(primary_key=True)
    chat_id: int = big_int(primary_key=True)
    message_id: int = big_int(primary_key=True)
    carries: str = Field(max_length=40)


class Topic(SQLModel, table=True):
    """Which forum topic of a chat belongs to a key such as `ticket:7`. Delivery writes it."""

    messenger: Messenger = of_messenger(primary_key=True)
    bot_id: int = big_int(primary_key=True)
    chat_id: int = big_int(primary_key=True)
    topic_key: str = Field(primary_key=True, max_length=80)
    thread_id: int = big_int()


class Blob(SQLModel, table=True):
    """Bytes to be sent (a PDF, a chart, an article's picture), stored by what made them."""

    id: int = big_id()
    filename: str = Field(max_length=120)
    content: bytes = Field(sa_type=LargeBinary)
    lasting: bool = False  # kept as long as its owner wants it, however old
    created_at: datetime = moment()


class Upload(SQLModel, table=True):
    """What the messenger calls stored bytes that it has: its own id of the file, good for one bot. Delivery writes
    it."""

    messenger: Messenger = of_messenger(primary_key=True)
    bot_id: int = big_int(primary_key=True)
    blob_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="blob.id", ondelete="CASCADE")
    file_id: str = Field(max_length=300)


class Reach(SQLModel, table=True):
    """Why a chat can't be written to; the row goes when its person writes again (telegram.md)."""

    messenger: Messenger = of_messenger(primary_key=True)
    bot_id: int = big_int(primary_key=True)
    chat_id: int = big_int(primary_key=True)
    reason: str = Field(max_length=300)
    since: datetime = moment()
