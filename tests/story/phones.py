"""The walk over all buttons with phones in hand: what is written and pressed goes to the Bot API of the sandbox, the
bot polls it, and what it answers comes back by delivery."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from aiogram.filters.callback_data import CallbackData
from sqlmodel import col, select

from bot.app import App
from bot.billing.quotes.models import Quote, QuoteState
from bot.clients.models import Company, Employment, Membership, Person, StaffRole
from bot.db.unit_of_work import UnitOfWork
from bot.demo.house import until_quiet
from bot.demo.stage import PATIENCE
from bot.handlers.client.drafting.presses import JoinTicket, NewAnyway, PickObject
from bot.handlers.client.quotes.presses import DeclineQuote, DisputeWord
from bot.handlers.client.tickets.presses import TicketOtherWay
from bot.handlers.dispatcher.oral.presses import OralApproval
from bot.handlers.dispatcher.triage.presses import TriageOpen, TriageUnlink
from bot.handlers.engineer.jobs.presses import JobGoOn, JobRelease, JobTakeAway, JobWrite
from bot.messaging.notices.texts import label
from bot.sandbox.client import BotHandle, Group, NotPossibleError
from bot.sandbox.client import Person as Phone
from bot.tickets.bill.card import show
from bot.tickets.calls.booking import record_call, tell_calls
from bot.tickets.dispatch.linking import link_company
from bot.tickets.dispatch.wait import wait_for
from bot.tickets.intake.triage import show_in_triage
from bot.tickets.life.lifecycle import WITH_ENGINEER
from bot.tickets.life.models import Appeal, Ticket, TicketState, WaitsFor, in_triage_now
from tests.handlers.crawl import Crawler, Shown, accounts
from tests.handlers.walking import a_ticket_is_on_hold, all_offers_are_declined, an_offer_waits, presses

MOST = 2  # buttons of a sort, once its kind has served somebody
QUIET_ERRORS = ("message is not modified",)
_numbers = count(5_000_000)


@dataclass(frozen=True)
class Call:
    """A call of the bot as the sandbox has kept it; read like a row of the outbox."""

    method: str
    params: dict[str, Any]
    ok: bool
    error: str
    message_id: int


@dataclass
class PhoneCrawler(Crawler):
    """Walks by what the phones show. `phones` by account."""

    app: App | None = None
    bot: BotHandle | None = None
    there: Group | None = None
    phones: dict[int, Phone] = field(default_factory=dict)
    sent: list[Call] = field(default_factory=list)
    sought: set[str] = field(default_factory=set)  # prefixes of presses that this part of the walk is for

    async def says(self, user: int, text: str, **content: Any) -> list[Any]:
        phone, bot = self.phones[user], self._bot
        if "photo" in content:
            await phone.sends(bot, "photo", caption=content.get("caption", text))
        elif content:  # what only Telegram itself can make: a message of one who hides their account
            message = self._message(user, user, "private") | {"message_id": next(_numbers), "text": text} | content
            await bot.gets({"message": message})
        else:
            await phone.says(bot, text)
        return self._noticed(await self._heard())

    async def replies(self, user: int, message_id: int, text: str) -> list[Any]:
        await self.phones[user].says(self._bot, text, reply_to=message_id)
        return self._noticed(await self._heard())

    async def presses(self, user: int, shown: Shown) -> list[Any]:
        """The button itself while it stands there; what an old message had else, as a slow phone sends it."""
        assert self.there is not None
        peer = self.there if shown.chat < 0 else self._bot
        phone = self.phones[user]
        try:
            await phone.presses(peer, data=shown.data)
        except NotPossibleError:
            await phone.presses(peer, data=shown.data, forge=True)
        return await self._heard()

    async def happens(self, act: Callable[[UnitOfWork], object], now: datetime | None = None) -> None:
        def run() -> None:
            assert self.app is not None
            with self.app.office.work(now=now) as uow:
                act(uow)

        await asyncio.to_thread(run)
        self._noticed(await self._heard())

    @contextmanager
    def preferring(self, *kinds: type[CallbackData]) -> Iterator[None]:
        before, self.sought = self.sought, {kind.__prefix__ for kind in kinds}
        try:
            with super().preferring(*kinds):
                yield
        finally:
            self.sought = before

    def next(self) -> Shown | None:
        while (shown := super().next()) is not None:
            known = shown.kind in self.served and self.tried[shown.sort] > MOST
            if not known or self.sought - self.served:
                return shown
        return None

    @property
    def _bot(self) -> BotHandle:
        assert self.bot is not None
        return self.bot

    async def _heard(self) -> list[Any]:
        assert self.app is not None
        await until_quiet(self.app, self._bot, PATIENCE)
        calls = await self._bot.calls(after=self.last_said)
        self.last_said = max([self.last_said, *(call["id"] for call in calls)])
        found = [_read(call) for call in calls]
        self.sent += found
        return list(found)


def _read(call: dict[str, Any]) -> Call:
    result = call.get("result")
    number = result.get("message_id", 0) if isinstance(result, dict) else 0
    return Call(call["method"], call["params"], bool(call["ok"]), str(call.get("error") or ""), int(number))


async def walk(crawler: PhoneCrawler, most: int | None = None) -> None:
    """Whoever is shown a button presses it: the press is answered once, and nothing of what is said is refused.
    `most`: no more of them."""
    upto = len(crawler.pressed) + most if most is not None else None
    while len(crawler.pressed) != upto and (shown := crawler.next()) is not None:
        answers: list[Any] = await crawler.owner_presses(shown)
        said = [each for each in answers if each.method == "answerCallbackQuery"]
        place = (presses()[shown.kind].__name__, shown)
        assert [each.ok for each in said] == [True], place
        broken = [each for each in answers if not each.ok and not any(word in each.error for word in QUIET_ERRORS)]
        assert not broken, (place, broken)


async def what_buttons_do_not_lead_to(crawler: PhoneCrawler, users: dict[str, int], guest: int) -> None:
    """A call for a job in work, a part that waits for its prepayment, urgent work without a price, a stranger whose
    company a dispatcher named, and words of staff that stay inside."""
    crawler.forget()
    for happening in (a_call_for_a_job, a_part_waits_for_its_prepayment, urgent_work_is_done):
        await crawler.happens(happening)
        await walk(crawler)
    await crawler.says(guest, "абырвалг хрюндель")
    await crawler.says(guest, label("menu.human", "ru"))
    linked: list[int] = []
    await crawler.happens(lambda uow: linked.append(a_stranger_is_linked(uow)))
    await crawler.owner_presses(Shown(crawler.group, "", TriageOpen(appeal=linked[0]).pack()))
    with crawler.preferring(TriageUnlink):
        await walk(crawler)
    await crawler.happens(a_call_for_a_job)
    crawler.forget()
    await crawler.says(users["eng-1"], label("menu.jobs", "ru"))
    await walk(crawler)
    kept = [
        call.message_id or int(call.params.get("message_id", 0))
        for call in crawler.sent
        if str(call.params.get("chat_id")) == str(users["eng-1"]) and JobWrite.__prefix__ in str(call.params)
    ]
    await crawler.replies(users["eng-1"], kept[-1], "ключ на вахте")
    await walk(crawler)


async def what_a_walk_may_miss(crawler: PhoneCrawler) -> None:
    """Each by a ticket opened for it: a hold, a no to all that was offered, an oral yes that is disputed, a no,
    parts that a job waits for."""
    crawler.held.discard(OralApproval.__prefix__)
    for happening, kinds in (
        (a_ticket_is_on_hold, (JobRelease,)),
        (all_offers_are_declined, (TicketOtherWay,)),
        (an_offer_waits, (OralApproval, DisputeWord)),
        (an_offer_waits, (DeclineQuote,)),
        (a_job_is_taken, (JobTakeAway,)),
        (a_job_waits_for_parts, (JobGoOn,)),
    ):
        crawler.forget()
        await crawler.happens(happening)
        with crawler.preferring(*kinds):
            await walk(crawler, most=30)
    user = accounts(crawler.talk.database)["sokolov"]
    for kind in (JoinTicket, NewAnyway):
        crawler.forget()
        await crawler.happens(nothing_is_under_way)  # a line would be asked about
        await crawler.says(user, label("menu.new_ticket", "ru"))  # and ends whatever was being said
        await crawler.says(user, "шмурдяк завис совсем")
        found: list[tuple[int, Ticket]] = []
        await crawler.happens(lambda uow, found=found: found.append(_draft_on_the_same(uow)))
        [(appeal, ticket)] = found
        last = JoinTicket(appeal=appeal, ticket=ticket.id) if kind is JoinTicket else NewAnyway(appeal=appeal)
        for press in (PickObject(appeal=appeal, object=ticket.object_id), last):
            await crawler.owner_presses(Shown(user, "", press.pack()))


def _draft_on_the_same(uow: UnitOfWork) -> tuple[int, Ticket]:
    """The client's draft, and an open ticket."""
    _, ticket = _of_client(uow, "sokolov")
    ticket.state = TicketState.NEW
    query = select(Appeal.id).join(Person, col(Person.id) == col(Appeal.person_id)).where(Person.code == "sokolov")
    query = query.where(col(Appeal.ended_at).is_(None))
    appeal = uow.session.exec(query.order_by(col(Appeal.id).desc())).first()
    return appeal or 0, ticket


