"""What holds is asked for in one home, `bot.db.live`: a model says what its end is, nobody filters by hand (R2.7)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, select

from bot.billing.debts.models import Debt, DebtExemption, InvoiceDispute
from bot.billing.quotes.models import Ceiling
from bot.clients.models import Account, Company, Consent, Employment, Membership
from bot.db.live import end_of, live
from bot.tickets.life.models import AppealLink

ROOT = Path(__file__).resolve().parents[2] / "bot"
HOME = ROOT / "db/live.py"


def models() -> list[type[SQLModel]]:
    return [mapper.class_ for mapper in SQLModel._sa_registry.mappers]


ENDS = {end for model in models() if (end := end_of(model))}
# Columns of these names that say something else: a draft's last word, an interval of work, an act drawn or billed.
OTHERS = {model.__name__ for model in models() if end_of(model) is None}


def filtered_by_hand(source: str) -> Iterator[int]:
    """Lines that ask whether an end is null: `col(X.ended_at).is_(None)`, its opposite, `X.ended_at == None`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=asked, attr="is_" | "is_not"), args=[ast.Constant(value=None)]):
                pass
            case ast.Compare(left=asked, ops=[ast.Eq() | ast.NotEq()], comparators=[ast.Constant(value=None)]):
                pass
            case _:
                continue
        for part in ast.walk(asked):
            match part:
                case ast.Attribute(value=ast.Name(id=of), attr=end) if end in ENDS and of not in OTHERS:
                    yield node.lineno
                case _:
                    pass


def test_nobody_filters_an_end_by_hand() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(ROOT.rglob("*.py"))
        if path != HOME
        for line in filtered_by_hand(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "q.where(col(Membership.ended_at).is_(None))",
        "q.where(col(member.ended_at).is_(None))",
        "q.where(Account.unlinked_at == None)",
        "q.where(col(Consent.withdrawn_at).is_not(None))",
    ],
)
def test_a_second_home_would_be_found(line: str) -> None:
    assert list(filtered_by_hand(line)) == [1]


def test_an_appeal_that_is_still_being_written_is_something_else() -> None:
    assert list(filtered_by_hand("q.where(col(Appeal.ended_at).is_(None))")) == []


def test_what_begins_and_ends_says_by_which_column() -> None:
    ending = (Membership, Employment, Account, Consent, Ceiling, DebtExemption, Debt, InvoiceDispute, AppealLink)
    assert {model for model in models() if end_of(model)} == set(ending)
    for model in ending:
        asked = str(select(model).where(live(aliased(model))))
        assert f"_1.{end_of(model)} IS NULL" in asked
    with pytest.raises(TypeError):
        live(Company)
