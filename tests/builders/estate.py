"""The people of a place, and for its company and a neighbour one of everything that a button can name by its id."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from bot.billing.debts.models import Debt, InvoiceDispute
from bot.billing.documents.issue import parties
from bot.billing.documents.models import Document, LineDispute
from bot.billing.hours.models import EntryDispute, EntryKind, Pool, PoolEntry
from bot.billing.quotes.models import TopUp, TopUpState
from bot.billing.quotes.rule import QuoteLine
from bot.billing.quotes.send import Offer, send_quote
from bot.billing.statements.models import Statement, StatementLine
from bot.billing.terms.models import Plan
from bot.billing.work.models import WorkLine
from bot.billing.work.phone_calls import CallPurpose, CallState
from bot.clients.models import Company, Contract, Membership, Person, Seller, ServiceObject, Site
from bot.db.unit_of_work import UnitOfWork
from bot.kb.articles.models import Article
from bot.kb.learning.models import Feedback, Miss
from bot.tickets.calls.models import PhoneCall
from bot.tickets.life.models import Appeal, AppealEnd, Message, Ticket, TicketState
from tests.builders.appeals import add
from tests.builders.jobs import report_debts
from tests.builders.place import Place, build_place
from tests.conftest import NOON

SECRET, SUM = "Щегол", 777_700  # every text of the company has the one, every sum and number of a ticket begins alike
DUE = date(2026, 11, 20)


@dataclass
class Estate:
    """`ours` and `theirs`: ids of one thing of each kind, of the company of `place` and of its neighbour."""

    place: Place
    ours: dict[str, int] = field(default_factory=dict)
    theirs: dict[str, int] = field(default_factory=dict)

    @property
    def people(self) -> dict[str, int]:
        return self.place.people


def build_estate(uow: UnitOfWork) -> Estate:
    """The place with all of it; what belongs to its company is marked by SECRET and SUM."""
    session, place = uow.session, build_place(uow.session)
    town = place.town
    add(session, Seller(name="Сервис", inn="7707083893", phone="+7 495 000-00-00", vat_bp=2200))
    report_debts(session, NOON)
    theirs = add(session, Plan(code="neighbours", name="Соседский"))
    contract = Contract(company_id=town.cafe, number="К-1", plan_id=theirs.id, starts=date(2026, 1, 1), covers_all=True)
    add(session, contract)
    estate = Estate(place)
    estate.ours = _stocked(uow, place, town.shop, town.contract, place.tickets["own_near"], "requester", town.till)
    estate.theirs = _stocked(uow, place, town.cafe, contract.id, place.tickets["others"], "other_owner", town.cafe_till)
    mark(session, place)
    return estate


def mark(session: Session, place: Place) -> None:
    """So that whatever leaves of the company can be told."""
    company = place.town.shop
    for model, name in ((Site, "name"), (ServiceObject, "model"), (Contract, "number"), (Ticket, "description")):
        for row in session.exec(select(model).where(model.company_id == company).order_by(model.id)).all():
            setattr(row, name, f"{SECRET} {row.id}")
    for ticket in session.exec(select(Ticket).where(Ticket.company_id == company)).all():
        ticket.number = SUM + ticket.id
    session.get_one(Company, company).name = SECRET
    members = select(Membership.person_id).where(Membership.company_id == company)
    for each in session.exec(select(Person).where(col(Person.id).in_(members))).all():
        each.name = f"{SECRET} {each.name}"
    session.flush()


def _stocked(
    uow: UnitOfWork, place: Place, company: int, contract: int, ticket: int, who: str, thing: int
) -> dict[str, int]:
    """One of each, of `company`: its work was asked for by `who`."""
    session = uow.session
    by, engineer, code = place.people[who], place.people["engineer"], f"{SECRET} {company}"
    marked = company == place.town.shop
    words, kopecks = (SECRET, SUM) if marked else ("Чиж", 5_000)
    job = session.get_one(Ticket, ticket)
    job.state, job.engineer_id = TicketState.IN_WORK, engineer

    def made(row: Any) -> int:
        found: SQLModel = add(session, row)
        return int(found.id)  # type: ignore[attr-defined]

    began = {"started_at": NOON, "last_at": NOON}
    ends = {"ended_at": NOON, "triaged_at": NOON}
    triage = made(Appeal(person_id=by, company_id=company, summary=words, end=AppealEnd.TRIAGE, **began, **ends))
    draft = made(Appeal(person_id=by, company_id=company, object_id=thing, summary=words, **began))
    for appeal in (triage, draft):
        made(Message(appeal_id=appeal, person_id=by, text=words, sent_at=NOON))
    pool = made(Pool(contract_id=contract, kind="prepaid", starts=date(2026, 1, 1), reason=words, created_at=NOON))
    made(PoolEntry(pool_id=pool, kind=EntryKind.GRANT, amount=6_000, made_at=NOON))
    draw = {"kind": EntryKind.CONSUME, "ticket_id": ticket, "work_date": NOON.date(), "made_at": NOON, "note": words}
    entry, other = (made(PoolEntry(pool_id=pool, amount=minutes, **draw)) for minutes in (30, 40))
    month = {"period_start": date(2026, 10, 1), "period_end": date(2026, 10, 31)}
    sums = {"net": kopecks, "vat": 0, "gross": kopecks}
    statement = made(Statement(contract_id=contract, company_id=company, issued_at=NOON, **month, **sums))
    line, disputed = (
        made(
            StatementLine(
                statement_id=statement,
                position=position,
                kind="quote",
                source=f"{code}/{position}",
                ticket_id=ticket,
                name=words,
                unit="шт",
                quantity=1,
                work_date=date(2026, 10, 5),
                **sums,
            )
        )
        for position in (1, 2)
    )
    document = made(
        Document(
            code=code,
            kind="invoice",
            seller_id=1,
            company_id=company,
            contract_id=contract,
            statement_id=statement,
            year=2026,
            number=company,
            issued_on=NOON.date(),
            due=DUE,
            parties=parties(
                session.get_one(Seller, 1), session.get_one(Company, company), session.get_one(Contract, contract)
            ),
            made_at=NOON,
            **sums,
        )
    )
    debt = made(Debt(company_id=company, invoice=f"{words}-1", kopecks=kopecks, due=DUE, reported_at=NOON))
    bought = {"company_id": company, "contract_id": contract, "minutes": 600, "asked_by": by, "asked_at": NOON}
    offered = {"kopecks": kopecks, "vat": 0, "texts": {"ru": words, "en": words}, "offered_at": NOON}
    valid = {"valid_until": NOON + timedelta(days=5), "state": TopUpState.OFFERED}
    line_offered = QuoteLine("W", words, "pcs", 1, kopecks, kopecks)
    offer = Offer(ticket, job.number, company, contract, (line_offered,), "why.price_found", thing=words, work=words)
    quote = send_quote(uow, offer, None).id
    plan = session.get_one(Contract, contract).plan_id
    code = session.get_one(Plan, plan).code
    article = Article(language="ru", code=f"a{company}", title=words, body=words, audience=[code], content_hash="1")
    article.changed_at, article.from_file = NOON, False
    shown = {"language": "ru", "article_code": f"a{company}", "query": words, "asked_at": NOON}
    call = {"started_at": NOON, "seconds": 300, "purpose": CallPurpose.WORK, "recorded_at": NOON}
    work = {"ticket_id": ticket, "item_code": "W", "name": words, "quantity": 1, "unit": "pcs", "price": kopecks}
    added = {"added_by": engineer, "added_at": NOON}
    return {
        "appeal": triage,
        "draft": draft,
        "company": company,
        "contract": contract,
        "ticket": ticket,
        "object": thing,
        "person": by,
        "pool": pool,
        "entry": entry,
        "entry_dispute": made(
            EntryDispute(entry_id=other, company_id=company, person_id=by, reason=words, opened_at=NOON)
        ),
        "statement": statement,
        "line": line,
        "disputed_line": disputed,
        "line_dispute": made(LineDispute(line_id=disputed, person_id=by, reason=words, disputed_at=NOON)),
        "document": document,
        "debt": debt,
        "invoice_dispute": made(
            InvoiceDispute(company_id=company, invoice=f"{words}-2", person_id=by, reason=words, made_at=NOON)
        ),
        "top_up": made(TopUp(**bought, **offered, **valid)),
        "asked_top_up": made(TopUp(**bought)),
        "quote": quote,
        "article": made(article),
        "feedback": made(Feedback(person_id=by, appeal_id=draft, **shown)),
        "miss": made(Miss(language="ru", query=f"вопрос про {words}", person_id=by, missed_at=NOON)),
        "call": made(
            PhoneCall(
                code=f"call-{company}",
                phone=f"+7900777{company:04}",
                engineer_id=engineer,
                company_id=company,
                state=CallState.DRAFT,
                **call,
            )
        ),
        "message": made(
            Message(ticket_id=ticket, person_id=engineer, from_staff=True, internal=True, text=words, sent_at=NOON)
        ),
        "plan": plan,
        "work": made(WorkLine(**work, **added)),
    }
