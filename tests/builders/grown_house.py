"""The demo company with as many rows of each kind as a test wants: for what screens cost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import event, inspect
from sqlmodel import Session, SQLModel, select

from bot.billing.debts.models import Debt
from bot.billing.documents.models import Document
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.prices.models import PriceLine, PriceList, WorkItem
from bot.billing.quotes.models import Ceiling, Quote, QuoteVersion
from bot.billing.statements.models import Statement, StatementLine
from bot.billing.work.phone_calls import CallPurpose, CallState
from bot.clients.models import ClientRole, Company, Contract, Membership, Person, ServiceObject, Site
from bot.db.engine import Database
from bot.db.plain import put_rows, table_of
from bot.kb.articles.models import Article
from bot.kb.learning.models import Feedback, Miss
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.tickets.calls.models import PhoneCall
from bot.tickets.life.models import Appeal, AppealEnd, Message, Ticket, TicketEvent, TicketState
from tests.conftest import NOON

Row = TypeVar("Row", bound=SQLModel)
STATES = (TicketState.AWAITING_APPROVAL, TicketState.TAKEN, TicketState.DONE, TicketState.CLOSED, TicketState.NEW)
OF_ENGINEER = (TicketState.TAKEN, TicketState.DONE, TicketState.CLOSED)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What the database is asked within the block."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        asked.append(" ".join(sql.split()))

    engines = {database.engine, database._reader}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def put_like(
    session: Session, one: SQLModel, numbers: range, vary: Callable[[int], dict[str, Any]] = lambda _: {}
) -> None:
    """Rows like one, each with what `vary` gives its number."""
    columns = {prop.key: prop.columns[0].name for prop in inspect(type(one)).column_attrs}
    like = {key: value for key, value in one.model_dump().items() if key != "id"}
    rows = [{columns[key]: _plain(value) for key, value in (like | vary(number)).items()} for number in numbers]
    put_rows(session.connection(), table_of(type(one)), rows)


@dataclass(frozen=True)
class Home:
    """Ids of what is grown: the company «Ромашка», its owner, and one of each thing that has many."""

    company: int
    owner: int
    engineer: int
    contract: int
    site: int
    thing: int
    pool: int
    price_list: int
    ticket: int
    statement: int
    document: int
    article: int
    code: str


def home(session: Session) -> Home:
    """Of a furnished base with a closed month, where the owner's newest ticket is the one looked at."""

    def id_of(model: Any, **values: Any) -> int:
        return int(session.exec(select(model.id).filter_by(**values).order_by(model.id)).first() or 0)

    company = id_of(Company, code="romashka")
    contract = id_of(Contract, company_id=company)
    statement = id_of(Statement, contract_id=contract)
    owner = id_of(Person, code="orlova")
    article = session.exec(select(Article).order_by(Article.id)).first()
    assert article is not None
    ticket = session.exec(select(Ticket.id).where(Ticket.company_id == company).order_by(Ticket.id.desc())).first()
    return Home(
        company,
        owner,
        id_of(Person, code="eng-1"),
        contract,
        id_of(Site, code="tverskaya"),
        id_of(ServiceObject, code="OB-001"),
        id_of(Pool, contract_id=contract),
        id_of(PriceList, code="base"),
        ticket or 0,
        statement,
        id_of(Document, statement_id=statement),
        article.id,
        article.code,
    )


