"""Whose zone a day is asked in (R3.5).

The site's for the day of work (the company's where an object has no site); the client's for pools, contracts and
promises; the seller's for documents, VAT, due and overdue days; a person's for their quiet hours.
"""

from collections.abc import Collection

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from bot.clients.models import Company, Membership, Seller, ServiceObject, Site
from bot.clients.rights import role_held
from bot.db.clock import HOME
from bot.db.plain import ask

# What every notice asks, put together once.
_OF_PEOPLE = (
    select(Membership.person_id, Company.timezone)
    .join(Company, col(Company.id) == col(Membership.company_id))
    .where(col(Membership.person_id).in_(bindparam("people", expanding=True)), role_held(Membership))
    .order_by(col(Membership.id))
)


def object_zone(session: Session, object_id: int) -> str:
    """The zone of the site where an object stands, else of its company."""
    thing = session.get_one(ServiceObject, object_id)
    site = session.get(Site, thing.site_id) if thing.site_id is not None else None
    return site.timezone if site is not None else session.get_one(Company, thing.company_id).timezone


def company_zone(session: Session, company_id: int | None) -> str:
    """The client's zone; the seller's while nobody knows which client it is."""
    company = session.get(Company, company_id) if company_id is not None else None
    return company.timezone if company is not None else seller_zone(session)


def seller_zone(session: Session) -> str:
    """Our own zone; Moscow's before there is a seller."""
    return session.exec(select(Seller.timezone)).first() or HOME


def person_zone(session: Session, person_id: int | None) -> str:
    """The zone of the company that a person came to last; the seller's for our own people and for strangers."""
    found = people_zones(session, [person_id]) if person_id is not None else {}
    return found.get(person_id or 0) or seller_zone(session)


def people_zones(session: Session, people: Collection[int]) -> dict[int, str]:
    """The zones of the companies that people came to last; those who act for no company are left out."""
    if not people:
        return {}
    return {row.person_id: row.timezone for row in ask(session, _OF_PEOPLE, people=list(people))}