def _of_client(uow: UnitOfWork, code: str) -> tuple[Person, Ticket]:
    client = uow.session.exec(select(Person).where(Person.code == code)).one()
    companies = select(Membership.company_id).where(Membership.person_id == client.id)
    priced = select(Quote.ticket_id)
    theirs = select(Ticket).where(col(Ticket.company_id).in_(companies), col(Ticket.id).in_(priced))
    ticket = uow.session.exec(theirs.order_by(col(Ticket.id).desc())).first()
    assert ticket is not None
    ticket.engineer_id = uow.session.exec(
        select(Person.id)
        .join(Employment, col(Employment.person_id) == col(Person.id))
        .where(Employment.role == StaffRole.ENGINEER, Person.code == "eng-1")
    ).one()
    return client, ticket


def a_call_for_a_job(uow: UnitOfWork) -> None:
    client, ticket = _of_client(uow, "sokolov")
    ticket.state = TicketState.IN_WORK
    record_call(uow, f"job-{next(_numbers)}", client.phone or "", ticket.engineer_id or 0, uow.now, 400)
    tell_calls(uow, {})


def nothing_is_under_way(uow: UnitOfWork) -> None:
    client, _ = _of_client(uow, "sokolov")
    companies = select(Membership.company_id).where(Membership.person_id == client.id)
    theirs = select(Ticket).where(col(Ticket.company_id).in_(companies), col(Ticket.state).in_(WITH_ENGINEER))
    for ticket in uow.session.exec(theirs).all():
        ticket.state = TicketState.CLOSED


