"""Table of scope decisions. Only ever added."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from bot.db.types import big_id, big_int, json_column, moment


class ScopeDecision(SQLModel, table=True):
    """What was decided about covering a ticket's work, with its explanation and snapshot (R3.2)."""

    id: int = big_id()
    ticket_id: int | None = big_int(default=None, nullable=True, index=True)
    result: str = Field(max_length=20)
    emergency: bool = False
    explanation: dict[str, Any] = json_column()
    snapshot: dict[str, Any] = json_column()
    decided_at: datetime = moment()
