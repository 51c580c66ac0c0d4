"""What the measured bot knows: the demo companies, the knowledge base, and a company for each of the load's people."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, select

from bot.answers.hearing import hear
from bot.clients.models import Account, ClientRole, Company, Consent, Contract, Membership, Person, ServiceObject, Site
from bot.db.clock import utc_now
from bot.db.engine import Database
from bot.db.schema.migrating import upgrade
from bot.kb.articles.article import read_articles

Row = TypeVar("Row", bound=SQLModel)
ROOT = Path(__file__).resolve().parents[2]


def questions(*, of_faults: bool = False) -> list[str]:
    """Ways to ask, as the shipped Russian articles have them; not those that bring a person instead of an article.
    `of_faults`: about equipment, in articles that offer to open a ticket; the others may bring the asker's figures."""
    articles, _ = read_articles(ROOT / "content" / "faq")
    asked = [
        question
        for article in articles
        if article.lang == "ru" and (not of_faults or (article.kinds and "ticket" in article.actions))
        for question in article.questions
    ]
    return [line for line in asked if hear(line).wish is None]


def fill(url: str, people: list[int]) -> None:
    """Migrate, import the demo company, sync the articles, and make every person the owner of a company of their own.

    Each is as the demo's first one. In one company all would be asked for their yes to each other's tickets.
    """
    from bot.demo.furnish import furnish

    database = Database(url)
    upgrade(database)
    furnish(database)
    with database.write() as session:
        company = session.exec(select(Company).order_by(Company.code)).first()
        assert company is not None
        for number, user_id in enumerate(people):
            person = Person(name=f"Клиент {number}", phone=f"+7901{number:07}", created_at=utc_now())
            session.add(person)
            session.flush()
            since = datetime(2026, 1, 1, tzinfo=UTC)
            session.add(Account(user_id=user_id, person_id=person.id, linked_at=since))
            own = _like(session, company, number)
            session.add(Membership(person_id=person.id, company_id=own, role=ClientRole.OWNER, granted_at=since))
            session.add(
                Consent(person_id=person.id, user_id=user_id, text_version="bench", text_hash="", given_at=since)
            )
    database.dispose()


def _like(session: Session, company: Company, number: int) -> int:
    """A company with sites, objects and contracts as the given one has, and its id."""
    own = _copy(session, company, code=f"bench-{number}").id
    sites = {
        site.id: _copy(session, site, company_id=own).id
        for site in session.exec(select(Site).where(Site.company_id == company.id)).all()
    }
    for each in session.exec(select(ServiceObject).where(ServiceObject.company_id == company.id)).all():
        place = sites[each.site_id] if each.site_id is not None else None
        _copy(session, each, company_id=own, site_id=place, code=f"{each.code}-{number}", qr_code=None)
    for contract in session.exec(select(Contract).where(Contract.company_id == company.id)).all():
        assert contract.covers_all, "the copy lists no objects of its own"
        _copy(session, contract, company_id=own, number=f"{contract.number}-{number}", fallback_id=None)
    return own


def _copy(session: Session, row: Row, **changed: Any) -> Row:
    fresh = type(row)(**row.model_dump(exclude={"id"}) | changed)
    session.add(fresh)
    session.flush()
    return fresh
