"""Works added to a ticket that hours pay for, in every unit of a pool and every price mode (R3.4, R4.1, R4.7)."""

from itertools import product
from typing import Any

import pytest

from bot.billing.hours.balances import pool_balances
from bot.billing.hours.holds import drawn, held
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.prices.models import WorkItem
from bot.billing.quotes.send import version_of
from bot.tickets.bill.card import works
from bot.tickets.life.models import TicketState
from bot.tickets.offers.answer import approve_paid_work, decline_paid_work
from bot.tickets.work.accept import accept_work
from bot.tickets.work.add import NoPrice, remove_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.appeals import add
from tests.builders.bills import PRESS, billed_firm, close, lines_of, statement_of
from tests.builders.jobs import in_work
from tests.conftest import TestOffice
from tests.tickets.work.test_added_works import Job, added, items_of

POINT = {"point": 10_000}
UNITS = {"minutes": {}, "tickets": {}, "roubles": {}, "points": POINT}
PLENTY = 100_000_000
# What one piece takes, by the unit of the pool: 7 000,00; 90 min at 2 500,00; an hour at 2 500,00.
ONE = {
    "minutes": {"fixed": 60, "norm": 90, "actual": 60},
    "roubles": {"fixed": 700_000, "norm": 375_000, "actual": 250_000},
    "points": {"fixed": 70, "norm": 37.5, "actual": 25},
}
OWN = {"minutes": 60, "roubles": 250_000, "points": 25, "tickets": 1}
PRICE = {"fixed": 700_000, "norm": 375_000, "actual": 250_000}


def by_pool(uow: Any, unit: str, size: int, **more: Any) -> Job:
    """A repair in work that a pool of `size` in a unit covers."""
    firm = billed_firm(uow, minutes=size, terms={**UNITS[unit], **more})
    uow.session.get_one(Pool, firm.pool).unit = unit
    uow.session.flush()
    items = items_of(uow.session)
    job = Job(firm, in_work(uow, firm), items)
    assert (job.ticket.coverage, job.ticket.held_amount) == ("COVERED_BY_HOURS", OWN[unit])
    return job


def finish(uow: Any, job: Job, minutes: int) -> None:
    say_time(uow, job.ticket.id, minutes, "по факту", job.firm.engineer)
    finish_work(uow, job.ticket.id, job.firm.engineer)
    accept_work(uow, job.ticket.id, job.firm.requester)
    assert (job.ticket.state, held(uow.session, job.ticket.id)) == (TicketState.CLOSED, {})


def books(uow: Any, job: Job) -> tuple[int, int, int]:
    """Held, used and left, as the balance shows them."""
    [pool] = pool_balances(uow.session, [job.firm.contract], uow.now.date())
    return pool.held, pool.used, pool.left


