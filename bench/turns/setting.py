"""What the measured bot knows: the demo company, its knowledge base, and as many clients as the load has people."""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select

from bot.clients.models import Account, ClientRole, Company, Consent, Membership, Person
from bot.db.engine import Database
from bot.db.migrating import upgrade
from bot.db.types import utc_now
from bot.kb.article import read_articles

ROOT = Path(__file__).resolve().parents[2]


def questions() -> list[str]:
    """Ways to ask, as the shipped Russian articles have them."""
    articles, _ = read_articles(ROOT / "content" / "faq")
    return [question for article in articles if article.lang == "ru" for question in article.questions]


def fill(url: str, people: list[int]) -> None:
    """Migrate, import the demo company, sync the articles, and make every person a client of its first company."""
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
            assert person.id is not None
            since = datetime(2026, 1, 1, tzinfo=UTC)
            session.add(Account(user_id=user_id, person_id=person.id, linked_at=since))
            session.add(Membership(person_id=person.id, company_id=company.id, role=ClientRole.OWNER, granted_at=since))
            session.add(
                Consent(person_id=person.id, user_id=user_id, text_version="bench", text_hash="", given_at=since)
            )
    database.dispose()
