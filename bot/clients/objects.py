"""Objects a person may open a ticket on, and the contract that an object stands under (R1.3, R2.3)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from bot.clients.models import Company, Contract, ContractObject, ServiceObject, Site
from bot.clients.rights import acts_for, allowed, employed, open_company, sees_object
from bot.db.keeping import rows_of
from bot.db.live import live
from bot.db.plain import ask, table_of

# What every draft asks, put together once.
_VISIBLE = select(ServiceObject).where(
    live(ServiceObject),
    sees_object(bindparam("person"), col(ServiceObject.company_id), col(ServiceObject.site_id)),
)
_OF_COMPANY = _VISIBLE.where(col(ServiceObject.company_id) == bindparam("company")).order_by(
    col(ServiceObject.model), col(ServiceObject.id)
)
_ONE = _VISIBLE.where(col(ServiceObject.id) == bindparam("thing"))
_BY_QR = _VISIBLE.where(col(ServiceObject.qr_code) == bindparam("code"))
_OBJECT, _SITE = table_of(ServiceObject).c, table_of(Site).c
_LINES = (
    columns(_OBJECT.id, _OBJECT.model, _OBJECT.serial, _OBJECT.inventory, _SITE.name.label("site"))
    .outerjoin(Site, _SITE.id == _OBJECT.site_id)
    .where(_OBJECT.id.in_(bindparam("things", expanding=True)))
)
_CONTRACTS = (
    select(Contract)
    .where(col(Contract.company_id) == bindparam("company"), live(Contract), col(Contract.starts) <= bindparam("on"))
    .where(open_company(bindparam("company")))
    .where(col(Contract.ends).is_(None) | (col(Contract.ends) >= bindparam("on")))
    .order_by(col(Contract.starts).desc(), col(Contract.id))
)
_LISTED = select(ContractObject).where(col(ContractObject.contract_id).in_(bindparam("contracts", expanding=True)))
_NUMBERED = columns(_OBJECT.id, _OBJECT.serial, _OBJECT.inventory).where(
    live(ServiceObject),
    acts_for(bindparam("person"), col(ServiceObject.company_id), site=col(ServiceObject.site_id)),
    _OBJECT.serial.is_not(None) | _OBJECT.inventory.is_not(None),
)
_COMPANIES = select(Company).where(acts_for(bindparam("person"), col(Company.id))).order_by(col(Company.name))


@dataclass(frozen=True, slots=True)
class ObjectLine:
    """An object as a list shows it; `mark` tells it from others of its model at its site."""

    id: int
    model: str
    serial: str | None
    inventory: str | None
    site: str | None
    mark: str | None = None

    @property
    def title(self) -> str:
        """Model with what tells it from its twins: the number on it where they stand at one site, the site, else the
        number. The number goes first: a button loses its end on a small screen."""
        tails = (self.mark, self.site) if self.mark or self.site else (self.inventory or self.serial,)
        return " · ".join([self.model, *(each for each in tails if each)])


@dataclass(frozen=True, slots=True)
class NumberedObject:
    """An object by the numbers on it."""

    id: int
    serial: str | None
    inventory: str | None


def companies_of(session: Session, person_id: int) -> Sequence[Company]:
    """Companies that the person acts for at this moment, by name."""
    return session.exec(_COMPANIES, params={"person": person_id}).all()


def visible_objects(session: Session, person_id: int, company_id: int) -> list[ServiceObject]:
    """Active objects of the company that the person may see: all for staff, their sites for a site-level role."""
    return list(session.exec(_OF_COMPANY, params={"person": person_id, "company": company_id}).all())


def visible_object(session: Session, person_id: int, object_id: int) -> ServiceObject | None:
    """One of them, of whichever company; None for what the person may not see."""
    return session.exec(_ONE, params={"person": person_id, "thing": object_id}).one_or_none()


def own_numbers(session: Session, person_id: int) -> list[NumberedObject]:
    """Numbers of all equipment that the person may open a ticket on, of whichever company of theirs."""
    return [NumberedObject(row.id, row.serial, row.inventory) for row in ask(session, _NUMBERED, person=person_id)]


def object_lines(
    session: Session,
    objects: Sequence[ServiceObject],
    among: Sequence[ServiceObject] | None = None,
    sites: Mapping[int, Site] | None = None,
) -> list[ObjectLine]:
    """Objects with the names of their sites, which may be at hand; `among` others, of which some may look alike."""
    sites = sites_of(session, objects) if sites is None else sites
    places = {thing.id: sites.get(thing.site_id) if thing.site_id is not None else None for thing in objects}
    names = {number: place.name if place is not None else None for number, place in places.items()}
    twins = Counter((thing.model, thing.site_id) for thing in (objects if among is None else among))
    alike = Counter((thing.model, names[thing.id]) for thing in objects)
    lines = []
    for thing in objects:
        mark = None
        if twins[thing.model, thing.site_id] > 1 or alike[thing.model, names[thing.id]] > 1:
            place = places[thing.id]
            mark = thing.inventory or thing.serial or (place.address if place is not None else None) or thing.code
        lines.append(ObjectLine(thing.id, thing.model, thing.serial, thing.inventory, names[thing.id], mark))
    return lines


def sites_of(session: Session, objects: Sequence[ServiceObject]) -> dict[int, Site]:
    """Sites that objects stand at, by id."""
    return rows_of(session, Site, {thing.site_id for thing in objects if thing.site_id is not None})


def object_titles(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Titles of objects, as `ObjectLine` has them, by id."""
    if not ids:
        return {}
    found = ask(session, _LINES, things=list(ids))
    return {row.id: ObjectLine(row.id, row.model, row.serial, row.inventory, row.site).title for row in found}


def object_by_qr(session: Session, code: str, person_id: int) -> ServiceObject | None:
    """The object of a sticker, for a person who may see it anyway (R2.2); None for anyone else."""
    return session.exec(_BY_QR, params={"person": person_id, "code": code}).one_or_none()


def contract_for(session: Session, thing: ServiceObject, on: date) -> Contract | None:
    """The active contract that lists the object, else its site, else the whole company (R3.1); None: triage. A closed
    company has none (R2.8)."""
    contracts = session.exec(_CONTRACTS, params={"company": thing.company_id, "on": on}).all()
    if not contracts:
        return None
    lines = session.exec(_LISTED, params={"contracts": [contract.id for contract in contracts]}).all()
    by_object = {line.contract_id for line in lines if line.object_id == thing.id}
    by_site = {line.contract_id for line in lines if thing.site_id is not None and line.site_id == thing.site_id}
    for listed in (by_object, by_site):
        for contract in contracts:
            if contract.id in listed:
                return contract
    return next((contract for contract in contracts if contract.covers_all), None)


def is_staff(session: Session, person_id: int) -> bool:
    """Whether the person has any staff role now (R2.7)."""
    return allowed(session, employed, person=person_id)
