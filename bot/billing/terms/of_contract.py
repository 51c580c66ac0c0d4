"""What a contract promises on a day: its plan, the client's category, its own terms, and what is agreed for a time.

Each later one replaces the keys it names; exclusions of a dated agreement are added to those there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Executable, bindparam
from sqlmodel import Session, col, select

from bot.billing.terms.models import CategoryTerms, ContractOverride, Plan
from bot.billing.terms.shape import PlanTerms
from bot.clients.models import Company, Contract
from bot.db.keeping import rows_of
from bot.db.plain import ask

# What every ticket asks several times, put together once.
_THESE: Any = bindparam("contracts", expanding=True)
_STANDING: Executable = (
    select(Contract.id, col(Plan.terms).label("plan"), col(CategoryTerms.terms).label("category"))
    .join(Plan, col(Plan.id) == col(Contract.plan_id))
    .join(Company, col(Company.id) == col(Contract.company_id))
    .outerjoin(CategoryTerms, col(CategoryTerms.category) == col(Company.category))
    .where(col(Contract.id).in_(_THESE))
)
_OVERRIDES = (
    select(ContractOverride)
    .where(col(ContractOverride.contract_id).in_(_THESE))
    .order_by(col(ContractOverride.starts), col(ContractOverride.id))
)


@dataclass(frozen=True, slots=True)
class TermsOfDay:
    """The terms of a contract on a day and the dated agreements in them, the one that counts most last."""

    terms: PlanTerms
    overrides: tuple[ContractOverride, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """All that the terms of some contracts are put together from."""

    standing: dict[int, tuple[dict[str, Any], dict[str, Any]]]  # of the plan and of the client's category, by contract
    overrides: dict[int, list[ContractOverride]]

    def on(self, contract: Contract, day: date) -> TermsOfDay:
        agreed = [row for row in self.overrides.get(contract.id, ()) if row.in_force(day)]
        plan, category = self.standing[contract.id]
        return _merged(plan, category, contract.terms, agreed)


def _said(session: Session, contracts: Sequence[Contract]) -> _Said:
    ids = [contract.id for contract in contracts]
    overrides: dict[int, list[ContractOverride]] = {}
    for row in session.exec(_OVERRIDES, params={"contracts": ids}).all():
        overrides.setdefault(row.contract_id, []).append(row)
    standing = {row.id: (dict(row.plan), dict(row.category or {})) for row in ask(session, _STANDING, contracts=ids)}
    return _Said(standing, overrides)


def terms_on(session: Session, contracts: Sequence[Contract], on: date) -> dict[int, TermsOfDay]:
    """Terms of the day by contract id. Raises pydantic's ValidationError for terms that were written by hand."""
    said = _said(session, contracts)
    return {contract.id: said.on(contract, on) for contract in contracts}


def with_plans(session: Session, contracts: Sequence[Contract]) -> list[tuple[Contract, Plan]]:
    """Contracts with their plans, read by one question at most."""
    plans = rows_of(session, Plan, {contract.plan_id for contract in contracts})
    return [(contract, plans[contract.plan_id]) for contract in contracts]


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
