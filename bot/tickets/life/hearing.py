"""Who hears about a ticket: by the right they have at this moment, not by a name that stands on it (R2.4, R2.8)."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.clients.audiences import ForClient
from bot.clients.models import Person
from bot.tickets.life.models import Ticket
from bot.tickets.life.rights import site_of


@dataclass(frozen=True, slots=True)
class Heard:
    """Who hears what staff writes, for who wrote it: `instead` are names of those who get it for a requester who has
    no access any more, `nobody` says that there is none who may."""

    instead: tuple[str, ...] = ()
    nobody: bool = False


def client_of(session: Session, ticket: Ticket, card_key: str | None = None) -> ForClient:
    """The requester, while they have the right; else who answers for the client at that place."""
    return ForClient(ticket.requester_id, ticket.company_id, site_of(session, ticket), card_key)


def who_hears(session: Session, ticket: Ticket) -> Heard:
    """To be told to whoever writes to the client."""
    hears = client_of(session, ticket).people(session)
    if ticket.requester_id in hears:
        return Heard()
    rows = session.exec(select(Person.name).where(col(Person.id).in_(hears)).order_by(col(Person.name))).all()
    return Heard(tuple(rows), nobody=not rows)
