"""Letting people in and out: staff, client people, roles, and muting (R2.3, R2.7)."""

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.clients.identification.invitations import invite
from bot.clients.identification.phones import Reached, without_extension, written_number
from bot.clients.identification.recognise import recognised
from bot.clients.models import ClientRole, Employment, Invitation, Membership, Person, StaffRole
from bot.clients.phone_lines import has_number, keep_lines, numbers_of
from bot.clients.rights import ADMINS, OFFICE, employed, job_held, lets_in, require, staff_roles_now
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.db.live import live
from bot.db.locks import lock_where
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.notices.texts import LANGUAGES

MUTED_SHOWN = 20


class NoNumber(Refusal):
    """What was typed is no phone number."""

    key = "refusal.no_number"


def staff_roles(session: Session, person_id: int) -> frozenset[StaffRole]:
    """Live staff roles of a person; none for a deactivated one (R2.7)."""
    return staff_roles_now(session, person_id)


def hire(uow: UnitOfWork, name: str, phone: str, role: StaffRole, by: int | None) -> Invitation:
    """Give someone a staff role and a link to come in by. `by` None: the first admin, by command line.

    Raises NotAllowed, NoNumber.
    """
    if by is not None:
        require(uow.session, employed, ADMINS, person=by)
    person = _person(uow, name, phone)
    if role not in staff_roles(uow.session, person.id):
        uow.session.add(Employment(person_id=person.id, role=role, granted_by=by, granted_at=uow.now))
    return invite(uow, person.id, by)


def dismiss(uow: UnitOfWork, person_id: int, by: int) -> Person:
    """End every staff role; access is gone with the next message (R2.7). The last admin stays."""
    # Locked before the right is read: two admins who dismiss each other at once don't leave nobody.
    admin, theirs = col(Employment.role) == StaffRole.ADMIN, col(Employment.person_id) == person_id
    jobs = lock_where(uow.session, Employment, or_(admin, theirs), live(Employment))
    require(uow.session, employed, ADMINS, person=by)
    person = uow.session.get(Person, person_id)
    if person is None or person_id == by:
        raise NotAllowed
    for employment in jobs:
        if employment.person_id == person_id:
            employment.ended_at = uow.now
    uow.session.flush()
    return person


def admit(uow: UnitOfWork, company_id: int, name: str, phone: str, role: ClientRole, by: int) -> Invitation:
    """A client's person gets a role in their company, by its owner or our manager. Raises NotAllowed, NoNumber."""
    require(uow.session, lets_in, person=by, company=company_id)
    person = _person(uow, name, phone)
    held = uow.session.exec(
        select(Membership).where(
            Membership.person_id == person.id, Membership.company_id == company_id, live(Membership)
        )
    ).all()
    if role not in {membership.role for membership in held}:
        uow.session.add(
            Membership(person_id=person.id, company_id=company_id, role=role, granted_by=by, granted_at=uow.now)
        )
    return invite(uow, person.id, by)


def expel(uow: UnitOfWork, company_id: int, person_id: int, by: int) -> Person:
    """End a person's roles in a company. Raises NotAllowed, NotFound."""
    require(uow.session, lets_in, person=by, company=company_id)
    theirs = Membership.person_id == person_id, Membership.company_id == company_id
    held = lock_where(uow.session, Membership, *theirs, live(Membership))
    person = uow.session.get(Person, person_id)
    if not held or person is None:
        raise NotFound
    if person_id == by:
        raise NotAllowed
    for membership in held:
        membership.ended_at = uow.now
    uow.session.flush()
    return person


def members(session: Session, company_id: int) -> list[tuple[Person, tuple[ClientRole, ...]]]:
    """People of a company with their live roles, by name."""
    rows = session.exec(
        select(Person, Membership.role)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.company_id == company_id, live(Membership))
        .where(live(Person))
        .order_by(col(Person.name), col(Membership.id))
    ).all()
    found: dict[int, tuple[Person, tuple[ClientRole, ...]]] = {}
    for person, role in rows:
        held = found.get(person.id, (person, ()))[1]
        found[person.id] = (person, (*held, ClientRole(role)))
    return list(found.values())


def staff(session: Session) -> list[tuple[Person, tuple[StaffRole, ...]]]:
    """Everyone with a live staff role, by name."""
    rows = session.exec(
        select(Person, Employment.role)
        .join(Employment, col(Employment.person_id) == col(Person.id))
        .where(job_held(Employment))
        .order_by(col(Person.name), col(Employment.id))
    ).all()
    found: dict[int, tuple[Person, tuple[StaffRole, ...]]] = {}
    for person, role in rows:
        held = found.get(person.id, (person, ()))[1]
        found[person.id] = (person, (*held, StaffRole(role)))
    return list(found.values())


def switch_language(uow: UnitOfWork, person: Person) -> None:
    """To the next language we speak; everything the person is told from now on is in it."""
    person.language = LANGUAGES[(LANGUAGES.index(person.language) + 1) % len(LANGUAGES)]
    uow.session.flush()


def mute(uow: UnitOfWork, person_id: int, by: int, *, muted: bool) -> Person:
    """A spammer is recorded and not answered, until unmuted. Staff can't be muted. Raises NotAllowed, NotFound."""
    require(uow.session, employed, OFFICE, person=by)
    person = uow.session.get(Person, person_id)
    if person is None:
        raise NotFound
    if staff_roles(uow.session, person_id):
        raise NotAllowed
    person.muted_at = uow.now if muted else None
    uow.session.flush()
    return person


def muted_people(session: Session, by: int) -> list[Person]:
    """Who is recorded and not answered, the latest first. Raises NotAllowed."""
    require(session, employed, OFFICE, person=by)
    query = select(Person).where(col(Person.muted_at).is_not(None)).order_by(col(Person.muted_at).desc())
    return list(session.exec(query.limit(MUTED_SHOWN)).all())


def _person(uow: UnitOfWork, name: str, phone: str) -> Person:
    said, extension = without_extension(phone)
    number = written_number(said)
    if number is None:
        raise NoNumber
    query = select(Person).where(has_number(number), live(Person)).order_by(col(Person.id))
    wanted = Reached(number, extension)
    people = [row for row in uow.session.exec(query).all() if wanted in numbers_of(uow.session, row.id)]
    person = next((found for found in people if recognised(uow, found).known), people[0] if people else None)
    if person is not None and not recognised(uow, person).known:
        person.name = name[:200]  # a stranger's name was what their account said
    if person is None:
        person = Person(name=name[:200], phone=number, created_at=uow.now)
        uow.session.add(person)
        uow.session.flush()
        keep_lines(uow.session, [wanted] if extension else [], person_id=person.id)
    return person
