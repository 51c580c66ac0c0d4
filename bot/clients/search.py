"""Staff looks for a company or a client by a part of a name, a number, a phone."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.clients.models import Company, Membership, Person, PhoneLine
from bot.clients.rights import role_held
from bot.db.keeping import rows_of
from bot.db.live import live

SHOWN = 8
PHONE_DIGITS = 4
TEN_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A person as a list shows them."""

    id: int
    title: str


def find_companies(session: Session, words: str) -> list[Company]:
    """Active companies whose name, INN or code holds every word; at most SHOWN."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    named = session.exec(
        select(Company.id, Company.name, Company.inn, Company.code).where(live(Company)).order_by(col(Company.name))
    ).all()
    hits = [
        number
        for number, name, inn, code in named
        if all(word in f"{name} {inn or ''} {code}".casefold() for word in wanted)
    ]
    found = rows_of(session, Company, set(hits[:SHOWN]))
    return [found[number] for number in hits[:SHOWN]]


def find_people(session: Session, words: str) -> list[Found]:
    """Client people whose name, phone or company holds every word; at most SHOWN."""
    wanted = words.casefold().split()
    digits = "".join(char for char in words if char.isdigit())
    # Without a «+» it may be written the Russian way, with 8 for +7: the rest of the number tells.
    number = f"+{digits}" if "+" in words else digits[-TEN_DIGITS:]
    if not wanted:
        return []
    rows = session.exec(
        select(Person, Company.name, PhoneLine.number)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Company, col(Company.id) == col(Membership.company_id))
        .outerjoin(PhoneLine, col(PhoneLine.person_id) == col(Person.id))
        .where(role_held(Membership))
        .order_by(col(Person.name), col(Person.id))
    ).all()
    found: dict[int, Found] = {}
    for person, company, further in rows:
        by_phone = len(digits) >= PHONE_DIGITS and any(number in each for each in (person.phone, further) if each)
        if by_phone or all(w in f"{person.name} {company}".casefold() for w in wanted):
            found.setdefault(person.id, Found(person.id, f"{person.name} · {company}"))
    return list(found.values())[:SHOWN]
