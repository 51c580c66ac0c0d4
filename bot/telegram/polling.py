"""Long polling: updates are committed to the inbox before the next offset acknowledges them (promise 1)."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.db.trouble import storage_trouble
from bot.db.unit_of_work import Office
from bot.messaging import inbox, metrics
from bot.messaging.inbox import Arrival
from bot.messaging.runner import Runner
from bot.messaging.signal import Bell
from bot.telegram.api import ALLOWED_UPDATES, Api, TelegramRefusedError
from bot.telegram.dispatching import chat_of
from bot.telegram.http import NO_ANSWER

log = structlog.get_logger()

MENDS = {
    401: "the token was revoked: get a new one from @BotFather and set BOT_TOKEN",
    404: "the server does not know this token: check BOT_TOKEN and TELEGRAM_API_URL",
    409: "another process polls with this token, or a webhook is set: stop the other one",
}


# Seconds between a batch and the next question. An answer of one update costs as much as one of twenty, and what
# comes meanwhile comes with the next one: under load intake leaves the processor to turns.
GATHER = 0.015


def store(office: Office, bot_id: int, updates: Sequence[dict[str, Any]]) -> None:
    """Commit a batch of raw updates in one transaction."""
    arrivals = [Arrival(bot_id, int(update["update_id"]), chat_of(update), update) for update in updates]
    with office.work() as uow:
        inbox.record(uow.session, arrivals, uow.now)
    metrics.updates.inc(len(arrivals))


async def poll(api: Api, office: Office, bot_id: int, arrived: Bell, runner: Runner) -> None:
    """Until the runner stops. Every refusal is waited out and named with its mend; nothing ends the loop.

    The offset is sent only to acknowledge what was just stored: after a week of silence Telegram may count on from a
    smaller number, and an old offset would throw such updates away.
    """
    offset: int | None = None
    pause = 0.0
    while not runner.stopping.is_set():
        try:
            updates = await _next_batch(api, offset, runner)
            offset = None
            if updates:
                store(office, bot_id, updates)
        except TelegramRefusedError as error:
            pause = max(error.retry_after, 5.0 if error.code in MENDS else 1.0)
            log.error("polling_refused", code=error.code, said=error.description, mend=MENDS.get(error.code, "waiting"))
        except NO_ANSWER as error:
            pause = min(max(pause * 2, 0.5), 15.0)
            log.warning("polling_unreachable", error=type(error).__name__, again_in=pause)
            await runner.until_stopped(_reconnect(api))
        except SQLAlchemyError as error:
            mend = storage_trouble(error)
            if mend is None:
                raise
            log.error("database_trouble", loop="intake", mend=mend)
            pause = 1.0  # they stay with Telegram until they are stored
        else:
            pause = 0.0
            if updates:
                arrived.ring()
                offset = max(int(update["update_id"]) for update in updates) + 1
                pause = GATHER
        if pause:
            await runner.until_stopped(asyncio.sleep(pause))


async def _next_batch(api: Api, offset: int | None, runner: Runner) -> list[dict[str, Any]]:
    """One getUpdates; abandoned when the runner stops, which leaves the updates with Telegram."""
    params: dict[str, Any] = {"timeout": 25, "limit": 100, "allowed_updates": ALLOWED_UPDATES}
    if offset is not None:
        params["offset"] = offset
    return list(await runner.until_stopped(api.call("getUpdates", read_timeout=40.0, **params)) or [])


async def _reconnect(api: Api) -> None:
    """Look for a route that works; failing that, stay with the last one."""
    try:
        await api.connect()
    except (ConnectionError, TelegramRefusedError):
        return
