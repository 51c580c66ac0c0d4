"""A small town for tests of appeals: two companies, their people and objects, one dispatcher."""

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import TypeVar

from sqlmodel import Session

from bot.billing.terms.models import Plan
from bot.clients.models import (
    Account,
    ClientRole,
    Company,
    Contract,
    ContractObject,
    Employment,
    Membership,
    Person,
    ServiceObject,
    Site,
    StaffRole,
)
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.intake.record import Incoming, Recorded, record_contact
from bot.tickets.life.models import Ticket
from tests.conftest import NOON

_numbers = count(1)
Row = TypeVar("Row")


@dataclass
class Town:
    """Ids of all that tests speak of. Company `shop` has a contract on its till and printer; its lamp has none."""

    shop: int
    cafe: int
    client: int
    other: int
    stranger: int
    dispatcher: int
    till: int
    printer: int
    lamp: int
    cafe_till: int
    contract: int
    site: int


def build_town(session: Session) -> Town:
    """Store the town; every call makes another, with codes of its own."""
    n = next(_numbers)
    plan = add(session, Plan(code=f"plan{n}", name="Стандарт"))
    shop = add(session, Company(code=f"shop{n}", name="Магазин <b>&", inn=f"77070{n:05}"))
    cafe = add(session, Company(code=f"cafe{n}", name="Кафе"))
    site = add(session, Site(company_id=shop.id, code="s1", name="Тверская"))
    other_site = add(session, Site(company_id=shop.id, code="s2", name="Арбат"))
    till = add(session, thing(shop, n, "kkt", "АТОЛ 91Ф", site, serial="0010-6503", inventory="ИНВ-7"))
    printer = add(session, thing(shop, n, "printer", "HP LaserJet 107a", other_site, serial="VNC3Z"))
    lamp = add(session, thing(shop, n, "other", "Лампа", None))
    cafe_till = add(session, thing(cafe, n, "kkt", "Эвотор 7.3", None, serial="EVO1"))
    contract = add(session, Contract(company_id=shop.id, number=f"Д-{n}", plan_id=plan.id, starts=date(2026, 1, 1)))
    add(session, ContractObject(contract_id=contract.id, object_id=till.id))
    add(session, ContractObject(contract_id=contract.id, site_id=other_site.id))
    return Town(
        shop=shop.id,
        cafe=cafe.id,
        client=client(session, n * 10 + 1, "Анна", shop.id),
        other=client(session, n * 10 + 2, "Борис", cafe.id),
        stranger=person(session, n * 10 + 3, "Кто-то"),
        dispatcher=staff(session, n * 10 + 4, "Дина", StaffRole.DISPATCHER),
        till=till.id,
        printer=printer.id,
        lamp=lamp.id,
        cafe_till=cafe_till.id,
        contract=contract.id,
        site=site.id,
    )


def add(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def thing(company: Company, n: int, kind: str, model: str, site: Site | None, **more: str) -> ServiceObject:
    number = next(_numbers)
    return ServiceObject(
        company_id=company.id,
        site_id=site.id if site else None,
        code=f"{kind}-{n}-{number}",
        qr_code=f"q{n}x{number}",
        kind=kind,
        model=model,
        **more,
    )


def person(session: Session, user_id: int, name: str) -> int:
    row = add(session, Person(name=name, created_at=NOON))
    add(session, Account(user_id=user_id, person_id=row.id, linked_at=NOON))
    return row.id


def client(session: Session, user_id: int, name: str, company_id: int, site_id: int | None = None) -> int:
    found = person(session, user_id, name)
    role = ClientRole.REQUESTER
    add(session, Membership(person_id=found, company_id=company_id, role=role, site_id=site_id, granted_at=NOON))
    return found


def staff(session: Session, user_id: int, name: str, role: StaffRole) -> int:
    found = person(session, user_id, name)
    add(session, Employment(person_id=found, role=role, granted_at=NOON))
    return found


def says(uow: UnitOfWork, person_id: int, text: str = "", **more: object) -> Recorded:
    """The person writes a message."""
    row = uow.session.get(Person, person_id)
    values = {"kind": "text", "chat_id": person_id, "message_id": next(_numbers), **more}
    return record_contact(uow, row, Incoming(text=text, **values))


def ticket_on(session: Session, town: Town, object_id: int, **more: object) -> Ticket:
    """A ticket as if opened some other way."""
    values = {"state": "new", "description": "Уже открыта", "requester_id": town.client, **more}
    return add(
        session,
        Ticket(
            number=next(_numbers) + 5000,
            company_id=town.shop,
            contract_id=town.contract,
            object_id=object_id,
            opened_at=NOON,
            **values,
        ),
    )
