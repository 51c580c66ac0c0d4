"""Plans as a client is shown them: what they bought, what is used and left, and what else there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from bot.billing.hours.balances import PoolBalance, pool_balances
from bot.billing.seller.particulars import price_regime
from bot.billing.terms.models import Plan
from bot.billing.terms.of_contract import terms_on
from bot.billing.terms.shape import PlanTerms, Target, TicketPriority, terms_in_force
from bot.calendar.periods import month_of
from bot.clients.models import Contract
from bot.db.live import live
from bot.sums.vat import Regime, with_vat


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan by its terms: fee in kopecks a month with VAT inside, included minutes and visits, targets in working
    minutes, what is left out."""

    id: int
    name: str
    summary: str
    monthly_fee: int
    included: int
    visits: int
    unlimited: bool
    offered: bool
    target: Target | None
    exclusions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """A contract with its plan and its pools of the day; `ended` are those drawn from that ended in the month before:
    what was drawn may be objected to still (R4.10)."""

    contract_id: int
    number: str
    since: date
    until: date | None
    plan: PlanLine
    pools: tuple[PoolBalance, ...]
    ended: tuple[PoolBalance, ...] = ()


def contracts_on(session: Session, company_id: int, on: date) -> Sequence[Contract]:
    """Contracts of a company in force on a day."""
    return session.exec(
        select(Contract)
        .where(Contract.company_id == company_id, live(Contract), col(Contract.starts) <= on)
        .where(col(Contract.ends).is_(None) | (col(Contract.ends) >= on))
        .order_by(col(Contract.id))
    ).all()


def own_plans(session: Session, company_id: int, on: date) -> list[OwnPlan]:
    """What a company has bought, as it stands on a day."""
    contracts = contracts_on(session, company_id, on)
    before = month_of(month_of(on).start - timedelta(days=1))
    pools = pool_balances(session, [contract.id for contract in contracts], on, since=before.start)
    found: list[OwnPlan] = []
    terms, regime = terms_on(session, contracts, on), price_regime(session, on)
    for contract in contracts:
        plan = session.get_one(Plan, contract.plan_id)
        mine = [pool for pool in pools if pool.contract_id == contract.id]
        found.append(
            OwnPlan(
                contract.id,
                contract.number,
                contract.starts,
                contract.ends,
                plan_line(plan, terms[contract.id].terms, regime),
                tuple(pool for pool in mine if pool.ends is None or pool.ends >= on),
                tuple(pool for pool in mine if pool.ends is not None and pool.ends < on and pool.used),
            )
        )
    return found


def offered_plans(session: Session, on: date) -> list[PlanLine]:
    """Plans that anyone may choose, in their order, at the fees of a day."""
    regime = price_regime(session, on)
    query = select(Plan).where(col(Plan.offered).is_(True)).order_by(col(Plan.sort), col(Plan.id))
    return [plan_line(plan, terms_in_force(plan.terms, {}), regime) for plan in session.exec(query).all()]


def plan_names(session: Session) -> Sequence[str]:
    """What the plans are called that anyone may choose."""
    return session.exec(select(Plan.name).where(col(Plan.offered).is_(True))).all()


def plan_line(plan: Plan, terms: PlanTerms, regime: Regime) -> PlanLine:
    """A plan with the terms that hold for its reader."""
    return PlanLine(
        plan.id,
        plan.name,
        plan.summary,
        with_vat(plan.monthly_fee, regime),
        plan.included_minutes if terms.included_minutes is None else terms.included_minutes,
        plan.included_visits if terms.included_visits is None else terms.included_visits,
        plan.unlimited,
        plan.offered,
        terms.targets.get(TicketPriority.NORMAL),
        tuple(exclusion.clause for exclusion in terms.exclusions),
    )
