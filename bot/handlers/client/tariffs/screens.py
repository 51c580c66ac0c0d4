"""Plans as their reader is shown them. `company_id` 0: of nobody in particular."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.billing.debts.rights import may_see_money
from bot.billing.hours.plans import OwnPlan, PlanLine, offered_plans, own_plans
from bot.db.errors import NotFound
from bot.handlers.common.company import company_for, person_of, today_of
from bot.handlers.common.conversation import Conversation


@dataclass(frozen=True, slots=True)
class CompanyPlans:
    """What a company has bought; what is left of its pools is for those who see money."""

    company_id: int
    company: str
    plans: Sequence[OwnPlan]
    sees_money: bool


@dataclass(frozen=True, slots=True)
class OfferedPlans:
    """All plans side by side; `own`: ids of those that the company has."""

    company_id: int
    plans: Sequence[PlanLine]
    own: Collection[int]


@dataclass(frozen=True, slots=True)
class OfferedPlan:
    """One plan in full."""

    company_id: int
    plan: PlanLine
    own: bool


@dataclass(frozen=True, slots=True)
class WishedPlan:
    """The manager knows of the wish."""

    company_id: int


def plans_of(turn: Conversation, company_id: int) -> CompanyPlans:
    """Raises NotAllowed for a person of another company."""
    company = company_for(turn, company_id)
    plans = own_plans(turn.session, company_id, today_of(turn, company))
    return CompanyPlans(company_id, company.name, plans, may_see_money(turn.session, company_id, person_of(turn)))


def plans_for(turn: Conversation, company_id: int) -> OfferedPlans:
    """Raises NotAllowed for a person of another company."""
    company = company_for(turn, company_id) if company_id else None
    today = today_of(turn, company)
    own = [each.plan.id for each in own_plans(turn.session, company_id, today)] if company_id else []
    return OfferedPlans(company_id, offered_plans(turn.session, today), own)


def plan_for(turn: Conversation, company_id: int, plan_id: int) -> OfferedPlan:
    """Raises NotFound for what isn't offered, NotAllowed for a person of another company."""
    offered = plans_for(turn, company_id)
    chosen = next((each for each in offered.plans if each.id == plan_id), None)
    if chosen is None:
        raise NotFound
    return OfferedPlan(company_id, chosen, chosen.id in offered.own)
