"""The scope decision on rows of the database: reads what the pure rule looks at, and keeps what it said (R3)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.debts.owed import debt_state_of
from bot.billing.debts.rule import DebtLevel, DebtState
from bot.billing.hours.balances import pool_balances
from bot.billing.hours.draw import PoolKind, PoolToDraw
from bot.billing.hours.grants import Granted, make_ahead, to_come
from bot.billing.hours.models import Pool as PoolRow
from bot.billing.prices.book import price_lists_of
from bot.billing.prices.models import WorkItem
from bot.billing.prices.rule import Combining, PriceMode
from bot.billing.scope.input import (
    Agreed,
    AskedObject,
    ContractTerms,
    Exclusion,
    PoolTerms,
    Road,
    ScopeRequest,
    Warranty,
)
from bot.billing.scope.looked_at import items_looked_at
from bot.billing.scope.models import ScopeDecision
from bot.billing.scope.rule import Decision, decide
from bot.billing.scope.snapshot import freeze
from bot.billing.seller.particulars import seller_day
from bot.billing.terms.of_contract import TermsOfDay, terms_on, with_plans
from bot.billing.terms.shape import ExclusionTerms, PlanTerms
from bot.billing.work.rounding import Way, round_minutes
from bot.calendar.bands import Band, Part
from bot.clients.models import Company, Contract, ContractObject, Site
from bot.clients.models import ServiceObject as ObjectRow
from bot.clients.policy import policy
from bot.db.live import is_live
from bot.db.locks import lock_where
from bot.db.unit_of_work import UnitOfWork
from bot.sums.vat import WHOLE

HOURS = ("ч", "час", "часа", "часов", "часы", "норм-час", "н-ч", "нч", "чел-час", "hour", "h")
USUAL_WORK = ("repair", "maintenance", "other")
MINUTES_OF_UNIT = {**dict.fromkeys(HOURS, 60), **dict.fromkeys(("мин", "минута", "минут", "minute", "min"), 1)}


@dataclass(frozen=True, slots=True)
class Asked:
    """The work to decide on. `minutes` None: what the policy expects of that way. `item` names a work or part of
    the price list that is added to a job: no call-out is charged for it again. `starts` is when it is expected to
    begin, local time at the site; None: outside all time bands. `debt_lifted`: whatever is owed, somebody who may has
    let this work go on. `shares`: pools of tickets of which the job has its ticket, for all its works (R4.1)."""

    company_id: int
    object_id: int
    person_id: int | None
    work_type: str
    way: str
    on: date
    starts: datetime | None = None
    emergency: bool = False
    minutes: int | None = None
    item: WorkItem | None = None
    quantity: int = 1
    debt_lifted: bool = False
    shares: frozenset[int] = frozenset()


def decide_scope(uow: UnitOfWork, asked: Asked) -> Decision:
    """Decide who pays (R3.1). The pools of the company stay locked until the transaction ends, so that nobody else
    holds the same minutes. The hours of a later month count as if they were granted (R4.9): their draws name a pool by
    its code, an act that holds asks `decide_to_hold`. Raises FallbackError for a cycle of contracts."""
    session = uow.session
    contracts = session.exec(
        select(Contract).where(Contract.company_id == asked.company_id).order_by(col(Contract.id))
    ).all()
    ids = [contract.id for contract in contracts]
    lock_where(session, PoolRow, col(PoolRow.contract_id).in_(ids))
    thing = session.get_one(ObjectRow, asked.object_id)
    ahead = to_come(session, contracts, asked.on, uow.now)
    listed, of_day = _naming(session, thing, ids), terms_on(session, contracts, asked.on)
    terms = _contract_terms(session, asked, thing, contracts, ahead, listed, of_day)
    main = _main_terms(thing, contracts, listed, of_day, asked.on)
    mode = PriceMode(asked.item.mode) if asked.item else PriceMode.ACTUAL
    request = ScopeRequest(
        person=str(asked.person_id) if asked.person_id is not None else None,
        company=str(asked.company_id),
        service_object=AskedObject(
            str(thing.id),
            str(thing.company_id),
            str(thing.site_id) if thing.site_id is not None else None,
            thing.model,
            Warranty(thing.warranty_until, frozenset(thing.warranty_kinds)) if thing.warranty_until else None,
            _way(session, thing),
        ),
        work_type=asked.work_type,
        channel=Way(asked.way),
        work_date=asked.on,
        parts=(Part(WHOLE, _billable(expected_minutes(session, asked), asked, main)),),
        starts=asked.starts.replace(second=0, microsecond=0, tzinfo=None) if asked.starts else None,
        item=asked.item.code if asked.item else None,
        mode=mode,
        quantity=asked.quantity,
        urgency=main.urgency_bp if asked.emergency and main is not None else WHOLE,
        emergency=asked.emergency,
        contracts=terms,
        debt=_debt(uow, asked),
        part=asked.item is not None and asked.item.kind == "part",
    )
    return decide(_with_prices(session, request, asked))


def decide_to_hold(uow: UnitOfWork, asked: Asked) -> Decision:
    """The same for an act that holds what is drawn: a later month's pool that it draws is made now (R4.9)."""
    decision = decide_scope(uow, asked)
    drawn = {each.pool for each in decision.draws}
    if all(each.isdecimal() for each in drawn):
        return decision
    contracts = uow.session.exec(select(Contract).where(Contract.company_id == asked.company_id)).all()
    ahead = [each for each in to_come(uow.session, contracts, asked.on, uow.now) if each.code in drawn]
    make_ahead(uow, ahead)
    return decide_scope(uow, asked)


