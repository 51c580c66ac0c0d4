"""Hours as time goes by: alerts, the end of a pool, rollover, late work, locked periods; the books always agree
(R4.4)."""

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import col, select

from bot.billing.hours.balances import EntryLine, balance_of, pool_history
from bot.billing.hours.draw import Draw
from bot.billing.hours.grants import grant_included
from bot.billing.hours.holds import consume, hold, release
from bot.billing.hours.life import live_on, reverse_entry, watch_pool
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.hours.period_lock import draw_day, lock_periods, locked_until
from bot.billing.terms.models import Plan
from bot.clients.audiences import InCompany
from bot.clients.models import Contract
from bot.messaging.models import Timer
from tests.builders.appeals import add
from tests.builders.jobs import Firm, build_firm
from tests.conftest import NOON, TestOffice

NOVEMBER_END = date(2026, 11, 30)
DECEMBER = datetime.fromisoformat("2026-12-01T09:00:00+00:00")


@pytest.fixture
def firm(office: TestOffice) -> Firm:
    with office.work() as uow:
        return build_firm(uow.session, minutes=600)


def pool_of(office: TestOffice, firm: Firm, ends: date | None, minutes: int, kind: str = "gift", **more: object) -> int:
    with office.work() as uow:
        pool = add(
            uow.session,
            Pool(contract_id=firm.contract, kind=kind, starts=date(2026, 11, 1), ends=ends, created_at=NOON, **more),
        )
        add(uow.session, PoolEntry(pool_id=pool.id, kind=EntryKind.GRANT, amount=minutes, made_at=NOON))
        watch_pool(uow, pool)
        return int(pool.id)


def spend(office: TestOffice, firm: Firm, minutes: int, on: date, ticket: int = 1, **more: object) -> int:
    with office.work() as uow:
        return consume(uow, ticket, firm.contract, minutes, on, None, **more)


def tick(office: TestOffice, moment: datetime) -> None:
    """Run the timers of pools that are due by then, in order, as the ticker does."""
    for _ in range(20):
        office.moment = moment
        with office.work() as uow:
            timer = uow.session.exec(
                select(Timer)
                .where(Timer.kind == "pool_life", col(Timer.done_at).is_(None), Timer.due_at <= moment)
                .order_by(col(Timer.due_at))
            ).first()
            if timer is None:
                return
            timer.done_at = moment
            uow.now = max(timer.due_at, NOON)
            live_on(uow, timer.payload)
    raise AssertionError("timers go on for ever")


def history(office: TestOffice, pool_id: int | None) -> list[EntryLine]:
    with office.database.read() as session:
        return pool_history(session, session.get_one(Pool, pool_id))


def rolled(office: TestOffice, pool_id: int) -> Pool | None:
    with office.database.read() as session:
        return session.exec(select(Pool).where(Pool.code == f"rollover/{pool_id}")).first()


def left(office: TestOffice, pool_id: int | None) -> int:
    """What the screen shows; the sum of the operations shown must be the same."""
    lines = history(office, pool_id)
    with office.database.read() as session:
        shown = balance_of(session, session.get_one(Pool, pool_id)).left
    assert shown == sum(line.effect for line in lines)
    assert not lines or lines[-1].balance == shown
    return shown


def told(office: TestOffice, template: str) -> list[object]:
    key = "percent" if template.endswith("used") else "ends"
    theirs = [each for each in office.told if isinstance(each.audience, InCompany)]
    return [each.values[key] for each in theirs if each.template == template]


def test_use_is_told_once_per_threshold_and_only_the_highest(office: TestOffice, firm: Firm) -> None:
    day = NOON.date()
    spend(office, firm, 470, day)
    assert told(office, "balance/alert_used") == []
    spend(office, firm, 15, day)
    assert told(office, "balance/alert_used") == [80]
    spend(office, firm, 15, day)
    assert told(office, "balance/alert_used") == [80]
    spend(office, firm, 100, day)
    assert told(office, "balance/alert_used") == [80, 100], "95 is passed over"
    assert {type(each.audience).__name__ for each in office.told} == {"InCompany", "Staff"}


