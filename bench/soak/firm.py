"""Who plays: the demo company's firms, with as many owners of them and engineers as the play has people."""

from datetime import UTC, datetime

from sqlmodel import select

import bot.tables  # noqa: F401 - every table, as they refer to each other
from bot.clients.models import (
    Account,
    ClientRole,
    Company,
    Consent,
    Employment,
    Membership,
    Person,
    StaffChat,
    StaffRole,
)
from bot.db.clock import utc_now
from bot.db.engine import Database
from bot.demo.furnish import furnish

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def furnish_firm(url: str) -> None:
    """Fill a migrated database with the demo company and its articles."""
    database = Database(url)
    furnish(database)
    database.dispose()


def people_of(url: str, clients: list[int], engineers: list[int], group: int) -> None:
    """Give each account a person: owners spread over the companies, engineers of the seller, and link the group."""
    database = Database(url)
    with database.write() as session:
        companies = session.exec(select(Company).order_by(Company.code)).all()
        session.add(StaffChat(chat_id=group, title="Инженеры", linked_at=SINCE))
        for number, user_id in enumerate([*clients, *engineers]):
            person = Person(name=f"Игрок {number}", phone=f"+7901{number:07}", created_at=utc_now())
            session.add(person)
            session.flush()
            session.add(Account(user_id=user_id, person_id=person.id, linked_at=SINCE))
            if user_id in engineers:
                session.add(Employment(person_id=person.id, role=StaffRole.ENGINEER, granted_at=SINCE))
                continue
            company = companies[number % len(companies)].id
            session.add(Membership(person_id=person.id, company_id=company, role=ClientRole.OWNER, granted_at=SINCE))
            session.add(
                Consent(person_id=person.id, user_id=user_id, text_version="soak", text_hash="", given_at=SINCE)
            )
    database.dispose()
