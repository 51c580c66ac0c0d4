"""A kept scope decision told to an auditor: every check, and whether its snapshot still gives the same (R3.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.billing.scope.kept import whole_decisions
from bot.billing.scope.models import ScopeDecision
from bot.billing.scope.rule import RULE_VERSION, Decision, decide_again
from bot.billing.scope.snapshot import freeze


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision as it was kept. `checks`, `draws` and `lines` are as in `Decision`, as JSON values.

    `again`: `same` or `differs` when the snapshot is decided anew, `other_rules` when the rule version has changed.
    """

    result: str
    reason: str
    contract: str | None
    emergency: bool
    amount: int
    unit: str
    rule_version: str
    decided_at: datetime
    checks: tuple[dict[str, Any], ...]
    draws: tuple[dict[str, Any], ...]
    lines: tuple[dict[str, Any], ...]
    again: str

    @property
    def kopecks(self) -> int:
        """The price of what is paid."""
        return sum(int(line["kopecks"]) for line in self.lines)

    @property
    def clause(self) -> str:
        """The clause behind the check that decided."""
        found = [check["clause"] for check in self.checks if check["name"] == self.reason and check["clause"]]
        return found[-1] if found else ""


def explained(session: Session, ticket_id: int) -> list[Explained]:
    """Every decision made on a ticket, the first one first; empty for a ticket without any."""
    return [_explained(row) for row in whole_decisions(session, ticket_id)]


def _explained(row: ScopeDecision) -> Explained:
    told = row.explanation
    return Explained(
        result=row.result,
        reason=told["reason"],
        contract=told["contract"],
        emergency=row.emergency,
        amount=told["amount"],
        unit=told["unit"],
        rule_version=told["rule_version"],
        decided_at=row.decided_at,
        checks=tuple(told["checks"]),
        draws=tuple(told["draws"]),
        lines=tuple(told["lines"]),
        again=_again(row),
    )


def _again(row: ScopeDecision) -> str:
    if row.explanation["rule_version"] != RULE_VERSION:
        return "other_rules"
    decision = decide_again(row.snapshot)
    return "same" if _kept(decision) == (row.result, row.explanation["checks"]) else "differs"


def _kept(decision: Decision) -> tuple[str, Any]:
    return decision.result.value, freeze(decision.explanation)
