"""What a contract promises on a day: its plan, the client's category, its own terms, and what is agreed for a time.

Each later one replaces the keys it names; exclusions of a dated agreement are added to those there are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.models import Plan
from bot.billing.terms import PlanTerms
from bot.billing.terms_models import CategoryTerms, ContractOverride
from bot.clients.models import Company, Contract


@dataclass(frozen=True, slots=True)
class TermsOfDay:
    """The terms of a contract on a day and the dated agreements in them, the one that counts most last."""

    terms: PlanTerms
    overrides: tuple[ContractOverride, ...]


def terms_on(session: Session, contracts: Sequence[Contract], on: date) -> dict[int, TermsOfDay]:
    """Terms of the day by contract id. Raises pydantic's ValidationError for terms that were written by hand."""
    ids = [contract.id or 0 for contract in contracts]
    plans = _by_id(session, Plan, {contract.plan_id for contract in contracts})
    companies = _by_id(session, Company, {contract.company_id for contract in contracts})
    categories = {row.category: row.terms for row in session.exec(select(CategoryTerms)).all()}
    overrides: dict[int, list[ContractOverride]] = {}
    query = select(ContractOverride).where(col(ContractOverride.contract_id).in_(ids))
    for row in session.exec(query.order_by(col(ContractOverride.starts), col(ContractOverride.id))).all():
        if row.in_force(on):
            overrides.setdefault(row.contract_id, []).append(row)
    return {
        contract.id or 0: _merged(
            plans[contract.plan_id].terms,
            categories.get(companies[contract.company_id].category, {}),
            contract.terms,
            overrides.get(contract.id or 0, ()),
        )
        for contract in contracts
    }


def terms_of(session: Session, contract_id: int, on: date) -> PlanTerms:
    """What a contract promises on a day."""
    return terms_on(session, [session.get_one(Contract, contract_id)], on)[contract_id].terms


def _merged(
    plan: dict[str, Any], category: dict[str, Any], own: dict[str, Any], overrides: Sequence[ContractOverride]
) -> TermsOfDay:
    said = {**plan, **category, **own}
    for each in overrides:
        said |= each.terms
        said["exclusions"] = [*said.get("exclusions", ()), *each.exclusions]
    return TermsOfDay(PlanTerms.model_validate(said), tuple(overrides))


def _by_id(session: Session, model: type[Any], ids: Collection[int]) -> dict[int, Any]:
    return {row.id: row for row in session.exec(select(model).where(model.id.in_(ids))).all()}
