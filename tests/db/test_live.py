"""What holds is asked for in one home, `bot.db.live`: a model says what its end is, nobody filters by hand (R2.7)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, select

from bot.billing.debts.models import Debt, DebtExemption, InvoiceDispute
from bot.billing.quotes.models import Ceiling
from bot.clients.models import Account, Company, Consent, Contract, Employment, Membership, Person, ServiceObject
from bot.db.live import end_of, is_live, lasting_of, live
from bot.tickets.life.models import AppealLink, Ticket
from tests.conftest import NOON

ROOT = Path(__file__).resolve().parents[2] / "bot"
HOME = ROOT / "db/live.py"


def models() -> list[type[SQLModel]]:
    return [mapper.class_ for mapper in SQLModel._sa_registry.mappers]


ENDS = {end for model in models() if (end := end_of(model))}
# Columns of these names that say something else: a draft's last word, an interval of work, an act drawn or billed.
OTHERS = {model.__name__ for model in models() if end_of(model) is None}
LASTS = {lasts for model in models() if (lasts := lasting_of(model))}
# Theirs is a field of what a rule is given, or of a row of a file; no row of ours.
NO_ROWS = {"billing/scope/input.py": {"self"}, "imports/load/clients.py": {"row"}, "imports/load/contracts.py": {"row"}}


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


def read_by_hand(source: str) -> Iterator[tuple[int, str]]:
    """Lines that read the column which says whether a row counts still, and of what."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=of, attr=name, ctx=ast.Load()) if name in LASTS:
                yield node.lineno, ast.unparse(of)


def test_nobody_asks_by_hand_whether_a_person_or_a_company_counts_still() -> None:
    found = [
        f"{name}:{line}"
        for path in sorted(ROOT.rglob("*.py"))
        for name in [str(path.relative_to(ROOT))]
        for line, of in read_by_hand(path.read_text("utf-8"))
        if of not in NO_ROWS.get(name, ())
    ]
    assert found == []
    assert list(read_by_hand("q.where(col(Person.active).is_(True))")) == [(1, "Person")]
    assert list(read_by_hand("if company is None or not company.active: ...")) == [(1, "company")]


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
    lasting = (Company, Person, Contract, ServiceObject)
    assert {model for model in models() if lasting_of(model)} == set(lasting)
    for model in lasting:
        assert "_1.active IS " in str(select(model).where(live(aliased(model))))
    with pytest.raises(TypeError):
        live(Ticket)


def test_of_a_row_that_was_read_the_same_is_asked() -> None:
    role = Membership(person_id=1, company_id=1, role="owner", granted_at=NOON)
    person = Person(name="Анна", created_at=NOON)
    assert is_live(role) and is_live(person)
    role.ended_at, person.active = NOON, False
    assert not is_live(role) and not is_live(person)
    with pytest.raises(TypeError):
        is_live(Ticket())
