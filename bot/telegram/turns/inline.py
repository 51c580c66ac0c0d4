"""Plain filters on the turn's own thread: aiogram hands each one that is no coroutine to a thread pool.

`F.text` and `lambda message: …` are such filters. A line that reaches the last router passes two dozen of them, and
each hop to another thread costs more than a query of the turn.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from aiogram import Dispatcher


def run_filters_inline(dispatcher: Dispatcher) -> None:
    """Let every filter of the included routers run where it is asked; to be called once they are all included."""
    for router in dispatcher.chain_tail:
        for observer in router.observers.values():
            for handler in observer.handlers:
                for each in handler.filters or ():
                    if not each.awaitable:
                        each.callback, each.awaitable = _inline(each.callback), True


def _inline(check: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    @wraps(check)
    async def checked(*args: Any, **values: Any) -> Any:
        return check(*args, **values)

    return checked
