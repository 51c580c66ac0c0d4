"""The scope decision: is this work covered, by what, and if not, for how much (R3)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bot.billing.debts.rule import DebtLevel
from bot.billing.hours.draw import Draw
from bot.billing.hours.units import BY_PRICE, VISITS
from bot.billing.quotes.rule import QuoteLine, less
from bot.billing.scope.cost import NoPriceError, cost
from bot.billing.scope.hours import Cover, cover, unit_of, visit_of
from bot.billing.scope.input import AskedObject, ContractTerms, Exclusion, ScopeRequest
from bot.billing.scope.looked_at import looked_at
from bot.billing.scope.snapshot import freeze, thaw
from bot.billing.work.rounding import Way

RULE_VERSION = "scope-3"
LONGEST_CHAIN = 5
_NOT_COVERED = ("not_excluded", "hours_available")  # checks by which work has to be paid


class FallbackError(ValueError):
    """The chain of fallback contracts is a cycle or too long: an error in the contracts, not a decision (R3.1)."""


class Result(StrEnum):
    """What was decided (R3)."""

    COVERED = "COVERED"
    COVERED_BY_HOURS = "COVERED_BY_HOURS"
    PARTLY = "PARTLY"
    PAID = "PAID"
    WARRANTY = "WARRANTY"
    ESTIMATE_NEEDED = "ESTIMATE_NEEDED"
    TRIAGE = "TRIAGE"
    ON_HOLD = "ON_HOLD"


@dataclass(frozen=True, slots=True)
class Check:
    """One step of the explanation: its name, whether it passed, the ids looked at, clause and plain facts (R3.2)."""

    name: str
    passed: bool
    ids: tuple[str, ...] = ()
    clause: str = ""
    facts: tuple[tuple[str, int | str], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The result with its explanation.

    `amount` is what the pools cover, in `unit` (minutes for a pool of time), drawn as `draws`; paid work draws the
    included visit that pays its way. `lines` are what is paid, in kopecks. `prepayment` (D2) and `on_hold` (D3) concern
    the paid part only: with PARTLY the hours stay usable. `pre_authorised`: the paid part of an emergency is billed
    without a further yes. `reason` names the check that decided; of paid work, the one by which it isn't covered."""

    result: Result
    reason: str
    explanation: tuple[Check, ...]
    contract: str | None = None
    emergency: bool = False
    amount: int = 0
    unit: str = "minutes"
    draws: tuple[Draw, ...] = ()
    lines: tuple[QuoteLine, ...] = ()
    prepayment: bool = False
    on_hold: bool = False
    pre_authorised: bool = False
    rule_version: str = RULE_VERSION
    snapshot: dict[str, Any] = field(default_factory=dict)

    @property
    def kopecks(self) -> int:
        """The price of what is paid, as the price list gives it."""
        return sum(line.kopecks for line in self.lines)

    @property
    def free(self) -> bool:
        """Tell whether nothing is to be paid for it, so that work needs nobody's yes."""
        return self.result in (Result.COVERED, Result.COVERED_BY_HOURS, Result.WARRANTY)


def decide(request: ScopeRequest) -> Decision:
    """Decide who pays for a piece of work (R3.1), with every check in order.

    A missing input gives TRIAGE or ESTIMATE_NEEDED, never free and never refused (R3.3). Debt is applied at the end and
    only to what bills new money; an emergency skips it. Raises FallbackError.
    """
    steps = _Steps(request)
    decision = steps.decide()
    return replace(
        decision, explanation=tuple(steps.checks), emergency=request.emergency, snapshot=freeze(looked_at(request))
    )


def decide_again(snapshot: dict[str, Any]) -> Decision:
    """Make a decision again from its own snapshot; equal to the first while the rule version is the same."""
    return decide(thaw(ScopeRequest, snapshot))


