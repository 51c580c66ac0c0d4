"""Numbers of shared contacts that an earlier version read the Russian way are put right by the migration (R2.1)."""

from importlib import import_module
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlmodel import Session

from bot.clients.models import Account, ClientRole, Membership, Person
from bot.db.engine import Database
from bot.db.schema.migrating import MIGRATIONS
from bot.tickets.life.models import Message
from tests.builders.appeals import add, build_town, person
from tests.conftest import NOON


def shared(session: Session, user_id: int, raw: str, as_read: str, **kept: Any) -> int:
    """Someone who shared their own contact."""
    found = person(session, user_id, "Кто-то")
    session.get_one(Person, found).phone = as_read
    file = {"phone": raw}
    add(
        session,
        Message(kind="contact", file=file, person_id=found, chat_id=user_id, message_id=1, sent_at=NOON, **kept),
    )
    return found


def test_strangers_get_their_number_and_who_came_in_by_it_shows_it_again(database: Database) -> None:
    with database.write() as session:
        town = build_town(session)
        stranger = shared(session, 901, "84932123456", "+74932123456")
        robbed = shared(session, 902, "84932123457", "+74932123457")
        add(session, Membership(person_id=robbed, company_id=town.shop, role=ClientRole.OWNER, granted_at=NOON))
        russian = shared(session, 903, "79001234567", "+79001234567")
        plus = shared(session, 904, "+84932123458", "+84932123458")
        invited = shared(session, 905, "84932123459", "+79000000001")
    (script,) = (MIGRATIONS / "versions").glob("*_shared_numbers.py")
    revision = import_module(f"migrations.versions.{script.stem}")
    for _twice in range(2):
        with database.write() as session, Operations.context(MigrationContext.configure(session.connection())):
            revision.upgrade()
    with database.read() as session:
        phones = {who: session.get_one(Person, who).phone for who in (stranger, russian, plus, invited)}
        assert phones == {
            stranger: "+84932123456",
            russian: "+79001234567",
            plus: "+84932123458",
            invited: "+79000000001",
        }
        assert session.get_one(Person, robbed).phone == "+74932123457", "the company's own word stands"
        silenced = [
            user for user in (901, 902, 903, 904, 905) if session.get_one(Account, ("telegram", user)).unlinked_at
        ]
        assert silenced == [902]
