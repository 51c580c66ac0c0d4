"""Table of what came in."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.db.types import big_id, big_int, enumerated, json_column, moment
from bot.messaging.messengers import BotId, ChatId, Messenger, of_messenger


class InboxState(StrEnum):
    NEW = "new"
    DONE = "done"
    POISON = "poison"


_WAITING = text("state = 'new'")
_DONE = text("state = 'done'")


class Inbox(SQLModel, table=True):
    """What arrived, exactly as it arrived, before anybody was told that it did (promise 1).

    `kind` is `update` for the messenger's own, else the name of a timer that touches this chat's dialogue. A turn that
    failed is taken again after `held_until`, and its chat waits behind it.
    """

    __table_args__ = (
        UniqueConstraint("messenger", "bot_id", "update_id", name="uq_inbox_update"),
        Index("ix_inbox_waiting", "chat_id", "id", "held_until", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_inbox_done", "done_at", sqlite_where=_DONE, postgresql_where=_DONE),
    )
    id: int = big_id()
    messenger: Messenger = of_messenger()
    bot_id: int = big_int()
    update_id: int | None = big_int(default=None, nullable=True)
    chat_id: int = big_int()
    kind: str = Field(default="update", max_length=40)
    payload: dict[str, Any] = json_column()
    state: InboxState = enumerated(InboxState, default=InboxState.NEW)
    attempts: int = 0
    error: str | None = None
    received_at: datetime = moment()
    held_until: datetime | None = moment(default=None, nullable=True)
    done_at: datetime | None = moment(default=None, nullable=True)

    @property
    def bot(self) -> BotId:
        return BotId(self.messenger, self.bot_id)

    @property
    def chat(self) -> ChatId:
        return ChatId(self.messenger, self.chat_id)
