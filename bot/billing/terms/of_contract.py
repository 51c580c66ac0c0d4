"""What a contract promises on a day: its plan, the client's category, its own terms, and what is agreed for a time.

Each later one replaces the keys it names; exclusions of a dated agreement are added to those there are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.terms.models import CategoryTerms, ContractOverride, Plan
from bot.billing.terms.shape import PlanTerms
from bot.clients.models import Company, Contract


@dataclass(frozen=True, slots=True)
class TermsOfDay:
    """The terms of a contract on a day and the dated agreements in them, the one that counts most last."""

    terms: PlanTerms
    overrides: tuple[ContractOverride, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """All that the terms of some contracts are put together from."""

    plans: dict[int, Plan]
    categories: dict[int, dict[str, Any]]  # terms of the company's category, by company
    overrides: dict[int, list[ContractOverride]]

    def on(self, contract: Contract, day: date) -> TermsOfDay:
        agreed = [row for row in self.overrides.get(contract.id, ()) if row.in_force(day)]
        return _merged(self.plans[contract.plan_id].terms, self.categories[contract.company_id], contract.terms, agreed)


def _said(session: Session, contracts: Sequence[Contract]) -> _Said:
    companies = _by_id(session, Company, {contract.company_id for contract in contracts})
    categories = {row.category: row.terms for row in session.exec(select(CategoryTerms)).all()}
    overrides: dict[int, list[ContractOverride]] = {}
    query = select(ContractOverride).where(
        col(ContractOverride.contract_id).in_([contract.id for contract in contracts])
    )
    for row in session.exec(query.order_by(col(ContractOverride.starts), col(ContractOverride.id))).all():
        overrides.setdefault(row.contract_id, []).append(row)
    return _Said(
        _by_id(session, Plan, {contract.plan_id for contract in contracts}),
        {number: categories.get(company.category, {}) for number, company in companies.items()},
        overrides,
    )


def terms_on(session: Session, contracts: Sequence[Contract], on: date) -> dict[int, TermsOfDay]:
    """Terms of the day by contract id. Raises pydantic's ValidationError for terms that were written by hand."""
    said = _said(session, contracts)
    return {contract.id: said.on(contract, on) for contract in contracts}


def terms_of(session: Session, contract_id: int, on: date) -> PlanTerms:
    """What a contract promises on a day."""
    return terms_by_day(session, contract_id, [on])[on]


def terms_by_day(session: Session, contract_id: int, days: Sequence[date]) -> dict[date, PlanTerms]:
    """What a contract promises on each of some days."""
    contract = session.get_one(Contract, contract_id)
    said = _said(session, [contract])
    return {day: said.on(contract, day).terms for day in days}


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
