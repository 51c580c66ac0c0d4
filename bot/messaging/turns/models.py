"""Table of dialogues."""

from typing import Any

from sqlmodel import Field, SQLModel

from bot.db.types import big_int, json_column
from bot.messaging.messengers import Messenger, of_messenger


class Dialogue(SQLModel, table=True):
    """Where a person stands in a conversation: aiogram's FSM record."""

    messenger: Messenger = of_messenger(primary_key=True)
    bot_id: int = big_int(primary_key=True)
    chat_id: int = big_int(primary_key=True)
    user_id: int = big_int(primary_key=True)
    thread_id: int = big_int(primary_key=True, default=0)
    state: str | None = Field(default=None, max_length=120)
    data: dict[str, Any] = json_column()