def _debt(uow: UnitOfWork, asked: Asked) -> DebtState:
    """What is owed today, whatever day the work is for: data don't grow old by a late wish (R3.5, R9.2)."""
    owed = debt_state_of(uow.session, asked.company_id, seller_day(uow.session, uow.now))
    return replace(owed, level=DebtLevel.D0, overridden=True) if asked.debt_lifted else owed


def expected_minutes(session: Session, asked: Asked) -> int:
    """Minutes the work is expected to take: asked for, the norm of the item, what its unit says, or what policy expects
    of the way."""
    if asked.minutes is not None:
        return asked.minutes
    usual = policy(session, f"expected_{asked.way}_minutes")
    if asked.item is None:
        return usual
    if asked.item.norm_minutes or asked.item.mode == PriceMode.ACTUAL:
        return minutes_of_one(asked.item.norm_minutes, asked.item.unit, usual) * asked.quantity
    return usual * (asked.quantity if asked.item.kind == "work" else 1)  # parts are put in at one go


def minutes_of_one(norm: int, unit: str, usual: int) -> int:
    """Minutes of one piece of a work by the hour: its norm, what its unit says, else the usual ones."""
    return norm or MINUTES_OF_UNIT.get(unit.strip(" .").casefold(), usual)


def _billable(minutes: int, asked: Asked, terms: PlanTerms | None) -> int:
    """Expected minutes as they will be billed: up to the step and the minimum of the way (R5.5, R5.6). A norm is
    billed as it is (R5.7)."""
    if terms is None or (asked.item is not None and asked.item.mode == PriceMode.NORM):
        return minutes
    minimum = terms.minimum_remote if asked.way == Way.REMOTE else terms.minimum_visit
    return round_minutes(minutes, terms.step, minimum if asked.item is None else 0)


def _way(session: Session, thing: ObjectRow) -> Road | None:
    site = session.get_one(Site, thing.site_id) if thing.site_id is not None else None
    return Road(site.road_item, site.road_km) if site is not None and site.road_item is not None else None


