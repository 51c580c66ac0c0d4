"""What the database knows already, by the codes that files use."""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.hours.models import Pool
from bot.billing.prices.models import PriceList, WorkItem
from bot.billing.terms.models import Plan
from bot.clients.models import Company, Contract, Membership, Person, ServiceObject, Site
from bot.db.live import is_live, live
from bot.tickets.life.models import Ticket


@dataclass(slots=True)
class Known:
    """Rows of the database by code; loading adds to it what it makes, so that later sheets find it."""

    session: Session
    companies: dict[str, Company] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    phones: dict[str, str | None] = field(default_factory=dict)  # of active people; None: one without a code
    works_for: dict[str, set[str]] = field(default_factory=dict)  # codes of companies by code of person
    sites: dict[tuple[str, str], Site] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    contracts: dict[tuple[str, str], Contract] = field(default_factory=dict)  # by company and number
    objects: dict[str, ServiceObject] = field(default_factory=dict)
    work_items: dict[str, WorkItem] = field(default_factory=dict)
    price_lists: dict[str, PriceList] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)

    def has(self, sheet: str, code: str) -> bool:
        """Whether a row of this code was loaded earlier."""
        return code in getattr(self, sheet)

    def contract_of(self, row: Any) -> Contract:
        """The contract that a checked row names: its company was said or found."""
        return self.contracts[row.company, row.contract]

    def owners(self) -> dict[str, str]:
        """Company codes by code of object."""
        codes = {company.id: company.code for company in self.companies.values()}
        return {code: codes[thing.company_id] for code, thing in self.objects.items()}


def known(session: Session) -> Known:
    """Read all codes there are."""
    found = Known(session)
    found.companies = {row.code: row for row in session.exec(select(Company)).all()}
    by_id = {row.id: row.code for row in found.companies.values()}
    people = session.exec(select(Person).order_by(col(Person.id))).all()
    found.people = {row.code: row for row in people if row.code is not None}
    found.phones = {row.phone: row.code for row in people if row.phone is not None and is_live(row)}
    members = (
        select(Person.code, Company.code)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Company, col(Company.id) == col(Membership.company_id))
        .where(col(Person.code).is_not(None), live(Membership))
    )
    for person, company in session.exec(members).all():
        found.works_for.setdefault(str(person), set()).add(company)
    found.sites = {(by_id[row.company_id], row.code): row for row in session.exec(select(Site)).all()}
    found.plans = _by(session, Plan, "code")
    found.contracts = {(by_id[row.company_id], row.number): row for row in session.exec(select(Contract)).all()}
    found.objects = _by(session, ServiceObject, "code")
    found.work_items = _by(session, WorkItem, "code")
    found.pools = _by(session, Pool, "code")
    found.tickets = _by(session, Ticket, "code")
    lists = session.exec(select(PriceList).where(col(PriceList.current).is_(True))).all()
    found.price_lists = {row.code: row for row in lists}
    return found


def _by(session: Session, model: type[Any], name: str) -> dict[str, Any]:
    rows = session.exec(select(model)).all()
    return {getattr(row, name): row for row in rows if getattr(row, name) is not None}
