"""Plans, works, contracts with what they list, objects and hours into their tables."""

from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlmodel import col, select

from bot.billing.hours.life import watch_pool
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.prices.models import WorkItem
from bot.billing.terms.models import CategoryTerms, ContractOverride, Plan
from bot.clients.models import Contract, ContractObject, ServiceObject
from bot.clients.zones import company_zone
from bot.db.clock import at
from bot.db.unit_of_work import UnitOfWork
from bot.imports.known import Known
from bot.imports.load.writing import Writer
from bot.imports.rows.contracts import ContractRow, OverrideRow
from bot.imports.rows.kinds import ObjectRow, PoolRow
from bot.imports.tables import Tables


def load_plans(tables: Tables, known: Known, writer: Writer) -> None:
    """Write plans and work items."""
    for each in tables.of("plans"):
        terms = each.row.terms() | _beside(tables, plan=each.row.code)
        values = each.row.model_dump(
            include={"name", "monthly_fee", "included_visits", "unlimited", "sla_tier", "offered", "sort"}
        )
        values |= {
            "summary": each.row.summary or "",
            "included_minutes": each.row.included,
            "included_visits": each.row.included_visits,
            "terms": terms,
        }
        code = each.row.code
        known.plans[code] = writer.put("plans", known.plans.get(code), Plan, {"code": code}, **values)
    for each in tables.of("work_items"):
        values = each.row.model_dump(include={"name", "unit", "kind", "work_type", "mode"})
        code = each.row.code
        known.work_items[code] = writer.put(
            "work_items", known.work_items.get(code), WorkItem, {"code": code}, norm_minutes=each.row.norm, **values
        )


@dataclass(frozen=True, slots=True)
class SharedNumber:
    """A contract's number that is new at one company while others have it: it may be meant as a move."""

    number: str
    companies: tuple[str, ...]


def load_contracts(uow: UnitOfWork, tables: Tables, known: Known, writer: Writer) -> list[SharedNumber]:
    """Write contracts, objects and which contract lists what. Returns the new contracts whose number others have."""
    fresh = [each.row.number for each in tables.of("contracts") if each.row.own_key() not in known.contracts]
    for each in tables.of("contracts"):
        row: ContractRow = each.row
        known.contracts[row.own_key()] = writer.put(
            "contracts",
            known.contracts.get(row.own_key()),
            Contract,
            {"number": row.number, "company_id": known.companies[row.company].id},
            plan_id=known.plans[row.plan].id,
            starts=row.starts,
            ends=row.ends,
            covers_all=row.covers_all,
            terms=row.terms() | _beside(tables, company=row.company, contract=row.number),
            active=row.active,
        )
    for each in tables.of("contracts"):  # once all are there: a fallback may stand further down
        contract = known.contracts[each.row.own_key()]
        fallback = known.contracts[each.row.company, each.row.fallback].id if each.row.fallback else None
        if contract.fallback_id != fallback:
            contract.fallback_id = fallback
            uow.session.add(contract)
    for each in tables.of("categories"):
        given = each.row.model_dump(exclude={"code"}, exclude_none=True)
        known_terms = uow.session.get(CategoryTerms, each.row.code)
        writer.put("categories", known_terms, CategoryTerms, {"category": each.row.code}, terms=given)
    for each in tables.of("overrides"):
        _override(uow, known, writer, each.row)
    for each in tables.of("objects"):
        _object(known, writer, each.row)
    for each in tables.of("contract_objects"):
        contract = known.contract_of(each.row)
        thing = known.objects[each.row.object].id if each.row.object else None
        place = known.sites[each.row.company, each.row.site].id if each.row.site else None
        query = select(ContractObject).where(
            ContractObject.contract_id == contract.id,
            col(ContractObject.object_id) == thing if thing else col(ContractObject.object_id).is_(None),
            col(ContractObject.site_id) == place if place else col(ContractObject.site_id).is_(None),
        )
        found = uow.session.exec(query).first()
        values = {"contract_id": contract.id, "object_id": thing, "site_id": place}
        writer.put("contract_objects", found, ContractObject, {}, **values)
    having = [(number, known.companies[company].name) for company, number in known.contracts]
    shared = {number: tuple(name for each, name in having if each == number) for number in fresh}
    return [SharedNumber(number, names) for number, names in shared.items() if len(names) > 1]


def load_pools(uow: UnitOfWork, tables: Tables, known: Known, writer: Writer) -> None:
    """Write prepaid and gift pools, each granted once: a granted amount is never changed by a file (R4.3)."""
    for each in tables.of("pools"):
        row: PoolRow = each.row
        if row.code in known.pools:
            writer.count("pools").same += 1
            continue
        zone = company_zone(uow.session, known.contract_of(row).company_id)
        given_at = min(uow.now, at(row.starts, time(), zone))  # bought before it was loaded
        scope = {"objects": [known.objects[code].id for code in row.objects], "work_types": list(row.work_types)}
        giver = known.people[row.granted_by].id if row.granted_by else None
        pool = Pool(
            code=row.code,
            contract_id=known.contract_of(row).id,
            kind=row.kind,
            unit=row.unit,
            starts=row.starts,
            ends=row.ends,
            scope={name: values for name, values in scope.items() if values},
            overrun_bp=row.overrun,
            reason=row.reason,
            granted_by=giver,
            created_at=given_at,
        )
        known.pools[row.code] = writer.add("pools", pool)
        entry = PoolEntry(pool_id=pool.id, kind=EntryKind.GRANT, amount=row.amount, by_person=giver, made_at=given_at)
        uow.session.add(entry)
        uow.session.flush()
        watch_pool(uow, pool)


def _override(uow: UnitOfWork, known: Known, writer: Writer, row: OverrideRow) -> None:
    contract = known.contract_of(row).id
    found = uow.session.exec(
        select(ContractOverride).where(
            ContractOverride.contract_id == contract,
            ContractOverride.clause == row.clause,
            ContractOverride.starts == row.starts,
        )
    ).first()
    at_first = {"contract_id": contract, "clause": row.clause, "starts": row.starts, "created_at": uow.now}
    values = {"ends": row.ends, "terms": row.replaced(), "exclusions": row.added()}
    writer.put("overrides", found, ContractOverride, at_first, **values)


def _object(known: Known, writer: Writer, row: ObjectRow) -> None:
    site = known.sites[row.company, row.site] if row.site else None
    names = {"kind", "model", "serial", "inventory", "qr_code", "warranty_until", "active"}
    known.objects[row.code] = writer.put(
        "objects",
        known.objects.get(row.code),
        ServiceObject,
        {"code": row.code, "company_id": known.companies[row.company].id},
        site_id=site.id if site else None,
        warranty_kinds=list(row.warranty_kinds),
        **row.model_dump(include=names),
    )


def _beside(
    tables: Tables, plan: str | None = None, company: str | None = None, contract: str | None = None
) -> dict[str, Any]:
    """What other sheets say of a plan or contract, as the keys of `PlanTerms`: exclusions, bands, qualifications."""

    def own(kind: str) -> list[Any]:
        rows = [each.row for each in tables.of(kind)]
        return [row for row in rows if (row.plan, row.company, row.contract) == (plan, company, contract)]

    found = {
        "exclusions": [
            row.model_dump(exclude={"plan", "company", "contract"}, mode="json") for row in own("exclusions")
        ],
        "bands": [row.terms() for row in own("time_bands")],
        "qualifications": {row.work_type: row.multiplier for row in own("qualifications")},
    }
    return {name: value for name, value in found.items() if value}