def whole(amount: float) -> int:
    return -int(-amount // 1)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("unit", list(ONE))
def test_an_added_work_holds_and_draws_all_its_pieces(office: TestOffice, session: Any, unit: str) -> None:
    jobs = []
    for mode, quantity in product(PRICE, (1, 3)):
        more = whole(ONE[unit][mode] * quantity)
        with office.work() as uow:
            job = by_pool(uow, unit, PLENTY)
            made = added(uow, job, f"{mode}-repair", quantity)
            assert (made.quote, made.line.coverage) == (None, "hours")
            assert books(uow, job) == (OWN[unit] + more, 0, PLENTY - OWN[unit] - more)
            hours = 1 + quantity if mode == "actual" else 1
            finish(uow, job, 60 * hours)
            # A price of its own is drawn beside the time; minutes, and work by the hour, are told by the time itself.
            priced = more if unit != "minutes" and mode != "actual" else 0
            used = OWN[unit] * hours + priced
            assert drawn(uow.session, job.ticket.id).get(made.line.id, 0) == priced
            assert books(uow, job) == (0, used, PLENTY - used), (mode, quantity)
        jobs.append((job, mode, quantity))
    close(office)
    for job, mode, quantity in jobs:
        lines = lines_of(session, statement_of(session, job.firm.contract))
        assert sum(line.gross for line in lines) == 0
        assert [line.quantity for line in lines if line.name == f"Работа {mode}-repair"] == [quantity]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("unit", list(ONE))
def test_what_no_pool_has_is_a_quote_and_not_done_for_nothing(office: TestOffice, session: Any, unit: str) -> None:
    """The pool has what the ticket holds; an hour of the kind is within it in minutes, so two are added then."""
    jobs = []
    for mode, pieces in product(PRICE, (1, 3)):
        quantity = pieces + (unit == "minutes" and mode == "actual")
        with office.work() as uow:
            job = by_pool(uow, unit, OWN[unit])
            made = added(uow, job, f"{mode}-repair", quantity)
            assert made.quote is not None and version_of(uow.session, made.quote).gross == PRICE[mode] * quantity
            assert (job.ticket.state, books(uow, job)) == (TicketState.WAITING, (OWN[unit], 0, 0))
            approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
            finish(uow, job, 60)
            assert books(uow, job) == (0, OWN[unit], 0)
        jobs.append((job, (f"Работа {mode}-repair", PRICE[mode] * quantity)))
    close(office)
    for job, billed in jobs:
        lines = lines_of(session, statement_of(session, job.firm.contract))
        assert [(line.name, line.gross) for line in lines if line.gross] == [billed]


PARTS = {
    "minutes": [
        ("norm", 2, 100, 333_333),  # 80 of 180 minutes at 2 500,00
        ("actual", 3, 100, 333_333),
        ("fixed", 2, 30, 1_050_000),  # 90 of 120 minutes of 14 000,00
    ],
    "roubles": [("fixed", 2, 1_000_000, 400_000), ("fixed", 3, 100_000, 2_000_000), ("norm", 2, 400_000, 350_000)],
    "points": [("fixed", 2, 100, 400_000), ("actual", 3, 10, 650_000)],
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("unit", list(PARTS))
def test_what_the_pools_have_is_taken_off_all_the_pieces(office: TestOffice, session: Any, unit: str) -> None:
    jobs = []
    for mode, quantity, room, rest in PARTS[unit]:
        with office.work() as uow:
            job = by_pool(uow, unit, OWN[unit] + room)
            made = added(uow, job, f"{mode}-repair", quantity)
            assert version_of(uow.session, made.quote).gross == rest
            assert [each.gross for each in works(uow.session, job.ticket.id)] == [rest], "on the card too"
            assert books(uow, job) == (OWN[unit], 0, room)
            approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
            assert (job.ticket.held_amount, books(uow, job)) == (OWN[unit] + room, (OWN[unit] + room, 0, 0))
            finish(uow, job, 240)
        jobs.append((job, rest))
    close(office)
    for job, rest in jobs:
        assert sum(line.gross for line in lines_of(session, statement_of(session, job.firm.contract))) == rest


def test_one_ticket_of_a_pool_is_for_all_the_works_of_a_job(office: TestOffice) -> None:
    for mode, work_type, quantity in product(PRICE, ("repair", "setup"), (1, 3)):
        with office.work() as uow:
            job = by_pool(uow, "tickets", 1)
            made = added(uow, job, f"{mode}-{work_type}", quantity)
            assert (made.quote, made.line.coverage, books(uow, job)) == (None, "hours", (1, 0, 0))
            finish(uow, job, 120)
            assert books(uow, job) == (0, 1, 0)


def test_hours_held_for_the_job_take_its_own_lines_by_the_hour_once(office: TestOffice) -> None:
    with office.work() as uow:
        job = by_pool(uow, "minutes", 60)
        first = added(uow, job, "actual-repair")
        assert (first.quote, first.line.coverage, books(uow, job)) == (None, "hours", (60, 0, 0))
        second = added(uow, job, "actual-repair")
        assert version_of(uow.session, second.quote).gross == 250_000
        remove_work(uow, job.ticket.id, second.line.id, job.firm.engineer)
        remove_work(uow, job.ticket.id, first.line.id, job.firm.engineer)
        assert (job.ticket.state, books(uow, job)) == (TicketState.IN_WORK, (60, 0, 0))
        assert added(uow, job, "actual-repair").quote is None


def test_work_that_was_begun_is_finished_and_its_time_beyond_the_pool_is_free(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = by_pool(uow, "minutes", 60)
        finish(uow, job, 150)
        assert books(uow, job) == (0, 60, 0)
    close(office)
    kinds = [(line.kind, line.quantity) for line in lines_of(session, statement_of(session, job.firm.contract))]
    assert ("free", 90) in kinds, "no minutes are lost (R4.7)"


def test_an_hour_that_was_paid_is_not_drawn_from_hours_bought_since(office: TestOffice, session: Any) -> None:
    """120 minutes: the first from the pool, the second by the quote; then more of the pool (R4.7)."""
    with office.work() as uow:
        job = by_pool(uow, "minutes", 60)
        added(uow, job, "actual-repair")
        paid = added(uow, job, "actual-repair")
        approve_paid_work(uow, paid.quote.id, 1, job.firm.boss, PRESS)
        more = Pool(contract_id=job.firm.contract, kind="gift", starts=uow.now.date(), created_at=uow.now)
        grant(uow, more, 600)
        finish(uow, job, 150)
        assert drawn(uow.session, job.ticket.id) == {None: 90}
    close(office)
    lines = lines_of(session, statement_of(session, job.firm.contract))
    assert [line.gross for line in lines if line.gross] == [250_000]
    assert "free" not in [line.kind for line in lines]


def grant(uow: Any, pool: Pool, amount: int) -> None:
    add(uow.session, pool)
    add(uow.session, PoolEntry(pool_id=pool.id, kind=EntryKind.GRANT, amount=amount, made_at=uow.now))


def test_a_no_to_the_rest_leaves_the_job_covered(office: TestOffice) -> None:
    with office.work() as uow:
        job = by_pool(uow, "minutes", 100)
        made = added(uow, job, "norm-repair", 2)
        decline_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
        assert (job.ticket.state, books(uow, job)) == (TicketState.IN_WORK, (60, 0, 40))
        finish(uow, job, 60)
        assert books(uow, job) == (0, 60, 40)


def test_a_work_without_a_price_that_no_pool_has_is_not_added(office: TestOffice) -> None:
    with office.work() as uow:
        job = by_pool(uow, "minutes", 60)
        item = add(uow.session, WorkItem(code="NOPRICE", name="Пайка", unit="шт", work_type="repair", mode="fixed"))
        with pytest.raises(NoPrice):
            added(uow, Job(job.firm, job.ticket, {"x": item.id}), "x")
        assert books(uow, job) == (60, 0, 0)


def test_the_limit_of_a_partly_covered_ticket_stays_with_what_is_added(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, minutes=700_000)
        uow.session.get_one(Pool, firm.pool).unit = "roubles"
        uow.session.flush()
        items = items_of(uow.session)
        job = Job(firm, in_work(uow, firm), items)
        made = added(uow, job, "fixed-repair", 2)
        assert version_of(uow.session, made.quote).gross == 1_400_000 - 450_000
        approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
        finish(uow, job, 120)
        assert books(uow, job) == (0, 700_000, 0)