def test_a_pool_is_told_of_30_7_and_1_day_before_it_ends_and_then_expires(office: TestOffice, firm: Firm) -> None:
    pool = pool_of(office, firm, date(2027, 1, 31), 120)
    for day in range(120):
        tick(office, NOON + timedelta(days=day))
    assert len(told(office, "balance/alert_ends")) == 3
    assert left(office, pool) == 0
    kinds = [line.kind for line in history(office, pool)]
    assert kinds == ["grant", "expire"]


def test_a_pool_that_ends_soon_is_told_of_once_for_all_passed_thresholds(office: TestOffice, firm: Firm) -> None:
    pool_of(office, firm, NOVEMBER_END, 120)
    tick(office, NOON + timedelta(days=5, hours=12))
    assert told(office, "balance/alert_ends") == [NOVEMBER_END]


def test_it_ends_after_its_last_day_where_the_client_is(office: TestOffice, firm: Firm) -> None:
    pool = pool_of(office, firm, NOVEMBER_END, 120)
    tick(office, datetime.fromisoformat("2026-11-30T20:59:00+00:00"))
    assert left(office, pool) == 120
    tick(office, datetime.fromisoformat("2026-11-30T21:00:00+00:00"))
    assert left(office, pool) == 0, "midnight in Moscow"


def test_held_hours_outlive_the_pool_and_expire_when_given_back(office: TestOffice, firm: Firm) -> None:
    pool = pool_of(office, firm, NOVEMBER_END, 120)
    with office.work() as uow:
        hold(uow, 5, [Draw(str(pool), 90)], None)
    tick(office, DECEMBER)
    assert left(office, pool) == 0
    with office.work(now=DECEMBER) as uow:
        release(uow, 5, None)
    assert left(office, pool) == 90
    tick(office, DECEMBER)
    assert left(office, pool) == 0


def test_late_work_of_an_open_period_draws_what_the_pool_had_on_its_day(office: TestOffice, firm: Firm) -> None:
    pool = pool_of(office, firm, NOVEMBER_END, 120)
    tick(office, DECEMBER)
    office.moment = DECEMBER
    assert spend(office, firm, 50, date(2026, 11, 28)) == 0
    assert left(office, pool) == 0
    lines = history(office, pool)
    assert [(line.kind, line.effect) for line in lines] == [
        ("grant", 120),
        ("expire", -120),
        ("reverse", 120),
        ("consume", -50),
        ("expire", -70),
    ]
    assert left(office, firm.pool) == 600, "the prepaid hours are not touched"


def test_work_of_a_locked_period_draws_on_the_first_open_day(office: TestOffice, firm: Firm) -> None:
    pool = pool_of(office, firm, NOVEMBER_END, 120)
    tick(office, DECEMBER)
    office.moment = DECEMBER
    with office.work() as uow:
        lock_periods(uow, [firm.contract], NOVEMBER_END)
        lock_periods(uow, [firm.contract], date(2026, 10, 31))
        assert locked_until(uow.session, firm.contract) == NOVEMBER_END, "a lock never moves back"
        assert draw_day(uow.session, firm.contract, date(2026, 11, 28)) == (date(2026, 12, 1), True)
        assert draw_day(uow.session, firm.contract, date(2026, 12, 1)) == (date(2026, 12, 1), False)
    assert spend(office, firm, 50, date(2026, 11, 28)) == 0
    assert [line.kind for line in history(office, pool)] == ["grant", "expire"]
    last = history(office, firm.pool)[-1]
    assert (last.effect, last.work_date, last.late) == (-50, date(2026, 11, 28), True)


