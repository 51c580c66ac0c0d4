"""A turn: one inbox row, one transaction, all that it changes and says."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.db.errors import Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.incoming.models import Inbox
from bot.messaging.messengers import BotId, ChatId


@dataclass(slots=True)
class Turn:
    """What a handler works with while its inbox row is being processed."""

    uow: UnitOfWork
    inbox: Inbox
    prepared: Any = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.uow.now


class UnreadableError(Exception):
    """What came can't be read, now or ever: `args[0]` says where, and never quotes it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An inbox row that is set aside, without what it holds: nothing on this path reads that again."""

    inbox_id: int
    bot: BotId
    chat: ChatId
    kind: str


class TurnHandler(Protocol):
    """What the messenger's side supplies: reading a row slowly, then handling it in the transaction."""

    def foresee(self, rows: Sequence[Inbox]) -> None:
        """These will be prepared one after another: what can be done for all of them at once. Changes nothing."""

    async def prepare(self, row: Inbox) -> Any:
        """Phase one, no transaction: whatever is slow and writes nothing. Raises UnreadableError."""

    async def handle(self, turn: Turn) -> None:
        """Phase two, inside the transaction. Raises Refusal: what was changed is undone, and `refuse` comes."""

    async def refuse(self, turn: Turn, refusal: Refusal) -> None:
        """Phase two of a refused turn, in a transaction of its own: keep the contact, say no politely."""

    def apologise(self, uow: UnitOfWork, failed: Failed) -> None:
        """The turn failed for good: tell the person that it was recorded and staff will look."""


current_turn: ContextVar[Turn] = ContextVar("current_turn")
