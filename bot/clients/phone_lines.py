"""All numbers of people and companies: whom a number means, and where somebody is called (R2.1, R5.8)."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, bindparam, union
from sqlmodel import Session, col, select

from bot.clients.identification.phones import Reached
from bot.clients.models import Company, Membership, Person, PhoneLine
from bot.clients.rights import role_held
from bot.db.live import live
from bot.db.plain import ask

_REACHED = (
    select(Person.id, Person.phone, PhoneLine.number, PhoneLine.extension)
    .outerjoin(PhoneLine, col(PhoneLine.person_id) == col(Person.id))
    .where(col(Person.id).in_(bindparam("people", expanding=True)), col(Person.phone).is_not(None))
    .order_by(col(Person.id), col(PhoneLine.id))
)


def has_number(number: str) -> ColumnElement[bool]:
    """People with this number, their own or a further one, whatever is dialled behind it."""
    own = select(Person.id).where(Person.phone == number)
    further = select(PhoneLine.person_id).where(PhoneLine.number == number, col(PhoneLine.person_id).is_not(None))
    return col(Person.id).in_(union(own, further))


def told_by_number(number: str) -> ColumnElement[bool]:
    """People whom this number alone may tell: behind an extension there is a switchboard, and whoever calls out over it
    has its number (R2.1)."""
    line = select(PhoneLine.person_id).where(PhoneLine.number == number, col(PhoneLine.person_id).is_not(None))
    own = select(Person.id).where(Person.phone == number, col(Person.id).not_in(line.where(PhoneLine.extension != "")))
    return col(Person.id).in_(union(own, line.where(PhoneLine.extension == "")))


def companies_of(session: Session, number: str) -> list[Company]:
    """Companies that have a person or a line with this number."""
    people = select(Person.id).where(has_number(number))
    members = select(Membership.company_id).where(col(Membership.person_id).in_(people), role_held(Membership))
    lines = select(PhoneLine.company_id).where(PhoneLine.number == number, col(PhoneLine.company_id).is_not(None))
    query = select(Company).where(col(Company.id).in_(union(members, lines)), live(Company))
    return list(session.exec(query.order_by(col(Company.id))).all())


def people_called(session: Session, company_id: int, number: str) -> list[str]:
    """Names of a company's people with this number, in alphabetical order."""
    query = (
        select(Person.name)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.company_id == company_id, role_held(Membership), has_number(number))
        .distinct()
    )
    return list(session.exec(query.order_by(col(Person.name))).all())


def reached_at(session: Session, people: Collection[int]) -> dict[int, tuple[Reached, ...]]:
    """Where each of these people is called, their own number first; nothing for one who has shown none."""
    found: dict[int, list[Reached]] = {}
    for row in ask(session, _REACHED, people=list(people)):
        theirs = found.setdefault(row.id, [Reached(row.phone)])
        if row.number == row.phone and not theirs[0].extension:
            theirs[0] = Reached(row.number, row.extension)
        elif row.number is not None:
            theirs.append(Reached(row.number, row.extension))
    return {person: tuple(theirs) for person, theirs in found.items()}


def numbers_of(session: Session, person_id: int) -> tuple[Reached, ...]:
    """Where one person is called."""
    return reached_at(session, [person_id]).get(person_id, ())


def keep_lines(
    session: Session, lines: Iterable[Reached], *, person_id: int | None = None, company_id: int | None = None
) -> int:
    """Make the lines of a person or a company these, in this order; returns how many are new, other or gone."""
    owner = PhoneLine.person_id == person_id if company_id is None else PhoneLine.company_id == company_id
    rows = session.exec(select(PhoneLine).where(owner).order_by(col(PhoneLine.id))).all()
    wanted = list(dict.fromkeys(lines))
    if [Reached(row.number, row.extension) for row in rows] == wanted:
        return 0
    for row in rows:
        session.delete(row)
    session.flush()
    for line in wanted:
        row = PhoneLine(person_id=person_id, company_id=company_id, number=line.number, extension=line.extension)
        session.add(row)
    session.flush()
    return max(len(rows), len(wanted))
