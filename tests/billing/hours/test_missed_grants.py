"""Included hours of months that passed while the bot was off, and of those before billing began (R3.5, R4.1, R4.6)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.billing.hours.balances import balance_of
from bot.billing.hours.grants import grant_included, watch_months
from bot.billing.hours.models import Pool
from bot.billing.terms.models import Plan
from bot.clients.models import Company, Contract, Seller
from bot.db.clock import at
from bot.tickets.dispatch.alarms import tell_alarms
from tests.builders.bills import billed_firm
from tests.conftest import TestOffice
from tests.tickets.month.test_missed_months import tick

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


def office_off_until(office: TestOffice, begins: date, back: datetime) -> None:
    """A contract of 600 minutes a month whose rest goes on for two months; the bot is off after 29 November."""
    with office.work() as uow:
        firm = billed_firm(uow)
        seller = uow.session.get_one(Seller, 1)
        seller.billing_from = begins
        plan = uow.session.get_one(Plan, uow.session.get_one(Contract, firm.contract).plan_id)
        plan.included_minutes = 600
        plan.terms = {**plan.terms, "rollover": {"kind": "all", "months": 2}}
        office.moment = datetime(2026, 11, 29, 9, tzinfo=UTC)
        watch_months(uow)
    for moment in (office.moment + timedelta(hours=2), back, back + timedelta(hours=2)):
        tick(office, moment)


def left(session: Any) -> dict[str, int]:
    """Minutes left by what a pool is of: a month, or «rollover» and the month it begins."""
    rows = session.exec(select(Pool).order_by(col(Pool.id))).all()
    return {f"{row.code.split('/')[0]} {row.starts:%Y-%m}": balance_of(session, row).left for row in rows}


def test_months_missed_are_granted_and_their_rest_goes_on(office: TestOffice, session: Any) -> None:
    office_off_until(office, NOVEMBER, datetime(2027, 1, 20, 9, tzinfo=UTC))
    assert left(session) == {
        "included 2026-11": 0,
        "included 2026-12": 0,
        "included 2027-01": 600,
        "rollover 2026-12": 600,
        "rollover 2027-01": 600,
    }


def test_nothing_goes_on_from_a_month_before_billing_began(office: TestOffice, session: Any) -> None:
    office_off_until(office, DECEMBER, datetime(2026, 12, 20, 9, tzinfo=UTC))
    assert left(session) == {"included 2026-11": 0, "included 2026-12": 600}


def test_december_is_not_passed_over_where_it_is_january_already(office: TestOffice, session: Any) -> None:
    office_off_until(office, NOVEMBER, datetime(2026, 12, 31, 21, 30, tzinfo=UTC))  # 00:30 on 1 January in Moscow
    assert {"included 2026-12", "included 2027-01"} <= set(left(session))


def included(session: Any, contract: int) -> list[str]:
    rows = session.exec(select(Pool).where(Pool.contract_id == contract).order_by(col(Pool.starts))).all()
    return [f"{row.starts:%Y-%m}" for row in rows if (row.code or "").startswith("included/")]


def monthly(uow: Any, timezone: str = "Europe/Moscow") -> int:
    """A contract of 600 minutes a month; its client's zone."""
    firm = billed_firm(uow)
    contract = uow.session.get_one(Contract, firm.contract)
    uow.session.get_one(Plan, contract.plan_id).included_minutes = 600
    uow.session.get_one(Company, firm.company).timezone = timezone
    uow.session.flush()
    return firm.contract


def test_a_month_begins_on_the_client_s_day_not_on_that_of_utc(office: TestOffice, session: Any) -> None:
    office.moment = datetime(2026, 11, 30, 12, tzinfo=UTC)
    with office.work() as uow:
        west, east = monthly(uow, "America/New_York"), monthly(uow, "Asia/Vladivostok")
        grant_included(uow)
        watch_months(uow)
    tick(office, datetime(2026, 11, 30, 14, 30, tzinfo=UTC))
    assert (included(session, west), included(session, east)) == (["2026-11"], ["2026-11", "2026-12"])
    session.rollback()
    tick(office, datetime(2026, 12, 1, 2, tzinfo=UTC))
    assert included(session, west) == ["2026-11"], "it is 30 November there"
    session.rollback()
    tick(office, datetime(2026, 12, 1, 6, tzinfo=UTC))
    assert included(session, west) == ["2026-11", "2026-12"]


@pytest.mark.parametrize("broken", ["terms", "timezone"])
def test_a_contract_that_cannot_be_granted_costs_no_other_and_is_named(
    office: TestOffice, session: Any, broken: str
) -> None:
    with office.work() as uow:
        bad, good = monthly(uow), monthly(uow)
        watch_months(uow)
        contract = uow.session.get_one(Contract, bad)
        number = contract.number
        if broken == "terms":
            contract.terms = {"included_minutes": "много"}
        else:
            uow.session.get_one(Company, contract.company_id).timezone = "Луна/Море"
    tick(office, datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert (included(session, bad), included(session, good)) == ([], ["2026-11", "2026-12"])
    with office.work() as uow:
        tell_alarms(uow, {})
    assert [each.about for each in office.told[-1].values["alarms"]] == [f"Ромашка · {number}"]
    with office.work() as uow:
        contract = uow.session.get_one(Contract, bad)
        contract.terms = {}
        uow.session.get_one(Company, contract.company_id).timezone = "Europe/Moscow"
    session.rollback()
    tick(office, datetime(2026, 12, 1, 10, tzinfo=UTC))
    assert "2026-12" in included(session, bad), "once it is put right it goes on by itself"


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Vladivostok", "Europe/Kaliningrad"])
def test_a_month_is_granted_in_its_first_minute_where_the_client_is(
    office: TestOffice, session: Any, zone: str
) -> None:
    """Looked for a quarter of an hour before midnight there, when the next look was an hour away."""
    with office.work() as uow:
        firm = billed_firm(uow)
        uow.session.get_one(Plan, uow.session.get_one(Contract, firm.contract).plan_id).included_minutes = 600
        uow.session.get_one(Company, firm.company).timezone = zone
        begins = at(DECEMBER, time(), zone).astimezone(UTC)
        office.moment = begins - timedelta(minutes=15)
        grant_included(uow)
        watch_months(uow)
    tick(office, begins - timedelta(minutes=1))
    assert "included 2026-12" not in left(session)
    session.rollback()
    tick(office, begins + timedelta(seconds=30))
    assert left(session)["included 2026-12"] == 600
