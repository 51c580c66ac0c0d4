"""Long work in the background gives way to a line that is being read."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LONGEST = 0.03  # seconds that one step waits: a base that is asked without a pause is built all the same
SHORT = 0.001


@dataclass(slots=True)
class Lines:
    """How many lines are being read at this moment."""

    _reading: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While a line is read."""
        with self._lock:
            self._reading += 1
        try:
            yield
        finally:
            with self._lock:
                self._reading -= 1

    def give_way(self) -> None:
        """Between two steps of long work: wait for the lines that are being read, but not for ever."""
        if not self._reading:
            return
        until = time.monotonic() + LONGEST
        while self._reading and time.monotonic() < until:
            time.sleep(SHORT)


def at_once() -> None:
    """For work that a person waits for: it gives way to nobody."""


class StoppingError(Exception):
    """The process ends: a long encoding is given up."""
