"""Work for a later month is decided on that month's hours as if they were granted (R3.5, R4.9)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.billing.hours.balances import balance_of, pool_history
from bot.billing.hours.draw import PoolKind
from bot.billing.hours.grants import grant_included
from bot.billing.hours.holds import consume, held
from bot.billing.hours.life import live_on
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.scope.decide import decide_scope
from bot.billing.terms.models import ContractOverride, Plan
from bot.clients.models import Company, Contract, ServiceObject, Site
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.models import Timer
from bot.tickets.bill.card import PoolShare, card_of
from bot.tickets.life.models import Ticket
from bot.tickets.offers.offer import asked_of
from bot.tickets.opening.cancel import cancel_ticket
from bot.tickets.work.accept import accept_work
from tests.builders.appeals import add
from tests.builders.bills import AFTER_DECEMBER, DECEMBER, billed_firm, close, lines_of, statement_of, work
from tests.builders.jobs import Firm, build_firm, opened
from tests.conftest import TestOffice
from tests.tickets.dispatch.test_at_once import at_once

SATURDAY = datetime(2026, 10, 31, 9, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)


def monthly(uow: UnitOfWork, minutes: int = 600, **terms: Any) -> Firm:
    """A firm whose plan has `minutes` a month and no other hours; October is granted."""
    firm = billed_firm(uow, terms={"exclusions": [], **terms})
    plan_of(uow, firm).included_minutes = minutes
    uow.session.flush()
    return firm


def plan_of(uow: UnitOfWork, firm: Firm) -> Plan:
    return uow.session.get_one(Plan, uow.session.get_one(Contract, firm.contract).plan_id)


def pool_of(session: Session, firm: Firm, starts: date, unit: str = "minutes") -> Pool | None:
    query = select(Pool).where(Pool.contract_id == firm.contract, Pool.starts == starts, Pool.unit == unit)
    return session.exec(query).one_or_none()


def shown(uow: UnitOfWork, firm: Firm, starts: date) -> tuple[int, int, int]:
    """Left, held and used of the included pool that begins on a day."""
    pool = pool_of(uow.session, firm, starts)
    assert pool is not None
    sums = balance_of(uow.session, pool)
    assert pool_history(uow.session, pool)[-1].balance == sums.left
    return sums.left, sums.held, sums.used


def tick(office: TestOffice, moment: datetime) -> None:
    """Run what is due of pools by then, each at its own moment."""
    for _ in range(50):
        with office.work(now=moment) as uow:
            timer = uow.session.exec(
                select(Timer)
                .where(Timer.kind == "pool_life", col(Timer.done_at).is_(None), Timer.due_at <= moment)
                .order_by(col(Timer.due_at))
            ).first()
            if timer is None:
                break
            timer.done_at = moment
            uow.now = timer.due_at
            live_on(uow, timer.payload)
    office.moment = moment


def for_monday(uow: UnitOfWork, firm: Firm) -> Ticket:
    return opened(uow, firm, preferred_at=MONDAY)


def test_a_saturday_ticket_for_a_monday_of_the_next_month_is_covered_by_its_hours(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        grant_included(uow)
        ticket = for_monday(uow, firm)
        assert (ticket.state, ticket.coverage, ticket.held_amount) == ("new", "COVERED_BY_HOURS", 60)
        assert shown(uow, firm, NOVEMBER) == (540, 60, 0)
        assert shown(uow, firm, date(2026, 10, 1)) == (600, 0, 0)
        scope = card_of(uow.session, ticket, uow.now).scope
        assert scope.pools == [PoolShare(PoolKind.INCLUDED, "minutes", 60, 540)]
        assert {each.pool_id for each in uow.session.exec(select(PoolEntry)).all()} == {
            pool.id for pool in uow.session.exec(select(Pool)).all()
        }


def test_nobody_s_wanted_time_leads_to_the_next_opening_and_its_hours(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        ticket = opened(uow, firm)
        assert (ticket.coverage, shown(uow, firm, NOVEMBER)) == ("COVERED_BY_HOURS", (540, 60, 0))


def test_a_preview_counts_as_if_and_makes_nothing(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        ticket = for_monday(uow, build_firm(uow.session, unlimited=True))
        ticket.company_id, ticket.object_id = firm.company, firm.till
        decision = decide_scope(uow, asked_of(uow, ticket))
        assert (decision.result, decision.amount) == ("COVERED_BY_HOURS", 60)
        assert pool_of(uow.session, firm, NOVEMBER) is None


@pytest.mark.parametrize("excluded", [True, False])
def test_only_what_draws_makes_the_pool(office: TestOffice, excluded: bool) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow, exclusions=[{"clause": "п. 5", "channels": ["visit"]}] if excluded else [])
        for_monday(uow, firm)
        assert (pool_of(uow.session, firm, NOVEMBER) is None) is excluded


def test_a_month_made_ahead_is_not_granted_again_and_is_told_of_only_when_it_has_begun(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow, minutes=60)
        grant_included(uow)
        consume(uow, 77, firm.contract, 60, SATURDAY.date(), None)
        office.told.clear()
        ticket = for_monday(uow, firm)
        work(uow, firm, ticket, 50)
        accept_work(uow, ticket.id, firm.requester)  # done at once, from the hours it holds
        assert shown(uow, firm, NOVEMBER) == (0, 0, 60)
    tick(office, SATURDAY + timedelta(hours=11, minutes=30))
    assert not [each for each in office.told if each.template.startswith("balance/alert")]
    tick(office, SATURDAY + timedelta(hours=12, minutes=30))  # the first of November in Moscow
    told = [each for each in office.told if each.template.startswith("balance/alert")]
    assert {(each.template, each.values["percent"]) for each in told} == {("balance/alert_used", 100)}
    with office.work() as uow:
        grant_included(uow)
        grant_included(uow)
        entries = uow.session.exec(
            select(PoolEntry).where(PoolEntry.pool_id == pool_of(uow.session, firm, NOVEMBER).id)
        ).all()
        assert [each.kind for each in entries].count(EntryKind.GRANT) == 1


def test_its_end_is_told_and_comes_as_of_any_month(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        ticket = for_monday(uow, firm)
        cancel_ticket(uow, ticket.id, firm.requester)
    for day in range(1, 29):
        tick(office, SATURDAY + timedelta(days=day))
    ends = [each.values["ends"] for each in office.told if each.template == "balance/alert_ends"]
    assert set(ends) == {date(2026, 11, 30)} and len(ends) == 2, "seven days before, to the client and to us"
    tick(office, datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    with office.work() as uow:
        assert shown(uow, firm, NOVEMBER) == (0, 0, 0)


def test_what_is_carried_over_comes_beside_it_when_it_begins(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow, rollover={"kind": "up_to", "cap": 100, "months": 1})
        grant_included(uow)
        for_monday(uow, firm)
    tick(office, MONDAY)
    with office.work() as uow:
        pools = uow.session.exec(
            select(Pool).where(Pool.contract_id == firm.contract, Pool.starts == NOVEMBER).order_by(col(Pool.id))
        ).all()
        assert [balance_of(uow.session, pool).left for pool in pools] == [540, 100]


def test_a_contract_that_ends_meanwhile_keeps_what_is_promised_and_no_more(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        ticket = for_monday(uow, firm)
        uow.session.get_one(Contract, firm.contract).ends = SATURDAY.date()
    tick(office, MONDAY)
    with office.work() as uow:
        assert shown(uow, firm, NOVEMBER) == (0, 60, 0)
        work(uow, firm, uow.session.get_one(Ticket, ticket.id), 50)
        accept_work(uow, ticket.id, firm.requester)
        assert shown(uow, firm, NOVEMBER) == (0, 0, 60)


def test_one_that_ends_within_the_month_has_its_hours_until_then(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        for_monday(uow, firm)
        uow.session.get_one(Contract, firm.contract).ends = date(2026, 11, 10)
    tick(office, MONDAY)
    with office.work() as uow:
        assert pool_of(uow.session, firm, NOVEMBER).ends == date(2026, 11, 10)


def test_nothing_is_promised_beyond_the_contract(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        uow.session.get_one(Contract, firm.contract).ends = SATURDAY.date()
        ticket = for_monday(uow, firm)
        assert (ticket.coverage, pool_of(uow.session, firm, NOVEMBER)) == ("TRIAGE", None)


def test_a_plan_changed_meanwhile_leaves_the_month_as_it_was_promised(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        for_monday(uow, firm)
        plan_of(uow, firm).included_minutes = 30
        for_monday(uow, firm)
        assert shown(uow, firm, NOVEMBER) == (480, 120, 0)
    office.moment = MONDAY
    with office.work() as uow:
        grant_included(uow)
        assert shown(uow, firm, NOVEMBER) == (480, 120, 0)


def test_terms_are_those_of_its_first_day(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        agreed = {"clause": "п. 9", "starts": NOVEMBER, "terms": {"included_minutes": 90}, "created_at": uow.now}
        add(uow.session, ContractOverride(contract_id=firm.contract, **agreed))
        for_monday(uow, firm)
        assert shown(uow, firm, NOVEMBER) == (30, 60, 0)


def test_work_done_before_draws_its_own_day_first_and_then_what_the_ticket_holds(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        grant_included(uow)
        consume(uow, 77, firm.contract, 580, SATURDAY.date(), None)  # 20 are left of October
        ticket = for_monday(uow, firm)
        work(uow, firm, ticket, 50)  # and yet it is done on Saturday
        accept_work(uow, ticket.id, firm.requester)
        assert shown(uow, firm, date(2026, 10, 1)) == (0, 0, 600)
        assert shown(uow, firm, NOVEMBER) == (560, 0, 40)
        assert held(uow.session, ticket.id) == {}


def test_work_done_a_month_later_is_neither_charged_nor_left_undrawn(office: TestOffice, session: Session) -> None:
    """Held in November, done in a December that has no hours: what was promised as covered is drawn all the same."""
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        ticket = for_monday(uow, firm)
        plan_of(uow, firm).included_minutes = 0
    tick(office, datetime(2026, 12, 2, 9, 0, tzinfo=UTC))
    with office.work() as uow:
        work(uow, firm, uow.session.get_one(Ticket, ticket.id), 50)
        accept_work(uow, ticket.id, firm.requester)
        assert shown(uow, firm, NOVEMBER) == (0, 0, 60)
    close(office, DECEMBER, AFTER_DECEMBER)
    (line,) = lines_of(session, statement_of(session, firm.contract, DECEMBER))
    assert (line.kind, line.gross, line.draws) == (
        "hours",
        0,
        [{"kind": "included", "amount": 60, "unit": "minutes"}],
    )


def test_visits_of_a_later_month_pay_the_way(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow, minutes=0, callout="hour:repair", included_visits=2)
        ticket = for_monday(uow, firm)
        assert ticket.coverage == "PAID"
        pool = pool_of(uow.session, firm, NOVEMBER, "visits")
        assert pool is not None and balance_of(uow.session, pool).granted == 2


def test_a_new_month_s_work_before_its_timer_draws_its_hours(office: TestOffice) -> None:
    """00:05 on the first in Moscow: nobody has granted the month yet."""
    office.moment = datetime(2026, 10, 31, 21, 5, tzinfo=UTC)
    with office.work() as uow:
        firm = monthly(uow)
        ticket = opened(uow, firm, emergency=True)
        work(uow, firm, ticket, 50)
        accept_work(uow, ticket.id, firm.requester)
        grant_included(uow)
        assert (ticket.coverage, shown(uow, firm, NOVEMBER)) == ("COVERED_BY_HOURS", (540, 0, 60))


def test_the_month_is_the_client_s_in_vladivostok(office: TestOffice) -> None:
    """Saturday 31 October, 15:00 UTC: Sunday the first in Vladivostok, where nothing is late or ahead any more."""
    office.moment = datetime(2026, 10, 31, 15, 0, tzinfo=UTC)
    with office.work() as uow:
        firm = monthly(uow)
        uow.session.get_one(Company, firm.company).timezone = "Asia/Vladivostok"
        site = add(uow.session, Site(company_id=firm.company, code="v", name="В", timezone="Asia/Vladivostok"))
        uow.session.get_one(ServiceObject, firm.till).site_id = site.id
        ticket = opened(uow, firm, emergency=True)
        assert (ticket.coverage, shown(uow, firm, NOVEMBER)) == ("COVERED_BY_HOURS", (540, 60, 0))
        assert pool_of(uow.session, firm, date(2026, 10, 1)) is None


def test_two_tickets_at_once_make_the_month_once(office: TestOffice) -> None:
    office.moment = SATURDAY
    with office.work() as uow:
        firm = monthly(uow)
        opened(uow, build_firm(uow.session, unlimited=True))  # the series of numbers exists
    results = at_once(
        office,
        lambda uow: for_monday(uow, firm).coverage,
        lambda uow: for_monday(uow, firm).coverage,
        lambda uow: (grant_included(uow, NOVEMBER) and "made") or "there",
    )
    assert results[:2] == ["COVERED_BY_HOURS", "COVERED_BY_HOURS"]
    with office.work() as uow:
        assert shown(uow, firm, NOVEMBER) == (480, 120, 0)