class Grower:
    """Adds rows of every kind that a screen may have many of, `count` of each."""

    def __init__(self, session: Session, at: Home, begins: int, count: int) -> None:
        """`begins` is where the numbers of unique things go on."""
        self.session, self.at, self.begins, self.count = session, at, begins, count

    def grow(self) -> None:
        self._clients()
        self._money()
        self._tickets()
        self._conversations()
        self._queues()

    def _many(self, one: SQLModel, vary: Callable[[int], dict[str, Any]] = lambda _: {}) -> None:
        put_like(self.session, one, range(self.begins, self.begins + self.count), vary)

    def _ids(self, model: Any) -> list[int]:
        """Of the rows added last, in order."""
        query = select(model.id).order_by(model.id.desc()).limit(self.count)
        return list(reversed(self.session.exec(query).all()))

    def _clients(self) -> None:
        at = self.at
        self._many(Company(code="", name=""), lambda n: {"code": f"grown-{n}", "name": f"Компания {n}"})
        self._many(Person(name="", created_at=NOON), lambda n: {"name": f"Сотрудник {n}", "phone": f"+79{n:09}"})
        people = self._ids(Person)
        member = Membership(person_id=0, company_id=at.company, role=ClientRole.REQUESTER, granted_at=NOON)
        self._many(member, lambda n: {"person_id": people[n - self.begins]})
        thing = ServiceObject(company_id=at.company, site_id=at.site, code="", kind="касса", model="")
        self._many(thing, lambda n: {"code": f"grown-{n}", "model": f"Касса {n:05}"})
        things = self._ids(ServiceObject)
        ceiling = Ceiling(company_id=at.company, object_id=0, kopecks=500_000, granted_by=at.owner, granted_at=NOON)
        self._many(ceiling, lambda n: {"object_id": things[n - self.begins]})

    def _money(self) -> None:
        at, start = self.at, self.begins
        self._many(WorkItem(code="", name=""), lambda n: {"code": f"grown-{n}", "name": f"Работа {n}"})
        line = PriceLine(list_id=at.price_list, item_code="", kopecks=100_000)
        self._many(line, lambda n: {"item_code": f"grown-{n}"})
        entry = PoolEntry(pool_id=at.pool, kind=EntryKind.GRANT, amount=1, made_at=NOON)
        self._many(entry)
        debt = Debt(company_id=at.company, invoice="", kopecks=100, due=date(2026, 11, 20), reported_at=NOON)
        self._many(debt, lambda n: {"invoice": f"grown-{n}"})
        stated = self.session.get_one(Statement, at.statement)
        self._many(stated, lambda n: {"period_start": _month(n), "period_end": _month(n) + timedelta(days=27)})
        statements = self._ids(Statement)
        issued = self.session.get_one(Document, at.document)
        self._many(
            issued,
            lambda n: {"code": f"grown-{n}", "number": 10_000 + n, "statement_id": statements[n - start]},
        )
        of_it = self.session.exec(select(StatementLine).where(StatementLine.statement_id == at.statement)).first()
        assert of_it is not None
        self._many(of_it, lambda n: {"source": f"grown/{n}", "position": 1_000 + n})

    def _tickets(self) -> None:
        at, start = self.at, self.begins
        ticket = Ticket(
            number=0,
            company_id=at.company,
            contract_id=at.contract,
            object_id=at.thing,
            requester_id=at.owner,
            coverage="COVERED",
            description="Не печатает",
            opened_at=NOON,
        )
        self._many(
            ticket,
            lambda n: {
                "number": 100_000 + n,
                "state": STATES[n % len(STATES)],
                "engineer_id": at.engineer if STATES[n % len(STATES)] in OF_ENGINEER else None,
                "finished_at": NOON,
            },
        )
        tickets = self._ids(Ticket)
        waiting = [number for number in range(self.count) if STATES[(start + number) % len(STATES)] is STATES[0]]
        quote = self.session.exec(select(Quote).where(Quote.ticket_id == at.ticket)).first()
        assert quote is not None
        version = self.session.exec(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id)).one()
        self._many(quote, lambda n: {"ticket_id": tickets[waiting[(n - start) % len(waiting)]]})
        quotes = self._ids(Quote)
        self._many(version, lambda n: {"quote_id": quotes[n - start]})
        self._many(TicketEvent(ticket_id=at.ticket, kind="taken", person_id=at.engineer, happened_at=NOON))
        said = Message(ticket_id=at.ticket, person_id=at.owner, text="Ещё одно", sent_at=NOON)
        self._many(said, lambda n: {"from_staff": bool(n % 2)})
        call = PhoneCall(
            code="",
            phone="+79002000001",
            engineer_id=at.engineer,
            company_id=at.company,
            started_at=NOON,
            seconds=300,
            purpose=CallPurpose.WORK,
            state=CallState.UNCLEAR,
            recorded_at=NOON,
        )
        self._many(call, lambda n: {"code": f"grown-{n}"})

    def _conversations(self) -> None:
        at, start = self.at, self.begins
        triaged = Appeal(
            person_id=at.owner,
            company_id=at.company,
            summary="Не печатает",
            end=AppealEnd.TRIAGE,
            started_at=NOON,
            last_at=NOON,
            ended_at=NOON,
            triaged_at=NOON,
        )
        self._many(triaged)
        appeals = self._ids(Appeal)
        self._many(Message(text="Не печатает", sent_at=NOON), lambda n: {"appeal_id": appeals[n - start]})
        helped = {"end": AppealEnd.ANSWERED, "articles": [at.code], "triaged_at": None}
        self._many(triaged, lambda _: helped)
        shown = Feedback(language="ru", article_code=at.code, person_id=at.owner, query="чек", asked_at=NOON)
        self._many(shown, lambda n: {"helped": bool(n % 2), "appeal_id": appeals[n - start]})
        self._many(Miss(language="ru", query="", missed_at=NOON), lambda n: {"query": f"вопрос {n % 50}"})

    def _queues(self) -> None:
        moments = {"received_at": NOON, "done_at": NOON}
        came = Inbox(bot_id=1, update_id=0, chat_id=1, payload={}, state=InboxState.DONE, **moments)
        self._many(came, lambda n: {"update_id": n})
        sent = Outbox(bot_id=1, chat_id=1, method="sendMessage", state=OutboxState.SENT, created_at=NOON)
        self._many(sent)
        self._many(Alarm(kind="poison", raised_at=NOON, told_at=NOON))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _month(number: int) -> date:
    """One of many months, long ago."""
    return date(1100 + number // 12, number % 12 + 1, 1)
