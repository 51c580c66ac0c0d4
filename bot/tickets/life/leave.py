"""Who somebody is to a ticket at this moment, and whether the table of acts lets them (R2.3, R2.4, R2.8)."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.clients.models import ClientRole, Company, ServiceObject, StaffRole
from bot.clients.rights import acts_for, asks_for, staff_roles_now, stands_in
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.db.plain import ask
from bot.tickets.life import acts
from bot.tickets.life.acts import ACTS, CLIENTS, READERS, STAFF, Act, Who
from bot.tickets.life.lifecycle import moved
from bot.tickets.life.models import Appeal, Ticket

_ROLES = {
    StaffRole.ENGINEER: Who.OTHER_ENGINEER,
    StaffRole.DISPATCHER: Who.DISPATCHER,
    StaffRole.MANAGER: Who.MANAGER,
    StaffRole.ADMIN: Who.ADMIN,
}
_WORK = frozenset({StaffRole.ENGINEER, StaffRole.DISPATCHER, StaffRole.ADMIN})


class NotYours(NotAllowed):
    """Another engineer works on it."""

    key = "refusal.not_yours"


def who_is(session: Session, ticket: Ticket, person_id: int, among: Collection[Who] = frozenset(Who)) -> frozenset[Who]:
    """What the person is to the ticket now; nothing for former staff and people, who are strangers (R2.7). `among`:
    only these matter, others need not be asked of."""
    found: set[Who] = set()
    if not STAFF.isdisjoint(among):
        found |= staff_as(ticket, person_id, staff_roles_now(session, person_id))
    if not CLIENTS.isdisjoint(among):
        row = ask(session, _CLIENT, ticket=ticket.id, person=person_id).one()
        found |= {who for who, holds in zip(_CONDITIONS, row, strict=True) if holds}
        if found & READERS:
            found.discard(Who.NEIGHBOUR)
    return frozenset(found)


def staff_as(ticket: Ticket, person_id: int, roles: Collection[StaffRole]) -> frozenset[Who]:
    """What one of our own is to the ticket, by the roles they have."""
    found = {_ROLES[role] for role in roles}
    if ticket.engineer_id == person_id and not _WORK.isdisjoint(roles):
        found = (found - {Who.OTHER_ENGINEER}) | {Who.ENGINEER}
    return frozenset(found)


def require_act(session: Session, ticket: Ticket, act: Act, by: int) -> frozenset[Who]:
    """Who `by` is to the locked ticket, if the table lets them. Raises NotAllowed, NotYours, NotFound for one who has
    no right, TicketMoved with the present state for one who has it in another."""
    whos = who_is(session, ticket, by, _asked(act))
    if not acts.may(act, ticket.state, whos):
        raise _refusal(session, ticket, act, whos)
    return whos


def require_right(session: Session, ticket: Ticket, act: Act, by: int) -> frozenset[Who]:
    """The same where the state is told elsewhere: whether it is theirs to do in any state."""
    whos = who_is(session, ticket, by, _asked(act))
    if not acts.may_ever(act, whos):
        raise _refusal(session, ticket, act, whos)
    return whos


def require_state(session: Session, ticket: Ticket, act: Act) -> None:
    """Whether anybody may do it now; whose right it is has been asked. Raises TicketMoved."""
    if not acts.possible_in(act, ticket.state):
        raise moved(session, ticket)


def job_of(session: Session, ticket_id: int, by: int) -> Ticket:
    """A ticket as our own see it, for one of them. Raises NotFound, NotAllowed."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound
    require_act(session, ticket, Act.SEE_JOB, by)
    return ticket


def _asked(act: Act) -> frozenset[Who]:
    return frozenset[Who]().union(*(each.who for each in ACTS[act].leaves))


def _refusal(session: Session, ticket: Ticket, act: Act, whos: Collection[Who]) -> Refusal:
    here = [each for each in ACTS[act].leaves if ticket.state in each.states]
    if acts.may_ever(act, whos) and not here:
        return moved(session, ticket)
    theirs = frozenset[Who]().union(*(each.who for each in (here or ACTS[act].leaves)))
    if Who.ENGINEER in theirs and not acts.WORKERS.isdisjoint(whos):
        return NotYours()
    if STAFF.isdisjoint(theirs) and READERS.isdisjoint(whos):
        return NotFound()
    return NotAllowed()


def _site() -> Any:
    thing = aliased(ServiceObject)
    its = select(col(thing.site_id)).where(col(thing.id) == col(Ticket.object_id))
    return its.correlate(Ticket).scalar_subquery()


def _conditions(person: Any) -> dict[Who, Any]:
    company, site = col(Ticket.company_id), _site()
    appeal, its = aliased(Appeal), aliased(Company)
    joined = exists().where(col(appeal.ticket_id) == col(Ticket.id), col(appeal.person_id) == person)
    shares = exists().where(col(its.id) == company, col(its.requesters_see_all).is_(True))
    here = acts_for(person, company, site=site)
    return {
        Who.REQUESTER: and_(col(Ticket.requester_id) == person, asks_for(person, company)),
        Who.JOINED: and_(joined, acts_for(person, company)),
        Who.APPROVER: acts_for(person, company, {ClientRole.APPROVER}, site=site),
        Who.DEPUTY: stands_in(person, company, site=site),
        Who.FINANCE: acts_for(person, company, {ClientRole.FINANCE}, site=site),
        Who.OWNER: acts_for(person, company, {ClientRole.OWNER}, site=site),
        Who.COLLEAGUE: and_(shares, here),
        Who.NEIGHBOUR: here,
    }


_CONDITIONS = _conditions(bindparam("person", type_=BigInteger()))
_CLIENT = select(*(condition.label(who.value) for who, condition in _CONDITIONS.items())).where(
    col(Ticket.id) == bindparam("ticket")
)
