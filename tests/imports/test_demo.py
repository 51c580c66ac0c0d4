"""The demo company, imported as a user would."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from bot.billing.debts.models import Debt
from bot.billing.debts.rule import DebtLevel, DebtSettings, OwedInvoice, debt_state
from bot.billing.hours.balances import pool_balances
from bot.billing.prices.models import PriceLine, PriceList
from bot.billing.quotes.models import Approval, QuoteVersion
from bot.billing.scope.decide import Asked, decide_scope
from bot.billing.seller.requisites import account_key_valid, inn_valid
from bot.billing.terms.models import Plan
from bot.billing.terms.shape import terms_in_force
from bot.billing.work.models import TimeEntry, WorkLine
from bot.clients.models import Company, Contract, Employment, Membership, Seller, ServiceObject, StaffRole
from bot.clients.objects import contract_for
from bot.tickets.life.models import Ticket, TicketEvent
from tests.conftest import NOON, TestOffice
from tests.imports.folder import load
from tests.imports.test_bring_in import count

DEMO = Path("demo")


@pytest.fixture
def demo(office: TestOffice) -> TestOffice:
    load(office, DEMO)
    return office


def number(session: Session, model: Any) -> int:
    return session.exec(select(func.count()).select_from(model)).one()


def test_it_is_as_large_as_it_should_be(demo: TestOffice, session: Session) -> None:
    assert number(session, Company) == 6
    assert number(session, ServiceObject) == 40
    people = session.exec(select(Membership.person_id).distinct()).all()
    assert len(people) == 15
    engineers = session.exec(select(Employment).where(Employment.role == StaffRole.ENGINEER)).all()
    assert len(engineers) == 5
    assert session.exec(select(func.count()).select_from(Plan).where(col(Plan.offered).is_(True))).one() == 4
    assert number(session, PriceList) == 3
    tickets = session.exec(select(Ticket)).all()
    assert len(tickets) == 48
    assert max(t.opened_at for t in tickets) - min(t.opened_at for t in tickets) > timedelta(days=84)


def test_its_requisites_hold(demo: TestOffice, session: Session) -> None:
    seller = session.exec(select(Seller)).one()
    assert inn_valid(seller.inn)
    assert account_key_valid(seller.account or "", seller.bic or "")
    assert account_key_valid(seller.corr_account or "", seller.bic or "")
    assert all(inn_valid(inn or "") for inn in session.exec(select(Company.inn)).all())


def test_every_object_has_its_contract_and_numbers(demo: TestOffice, session: Session) -> None:
    for thing in session.exec(select(ServiceObject)).all():
        assert thing.serial and thing.inventory and thing.qr_code
        assert contract_for(session, thing, NOON.date()) is not None


def test_terms_are_ones_that_decisions_can_read(demo: TestOffice, session: Session) -> None:
    for contract in session.exec(select(Contract)).all():
        plan = session.get_one(Plan, contract.plan_id)
        assert terms_in_force(plan.terms, contract.terms).targets.keys() == {"low", "normal", "high"}


def test_sums_add_up(demo: TestOffice, session: Session) -> None:
    for version in session.exec(select(QuoteVersion)).all():
        lines = session.exec(select(WorkLine).where(WorkLine.quote_id == version.quote_id)).all()
        assert version.gross == sum(line.quantity * (line.price or 0) for line in lines) > 0
        assert version.gross == version.net + version.vat
    assert number(session, Approval) == number(session, QuoteVersion) == 11
    paid = session.exec(select(WorkLine).where(WorkLine.coverage == "quote")).all()
    assert paid and all(line.quote_id is not None for line in paid), "nothing unapproved is paid (R7.9)"


def test_hours_taken_are_hours_worked(demo: TestOffice, session: Session) -> None:
    contracts = {c.number: c.id for c in session.exec(select(Contract)).all()}
    by_hours = session.exec(select(Ticket).where(Ticket.coverage == "COVERED_BY_HOURS")).all()
    for name in ("СЛ-2025/052",):
        ids = [ticket.id for ticket in by_hours if ticket.contract_id == contracts[name]]
        worked = session.exec(select(TimeEntry).where(col(TimeEntry.ticket_id).in_(ids))).all()
        (pool,) = pool_balances(session, [contracts[name] or 0], NOON.date())
        assert pool.used == sum(entry.billed_minutes or 0 for entry in worked) == 570
        assert pool.left == 30


STORY = {
    ("OB-001", "visit"): "COVERED_BY_HOURS",
    ("OB-007", "visit"): "PAID",
    ("OB-011", "visit"): "PAID",
    ("OB-011", "remote"): "COVERED_BY_HOURS",
    ("OB-018", "visit"): "PAID",
    ("OB-021", "visit"): "COVERED",
    ("OB-025", "visit"): "COVERED_BY_HOURS",
    ("OB-030", "visit"): "PARTLY",
    ("OB-036", "visit"): "WARRANTY",
    ("OB-037", "visit"): "ON_HOLD",
    ("OB-037", "remote"): "COVERED_BY_HOURS",
}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("days", [0, 200])
def test_its_clients_meet_every_outcome(office: TestOffice, days: int) -> None:
    office.moment += timedelta(days=days)
    load(office, DEMO)
    with office.work() as uow:
        things = {thing.code: thing for thing in uow.session.exec(select(ServiceObject)).all()}
        decided = {}
        for code, channel in STORY:
            thing = things[code]
            asked = Asked(thing.company_id, thing.id, 1, "repair", channel, uow.now.date())
            decided[code, channel] = decide_scope(uow, asked)
    assert {key: decision.result.value for key, decision in decided.items()} == STORY
    assert decided["OB-011", "visit"].prepayment, "a D2 debtor pays first"
    assert decided["OB-007", "visit"].kopecks == 240_000, "an hour at the client's own price"
    assert decided["OB-030", "visit"].amount == 30


def test_debts_are_of_the_levels_the_story_needs(demo: TestOffice, session: Session) -> None:
    settings = DebtSettings(1, 15, 30, 100_000, 7)
    levels = {}
    for company in session.exec(select(Company)).all():
        owed = session.exec(select(Debt).where(Debt.company_id == company.id)).all()
        invoices = [OwedInvoice(debt.invoice, debt.kopecks, debt.due, debt.disputed) for debt in owed]
        levels[company.code] = debt_state(invoices, NOON.date(), NOON.date(), settings).level
    assert levels == {
        "romashka": DebtLevel.D0,
        "coffee": DebtLevel.D2,
        "sokolov": DebtLevel.D0,
        "sklad": DebtLevel.D0,
        "ulybka": DebtLevel.D0,
        "zarya": DebtLevel.D3,
    }


def test_the_history_reads_as_a_history(demo: TestOffice, session: Session) -> None:
    ticket = session.exec(select(Ticket).where(Ticket.code == "H-0001")).one()
    events = session.exec(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)).all()
    assert [e.kind for e in events] == ["opened", "taken", "started", "finished", "closed"]
    assert sorted(t.number for t in session.exec(select(Ticket)).all()) == list(range(1, 49))


def test_no_price_is_below_a_rouble(demo: TestOffice, session: Session) -> None:
    prices = session.exec(select(PriceLine.kopecks)).all()
    assert len(prices) == 85
    assert min(prices) >= 100


def test_a_second_import_changes_nothing(demo: TestOffice, database: Any) -> None:
    with database.read() as before:
        rows = count(before)
    assert load(demo, DEMO).changed_nothing
    with database.read() as after:
        assert count(after) == rows


@pytest.mark.sampled(5)
@pytest.mark.parametrize("days", [-30, 45, 700])
def test_it_can_be_imported_on_any_day(office: TestOffice, session: Session, days: int) -> None:
    office.moment += timedelta(days=days)
    load(office, DEMO)
    contract = session.exec(select(Contract).where(Contract.number == "СЛ-2025/014")).one()
    included = [pool for pool in pool_balances(session, [contract.id], office.moment.date()) if pool.kind == "included"]
    assert len(included) == 1
    assert included[0].left > 0
