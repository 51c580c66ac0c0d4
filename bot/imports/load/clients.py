"""Seller, staff, companies, sites and people into their tables."""

from typing import Any

from sqlmodel import col, select

from bot.billing.seller.models import TaxRegime
from bot.billing.seller.particulars import seller_of
from bot.billing.statements.start import begin_billing, first_of_next_month
from bot.clients.models import ClientRole, Company, Employment, Membership, Person, Seller, Site, StaffRole
from bot.clients.phone_lines import keep_lines
from bot.db.live import is_live, live
from bot.db.unit_of_work import UnitOfWork
from bot.imports.files.findings import BadImportError, FilePlace, Mistake
from bot.imports.known import Known
from bot.imports.load.writing import Writer
from bot.imports.rows.kinds import CompanyRow, PersonRow, StaffRow, TaxRegimeRow
from bot.imports.tables import Tables
from bot.tickets.dispatch.leaving import client_left, company_closed, staff_left


def load_clients(uow: UnitOfWork, tables: Tables, known: Known, writer: Writer) -> None:
    """Write the seller, our people, and who our clients are."""
    for each in tables.of("seller"):
        before = seller_of(uow.session)
        values = each.row.model_dump(exclude={"vat"})
        if "vat" in each.row.model_fields_set:
            values["vat_bp"] = each.row.vat
        elif before is None and not tables.of("tax_regimes"):
            raise BadImportError([Mistake(each.sheet.at(), "vat_unsaid")])
        seller = writer.put("seller", before, Seller, {}, **values)
        if seller.billing_from is None:
            begin_billing(uow, seller, first_of_next_month(uow, seller.timezone))
    for each in tables.of("tax_regimes"):
        _tax_regime(uow, writer, each.row, each.sheet.at(each.line))
    for each in tables.of("staff"):
        row: StaffRow = each.row
        person = _person(uow, known, writer, "staff", row)
        for role in row.roles:
            _employ(uow, person, StaffRole(role))
    for each in tables.of("companies"):
        company = _company(uow, known, writer, each.row)
        if "phone" in each.sheet.headers:
            _count_lines(writer, keep_lines(uow.session, each.row.phone, company_id=company.id))
    for each in tables.of("sites"):
        company = known.companies[each.row.company]
        known.sites[each.row.company, each.row.code] = writer.put(
            "sites",
            known.sites.get((each.row.company, each.row.code)),
            Site,
            {"company_id": company.id, "code": each.row.code},
            name=each.row.name,
            address=each.row.address or "",
            timezone=each.row.timezone or company.timezone,
            road_item=each.row.road_item,
            road_km=each.row.road_km,
        )
    for each in tables.of("people"):
        _person(uow, known, writer, "people", each.row)
    for each in tables.of("people"):  # once all are there: a deputy may stand further down
        _memberships(uow, known, writer, each.row)


def _tax_regime(uow: UnitOfWork, writer: Writer, row: TaxRegimeRow, place: FilePlace) -> None:
    seller = seller_of(uow.session)
    if seller is None:
        raise BadImportError([Mistake(place, "no_seller")])
    query = select(TaxRegime).where(TaxRegime.seller_id == seller.id, TaxRegime.since == row.since)
    known_by = {"seller_id": seller.id, "since": row.since}
    found = uow.session.exec(query).one_or_none()
    writer.put("tax_regimes", found, TaxRegime, known_by, rate_bp=row.vat, inclusive=row.inclusive)


def _company(uow: UnitOfWork, known: Known, writer: Writer, row: CompanyRow) -> Company:
    was = known.companies.get(row.code)
    open_before = was is not None and is_live(was)
    known.companies[row.code] = company = writer.put(
        "companies",
        known.companies.get(row.code),
        Company,
        {"code": row.code},
        name=row.name,
        inn=row.inn,
        category=row.category,
        timezone=row.timezone,
        manager_id=known.people[row.manager].id if row.manager else None,
        active=row.active,
        # What the file is silent about is the client's own choice in the chat.
        **({} if row.requesters_see_all is None else {"requesters_see_all": row.requesters_see_all}),
    )
    if open_before and not is_live(company):
        company_closed(uow, company)
    return company


def _left(uow: UnitOfWork, person: Person) -> None:
    """A person that the file takes out of service holds nothing any more (R2.7)."""
    if uow.session.exec(select(Employment.id).where(Employment.person_id == person.id)).first() is not None:
        staff_left(uow, person, None)
    memberships = select(Membership.company_id).where(Membership.person_id == person.id)
    for company_id in dict.fromkeys(uow.session.exec(memberships.order_by(col(Membership.id))).all()):
        client_left(uow, person, company_id)


def _person(uow: UnitOfWork, known: Known, writer: Writer, kind: str, row: StaffRow | PersonRow) -> Person:
    """The person of a code; one who wrote before and was known by phone only gets the code."""
    found = known.people.get(row.code)
    own = row.phone[0].number if row.phone else None
    if found is None and row.phone:
        alone = [reached.number for reached in row.phone if not reached.extension]
        query = select(Person).where(col(Person.phone).in_(alone), col(Person.code).is_(None), live(Person))
        found = uow.session.exec(query.order_by(col(Person.id))).first()
    # The language is the person's own choice later on, and so is not written over.
    at_first = {"created_at": uow.now, "language": row.language}
    values = {"code": row.code, "name": row.name, "phone": own, "active": getattr(row, "active", True)}
    active_before = found is not None and is_live(found)
    known.people[row.code] = person = writer.put(kind, found, Person, at_first, **values)
    if active_before and not is_live(person):
        _left(uow, person)
    lines = [reached for reached in row.phone if reached.number != own or reached.extension]
    _count_lines(writer, keep_lines(uow.session, lines, person_id=person.id))
    return person


def _count_lines(writer: Writer, different: int) -> None:
    if different:
        writer.count("phones").changed += different


def _employ(uow: UnitOfWork, person: Person, role: StaffRole) -> None:
    query = select(Employment).where(Employment.person_id == person.id, Employment.role == role, live(Employment))
    if uow.session.exec(query).first() is None:
        uow.session.add(Employment(person_id=person.id, role=role, granted_at=uow.now))
        uow.session.flush()


def _memberships(uow: UnitOfWork, known: Known, writer: Writer, row: PersonRow) -> None:
    """Roles are added and their limits set; a role that the file leaves out is not taken away.

    A changed right ends and another begins: what was approved under the earlier one is judged by it (R7.4).
    """
    person, company = known.people[row.code], known.companies[row.company]
    site = known.sites[row.company, row.site] if row.site else None
    values: dict[str, Any] = {
        "site_id": site.id if site else None,
        "job_limit": row.job_limit,
        "month_limit": row.month_limit,
        "deputy_id": known.people[row.deputy].id if row.deputy else None,
    }
    for role in row.roles:
        given: dict[str, Any] = {"person_id": person.id, "company_id": company.id, "role": ClientRole(role)}
        found = uow.session.exec(
            select(Membership).where(
                Membership.person_id == person.id,
                Membership.company_id == company.id,
                Membership.role == ClientRole(role),
                live(Membership),
            )
        ).first()
        at_first = {**given, "granted_at": uow.now}
        if found is not None and any(getattr(found, name) != value for name, value in values.items()):
            found.ended_at = uow.now
            uow.session.flush()
            uow.session.add(Membership(**at_first, **values))
            uow.session.flush()
            writer.count("roles").changed += 1
        else:
            writer.put("roles", found, Membership, at_first, **values)
