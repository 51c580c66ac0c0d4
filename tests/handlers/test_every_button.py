"""Every button of every screen: its owner gets on, everybody else is refused politely and nothing changes."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from itertools import count, cycle, islice

import pytest
from sqlmodel import delete, update

from bot.billing.quotes.models import Quote, QuoteState
from bot.calendar.periods import month_of
from bot.clients.models import (
    Employment,
    Membership,
)
from bot.db.engine import Database
from bot.demo.furnish import furnish
from bot.handlers.client.quotes.presses import DeclineQuote
from bot.handlers.client.skills.presses import WishTime
from bot.handlers.client.tickets.presses import TicketOtherWay
from bot.handlers.common.acting import SHOWN
from bot.handlers.conversations import routers
from bot.handlers.dispatcher.triage.presses import TriageUnlink
from bot.handlers.engineer.calls.presses import CallOfTicket
from bot.handlers.engineer.jobs.presses import (
    JobPrepaid,
    JobWriteOff,
    NoteInto,
    NotePass,
    NoteShot,
)
from bot.handlers.manager.staff.presses import MutePerson
from bot.kb.learning.models import Miss
from bot.messaging.notices.texts import label
from bot.messaging.outgoing.models import Outbox
from bot.messaging.turns.models import Dialogue
from bot.sandbox.markup.entities import units
from bot.sandbox.markup.html import parse_html
from bot.tickets.life.models import Appeal, AppealEnd, Ticket, TicketState
from bot.tickets.month.close import close_period
from tests import tiers
from tests.builders import talk as talking_module
from tests.builders.talk import talking
from tests.conftest import NOON
from tests.handlers.any_lines import arbitrary
from tests.handlers.crawl import Crawler, Shown, Writes, accounts
from tests.handlers.walking import (
    ABOUT_ONESELF,
    AT_WILL,
    CLIENTS,
    ENOUGH,
    GROUP,
    LINES,
    MENUS,
    OUTSIDER,
    SECRETS,
    STAFF,
    STANDING,
    STRANGER,
    TEXT_LIMIT,
    all_offers_are_declined,
    an_offer_waits,
    at_the_end,
    crawls,
    everything,
    move_in,
    presses,
)

STATES, LINES_IN_A_STATE = 20, 3


@pytest.fixture
async def crawler(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crawler]:
    furnish(database, lambda: NOON)
    move_in(database)
    monkeypatch.setattr(talking_module, "ROUTERS", routers())
    writes = Writes()
    with talking(database, provider_token="1:TEST:x") as talk, writes.watching(database):
        for _ in close_period(talk.office, month_of(date(2026, 10, 1))):
            pass
        crawler = crawls(talk, writes, GROUP, Crawler)
        yield crawler


# What this walk can't come to any more, pressed in stories of its own: a call while the engineer has a job
# (test_booking.py; here leaders have freed all jobs by then), a stranger linked and taken back (test_linking.py),
# a prepayment of added work and a price that is let go (test_release_press.py, test_late_price_press.py), a reply to
# one's own card of a job (test_words_of_staff.py), what an engineer at work says (test_words_at_work.py), another time
# for one of two tickets (test_skills.py).
ELSEWHERE = (CallOfTicket, TriageUnlink, JobPrepaid, JobWriteOff, NoteInto, NotePass, NoteShot, WishTime)


@pytest.mark.proof
@pytest.mark.timeout(900)  # more than a thousand presses, most also by two strangers
async def test_every_button_serves_its_owner_and_nobody_else(crawler: Crawler) -> None:
    await everything(crawler, walk)  # two parts of which the client may take one off too (R10.2)
    for happening, kind in ((an_offer_waits, DeclineQuote), (all_offers_are_declined, TicketOtherWay)):
        crawler.forget()
        await crawler.happens(happening)
        with crawler.preferring(kind):
            await walk(crawler)
    await anything_may_be_written(crawler)
    await at_the_end(crawler, walk)
    kinds = {prefix: kind for prefix, kind in presses().items() if kind not in ELSEWHERE}
    unmet = {kind.__name__ for prefix, kind in kinds.items() if prefix not in {each.kind for each in crawler.pressed}}
    unserved = {kind.__name__ for prefix, kind in kinds.items() if prefix not in crawler.served}
    assert not unmet
    assert not unserved
    await months_later(crawler)
    await nobody_is_with_us_any_more(crawler)


async def test_a_client_s_and_a_leader_s_buttons_serve_them_and_nobody_else(crawler: Crawler) -> None:
    """The walk of two who are drawn, as a sample of the whole one."""
    users, draw = accounts(crawler.talk.database), tiers.drawing()
    for code in (draw.choice(CLIENTS), draw.choice(STAFF)):
        for line in (draw.choice(LINES), *draw.sample(MENUS, 5)):
            await crawler.says(users[code], line)
            await walk(crawler)
    assert crawler.served


async def anything_may_be_written(crawler: Crawler) -> None:
    """Arbitrary text wherever a dialogue waits for a line: an answer each time, and nothing breaks out of it.

    A minute lies between two lines: a burst is answered once (R1.4).
    """
    lines, minutes = cycle(arbitrary(60)), count(1)
    assert len(crawler.states) >= STATES
    for dialogue in crawler.states.values():
        for line in islice(lines, LINES_IN_A_STATE):
            with crawler.talk.office.work() as uow:
                uow.session.merge(Dialogue(**dialogue))
            moment = NOON + timedelta(minutes=next(minutes))
            crawler.talk.office.clock = lambda moment=moment: moment
            answers = await crawler.says(dialogue["user_id"], line)
            said = [row.params for row in answers if row.params.get("chat_id") == dialogue["user_id"]]
            assert said, (dialogue, line)
            for params in said:
                if params.get("parse_mode") == "HTML":
                    words, _ = parse_html(params["text"])  # as Telegram would: a stray tag of theirs is refused
                    assert 0 < units(words) <= TEXT_LIMIT, (dialogue, line)


async def months_later(crawler: Crawler) -> None:
    """What was waiting is over: whoever presses then is told, and nothing changes."""
    crawler.talk.office.clock = lambda: NOON + timedelta(days=90)
    with crawler.talk.office.work() as uow:
        session = uow.session
        session.exec(update(Ticket).values(state=TicketState.CANCELLED, closed_at=uow.now))
        session.exec(update(Quote).values(state=QuoteState.WITHDRAWN))
        session.exec(update(Appeal).values(ended_at=uow.now, end=AppealEnd.CLOSED, triage_done_at=uow.now))
        session.exec(update(Miss).values(resolved_at=uow.now))
        session.exec(delete(Dialogue))
    for shown in samples(crawler.pressed):
        answers = await crawler.presses(crawler.owner(shown), shown)
        assert_answered(answers, shown)
        assert presses()[shown.kind] in STANDING or not crawler.writes.of_the_domain, shown


async def nobody_is_with_us_any_more(crawler: Crawler) -> None:
    """Whoever lost their role has lost their buttons (R2.7)."""
    with crawler.talk.office.work() as uow:
        uow.session.exec(update(Membership).values(ended_at=uow.now))
        uow.session.exec(update(Employment).values(ended_at=uow.now))
    for shown in samples(crawler.pressed):
        answers = await crawler.presses(crawler.owner(shown), shown)
        assert_answered(answers, shown)
        assert presses()[shown.kind] in ABOUT_ONESELF or not crawler.writes.of_the_domain, shown


def assert_answered(answers: Sequence[Outbox], shown: Shown) -> None:
    """The press is answered once, and words that promise the present state come with it."""
    (said,) = [row for row in answers if row.method == "answerCallbackQuery"]
    promise = said.params.get("text") == label(SHOWN, "ru")
    assert not promise or len(answers) > 1, shown


def samples(pressed: Sequence[Shown]) -> list[Shown]:
    """The last button of every sort."""
    return list({shown.sort: shown for shown in pressed}.values())


async def walk(crawler: Crawler) -> None:
    """Press whatever is shown: first two people whom it does not concern, then whoever it was shown to."""
    outsider = accounts(crawler.talk.database)[OUTSIDER]
    while (shown := crawler.next()) is not None:
        for other in (outsider, STRANGER) if crawler.tried[shown.sort] <= ENOUGH else ():
            answers = await crawler.presses(other, shown)
            said = json.dumps([row.params for row in answers], ensure_ascii=False)
            muted = presses()[shown.kind] is MutePerson  # these two may be the ones who get no answer any more
            if answers or not muted:
                assert_answered(answers, shown)
            harmless = shown.about_nothing or presses()[shown.kind] in ABOUT_ONESELF
            assert harmless or not crawler.writes.of_the_domain, (shown, other)
            assert not [name for name in SECRETS if name in said], (shown, said)
        assert_answered(await crawler.owner_presses(shown), shown)
        if crawler.changed and crawler.changed[-1] is shown and crawler.tried[shown.sort] <= ENOUGH:
            assert_answered(await crawler.presses(crawler.owner(shown), shown), shown)  # a finger that slipped
            assert presses()[shown.kind] in AT_WILL or not crawler.writes.of_the_domain, shown
