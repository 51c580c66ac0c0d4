"""The house that the demo plays in: the sandbox, a furnished database, and the bot between them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic

from sqlmodel import col, exists, or_, select

from bot.app import App
from bot.db.engine import Database
from bot.db.schema.migrating import upgrade
from bot.demo.furnish import furnish
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Timer
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.sandbox.client import BotHandle
from bot.settings import Settings

# The demo lives on one working day, so that it plays the same at night, on a Sunday and in another year.
MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Moscow

QUIET_LOOK_SECONDS = 0.05


def demo_clock(morning: datetime = MORNING) -> Callable[[], datetime]:
    """A clock that shows `morning` now and goes on from there."""
    began = monotonic()
    return lambda: morning + timedelta(seconds=monotonic() - began)


@asynccontextmanager
async def bot_in(
    database_url: str,
    bot: BotHandle,
    clock: Callable[[], datetime],
    *,
    encoder: bool = True,
    provider_token: str = "",
) -> AsyncIterator[App]:
    """Migrate, furnish, and run all parts of the bot in this process until the end of the block.

    On PostgreSQL the database must be the demo's own: everything in it is taken for its.
    """
    database = Database(database_url)
    upgrade(database)
    furnish(database, clock)
    database.dispose()
    settings = Settings(
        bot_token=bot.token,
        database_url=database_url,
        telegram_api_url=bot.client.url,
        telegram_proxies="",
        webhook_url="",
        dispatch_chat_id=None,
        web_host="127.0.0.1",
        web_port=0,
        telegram_limits="off",
        kb_encoder="on" if encoder else "off",
        payment_provider_token=provider_token,
        _env_file=None,
    )
    app = App(settings, clock=clock)
    await asyncio.to_thread(app.start)
    try:
        yield app
    finally:
        await asyncio.to_thread(app.stop)


async def until_quiet(app: App, bot: BotHandle, patience: float, *, timers: bool = False) -> None:
    """Wait until every update is taken, every turn done and every message sent, with `timers` also until nothing is
    due. Raises TimeoutError."""
    end = monotonic() + patience
    while monotonic() < end:
        await bot.settles(quiet=QUIET_LOOK_SECONDS, timeout=patience)
        if not await asyncio.to_thread(_is_busy, app, timers):
            return
        await asyncio.sleep(QUIET_LOOK_SECONDS)
    raise TimeoutError(f"the bot still has work to do after {patience} s")


def _is_busy(app: App, timers: bool) -> bool:
    """Whether there are updates not handled, messages not sent (but for those that wait for the morning), acts due.

    One statement, so that all is seen at one moment: what moves from one queue to the next meanwhile is not overlooked.
    """
    now, pending = app.clock(), (OutboxState.NEW, OutboxState.SENDING)
    open_now = or_(col(Outbox.not_before).is_(None), col(Outbox.not_before) <= now)
    work = [
        exists().where(col(Inbox.state) == InboxState.NEW),
        exists().where(col(Outbox.state).in_(pending), open_now),
        *([exists().where(col(Timer.done_at).is_(None), col(Timer.due_at) <= now)] if timers else []),
    ]
    with app.database.read() as session:
        return session.exec(select(or_(*work))).one()
