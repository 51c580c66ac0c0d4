"""Notices: who is told what, in words of the domain.

An audience knows its addresses; a messenger knows how a template and its buttons look there. Both are supplied
from outside, so that a second messenger fits in beside the first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from sqlmodel import Session

from bot.db.clock import HOME, at, day_of, local
from bot.db.unit_of_work import Envelope, Subject, UnitOfWork
from bot.messaging.messengers import FIRST, ChatId, Messenger
from bot.messaging.outgoing.outbox import Priority


@dataclass(frozen=True, slots=True)
class Night:
    """Local hours between which people are not written to, over midnight or not; none where both are the same."""

    begins: int
    ends: int

    def over(self, now: datetime, timezone: str) -> datetime | None:
        """The end of the night that `now` falls into at this place, or None by day."""
        hour, today = local(now, timezone).hour, day_of(now, timezone)
        if not self._holds(hour):
            return None
        return at(today + timedelta(days=hour >= self.ends), time(self.ends), timezone)

    def _holds(self, hour: int) -> bool:
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends


@dataclass(frozen=True, slots=True)
class Address:
    """Where a notice goes: a chat, in a language; `topic_key` and `card_key` let it be grouped and edited later.

    `person_id` is None for a group. `quiet` addresses are not written to at night unless the notice is urgent.
    `about` is what a reply to it will be about; what `gives_way` lets cards go first (decision 11). `right` names the
    audience that they are of: asked again when the notice leaves, if it had to wait. `corrects` is the call of the
    outbox whose message is edited instead of sending another.
    """

    chat_id: int
    language: str = "ru"
    person_id: int | None = None
    timezone: str = HOME
    quiet: bool = True
    topic_key: str | None = None
    card_key: str | None = None
    about: str | None = None
    gives_way: bool = False
    right: Mapping[str, Any] | None = field(default=None, compare=False)
    corrects: int | None = None
    messenger: Messenger = FIRST

    @property
    def chat(self) -> ChatId:
        return ChatId(self.messenger, self.chat_id)


class Audience(Protocol):
    """Someone to be told: resolved inside the transaction, so rights are those of the moment (R2.4)."""

    def addresses(self, session: Session) -> Sequence[Address]: ...


class Renderer(Protocol):
    """Writes a notice into the outbox in the messenger's own form."""

    def post(
        self,
        uow: UnitOfWork,
        address: Address,
        template: str,
        subject: Subject,
        envelope: Envelope,
        *,
        priority: Priority,
        not_before: datetime | None,
    ) -> None: ...


class Notices:
    """The `Teller` of every unit of work; `night` says when its people sleep."""

    def __init__(self, renderer: Callable[[], Renderer], night: Callable[[Session], Night]) -> None:
        self._renderer, self._night = renderer, night

    def tell(self, uow: UnitOfWork, audience: Audience, template: str, subject: Subject, envelope: Envelope) -> None:
        """Post to each address; at night what is not urgent waits for the morning of its reader."""
        for address in audience.addresses(uow.session):
            wanted = envelope.urgent or not address.quiet or (uow.actor is not None and uow.actor == address.person_id)
            not_before = None if wanted else self._night(uow.session).over(uow.now, address.timezone)
            priority = Priority.TALK if address.gives_way else Priority.NOTICE
            self._renderer().post(uow, address, template, subject, envelope, priority=priority, not_before=not_before)
