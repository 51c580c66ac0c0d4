"""What a play begins with, a bot, its people and its settings, and how one waits for its end."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import time

from sqlmodel import func, select

from bench.soak.firm import people_of
from bot.db.engine import Database
from bot.messaging.incoming.models import Inbox
from bot.messaging.outgoing.models import Outbox
from bot.sandbox.client import BotHandle, Group, Person, SandboxClient

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday in Moscow: nobody is spared because it is night


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays, and the settings of the bot they play with."""

    bot: BotHandle
    group: Group
    clients: list[Person]
    engineers: list[Person]
    env: dict[str, str]


async def gather_cast(sandbox: SandboxClient, url: str, clients: int, engineers: int) -> Cast:
    """A new bot with so many people on the furnished database `url`."""
    bot = await sandbox.bot()
    players = [await sandbox.person(f"Клиент {number}") for number in range(clients)]
    workers = [await sandbox.person(f"Инженер {number}") for number in range(engineers)]
    group = await sandbox.group("Инженеры", *workers, bot)
    people_of(url, [person.id for person in players], [person.id for person in workers], group.id)
    env = {
        "BOT_TOKEN": bot.token,
        "DATABASE_URL": url,
        "TELEGRAM_API_URL": sandbox.url,
        "TELEGRAM_LIMITS": "off",
        "WEB_PORT": "0",
        "KB_ENCODER": "off",
        "CLOCK_SHIFT": noon_shift(),
    }
    return Cast(bot, group, players, workers, env)


def noon_shift() -> str:
    """Seconds from now to the noon at which everything plays."""
    return str(NOON.timestamp() - time())


async def drained(url: str) -> int:
    """Until nothing waits in either queue, for two minutes at most: what is left then is a problem to report.

    Returns the id of the newest send by then: an alarm may be told at any moment after it.
    """
    from bot.messaging.incoming.inbox import oldest_waiting
    from bot.messaging.outgoing.outbox import oldest_pending

    database = Database(url)
    for _ in range(600):
        with database.read() as session:
            if oldest_waiting(session) is None and oldest_pending(session, datetime(9999, 1, 1, tzinfo=UTC)) is None:
                break
        await asyncio.sleep(0.2)
    with database.read() as session:
        newest = session.exec(select(func.max(Outbox.id))).one()
    database.dispose()
    return newest or 0


def standing(url: str, log: Path) -> str:
    """What the queues hold and what the bot said last: for whoever reads that a play did not come to its end."""
    database = Database(url)
    with database.read() as session:
        inbox, outbox = (
            dict(Counter(str(state) for state in session.exec(select(rows.state)).all())) for rows in (Inbox, Outbox)
        )
    database.dispose()
    last = log.read_text("utf-8", "replace").splitlines()[-20:] if log.exists() else []
    return "\n".join([f"inbox {inbox}, outbox {outbox}; the bot's last words:", *last])
