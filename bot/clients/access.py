"""One door for our own staff and for a client's people: who is in, letting in, letting out, a fresh link (R2.3)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.clients.identification.invitations import invite
from bot.clients.identification.phones import Reached
from bot.clients.models import ClientRole, Company, Invitation, Person, StaffRole
from bot.clients.people import NoNumber, admit, dismiss, expel, hire, members, staff
from bot.clients.phone_lines import reached_at
from bot.clients.rights import ADMINS, MANAGERS, acts_for, employed, lets_in, require
from bot.db.errors import NotFound
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork

OURS = 0  # in place of a company's id: our own staff
_PHONE = re.compile(r"\+?\d[\d\s().-]{5,}\d(?:[\s,(]*(?:доб|внутр|вн|ext)[а-яa-z]*\.?\s*\d{1,8}\)?)?", re.I)


@dataclass(frozen=True, slots=True)
class Insider:
    """A person with their live roles here, as values of StaffRole or ClientRole."""

    id: int
    name: str
    phones: Sequence[Reached]
    roles: tuple[str, ...]
    muted: bool


def roles_of(company_id: int) -> tuple[str, ...]:
    """Roles that can be given here."""
    return tuple(role.value for role in (ClientRole if company_id else StaffRole))


def title_of(session: Session, company_id: int) -> str | None:
    """The company's name; None for our own staff. Raises NotFound."""
    if company_id == OURS:
        return None
    company = session.get(Company, company_id)
    if company is None:
        raise NotFound
    return company.name


def insiders(session: Session, company_id: int, by: int) -> list[Insider]:
    """Everyone who is in, by name; our own also for managers, who let none of them in or out. Raises NotAllowed."""
    if company_id == OURS:
        require(session, employed, MANAGERS, person=by)
    else:
        require_lets_in(session, company_id, by)
    found = members(session, company_id) if company_id else staff(session)
    phones = reached_at(session, [person.id for person, _roles in found])
    return [
        Insider(
            person.id,
            person.name,
            phones.get(person.id, ()),
            tuple(role.value for role in roles),
            bool(person.muted_at),
        )
        for person, roles in found
    ]


def insider(session: Session, company_id: int, person_id: int, by: int) -> Insider:
    """One of them. Raises NotAllowed, NotFound."""
    for found in insiders(session, company_id, by):
        if found.id == person_id:
            return found
    raise NotFound


def let_in(uow: UnitOfWork, company_id: int, line: str, role: str, by: int) -> Invitation:
    """«Иван Петров +7 900 123-45-67» gets the role and a link to come in by.

    Raises NotAllowed, NoNumber, NotFound for a role that there isn't.
    """
    name, phone = name_and_phone(line)
    if role not in roles_of(company_id):
        raise NotFound
    if company_id == OURS:
        return hire(uow, name, phone, StaffRole(role), by)
    title_of(uow.session, company_id)
    return admit(uow, company_id, name, phone, ClientRole(role), by)


def let_out(uow: UnitOfWork, company_id: int, person_id: int, by: int) -> Person:
    """End the person's roles here; access is gone with the next message (R2.7). Raises NotAllowed, NotFound."""
    require_lets_in(uow.session, company_id, by)
    insider(uow.session, company_id, person_id, by)
    return expel(uow, company_id, person_id, by) if company_id else dismiss(uow, person_id, by)


def fresh_link(uow: UnitOfWork, company_id: int, person_id: int, by: int) -> Invitation:
    """Another link for someone who is in: theirs ran out, or their account is lost. Raises NotAllowed, NotFound."""
    require_lets_in(uow.session, company_id, by)
    return invite(uow, insider(uow.session, company_id, person_id, by).id, by)


def owned_companies(session: Session, person_id: int) -> list[Company]:
    """Companies whose people and settings the person decides about, by name."""
    query = select(Company).where(acts_for(person_id, col(Company.id), {ClientRole.OWNER}, site=None))
    return list(session.exec(query.order_by(col(Company.name))).all())


def share_tickets(uow: UnitOfWork, company_id: int, by: int, *, shared: bool) -> None:
    """The client's own setting: whether each of its people sees all its tickets (R2.8). Raises NotAllowed."""
    require(uow.session, acts_for, {ClientRole.OWNER}, person=by, company=company_id, site=None)
    company = lock(uow.session, Company, company_id)
    if company is None:
        raise NotFound
    company.requesters_see_all = shared
    uow.session.flush()


def name_and_phone(line: str) -> tuple[str, str]:
    """Split what was typed; without a name the number stands for it. Raises NoNumber."""
    found = _PHONE.search(line)
    if found is None:
        raise NoNumber
    name = " ".join(f"{line[: found.start()]} {line[found.end() :]}".replace(",", " ").split())
    return name or found[0], found[0]


def require_lets_in(session: Session, company_id: int, by: int) -> None:
    """Raises NotAllowed for who may not let people in here and out."""
    if company_id == OURS:
        require(session, employed, ADMINS, person=by)
    else:
        require(session, lets_in, person=by, company=company_id)
