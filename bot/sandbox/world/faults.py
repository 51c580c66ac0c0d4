"""Troubles on order: scripted faults, and Telegram's limits when switched on."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from bot.sandbox.world.params import Params
from bot.sandbox.world.refusals import Json, Refusal, too_many_requests
from bot.sandbox.world.state import Bot

SENDING = ("send", "copy", "forward", "editmessage")


class Trouble(StrEnum):
    """What happens to a call."""

    REFUSE = "refuse"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    SLOW = "slow"


@dataclass(slots=True)
class Fault:
    """A trouble for the next `count` calls that match (None: for all of them)."""

    id: int
    trouble: Trouble
    bot: int | None = None
    method: str | None = None
    chat_id: int | None = None
    text: str | None = None
    count: int | None = 1
    code: int = 429
    description: str | None = None
    retry_after: int | None = None
    migrate_to_chat_id: int | None = None
    seconds: float = 60.0
    used: int = 0

    def matches(self, bot: Bot, method: str, params: Params) -> bool:
        """Whether the fault is meant for this call."""
        if self.count is not None and self.used >= self.count:
            return False
        if self.bot is not None and self.bot != bot.id:
            return False
        if self.method is not None and self.method.lower() != method.lower():
            return False
        if self.chat_id is not None and params.text("chat_id") != str(self.chat_id):
            return False
        return self.text is None or self.text in params.text("text") + params.text("caption")

    def refusal(self) -> Refusal:
        """The answer of a fault that refuses."""
        if self.code == 429:
            return too_many_requests(1 if self.retry_after is None else self.retry_after)
        words = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error"}
        words |= {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
        parameters = {"migrate_to_chat_id": self.migrate_to_chat_id} if self.migrate_to_chat_id else {}
        return Refusal(self.code, self.description or words.get(self.code, "Error"), **parameters)

    def as_json(self) -> Json:
        """The fault as the person's side shows it."""
        return asdict(self)


@dataclass(slots=True)
class Limits:
    """Sends that Telegram lets through; 0 means no limit."""

    overall_per_second: int = 0
    chat_per_second: float = 0
    chat_burst: int = 3
    group_per_minute: int = 0


TELEGRAM_LIMITS = Limits(30, 1, 3, 20)


@dataclass(slots=True)
class Meter:
    """Counts the sends of one bot against its limits."""

    sends: deque[float] = field(default_factory=deque)
    due: dict[int, float] = field(default_factory=dict)
    group_sends: dict[int, deque[float]] = field(default_factory=dict)

    def check(self, limits: Limits, method: str, chat_id: int, now: float) -> None:
        """Count one call at `now` (monotonic seconds). Raises Refusal 429, which is not counted."""
        if not method.lower().startswith(SENDING) or method.lower() == "sendchataction":
            return
        waits = [
            _window(self.sends, limits.overall_per_second, 1.0, now),
            self._bucket(limits, chat_id, now),
            _window(self.group_sends.setdefault(chat_id, deque()), limits.group_per_minute, 60.0, now)
            if chat_id < 0
            else 0.0,
        ]
        wait = max(waits)
        if wait > 0:
            raise too_many_requests(max(math.ceil(wait), 1))
        self.sends.append(now)
        if chat_id < 0:
            self.group_sends[chat_id].append(now)
        elif limits.chat_per_second:
            self.due[chat_id] = max(self.due.get(chat_id, now), now) + 1 / limits.chat_per_second

    def _bucket(self, limits: Limits, chat_id: int, now: float) -> float:
        if not limits.chat_per_second or chat_id < 0:
            return 0.0
        ahead = self.due.get(chat_id, now) - now
        # Half a message of slack forgives a client whose clock and network jitter.
        return max(ahead - (limits.chat_burst - 0.5) / limits.chat_per_second, 0.0)


def _window(sends: deque[float], limit: int, span: float, now: float) -> float:
    while sends and sends[0] <= now - span:
        sends.popleft()
    if not limit or len(sends) < limit:
        return 0.0
    return sends[-limit] + span - now


@dataclass(slots=True)
class Troubles:
    """All faults and limits of a sandbox."""

    faults: list[Fault] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    limits_of: dict[int, Limits] = field(default_factory=dict)
    meters: dict[int, Meter] = field(default_factory=dict)

    def take(self, bot: Bot, method: str, params: Params) -> Fault | None:
        """The fault for a call, counted as used; None if there is none."""
        for fault in self.faults:
            if fault.matches(bot, method, params):
                fault.used += 1
                return fault
        return None

    def check_limits(self, bot: Bot, method: str, params: Params) -> None:
        """Raise Refusal 429 if the bot sends faster than its limits let it."""
        limits = self.limits_of.get(bot.id, self.limits)
        if limits.overall_per_second or limits.chat_per_second or limits.group_per_minute:
            meter = self.meters.setdefault(bot.id, Meter())
            meter.check(limits, method, params.integer("chat_id"), time.monotonic())
