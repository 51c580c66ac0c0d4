"""Who may see and do what with a ticket, and who hears of it: read anew each time (R2.3, R2.4, R2.8)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.clients.audiences import ForClient
from bot.clients.models import Person, ServiceObject, StaffRole
from bot.clients.rights import sees_work, staff_roles_now
from bot.db.plain import ask
from bot.tickets.life.models import Appeal, Ticket


def staff_roles_of(session: Session, person_id: int) -> frozenset[StaffRole]:
    """Staff roles at this moment; none for a deactivated person (R2.7)."""
    return staff_roles_now(session, person_id)


def sees_ticket(person: Any) -> ColumnElement[bool]:
    """The condition of a row of tickets that the person may see; lists and openings ask it alike (R2.8)."""
    appeal = aliased(Appeal)
    joined = exists().where(col(appeal.ticket_id) == col(Ticket.id), col(appeal.person_id) == person)
    return sees_work(
        person,
        company=col(Ticket.company_id),
        site=_site(),
        requester=col(Ticket.requester_id),
        joined=joined,
    )


def may_see(session: Session, ticket: Ticket, person_id: int) -> bool:
    """Staff, or the client's people as `sees_ticket` has it."""
    return ask(session, _SEES, ticket=ticket.id, person=person_id).first() is not None


def site_of(session: Session, ticket: Ticket) -> int | None:
    """The site where the ticket's object stands; None for one of the whole company."""
    return session.get_one(ServiceObject, ticket.object_id).site_id


def _site() -> Any:
    thing = aliased(ServiceObject)
    its = select(col(thing.site_id)).where(col(thing.id) == col(Ticket.object_id))
    return its.correlate(Ticket).scalar_subquery()


_THIS = select(Ticket.id).where(col(Ticket.id) == bindparam("ticket"))
_SEES = _THIS.where(sees_ticket(bindparam("person")))


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
