"""Telegram's sending limits by GCRA: about 30/s in all, 1/s per private chat with a burst of 3, 20/min per group.

GCRA met no 429 where fixed windows did (stack.md).
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rate:
    """`every` seconds per message, `burst` messages at once."""

    every: float
    burst: int


ALL = Rate(1 / 29, 1)
PRIVATE = Rate(1.0, 3)
GROUP = Rate(3.0, 20)


@dataclass(slots=True)
class Limiter:
    """Theoretical arrival times per chat and for all; `now` is a monotonic clock in seconds."""

    enabled: bool = True
    _all: float = 0.0
    _chats: dict[int, float] = field(default_factory=dict)

    def wait(self, chat_id: int | None, now: float, messages: int = 1) -> float:
        """Seconds to wait; 0 takes the permit. In a group each of an album's `messages` counts."""
        if not self.enabled:
            return 0.0
        wait, all_next = _gcra(self._all, ALL, now)
        if chat_id is None:  # callback answers are not counted per chat
            if wait <= 0:
                self._all = all_next
            return wait
        chat_wait, chat_next = _gcra(self._chats.get(chat_id, 0.0), PRIVATE if chat_id > 0 else GROUP, now)
        wait = max(wait, chat_wait)
        if wait <= 0:
            self._all = all_next
            self._chats[chat_id] = chat_next + (GROUP.every * (messages - 1) if chat_id < 0 else 0.0)
            if len(self._chats) > 10_000:
                self._chats = {chat: arrival for chat, arrival in self._chats.items() if arrival > now}
        return wait


def _gcra(arrival: float, rate: Rate, now: float) -> tuple[float, float]:
    """(wait, next theoretical arrival if let go now)."""
    start = max(arrival, now)
    return start - now - rate.every * (rate.burst - 1), start + rate.every
