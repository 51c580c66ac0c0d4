"""What a send came to, and the messenger's side of delivery that tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.messaging.messengers import Messenger
from bot.messaging.outgoing.models import Outbox


@dataclass(frozen=True, slots=True)
class Sent:
    """It arrived; `message_id` and `thread_id` where the call made a message or a topic; `files`: what the messenger
    calls the blobs that were sent as bytes; `message_ids`: all of an album."""

    message_id: int | None = None
    thread_id: int | None = None
    files: Mapping[int, str] = field(default_factory=dict)
    message_ids: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """It surely did not leave: try again after `seconds`, or ever less often where nobody said when (None).

    `everywhere` holds all chats back, not one; `offline`: until the messenger answers a harmless question.
    """

    seconds: float | None
    reason: str
    everywhere: bool = False
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request left and no answer came: repeated when the messenger answers again, marked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The messenger said no for good."""

    reason: str
    chat_gone: bool = False  # blocked, kicked, not found: nothing else can reach this chat either
    harmless: bool = False  # not modified, query too old, method unknown to this server: no alarm


@dataclass(frozen=True, slots=True)
class Moved:
    """The group has a new id."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Resend:
    """The message to edit, the topic, the message's place in one or a known file is gone: forget it and send anew."""

    forget_card: bool = False
    forget_topic: bool = False
    outside_topics: bool = False  # this chat has no topics (any more)
    forget_files: bool = False


@dataclass(frozen=True, slots=True)
class TopicMade:
    """The row's topic had to be made first; the row itself is sent next."""

    thread_id: int


Outcome = Sent | Later | Unknown | Refused | Moved | Resend | TopicMade


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row with what delivery knows about it: where its card is, its topic, its bytes or the messenger's ids of
    them."""

    row: Outbox
    card_message: int | None = None
    thread_id: int | None = None
    blobs: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    files: dict[int, str] = field(default_factory=dict)


class Sender(Protocol):
    """The messenger's side of delivery."""

    messenger: Messenger

    def wait_for(self, row: Outbox) -> float:
        """Seconds until the limits let this row go; taking the permit when it is 0."""

    async def send(self, parcel: Parcel) -> Outcome: ...

    async def alive(self) -> bool:
        """Whether the messenger answers a harmless question right now."""

    async def close(self) -> None:
        """Nothing more will be sent."""
