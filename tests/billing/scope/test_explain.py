"""A decision explained (R3.2): to the auditor with every check, to the engineer with what to say."""

import json
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from bot.billing.prices.models import PriceLine, PriceList
from bot.billing.scope.explain import ScopeAudit, explained
from bot.billing.scope.models import ScopeDecision
from bot.cli import commands
from bot.messaging.notices.texts import render
from bot.tickets.bill.card import card_of
from bot.tickets.life.models import Ticket
from bot.tickets.work.explain import scope_told
from tests.builders.grown_house import statements
from tests.builders.jobs import build_firm, opened
from tests.conftest import TestOffice


@pytest.mark.parametrize(
    ("firm", "result", "said"),
    [
        ({"minutes": 600}, "COVERED_BY_HOURS", "спишется из ваших часов"),
        ({"minutes": 20}, "PARTLY", "остальное платно"),
        ({"unlimited": True}, "COVERED", "доплачивать не нужно"),
        ({}, "PAID", "До согласования ничего платного"),
        ({"debt": 40}, "ON_HOLD", "с заявителем не говорите"),
    ],
)
def test_a_kept_decision_is_explained_and_its_snapshot_gives_it_again(
    office: TestOffice, firm: dict[str, int], result: str, said: str
) -> None:
    with office.work() as uow:
        at = build_firm(uow.session, **firm)
        ticket = opened(uow, at)
        [decision] = explained(uow.session, ticket.id)
        assert (decision.result, decision.again) == (result, "same")
        assert said in render("scope/engineer", "ru", scope_told(uow.session, ticket.id, at.engineer))
        text = render("scope/auditor", "ru", ScopeAudit(1, [decision], {}, []))
        assert text.count("✓") + text.count("✗") == len(decision.checks)
        assert "пересчёт по снимку дал то же самое" in text


def test_a_decision_that_was_tampered_with_or_made_by_other_rules_says_so(office: TestOffice) -> None:
    with office.work() as uow:
        ticket = opened(uow, build_firm(uow.session, minutes=600))
        row = uow.session.exec(select(ScopeDecision)).one()
        row.result = "COVERED"
        uow.session.flush()
        assert explained(uow.session, ticket.id)[0].again == "differs"
        row.explanation = {**row.explanation, "rule_version": "scope-0"}
        uow.session.flush()
        assert explained(uow.session, ticket.id)[0].again == "other_rules"


def test_the_command_prints_every_check(
    office: TestOffice, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with office.work() as uow:
        ticket = opened(uow, build_firm(uow.session))
        number = ticket.number
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(commands, ["bill", "explain", str(number)])
    assert ran.exit_code == 0, ran.output
    assert "✗ Работа не исключена договором" in ran.output and "п. 3.2" in ran.output
    assert "✓ Цена найдена" in ran.output and "2\u00a0500\u00a0₽" in ran.output
    missing = CliRunner().invoke(commands, ["bill", "explain", "999999"])
    assert missing.exit_code != 0
    assert "there is none of this number" in str(missing.exception)


def test_a_decision_keeps_the_prices_it_looked_at_and_not_the_whole_list(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        base = uow.session.exec(select(PriceList)).first()
        assert base is not None
        uow.session.add_all([PriceLine(list_id=base.id, item_code=f"I{n}", kopecks=n) for n in range(1_500)])
        ticket = opened(uow, firm)
        row = uow.session.exec(select(ScopeDecision)).one()
        (contract,) = row.snapshot["contracts"]
        kept = {line["item"] for version in contract["prices"] for line in version["lines"]}
        assert "hour:repair" in kept and not any(item.startswith("I") for item in kept)
        assert len(json.dumps(row.snapshot)) < 5_000
        assert explained(uow.session, ticket.id)[0].again == "same"


def test_a_card_leaves_the_snapshot_where_it_is(office: TestOffice) -> None:
    with office.work() as uow:
        number = opened(uow, build_firm(uow.session)).id
    with office.database.read() as session, statements(office.database) as asked:
        ticket = session.get_one(Ticket, number)
        card_of(session, ticket, office.moment)
    told = [sql for sql in asked if "FROM scopedecision" in sql]
    assert told and not any("snapshot" in sql for sql in told)