def month_with_rollover(office: TestOffice, firm: Firm, rule: dict[str, object]) -> int:
    with office.work() as uow:
        plan = uow.session.get_one(Plan, uow.session.get_one(Contract, firm.contract).plan_id)
        plan.included_minutes, plan.terms = 300, {**plan.terms, "rollover": rule}
        uow.session.flush()
        [pool] = grant_included(uow)
        return pool


@pytest.mark.parametrize(
    ("rule", "goes_on"),
    [({"kind": "none"}, 0), ({"kind": "all"}, 200), ({"kind": "up_to", "cap": 60, "months": 2}, 60)],
)
def test_included_hours_go_on_as_the_plan_says(
    office: TestOffice, firm: Firm, rule: dict[str, object], goes_on: int
) -> None:
    month = month_with_rollover(office, firm, rule)
    spend(office, firm, 100, NOON.date())
    tick(office, DECEMBER)
    assert left(office, month) == 0
    after = rolled(office, month)
    assert (left(office, after.id) if after else 0) == goes_on
    if after is not None:
        assert (after.starts, after.kind) == (date(2026, 12, 1), "included")
        assert after.ends == (date(2027, 1, 31) if rule.get("months") == 2 else date(2026, 12, 31))
        tick(office, NOON + timedelta(days=100))
        assert left(office, after.id) == 0, "what was carried once is not carried again"
        assert rolled(office, after.id) is None


def test_late_work_takes_back_what_was_carried_over(office: TestOffice, firm: Firm) -> None:
    month = month_with_rollover(office, firm, {"kind": "all"})
    tick(office, DECEMBER)
    office.moment = DECEMBER
    assert spend(office, firm, 100, date(2026, 11, 28)) == 0
    after = rolled(office, month)
    assert after is not None
    assert (left(office, month), left(office, after.id)) == (0, 200)


def test_what_was_carried_over_and_used_stays_used(office: TestOffice, firm: Firm) -> None:
    month = month_with_rollover(office, firm, {"kind": "all"})
    tick(office, DECEMBER)
    office.moment = DECEMBER
    spend(office, firm, 10, date(2026, 12, 1))
    assert spend(office, firm, 100, date(2026, 11, 28), ticket=2) == 0
    assert left(office, month) == 0
    assert left(office, firm.pool) == 500, "the next pool of that day gives it"


def test_a_pool_for_one_object_is_not_drawn_for_another(office: TestOffice, firm: Firm) -> None:
    scoped = pool_of(office, firm, None, 120, scope={"objects": [firm.till], "work_types": ["repair"]})
    day = NOON.date()
    spend(office, firm, 30, day, object_id=firm.till + 1, work_type="repair")
    spend(office, firm, 30, day, object_id=firm.till, work_type="setup")
    assert (left(office, scoped), left(office, firm.pool)) == (120, 540)
    spend(office, firm, 30, day, object_id=firm.till, work_type="repair")
    assert (left(office, scoped), left(office, firm.pool)) == (90, 540)


def test_a_pool_of_tickets_gives_one_ticket_however_many_entries_it_has(office: TestOffice, firm: Firm) -> None:
    tickets = pool_of(office, firm, None, 3, unit="tickets")
    with office.work() as uow:
        hold(uow, 9, [Draw(str(tickets), 1)], None)
        assert consume(uow, 9, firm.contract, 60, NOON.date(), None) == 0
        assert consume(uow, 9, firm.contract, 45, NOON.date(), None) == 0
    assert (left(office, tickets), left(office, firm.pool)) == (2, 600)


def test_a_reversed_entry_gives_back_its_minutes(office: TestOffice, firm: Firm) -> None:
    spend(office, firm, 45, NOON.date())
    with office.work() as uow:
        entry = uow.session.exec(select(PoolEntry).where(PoolEntry.kind == EntryKind.CONSUME)).one()
        reverse_entry(uow, entry, firm.dispatcher, "по спору")
    assert left(office, firm.pool) == 600
