"""A client by a part of their name, for staff."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from bot.billing.hours.plans import contracts_on
from bot.billing.terms.models import Plan
from bot.clients.models import Company, Membership, Person
from bot.clients.rights import OFFICE, employed, require, role_held
from bot.clients.search import find_companies
from bot.db.clock import day_of
from bot.kb.line.text import normalise, stem
from bot.tickets.life.acts import OVER
from bot.tickets.life.models import Ticket

PEOPLE = 5
TELLING = 3  # letters of a word that a name may be known by
_AROUND = re.compile(
    r"\b(клиент\w*|компани\w*|фирм\w*|найд\w*|найти|покаж\w*|показать|открой\w*|карточк\w*|данные|контакт\w*|кому|мне|нам|дай\w*|чо|че|все|скинь\w*|напомни\w*|адрес\w*|инфо\w*|номер\w*|ним|ней|нему|как|такие|такой|такая|там|есть|по|с|сколько|часов|долг\w*|что|за|кто|это|у|нас|"
    r"от|из|телефон\w*|тариф\w*|какой|договор\w*|про|ооо|ип|ао|find|show|client|customer|company|the|a|of|who|is|phone|"
    r"plan|details)\b"
)


@dataclass(frozen=True, slots=True)
class ClientPerson:
    """One of a client's people."""

    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class ClientContract:
    """A contract in force and its plan."""

    number: str
    plan: str


@dataclass(frozen=True, slots=True)
class ClientFound:
    """A client company in short; `open`: its tickets that are not over."""

    company_id: int
    name: str
    inn: str | None
    contracts: Sequence[ClientContract]
    people: Sequence[ClientPerson]
    open: int


def clients_named(session: Session, line: str, now: datetime, by: int) -> list[ClientFound]:
    """Companies that a line names by their name in any case («найди ромашку»), INN or code. Raises NotAllowed for
    anyone but the office."""
    require(session, employed, OFFICE, person=by)
    said = re.findall(r"[\w-]+", _AROUND.sub(" ", normalise(line)))
    words = " ".join(stem(word) for word in said if len(word) >= TELLING)
    return [_found(session, company, now) for company in find_companies(session, words)]


def _found(session: Session, company: Company, now: datetime) -> ClientFound:
    contracts = contracts_on(session, company.id, day_of(now, company.timezone))
    plans = {plan.id: plan.name for plan in session.exec(select(Plan)).all()}
    of = select(Membership.person_id).where(Membership.company_id == company.id, role_held(Membership))
    people = select(Person).where(col(Person.id).in_(of)).order_by(col(Person.name))
    waiting = select(func.count()).where(col(Ticket.company_id) == company.id, col(Ticket.state).not_in(OVER))
    return ClientFound(
        company.id,
        company.name,
        company.inn,
        [ClientContract(each.number, plans.get(each.plan_id, "")) for each in contracts],
        [ClientPerson(each.name, each.phone) for each in session.exec(people.limit(PEOPLE)).all()],
        session.exec(waiting).one(),
    )
