"""What screens cost: however much there is of what a screen shows a page of, it asks the database as often as before.

A screen of many rows that asks for each is slow only where nobody looked: at the largest client. So each is counted
with a few rows of every kind and with many.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlmodel import col, select

from bot.billing.quotes.models import Quote
from bot.billing.quotes.rule import pieces_line
from bot.billing.quotes.send import Offer, send_quote
from bot.billing.statements.models import StatementLine
from bot.calendar.periods import month_of
from bot.clients.models import Account, Consent, Person
from bot.db.engine import Database
from bot.demo.furnish import furnish
from bot.handlers.client.approvals.presses import ShowApprovals
from bot.handlers.client.balance.presses import PoolPage, ShowBalance
from bot.handlers.client.ceilings.presses import ListCeilings, ShowCeiling
from bot.handlers.client.debts.presses import DisputeInvoice, PromisePay, ShowDebts
from bot.handlers.client.documents.presses import ListDocuments, OpenLine, OpenStatement, StatementLines
from bot.handlers.client.drafting.presses import ObjectPage, PickObject
from bot.handlers.client.prices.presses import PricePage
from bot.handlers.client.quotes.presses import ShowQuote
from bot.handlers.client.tariffs.presses import ComparePlans, OwnPlans
from bot.handlers.client.tickets.presses import TicketHistory, TicketList, TicketOpen
from bot.handlers.conversations import routers
from bot.handlers.dispatcher.triage.presses import TriageCompany, TriageJoin, TriageList, TriageObject, TriageOpen
from bot.handlers.engineer.calls.presses import CallShow
from bot.handlers.engineer.jobs.presses import JobItems, JobList, JobOpen, JobScope, JobSpec
from bot.handlers.manager.articles.presses import OpenArticle
from bot.handlers.manager.gaps.presses import GapArticle, GapList, GapOpen
from bot.handlers.manager.staff.presses import PeopleList, PersonCard
from bot.kb.learning.models import Miss
from bot.messaging.notices.texts import label
from bot.tickets.calls.models import PhoneCall
from bot.tickets.life.models import Appeal, TicketState
from bot.tickets.month.close import close_period
from bot.tickets.opening.open import Draft, open_ticket
from tests import tiers
from tests.builders import talk as talking_module
from tests.builders.grown_house import Grower, Home, home, statements
from tests.builders.talk import talking
from tests.conftest import NOON
from tests.handlers.crawl import Crawler, Shown, Writes, refused

PEOPLE = {"client": "orlova", "engineer": "eng-1", "dispatcher": "disp", "manager": "mgr"}
ACCOUNT = 700_100
FEW, MANY, SOME = 10, 10_000, 200
DRAWN = 9  # screens that `make test` looks at


def lines() -> dict[str, tuple[str, str]]:
    """Screens that a line calls: who says it, and the line."""
    menu = {
        "client": ("home", "tickets", "tariffs", "balance", "settings"),
        "engineer": ("jobs",),
        "dispatcher": ("jobs", "triage"),
        "manager": ("people", "jobs"),
    }
    said = {f"{who}: {key}": (who, label(f"menu.{key}", "ru")) for who, keys in menu.items() for key in keys}
    slash = {"client": ("/documents",), "manager": ("/people", "/gaps", "/articles", "/invoices", "/muted")}
    return said | {f"{who}: {line}": (who, line) for who, each in slash.items() for line in each}


def presses(at: Home, found: dict[str, int]) -> dict[str, tuple[str, CallbackData]]:
    """Screens that a button calls: who presses, and what it carries."""
    company, ticket, appeal = at.company, at.ticket, found["appeal"]
    client = (
        TicketList(page=1),
        TicketOpen(ticket=ticket),
        TicketHistory(ticket=ticket),
        ShowBalance(company=company),
        PoolPage(company=company, pool=at.pool),
        PoolPage(company=company, pool=at.pool, page=1),
        ShowApprovals(company=company),
        ListCeilings(company=company),
        ListCeilings(company=company, page=1),
        ShowCeiling(company=company, thing=at.thing),
        ShowDebts(company=company),
        PromisePay(company=company),
        DisputeInvoice(company=company),
        ListDocuments(company=company),
        ListDocuments(company=company, page=1),
        OpenStatement(statement=at.statement),
        StatementLines(statement=at.statement),
        StatementLines(statement=at.statement, page=1),
        OpenLine(line=found["line"]),
        PricePage(company=company),
        PricePage(company=company, page=1),
        OwnPlans(company=company),
        ComparePlans(company=company),
        ShowQuote(quote=found["quote"]),
        PeopleList(company=company),
        PeopleList(company=company, page=1),
        PersonCard(company=company, person=found["member"]),
        ObjectPage(appeal=found["draft"], page=1),
        PickObject(appeal=found["draft"], object=at.thing),
    )
    engineer = (
        JobList(),
        JobOpen(ticket=ticket),
        JobSpec(ticket=ticket),
        JobItems(ticket=ticket),
        JobItems(ticket=ticket, page=1),
        JobScope(ticket=ticket),
        CallShow(call=found["call"]),
    )
    dispatcher = (
        TriageList(page=1),
        TriageOpen(appeal=appeal),
        TriageCompany(appeal=appeal),
        TriageObject(appeal=appeal),
        TriageObject(appeal=appeal, page=1),
        TriageJoin(appeal=appeal),
        JobOpen(ticket=ticket),
    )
    manager = (
        PeopleList(company=company),
        PeopleList(company=company, page=1),
        PersonCard(company=company, person=found["member"]),
        GapList(page=1),
        GapOpen(miss=found["miss"]),
        GapArticle(miss=found["miss"]),
        OpenArticle(article=at.article),
        TriageList(),
    )
    whose = {"client": client, "engineer": engineer, "dispatcher": dispatcher, "manager": manager}
    return {
        f"{who} {place}: {type(press).__name__}": (who, press)
        for who, each in whose.items()
        for place, press in enumerate(each)
    }


class Counter:
    """Shows screens over a base that grows, and counts what each asks."""

    def __init__(self, crawler: Crawler, at: Home) -> None:
        self.crawler, self.at, self.rows = crawler, at, 0
        with crawler.talk.database.read() as session:
            codes = {code: person for person, code in session.exec(select(Person.id, Person.code)).all()}
        self.users = {who: ACCOUNT + codes[code] for who, code in PEOPLE.items()}

    def grow(self, rows: int) -> None:
        """Until there are so many of each kind."""
        with self.crawler.talk.database.write() as session:
            Grower(session, self.at, self.rows, rows - self.rows).grow()
        self.rows = rows

    async def counts(self, names: set[str] | None = None) -> dict[str, int]:
        """Statements by screen, of all screens or of some."""
        called: dict[str, tuple[str, str | CallbackData]] = {**lines(), **presses(self.at, self._found())}
        return {
            name: await self._count(name, who, what)
            for name, (who, what) in called.items()
            if names is None or name in names
        }

    async def _count(self, name: str, who: str, what: str | CallbackData) -> int:
        user, crawler = self.users[who], self.crawler
        with statements(crawler.talk.database) as asked:
            if isinstance(what, str):
                answers = await crawler.says(user, what)
            else:
                answers = await crawler.presses(user, Shown(user, "", what.pack()))
        assert any("text" in row.params and row.chat_id == user for row in answers), f"{name} shows nothing"
        assert not refused(answers), f"{name}: {[row.params.get('text') for row in answers]}"
        return len(asked)

    def _found(self) -> dict[str, int]:
        """What the presses are about, the first of each kind that was grown."""
        with self.crawler.talk.database.read() as session:

            def first(model: Any, *where: Any) -> int:
                return int(session.exec(select(model.id).where(*where).order_by(col(model.id))).first() or 0)

            def newest(model: Any) -> int:
                return int(session.exec(select(model.id).order_by(col(model.id).desc())).first() or 0)

            return {
                "appeal": first(Appeal, col(Appeal.triaged_at).is_not(None)),
                "draft": first(Appeal, col(Appeal.ended_at).is_(None), Appeal.person_id == self.at.owner),
                "line": first(StatementLine, StatementLine.statement_id == self.at.statement),
                "quote": first(Quote, Quote.ticket_id == self.at.ticket),
                "member": first(Person, col(Person.name).startswith("Сотрудник")),
                "miss": newest(Miss),
                "call": first(PhoneCall),
            }


@pytest.fixture
def counter(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    furnish(database, lambda: NOON)
    monkeypatch.setattr(talking_module, "ROUTERS", routers())
    with database.write() as session:
        for person in session.exec(select(Person).where(col(Person.code).in_(PEOPLE.values()))).all():
            user = ACCOUNT + person.id
            session.add(Account(user_id=user, person_id=person.id, linked_at=NOON))
            session.add(Consent(person_id=person.id, user_id=user, text_version="1", text_hash="", given_at=NOON))
    with talking(database, provider_token="1:TEST:x") as talk:
        for _ in close_period(talk.office, month_of(date(2026, 10, 1))):
            pass
        with talk.office.work() as uow:
            at = home(uow.session)
            draft = Draft(at.company, at.thing, at.contract, at.owner, "Не печатает")
            ticket = open_ticket(uow, draft, at.owner)
            work = (pieces_line("KKT-DIAG", "Диагностика", "шт", 1, 90_000),)
            offer = Offer(ticket.id, ticket.number, at.company, at.contract, work, "why.not_excluded", "", "Касса", "")
            send_quote(uow, offer, at.owner)
            ticket.state, ticket.engineer_id = TicketState.IN_WORK, at.engineer
            uow.session.add(Appeal(person_id=at.owner, company_id=at.company, started_at=NOON, last_at=NOON))
            at = home(uow.session)
        yield Counter(Crawler(talk, Writes(), 0, {}, {}, {}), at)


async def grown(counter: Counter, many: int, names: set[str] | None = None) -> dict[str, tuple[int, int]]:
    """Screens that ask more of many rows than of a few, with both counts."""
    counter.grow(FEW)
    await counter.counts(names)  # whatever is asked once only
    few = await counter.counts(names)
    counter.grow(many)
    after = await counter.counts(names)
    return {name: (few[name], count) for name, count in after.items() if count > few[name]}


@pytest.mark.proof
@pytest.mark.timeout(600)
async def test_no_screen_asks_more_of_ten_thousand_rows_than_of_ten(counter: Counter) -> None:
    assert await grown(counter, MANY) == {}


async def test_drawn_screens_ask_no_more_of_many_rows(counter: Counter) -> None:
    names = sorted([*lines(), *presses(counter.at, defaultdict(int))])
    drawn = set(tiers.drawing().sample(names, DRAWN))
    assert await grown(counter, SOME, drawn) == {}
