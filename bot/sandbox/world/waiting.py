"""Waiting for something to become true, without polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.sandbox.world.state import World

T = TypeVar("T")


async def wait_until(
    world: World,
    waiters: set[asyncio.Future[None]],
    check: Callable[[], T | None],
    timeout: float,  # noqa: ASYNC109 - this is what waits
) -> T | None:
    """The first value of `check` that is not None, tried again at each change; None after `timeout` seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout
    while True:
        found = check()
        left = end - loop.time()
        if found is not None or left <= 0 or world.closing:
            return found
        change: asyncio.Future[None] = loop.create_future()
        waiters.add(change)
        try:
            await asyncio.wait([change], timeout=left)
        finally:
            waiters.discard(change)
