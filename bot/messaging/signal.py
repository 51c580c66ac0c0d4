"""Wake-ups between loops of one process; across processes loops also look by themselves."""

import asyncio
import threading


class Bell:
    """Rings every listener; a ring while nobody waits is kept for the next wait."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._events: list[threading.Event] = []
        self._loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def listener(self) -> threading.Event:
        """An event for a thread: wait on it, clear it, look."""
        event = threading.Event()
        with self._guard:
            self._events.append(event)
        return event

    def async_listener(self) -> asyncio.Event:
        """An event for the running event loop."""
        event = asyncio.Event()
        with self._guard:
            self._loops.append((asyncio.get_running_loop(), event))
        return event

    def ring(self) -> None:
        with self._guard:
            for event in self._events:
                event.set()
            for loop, flag in list(self._loops):
                try:
                    loop.call_soon_threadsafe(flag.set)
                except RuntimeError:  # it was closed, perhaps this very moment: nobody listens there any more
                    self._loops.remove((loop, flag))
