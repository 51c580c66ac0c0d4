"""The one place that starts threads and background tasks, and stops them in order; and how they wake each other."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from math import inf
from time import monotonic
from typing import Any, TypeVar

import structlog

T = TypeVar("T")

DISPOSABLE_SECONDS = 1.0
SHORTEST_LULL, LONGEST_LULL = 0.005, 1.0

log = structlog.get_logger()


class Runner:
    """Runs loops in threads of their own; each watches `stopping` and ends by itself.

    A loop that dies takes the process down: a half-alive bot is worse than a restarted one.
    """

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.failed: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self._disposable: list[threading.Thread] = []
        self._wakers: list[Callable[[], None]] = []

    def thread(self, name: str, loop: Callable[[], None], *, disposable: bool = False) -> threading.Thread:
        """Start a thread; its failure stops everything.

        `disposable`: nothing is lost if the process ends in the middle of what the loop does, so stopping does not
        wait it out; it may be deep in a library that can't be asked to stop.
        """

        def guarded() -> None:
            try:
                loop()
            except BaseException as error:
                if disposable and self.stopping.is_set():
                    return  # what it worked with was taken away under it
                self.failed = error
                log.error("loop_died", loop=name, error=type(error).__name__, exc_info=True)
                self.stop()

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        (self._disposable if disposable else self._threads).append(thread)
        thread.start()
        return thread

    def async_thread(self, name: str, main: Callable[[], Coroutine[Any, Any, None]]) -> threading.Thread:
        """Start a thread with an event loop of its own."""
        return self.thread(name, lambda: asyncio.run(main()))

    async def until_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Await something long, abandoned with None when stopping begins; its own errors come through."""
        task = asyncio.create_task(work)
        while not task.done():
            await asyncio.wait([task], timeout=0.2)
            if self.stopping.is_set() and not task.done():
                task.cancel()
                return None
        return task.result()

    def on_stop(self, waker: Callable[[], None]) -> None:
        """Call this when stopping begins, to wake a loop that sleeps."""
        self._wakers.append(waker)

    def stop(self) -> None:
        """Ask every loop to end."""
        self.stopping.set()
        for waker in self._wakers:
            waker()

    def join(self, timeout: float) -> list[str]:
        """Wait for the loops; returns the names of those still running. Disposable ones don't count."""
        _wait(self._threads, timeout)
        _wait(self._disposable, min(timeout, DISPOSABLE_SECONDS))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def abandoned(self) -> list[str]:
        """The disposable loops that are still at it."""
        return [thread.name for thread in self._disposable if thread.is_alive()]


def _wait(threads: Sequence[threading.Thread], timeout: float) -> None:
    end = monotonic() + timeout
    for thread in threads:
        thread.join(max(0.0, end - monotonic()))


class Lull:
    """How long a loop that finds nothing sleeps until it looks by itself: twice as long each time, up to a second.

    Whoever has something for it rings: the looks are for what a ring was lost of, and for what became due.
    """

    def __init__(self, first: float) -> None:
        self._first = self._next = first
        self._due: list[float] = []

    def over(self) -> None:
        """There was something, or somebody rang."""
        self._next = self._first

    def look_in(self, seconds: float) -> None:
        """Something is due then."""
        self._due.append(monotonic() + seconds)

    def next(self, *due: float) -> float:
        """Seconds; nothing was found once more. Not beyond the nearest moment that is ahead."""
        now, pause = monotonic(), self._next
        self._next = max(self._first, min(pause * 2, LONGEST_LULL))
        self._due = [each for each in self._due if each > now]
        return max(SHORTEST_LULL, min(pause, *(each - now for each in (*self._due, *due, inf) if each > now)))

    def rest(self, woken: threading.Event, *, found: bool, busy: bool) -> None:
        """Wait to be woken, not at all while `busy`; what was `found` and is another's may be free soon."""
        if found or busy:
            self.over()
        if busy:
            return
        if woken.wait(self.next()):
            self.over()
        woken.clear()


class Bell:
    """Wakes the loops of one process, which look by themselves too; `far_bells` carries it between processes.

    Rings every listener; a ring while nobody waits is kept for the next wait.
    """

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
