"""A kept scope decision told to an auditor: every check, and whether its snapshot still gives the same (R3.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from bot.billing.hours.draw import Draw
from bot.billing.quotes.ceilings import UsedCeiling
from bot.billing.quotes.rule import QuoteLine
from bot.billing.scope.kept import whole_decisions
from bot.billing.scope.models import ScopeDecision
from bot.billing.scope.rule import RULE_VERSION, Check, Decision, Result, decide_again
from bot.billing.scope.snapshot import freeze, thaw


class Again(StrEnum):
    """What the snapshot gives when it is decided anew."""

    SAME = "same"
    DIFFERS = "differs"
    OTHER_RULES = "other_rules"  # not decided anew: the rules have changed since


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision as it was kept; its fields are those of `Decision`."""

    result: Result
    reason: str
    contract: str | None
    emergency: bool
    amount: int
    unit: str
    rule_version: str
    decided_at: datetime
    checks: tuple[Check, ...]
    draws: tuple[Draw, ...]
    lines: tuple[QuoteLine, ...]
    again: Again

    @property
    def kopecks(self) -> int:
        """The price of what is paid."""
        return sum(line.kopecks for line in self.lines)

    @property
    def clause(self) -> str:
        """The clause behind the check that decided."""
        found = [check.clause for check in self.checks if check.name == self.reason and check.clause]
        return found[-1] if found else ""


@dataclass(frozen=True, slots=True)
class ScopeAudit:
    """Every decision on a ticket and every yes by a ceiling; contracts' numbers by id."""

    number: int
    decisions: Sequence[Explained]
    contracts: Mapping[str, str]
    ceilings: Sequence[UsedCeiling]


def explained(session: Session, ticket_id: int) -> list[Explained]:
    """Every decision made on a ticket, the first one first; empty for a ticket without any."""
    return [_explained(row) for row in whole_decisions(session, ticket_id)]


def _explained(row: ScopeDecision) -> Explained:
    told = row.explanation
    return Explained(
        result=Result(row.result),
        reason=told["reason"],
        contract=told["contract"],
        emergency=row.emergency,
        amount=told["amount"],
        unit=told["unit"],
        rule_version=told["rule_version"],
        decided_at=row.decided_at,
        checks=thaw(tuple[Check, ...], told["checks"]),
        draws=tuple(Draw.from_stored(each) for each in told["draws"]),
        lines=thaw(tuple[QuoteLine, ...], told["lines"]),
        again=_again(row),
    )


def _again(row: ScopeDecision) -> Again:
    if row.explanation["rule_version"] != RULE_VERSION:
        return Again.OTHER_RULES
    decision = decide_again(row.snapshot)
    return Again.SAME if _kept(decision) == (row.result, row.explanation["checks"]) else Again.DIFFERS


def _kept(decision: Decision) -> tuple[str, Any]:
    return decision.result.value, freeze(decision.explanation)
