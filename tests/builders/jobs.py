"""A company with a contract of a given kind, its people, prices and an engineer, for tests of a ticket's life."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

from sqlmodel import Session

from bot.billing.debts.models import Debt, DebtReport
from bot.billing.hours.balances import pool_balances
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.prices.models import PriceLine, PriceList, WorkItem
from bot.billing.terms.models import Plan
from bot.clients.models import (
    Account,
    ClientRole,
    Company,
    Contract,
    Employment,
    Membership,
    Person,
    Seller,
    ServiceObject,
    StaffRole,
)
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.opening.open import Draft, open_ticket
from tests.builders.appeals import add
from tests.conftest import NOON

TARGETS = {"normal": {"reaction": 120, "resolution": 480}, "high": {"reaction": 60, "resolution": 240}}
_numbers = count(1)


@dataclass
class Firm:
    """Ids of all that tests speak of."""

    company: int
    contract: int
    till: int
    requester: int
    approver: int
    boss: int
    engineer: int
    other_engineer: int
    dispatcher: int
    outsider: int
    cleaning: int
    part: int
    pool: int | None


def report_debts(session: Session, moment: datetime) -> None:
    """Accounting's report of the day: the debts that are here are all there are."""
    session.add(DebtReport(as_of=moment.date(), brought_at=moment))
    session.flush()


def build_firm(
    session: Session, *, minutes: int = 0, unlimited: bool = False, terms: dict[str, Any] | None = None, debt: int = 0
) -> Firm:
    """A firm whose contract has `minutes` of prepaid hours, no limit at all, or neither; `debt` days overdue."""
    n = next(_numbers)
    if not minutes and not unlimited:
        terms = {"exclusions": [{"clause": "п. 3.2", "channels": ["visit"]}], **(terms or {})}
    plan = Plan(code=f"p{n}", name="Тариф", unlimited=unlimited, terms={"targets": TARGETS, **(terms or {})})
    add(session, plan)
    company = add(session, Company(code=f"firm{n}", name="Ромашка"))
    contract = add(session, Contract(company_id=company.id, number=f"Д{n}", plan_id=plan.id, starts=date(2026, 1, 1)))
    contract.covers_all = True
    till = add(session, ServiceObject(company_id=company.id, code=f"t{n}", kind="kkt", model="АТОЛ 91Ф", serial="77"))
    pool = None
    if minutes:
        pool = add(session, Pool(contract_id=contract.id, kind="prepaid", starts=date(2026, 1, 1), created_at=NOON))
        add(session, PoolEntry(pool_id=pool.id, kind=EntryKind.GRANT, amount=minutes, made_at=NOON))
    items = _prices(session)
    if debt:
        due = date.fromordinal(NOON.date().toordinal() - debt)
        report_debts(session, NOON)
        add(session, Debt(company_id=company.id, invoice="СЧ-1", kopecks=500_000, due=due, reported_at=NOON))
    return Firm(
        company=company.id,
        contract=contract.id,
        till=till.id,
        requester=person(session, "Гусев", company.id, ClientRole.REQUESTER),
        approver=person(session, "Климова", company.id, ClientRole.APPROVER, job_limit=1_000_000),
        boss=person(session, "Орлова", company.id, ClientRole.OWNER),
        engineer=worker(session, "Пётр", StaffRole.ENGINEER),
        other_engineer=worker(session, "Иван", StaffRole.ENGINEER),
        dispatcher=worker(session, "Дина", StaffRole.DISPATCHER),
        outsider=person(session, "Чужой", add(session, Company(code=f"o{n}", name="Чужие")).id, ClientRole.OWNER),
        cleaning=items[0],
        part=items[1],
        pool=pool.id if pool else None,
    )


def _prices(session: Session) -> tuple[int, int]:
    n = next(_numbers)
    if session.get(Seller, 1) is None:
        add(session, Seller(name="Сервис", inn="7707083893", phone="+7 495 000-00-00", vat_bp=2200))
    base = add(session, PriceList(code=f"base{n}", name="Основной", scope="default"))
    cleaning = add(session, WorkItem(code=f"CLEAN{n}", name="Чистка", mode="fixed"))
    part = add(session, WorkItem(code=f"PART{n}", name="Головка", kind="part", work_type="parts", mode="fixed"))
    for code, kopecks in (("hour:repair", 250_000), (cleaning.code, 90_000), (part.code, 320_000)):
        add(session, PriceLine(list_id=base.id, item_code=code, kopecks=kopecks))
    return cleaning.id, part.id


def person(session: Session, name: str, company_id: int, role: ClientRole, **more: Any) -> int:
    row = add(session, Person(name=name, phone="+79000000000", created_at=NOON))
    add(session, Account(user_id=700_000 + row.id, person_id=row.id, linked_at=NOON))
    add(session, Membership(person_id=row.id, company_id=company_id, role=role, granted_at=NOON, **more))
    return row.id


def worker(session: Session, name: str, role: StaffRole) -> int:
    row = add(session, Person(name=name, created_at=NOON))
    add(session, Account(user_id=700_000 + row.id, person_id=row.id, linked_at=NOON))
    add(session, Employment(person_id=row.id, role=role, granted_at=NOON))
    return row.id


def opened(uow: UnitOfWork, firm: Firm, by: int | None = None, **more: Any) -> Ticket:
    """A ticket on the firm's till."""
    who = by or firm.requester
    draft = Draft(firm.company, firm.till, firm.contract, who, "Не печатает чек", **more)
    return open_ticket(uow, draft, who)


def in_work(uow: UnitOfWork, firm: Firm, **more: Any) -> Ticket:
    """A ticket whose engineer has taken it and begun."""
    ticket = opened(uow, firm, **more)
    take_ticket(uow, ticket.id, firm.engineer)
    return start_work(uow, ticket.id, firm.engineer)


def balance(uow: UnitOfWork, firm: Firm) -> tuple[int, int, int]:
    """Left, held and used minutes of the contract's first pool."""
    pool = pool_balances(uow.session, [firm.contract], uow.now.date())[0]
    return pool.left, pool.held, pool.used