class _Steps:
    """The checks of one decision, each written down as it is made."""

    def __init__(self, request: ScopeRequest) -> None:
        self.request = request
        self.checks: list[Check] = []

    def check(self, name: str, passed: bool, *ids: str, clause: str = "", **facts: int | str) -> bool:
        self.checks.append(Check(name, passed, ids, clause, tuple(sorted(facts.items()))))
        return passed

    def end(self, result: Result, reason: str | None = None, **more: Any) -> Decision:
        return Decision(result, reason or self.checks[-1].name, (), **more)

    def decide(self) -> Decision:
        request = self.request
        debt = request.debt.level if request.debt else DebtLevel.UNKNOWN
        self.check("debt_found", debt is not DebtLevel.UNKNOWN, *_debt_ids(request), level=debt.value)
        client = request.person is not None and request.company is not None
        if not self.check("person_known", client, *_some(request.person)):
            return self.end(Result.TRIAGE)
        wanted = request.service_object
        known = wanted is not None and wanted.company == request.company
        if not self.check("object_known", known, *_some(wanted.id if wanted else None)) or wanted is None:
            return self.end(Result.TRIAGE)
        self.check("emergency", request.emergency)
        if self._warranty(wanted):
            return self.end(Result.WARRANTY)
        if not self.check("work_known", request.work_type is not None and request.channel is not None):
            return self.end(Result.TRIAGE)
        contract = self._contract(wanted)
        if contract is None:
            return self.end(Result.TRIAGE)
        return self._with_debt(self._under(contract, wanted), debt)

    def _warranty(self, wanted: AskedObject) -> bool:
        warranty = wanted.warranty
        if warranty is None:
            return self.check("warranty", False, wanted.id)
        covers = not warranty.work_types or self.request.work_type in warranty.work_types
        valid = self.request.work_date <= warranty.until and covers
        return self.check("warranty", valid, wanted.id, clause=warranty.clause, until=warranty.until.isoformat())

    def _contract(self, wanted: AskedObject) -> ContractTerms | None:
        day = self.request.work_date
        fallbacks = {contract.fallback for contract in self.request.contracts}
        fitting = [each for each in self.request.contracts if each.active_on(day) and each.lists(wanted)]
        # A contract that only catches another's excluded work must not be asked before that other one.
        first = [each for each in fitting if each.id not in fallbacks] or fitting
        found = max(first, key=lambda each: (each.lists(wanted), each.start, each.id), default=None)
        ids = [found.id] if found else [each.id for each in self.request.contracts]
        self.check("contract_lists_object", found is not None, *ids, clause=found.clause if found else "")
        if found is not None:
            self._agreed(found)
        return found

    def _agreed(self, contract: ContractTerms) -> None:
        """Name what is agreed for a time within a contract whose terms are looked at."""
        for each in contract.agreed:
            until = {"until": each.until.isoformat()} if each.until else {}
            self.check("agreed_for_a_time", True, each.id, clause=each.clause, since=each.since.isoformat(), **until)

    def _under(self, contract: ContractTerms, wanted: AskedObject) -> Decision:
        """Walk from the contract over its fallbacks to the one that takes the work; else price it."""
        by_id = {each.id: each for each in self.request.contracts}
        seen = [contract.id]
        pricing, current = contract, contract
        while True:
            usable = current is contract or self._fallback_usable(current, wanted)
            if usable:
                pricing = current
                if self._not_excluded(current, wanted):
                    return self._covered(current, wanted)
            if current.fallback is None:
                return self._priced(pricing, wanted, Cover())
            if current.fallback in seen:
                raise FallbackError(f"cycle: {' > '.join([*seen, current.fallback])}")
            if len(seen) == LONGEST_CHAIN:
                raise FallbackError(f"longer than {LONGEST_CHAIN}: {' > '.join([*seen, current.fallback])}")
            seen.append(current.fallback)
            if not self.check("fallback_known", current.fallback in by_id, current.id, current.fallback):
                return self.end(Result.TRIAGE, contract=pricing.id)
            current = by_id[current.fallback]
            self._agreed(current)

    def _fallback_usable(self, contract: ContractTerms, wanted: AskedObject) -> bool:
        usable = contract.active_on(self.request.work_date) and contract.lists(wanted) > 0
        return self.check("fallback_lists_object", usable, contract.id, clause=contract.clause)

    def _not_excluded(self, contract: ContractTerms, wanted: AskedObject) -> bool:
        found = [each for each in contract.exclusions if _excludes(each, self.request, wanted, contract)]
        if found:
            return self.check("not_excluded", False, contract.id, clause=self._clause(found))
        return self.check("not_excluded", True, contract.id, clause=contract.clause)

    def _clause(self, exclusions: Sequence[Exclusion]) -> str:
        """The words to tell: those of what names the work or the thing, else of how or when it is done, which say
        nothing of a part (R3.2)."""
        named = [each.clause for each in exclusions if each.work_types or each.objects]
        if not named and self.request.part:
            return ""
        return (named or [each.clause for each in exclusions])[0]

    def _covered(self, contract: ContractTerms, wanted: AskedObject) -> Decision:
        if self._band_unknown(contract, wanted):
            return self.end(Result.ESTIMATE_NEEDED, contract=contract.id)
        if self.check("unlimited", contract.unlimited, contract.id, clause=contract.clause):
            return self.end(Result.COVERED, contract=contract.id)
        price = None
        if unit_of(contract, self.request, wanted) in BY_PRICE:
            try:
                price = sum(line.kopecks for line in cost(contract, self.request, wanted, Cover())[0])
            except NoPriceError as missing:
                self.check("price_found", False, contract.id, item=missing.item)
                return self.end(Result.ESTIMATE_NEEDED, contract=contract.id)
        hours = cover(contract, self.request, wanted, price)
        if hours is None:
            self.check("need_known", False, contract.id)
            return self.end(Result.ESTIMATE_NEEDED, contract=contract.id)
        whole = hours.need > 0 and hours.uncovered == 0
        ids = [draw.pool for draw in hours.draws]
        facts: dict[str, int | str] = {
            "need": hours.need,
            "covered": hours.amount,
            "overrun": hours.overrun,
            "unit": hours.unit,
        }
        if self.check("hours_available", whole, *ids, clause=contract.clause, **facts):
            return self.end(
                Result.COVERED_BY_HOURS, contract=contract.id, amount=hours.amount, unit=hours.unit, draws=hours.draws
            )
        return self._priced(contract, wanted, hours)

    def _band_unknown(self, contract: ContractTerms, wanted: AskedObject) -> bool:
        """An exclusion by time band can't be ruled out while nobody knows when the work is (R3.3)."""
        if self.request.parts:
            return False
        for exclusion in contract.exclusions:
            if exclusion.bands and _excludes(replace(exclusion, bands=frozenset()), self.request, wanted, contract):
                return not self.check("time_known", False, contract.id, clause=exclusion.clause)
        return False

    def _priced(self, contract: ContractTerms, wanted: AskedObject, hours: Cover) -> Decision:
        why = next(each.name for each in reversed(self.checks) if each.name in _NOT_COVERED)
        visit = None if hours.amount else self._visit(contract, wanted)
        try:
            if hours.unit in BY_PRICE:
                lines, prices = cost(contract, self.request, wanted, Cover(), way_free=visit is not None)
                lines, _ = less(lines, hours.worth(contract.point))
                lines = tuple(line for line in lines if line.kopecks)
            else:
                lines, prices = cost(contract, self.request, wanted, hours, way_free=visit is not None)
        except NoPriceError as missing:
            self.check("price_found", False, contract.id, item=missing.item)
            return self.end(Result.ESTIMATE_NEEDED, contract=contract.id)
        total = sum(line.kopecks for line in lines)
        ids = [price.line.id for price in prices if price.line.id]
        sources = ", ".join(dict.fromkeys(price.source for price in prices if price.source))
        facts: dict[str, int | str] = {"price_list": sources} if sources else {}
        self.check("price_found", True, *ids, clause=contract.clause, kopecks=total, **facts)
        if hours.amount:
            return self.end(
                Result.PARTLY,
                why,
                contract=contract.id,
                amount=hours.amount,
                unit=hours.unit,
                draws=hours.draws,
                lines=lines,
                pre_authorised=self._pre_authorised(contract, total),
            )
        return self.end(
            Result.PAID,
            why,
            contract=contract.id,
            draws=(visit,) if visit is not None else (),
            lines=lines,
            pre_authorised=self._pre_authorised(contract, total),
        )

    def _visit(self, contract: ContractTerms, wanted: AskedObject) -> Draw | None:
        """The included visit that pays the way; said in the explanation where the contract has such visits (R5.6)."""
        pays = contract.callout is not None or contract.travel
        if self.request.channel is not Way.VISIT or not pays or all(p.pool.unit != VISITS for p in contract.pools):
            return None
        visit = visit_of(contract, self.request, wanted)
        self.check("visit_included", visit is not None, *([visit.pool] if visit else []), clause=contract.clause)
        return visit

    def _pre_authorised(self, contract: ContractTerms, total: int) -> bool:
        ceiling = contract.emergency_ceiling
        return self.request.emergency and ceiling is not None and total <= ceiling

    def _with_debt(self, decision: Decision, debt: DebtLevel) -> Decision:
        if decision.result not in (Result.PAID, Result.PARTLY) or self.request.emergency:
            return decision
        blocks = debt is DebtLevel.D3
        self.check("debt_allows", debt not in (DebtLevel.D2, DebtLevel.D3), *_debt_ids(self.request), level=debt.value)
        if blocks and decision.result is Result.PAID:
            return replace(decision, result=Result.ON_HOLD, reason="debt_allows", on_hold=True)
        return replace(decision, on_hold=blocks, prepayment=debt is DebtLevel.D2)


def _excludes(exclusion: Exclusion, request: ScopeRequest, wanted: AskedObject, contract: ContractTerms) -> bool:
    return (
        (not exclusion.work_types or request.work_type in exclusion.work_types)
        and (not exclusion.channels or request.channel in exclusion.channels)
        and (not exclusion.objects or wanted.id in exclusion.objects)
        and (not exclusion.bands or any(part.bp in exclusion.bands for part in request.parts_under(contract)))
    )


def _some(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _debt_ids(request: ScopeRequest) -> tuple[str, ...]:
    return request.debt.invoices if request.debt else ()