def keep_decision(uow: UnitOfWork, ticket_id: int, decision: Decision) -> ScopeDecision:
    """Store the decision with its explanation and snapshot (R3.2)."""
    told = {
        "reason": decision.reason,
        "contract": decision.contract,
        "amount": decision.amount,
        "unit": decision.unit,
        "draws": [draw.as_stored() for draw in decision.draws],
        "lines": [asdict(line) for line in decision.lines],
        "rule_version": decision.rule_version,
        "checks": freeze(decision.explanation),
    }
    row = ScopeDecision(
        ticket_id=ticket_id,
        result=decision.result.value,
        emergency=decision.emergency,
        explanation=told,
        snapshot=decision.snapshot,
        decided_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def clause_of(decision: Decision) -> str:
    """The clause behind the check that decided, for people; empty when none is written down."""
    for check in reversed(decision.explanation):
        if check.name == decision.reason and check.clause:
            return check.clause
    return ""


def _main_terms(
    thing: ObjectRow,
    contracts: Sequence[Contract],
    listed: Sequence[ContractObject],
    of_day: Mapping[int, TermsOfDay],
    on: date,
) -> PlanTerms | None:
    """Terms of the contract in force that names the object, else of the newest in force; None without one."""
    in_force = [c for c in contracts if is_live(c) and c.starts <= on and (c.ends is None or on <= c.ends)]
    if not in_force:
        return None
    named = {line.contract_id for line in listed if line.object_id == thing.id}
    best = max(in_force, key=lambda c: (c.id in named, c.starts, c.id))
    return of_day[best.id].terms


def _contract_terms(
    session: Session,
    asked: Asked,
    thing: ObjectRow,
    contracts: Sequence[Contract],
    ahead: Sequence[Granted],
    listed: Sequence[ContractObject],
    of_day: Mapping[int, TermsOfDay],
) -> tuple[ContractTerms, ...]:
    """The contracts of a company as the pure decision sees them; `ahead` are pools that count as if granted (R4.9).
    Read is only what the decision can look at: of lists the lines that name the object, of price lists the items asked
    for. However many a contract has of both, and a company of contracts, it is one question each."""
    ids, with_fees = [contract.id for contract in contracts], asked.item is None
    balances = pool_balances(session, ids, asked.on)
    pools = {row.id: row for row in session.exec(select(PoolRow).where(col(PoolRow.contract_id).in_(ids))).all()}
    there = {pools[each.id].code for each in balances}  # another process may have made one since it was looked for
    ahead = [each for each in ahead if each.code not in there]
    known = any(each.terms.covered for each in of_day.values()) and _known_work(session, asked.work_type)
    made = []
    for contract, plan in with_plans(session, contracts):
        terms, agreed = of_day[contract.id].terms, of_day[contract.id].overrides
        mine = [line for line in listed if line.contract_id == contract.id]
        made.append(
            ContractTerms(
                id=str(contract.id),
                plan=plan.code,
                start=contract.starts,
                end=contract.ends,
                active=is_live(contract),
                covers_all=contract.covers_all,
                objects=frozenset(str(line.object_id) for line in mine if line.object_id is not None),
                sites=frozenset(str(line.site_id) for line in mine if line.site_id is not None),
                unlimited=plan.unlimited,
                exclusions=tuple(_exclusion(each, thing) for each in terms.exclusions)
                + _not_covered(known, asked.work_type, terms),
                pools=tuple(
                    _pool_terms(pools[each.id], each.left + (each.id in asked.shares), each.granted)
                    for each in balances
                    if each.contract_id == contract.id
                )
                + tuple(_pool_to_come(each) for each in ahead if each.contract_id == contract.id),
                fees=terms.fees if with_fees else (),
                callout=terms.callout if with_fees else None,
                travel=terms.travel and with_fees,
                point=terms.point,
                sla=terms.sla_bp,
                combining=Combining(terms.combining),
                bands=bands_of(terms),
                qualifications=tuple(sorted(terms.qualifications.items())),
                fallback=str(contract.fallback_id) if contract.fallback_id is not None else None,
                emergency_ceiling=terms.emergency_ceiling,
                clause=terms.clause,
                agreed=tuple(Agreed(str(each.id), each.clause, each.starts, each.ends) for each in agreed),
            )
        )
    return tuple(made)


def _with_prices(session: Session, request: ScopeRequest, asked: Asked) -> ScopeRequest:
    """The request with the prices that it can ask for."""
    company = session.get_one(Company, asked.company_id)
    ids = [int(each.id) for each in request.contracts]
    lists = price_lists_of(session, company, ids, asked.on, items_looked_at(request))
    return replace(request, contracts=tuple(replace(each, prices=lists[int(each.id)]) for each in request.contracts))


def _naming(session: Session, thing: ObjectRow, contracts: Sequence[int]) -> Sequence[ContractObject]:
    """Lines of contracts that name an object or its site."""
    names = col(ContractObject.object_id) == thing.id
    if thing.site_id is not None:
        names |= col(ContractObject.site_id) == thing.site_id
    return session.exec(select(ContractObject).where(col(ContractObject.contract_id).in_(contracts), names)).all()


def bands_of(terms: PlanTerms) -> tuple[Band, ...]:
    """The time bands of a contract as the pure rule splits by them."""
    return tuple(Band(each.days, each.start, each.end, each.bp) for each in terms.bands)


def _pool_terms(row: PoolRow, left: int, granted: int) -> PoolTerms:
    scope: dict[str, Any] = row.scope
    pool = PoolToDraw(
        str(row.id),
        PoolKind(row.kind),
        max(left, 0),
        row.starts,
        row.ends,
        row.unit,
        frozenset(str(each) for each in scope.get("objects", ())),
        frozenset(scope.get("work_types", ())),
    )
    return PoolTerms(pool, max(granted * row.overrun_bp // WHOLE + min(left, 0), 0))


def _pool_to_come(granted: Granted) -> PoolTerms:
    pool = PoolToDraw(granted.code, PoolKind.INCLUDED, granted.amount, granted.starts, granted.ends, granted.unit)
    return PoolTerms(pool, granted.amount * granted.overrun // WHOLE)


def _exclusion(terms: ExclusionTerms, thing: ObjectRow) -> Exclusion:
    objects = frozenset[str]()
    if terms.object_kinds:
        # Kinds that the object is not of must match nothing, not everything.
        objects = frozenset({str(thing.id) if thing.kind in terms.object_kinds else "-"})
    return Exclusion(
        clause=terms.clause,
        work_types=frozenset(terms.work_types),
        channels=frozenset(Way(each) for each in terms.channels),
        objects=objects,
        bands=frozenset(terms.bands),
    )


def _known_work(session: Session, work_type: str) -> bool:
    """Whether it is a type of work that is done here."""
    sold = select(WorkItem.id).where(WorkItem.work_type == work_type).limit(1)
    return work_type in USUAL_WORK or session.exec(sold).first() is not None


def _not_covered(known: bool, work_type: str, terms: PlanTerms) -> tuple[Exclusion, ...]:
    """Work in no fee, where a contract says which is in it."""
    if not terms.covered or work_type in terms.covered or not known:
        return ()
    return (Exclusion(clause=terms.covered_clause, work_types=frozenset({work_type})),)
