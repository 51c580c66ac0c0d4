"""Long polling: updates are committed to the inbox before the next offset acknowledges them (promise 1)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.db.trouble import storage_trouble
from bot.db.unit_of_work import Office
from bot.messaging.incoming.held_back import HeldBack
from bot.messaging.runner import Bell, Runner
from bot.telegram.arriving import id_of, oldest_of, store
from bot.telegram.network.api import ALLOWED_UPDATES, Api, ForeignAnswerError, TelegramRefusedError
from bot.telegram.network.http import NO_ANSWER

log = structlog.get_logger()

MENDS = {
    401: "the token was revoked: get a new one from @BotFather and set BOT_TOKEN",
    404: "the server does not know this token: check BOT_TOKEN and TELEGRAM_API_URL",
    409: "another process polls with this token, or a webhook is set: stop the other one",
}


# Seconds between a batch and the next question. An answer of one update costs as much as one of twenty, and what
# comes meanwhile comes with the next one: under load intake leaves the processor to turns.
GATHER = 0.015
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # while nobody answers, doubled from one to the other
WATCH_SECONDS = 30.0  # between two questions how the webhook fares
LARGEST_MOMENT = 2**33  # seconds; what is more is no moment
LATE_SECONDS = 15.0  # by which an empty answer may be late
UNKNOWN_PAUSE = 5.0  # after updates whose ids can't be acknowledged: they come again at once


async def poll(api: Api, office: Office, bot_id: int, arrived: Bell, runner: Runner, held: HeldBack) -> None:
    """Until the runner stops. Every refusal is waited out and named with its mend; nothing ends the loop.

    The offset is sent only to acknowledge what was just stored: after a week of silence Telegram may count on from a
    smaller number, and an old offset would throw such updates away. What keeps updates from coming is noted in `held`.
    """
    offset: int | None = None
    updates: list[Any] = []
    pause = 0.0
    while not runner.stopping.is_set():
        try:
            updates = await _next_batch(api, offset, runner)
            offset = None
            if updates:
                store(office, bot_id, updates)
        except TelegramRefusedError as error:
            pause = max(error.retry_after, min(5.0 if error.code in MENDS else 1.0, LONGEST_PAUSE))
            advice = MENDS.get(error.code, "waiting")
            log.error("polling_refused", code=error.code, said=error.description, mend=advice)
            reason = f"getUpdates: {error.code} {error.description}: {advice}"
            await runner.until_stopped(_held(api, office, held, reason))
        except NO_ANSWER as error:
            pause = min(max(pause * 2, SHORTEST_PAUSE), LONGEST_PAUSE)
            log.warning("polling_unreachable", error=type(error).__name__, again_in=pause)
            held.back("Telegram is out of reach: check TELEGRAM_API_URL, TELEGRAM_PROXIES", office.clock())
            held.alarm_once(office)
            await runner.until_stopped(_reconnect(api))
        except SQLAlchemyError as error:
            mend = storage_trouble(error)
            if mend is None:
                raise
            log.error("database_trouble", loop="intake", mend=mend)
            held.back(mend, oldest_of(updates, office.clock()))
            await runner.until_stopped(_held(api, office, held, mend))
            pause = 1.0  # they stay with Telegram until they are stored
        else:
            held.flows(office)
            pause = GATHER
            if updates:
                arrived.ring()
                known = [number for update in updates if (number := id_of(update)) is not None]
                offset = max(known) + 1 if known else None
                pause = GATHER if known else UNKNOWN_PAUSE
        if pause:
            await runner.until_stopped(asyncio.sleep(pause))


async def _next_batch(api: Api, offset: int | None, runner: Runner) -> list[Any]:
    """One getUpdates; abandoned when the runner stops, which leaves the updates with Telegram."""
    wait = api.poll_seconds
    params: dict[str, Any] = {"timeout": round(wait), "limit": 100, "allowed_updates": ALLOWED_UPDATES}
    if offset is not None:
        params["offset"] = offset
    found = await runner.until_stopped(api.call("getUpdates", read_timeout=wait + min(wait, LATE_SECONDS), **params))
    if isinstance(found, list):
        return found
    if runner.stopping.is_set():
        return []
    raise ForeignAnswerError("getUpdates", 200)


async def watch_webhook(api: Api, office: Office, runner: Runner, held: HeldBack) -> None:
    """With a webhook Telegram pushes: ask it now and then whether it can, and how much waits where it can't."""
    failing_since: datetime | None = None
    while not runner.stopping.is_set():
        try:
            told = await runner.until_stopped(api.call("getWebhookInfo"))
        except (TelegramRefusedError, *NO_ANSWER) as error:
            log.warning("webhook_not_watched", error=type(error).__name__)
            if isinstance(error, OSError):
                await runner.until_stopped(_reconnect(api))
        else:
            failing_since = _webhook_trouble(told, office, held, failing_since)
        await runner.until_stopped(asyncio.sleep(WATCH_SECONDS))


def _webhook_trouble(told: Any, office: Office, held: HeldBack, since: datetime | None) -> datetime | None:
    """Note what `getWebhookInfo` told; since when updates wait there with an error, or None."""
    info = told if isinstance(told, dict) else {}
    count, said = info.get("pending_update_count"), info.get("last_error_message")
    if type(count) is not int or count == 0 or not said:
        held.flows(office)
        return None
    at = info.get("last_error_date")
    now = office.clock()
    if since is None:
        since = min(now, datetime.fromtimestamp(at, UTC)) if type(at) is int and 0 < at < LARGEST_MOMENT else now
    held.back(f"Telegram can't push updates: {said}: check WEBHOOK_URL, its certificate and reverse proxy", since)
    held.pending = count
    held.alarm_once(office)
    return since


async def _held(api: Api, office: Office, held: HeldBack, reason: str) -> None:
    """Note why nothing comes in, with how much waits, where Telegram says so."""
    held.back(reason, office.clock())
    held.pending = await pending_updates(api)
    held.alarm_once(office)


async def pending_updates(api: Api) -> int | None:
    """How many updates Telegram holds for the bot, or None where it doesn't say."""
    try:
        told = await api.call("getWebhookInfo")
    except (TelegramRefusedError, *NO_ANSWER):
        return None
    count = told.get("pending_update_count") if isinstance(told, dict) else None
    return count if type(count) is int else None


async def _reconnect(api: Api) -> None:
    """Look for a route that works; failing that, stay with the last one."""
    try:
        await api.leave_route()
    except (ConnectionError, TelegramRefusedError):
        return