def a_job_is_taken(uow: UnitOfWork) -> None:
    _, ticket = _of_client(uow, "sokolov")
    ticket.state = TicketState.TAKEN
    show(uow, ticket)


def a_job_waits_for_parts(uow: UnitOfWork) -> None:
    """Its engineer may go on."""
    _, ticket = _of_client(uow, "sokolov")
    ticket.state = TicketState.IN_WORK
    uow.session.flush()
    wait_for(uow, ticket.id, WaitsFor.PARTS, ticket.engineer_id or 0)


def a_part_waits_for_its_prepayment(uow: UnitOfWork) -> None:
    _, ticket = _of_client(uow, "sokolov")
    quote = uow.session.exec(select(Quote).where(Quote.ticket_id == ticket.id).order_by(col(Quote.id).desc())).first()
    assert quote is not None
    ticket.state = TicketState.IN_WORK
    quote.state, quote.prepayment, quote.prepaid_at = QuoteState.APPROVED, True, None
    show(uow, ticket)


def urgent_work_is_done(uow: UnitOfWork) -> None:
    _, ticket = _of_client(uow, "sokolov")
    for quote in uow.session.exec(select(Quote).where(Quote.ticket_id == ticket.id)).all():
        quote.state = QuoteState.SENT
    ticket.state, ticket.emergency = TicketState.DONE, True
    show(uow, ticket)


def a_stranger_is_linked(uow: UnitOfWork) -> int:
    appeal = uow.session.exec(
        select(Appeal).where(in_triage_now(), col(Appeal.company_id).is_(None)).order_by(col(Appeal.id).desc())
    ).first()
    assert appeal is not None
    company = uow.session.exec(select(Company.id).order_by(col(Company.id))).first()
    dispatcher = uow.session.exec(select(Person.id).where(Person.code == "disp")).one()
    link_company(uow, appeal.id, company or 0, dispatcher)
    show_in_triage(uow, appeal)
    return appeal.id
