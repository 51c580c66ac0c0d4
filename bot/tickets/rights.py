"""Who may do what with a ticket, read anew at each press (R2.3, R2.4)."""

from sqlmodel import Session, col, select

from bot.clients.models import ClientRole, Employment, Membership, Person, ServiceObject, StaffRole
from bot.db.errors import NotAllowed, NotFound
from bot.tickets.models import Ticket

WORKERS = frozenset({StaffRole.ENGINEER, StaffRole.DISPATCHER, StaffRole.ADMIN})
LEADERS = frozenset({StaffRole.DISPATCHER, StaffRole.MANAGER, StaffRole.ADMIN})


class NotYours(NotAllowed):
    """Another engineer works on it."""

    key = "refusal.not_yours"


def staff_roles_of(session: Session, person_id: int) -> frozenset[StaffRole]:
    """Staff roles at this moment; none for a deactivated person (R2.7)."""
    person = session.get(Person, person_id)
    if person is None or not person.active:
        return frozenset()
    query = select(Employment.role).where(Employment.person_id == person_id, col(Employment.ended_at).is_(None))
    return frozenset(StaffRole(role) for role in session.exec(query).all())


def require_worker(session: Session, person_id: int) -> None:
    """Raises NotAllowed for anyone but engineers, dispatchers and admins."""
    if not staff_roles_of(session, person_id) & WORKERS:
        raise NotAllowed


def require_leader(session: Session, person_id: int) -> None:
    """Raises NotAllowed for anyone but dispatchers, managers and admins."""
    if not staff_roles_of(session, person_id) & LEADERS:
        raise NotAllowed


def require_engineer_of(session: Session, ticket: Ticket, person_id: int) -> None:
    """The engineer who took the ticket, while still an employee. Raises NotAllowed, NotYours."""
    require_worker(session, person_id)
    if ticket.engineer_id != person_id:
        raise NotYours


def client_memberships(session: Session, ticket: Ticket, person_id: int) -> list[Membership]:
    """The person's live roles in the ticket's company that reach its site."""
    person = session.get(Person, person_id)
    if person is None or not person.active:
        return []
    rows = session.exec(
        select(Membership).where(
            Membership.person_id == person_id,
            Membership.company_id == ticket.company_id,
            col(Membership.ended_at).is_(None),
        )
    ).all()
    site = session.exec(select(ServiceObject.site_id).where(ServiceObject.id == ticket.object_id)).one()
    return [row for row in rows if row.site_id is None or row.site_id == site]


def may_see(session: Session, ticket: Ticket, person_id: int) -> bool:
    """Staff, or the client's people of that company and site."""
    return bool(staff_roles_of(session, person_id)) or bool(client_memberships(session, ticket, person_id))


def require_client(session: Session, ticket: Ticket, person_id: int) -> None:
    """Who speaks for the client on a ticket: its requester, or an approver or owner. Raises NotFound, NotAllowed."""
    memberships = client_memberships(session, ticket, person_id)
    if not memberships:
        raise NotFound
    speaks = {ClientRole.APPROVER, ClientRole.OWNER}
    if ticket.requester_id != person_id and not any(row.role in speaks for row in memberships):
        raise NotAllowed
