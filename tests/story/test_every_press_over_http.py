"""Every kind of press at least once over the Bot API: a phone presses what it was shown, the bot polls it and answers
by delivery (R2.4). Kinds are found in the conversations: a new one that no phone presses fails here."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date

import pytest
from sqlmodel import select

from bot.calendar.periods import month_of
from bot.clients.models import Account, Person
from bot.demo.house import bot_in, demo_clock
from bot.handlers.conversations import routers
from bot.sandbox.client import SandboxClient
from bot.sandbox.server import Sandbox
from bot.tickets.month.close import close_period
from tests import tiers
from tests.builders.talk import detached
from tests.conftest import NOON
from tests.handlers.crawl import Writes, accounts
from tests.handlers.walking import (
    CLIENTS,
    GUEST,
    LINES,
    MENUS,
    STAFF,
    STRANGER,
    at_the_end,
    crawls,
    everything,
    move_in,
    presses,
)
from tests.story.phones import PhoneCrawler, walk, what_a_walk_may_miss, what_buttons_do_not_lead_to


@asynccontextmanager
async def phones_of_all(server: Sandbox, database_url: str) -> AsyncIterator[PhoneCrawler]:
    """The running bot of the demo company, a phone for everybody in it and for two strangers."""
    async with AsyncExitStack() as stack:
        stack.enter_context(detached(routers()))
        sandbox = await stack.enter_async_context(SandboxClient(server.url))
        bot = await sandbox.bot("Сервис-Линия")
        async with bot_in(database_url, bot, demo_clock(NOON), encoder=False, provider_token="1:TEST:x") as app:
            with app.database.read() as session:
                people = session.exec(select(Person).order_by(Person.id)).all()
            phones = {
                700_100 + place: await sandbox.person(each.name, id=700_100 + place)
                for place, each in enumerate(people)
            }
            phones |= {each: await sandbox.person("Прохожий", id=each) for each in (STRANGER, GUEST)}
            group = await sandbox.group("Инженеры", *phones.values(), bot)
            move_in(app.database, group.id)
            for _ in close_period(app.office, month_of(date(2026, 10, 1))):
                pass
            crawler = crawls(app, Writes(), group.id, PhoneCrawler)
            crawler.app, crawler.bot, crawler.there, crawler.phones = app, bot, group, phones
            with app.database.read() as session:
                present = session.exec(select(Account.user_id)).all()
            for user in present:
                await phones[user].starts(bot)
            await crawler._heard()
            yield crawler


@pytest.mark.proof
@pytest.mark.timeout(1800)
async def test_every_kind_of_press_serves_somebody_over_the_bot_api(story_server: Sandbox, database_url: str) -> None:
    async with phones_of_all(story_server, database_url) as crawler:
        await everything(crawler, walk)
        await what_a_walk_may_miss(crawler)
        await at_the_end(crawler, walk)
        await what_buttons_do_not_lead_to(crawler, accounts(crawler.talk.database), GUEST)
    pressed = {each.kind for each in crawler.pressed}
    unmet = {kind.__name__ for prefix, kind in presses().items() if prefix not in pressed}
    unserved = {kind.__name__ for prefix, kind in presses().items() if prefix not in crawler.served}
    assert (unmet, unserved - unmet) == (set(), set())


@pytest.mark.sampled(1)
async def test_some_presses_serve_their_owners_over_the_bot_api(story_server: Sandbox, database_url: str) -> None:
    draw = tiers.drawing()
    async with phones_of_all(story_server, database_url) as crawler:
        users = accounts(crawler.talk.database)
        for code in (draw.choice(CLIENTS), draw.choice(STAFF)):
            crawler.per_chat = 1
            for line in (draw.choice(LINES), *draw.sample(MENUS, 2)):
                await crawler.says(users[code], line)
                await walk(crawler, most=8)
        assert crawler.served
