"""What a ticket may draw in all, what works added to it hold, and what a dispute gives back (R4.10)."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.billing.documents.dispute_line import dispute_line, settle_line_dispute
from bot.billing.hours.balances import balance_of, pool_history
from bot.billing.hours.holds import drawn, held
from bot.billing.hours.life import live_on
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.hours.period_lock import lock_periods
from bot.billing.work.models import TimeEntry
from bot.clients.models import StaffRole
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.work.accept import accept_work, dispute_work, resolve_dispute
from bot.tickets.work.add import add_work, remove_work
from bot.tickets.work.dispute_entry import dispute_entry, settle_entry_dispute
from bot.tickets.work.finish import finish_work, say_time
from tests.billing.hours.test_pool_units import stocked
from tests.builders.appeals import add
from tests.builders.bills import PRESS, billed_firm, close, lines_of, quote_of, statement_of, work
from tests.builders.jobs import Firm, balance, build_firm, in_work, opened, worker
from tests.conftest import NOON, TestOffice

DAY = NOON.date()


def timed(uow: Any, ticket: Ticket, minutes: int, day: date = DAY) -> TimeEntry:
    """Another time entry of a finished ticket, as a second visit would leave it."""
    made = {"minutes": minutes, "billed_minutes": minutes, "work_date": day, "made_at": uow.now}
    return add(uow.session, TimeEntry(ticket_id=ticket.id, engineer_id=ticket.engineer_id, **made))


def times_of(uow: Any, ticket: Ticket) -> list[TimeEntry]:
    return uow.session.exec(select(TimeEntry).where(TimeEntry.ticket_id == ticket.id).order_by(col(TimeEntry.id))).all()


def agreed(uow: Any, firm: Firm) -> Ticket:
    """A ticket whose hours cover a part; the rest is approved."""
    ticket = opened(uow, firm)
    approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
    return ticket


def test_time_settled_and_then_disputed_and_won_comes_back_at_once(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = opened(uow, firm)
        work(uow, firm, ticket, 50)
        second = timed(uow, ticket, 30)
        dispute_work(uow, ticket.id, "time", second.id, "не было", firm.requester)
        accept_work(uow, ticket.id, firm.requester)
        assert balance(uow, firm) == (540, 0, 60)
        first = times_of(uow, ticket)[0]
        dispute_work(uow, ticket.id, "time", first.id, "и этого не было", firm.requester)
        resolve_dispute(uow, ticket.id, False, firm.dispatcher)
        assert balance(uow, firm) == (600, 0, 0)
        undoing = uow.session.exec(select(PoolEntry).where(PoolEntry.kind == EntryKind.REVERSE)).one()
        assert (undoing.work_date, undoing.late, undoing.amount) == (DAY, False, 60)
        accept_work(uow, ticket.id, firm.requester)
        assert (ticket.state, balance(uow, firm)) == (TicketState.CLOSED, (600, 0, 0))


def test_a_dispute_that_is_kept_takes_nothing_back(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = opened(uow, firm)
        work(uow, firm, ticket, 50)
        second = timed(uow, ticket, 30)
        dispute_work(uow, ticket.id, "time", second.id, "не было", firm.requester)
        accept_work(uow, ticket.id, firm.requester)
        resolve_dispute(uow, ticket.id, True, firm.dispatcher)
        accept_work(uow, ticket.id, firm.requester)
        assert balance(uow, firm) == (510, 0, 90)


@pytest.mark.parametrize("minutes", [(30, 30), (20, 40), (10, 20), (60, 60)])
def test_the_covered_part_is_a_limit_of_the_ticket_not_of_each_acceptance(
    office: TestOffice, minutes: tuple[int, int]
) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=30, terms={"step": 10, "minimum_visit": 10})
        ticket = agreed(uow, firm)
        assert (ticket.coverage, balance(uow, firm)) == ("PARTLY", (0, 30, 0))
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        say_time(uow, ticket.id, 1, "x", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        first = times_of(uow, ticket)[0]
        first.minutes = first.billed_minutes = minutes[0]
        second = timed(uow, ticket, minutes[1])
        add(uow.session, PoolEntry(pool_id=firm.pool, kind=EntryKind.GRANT, amount=600, made_at=uow.now))
        dispute_work(uow, ticket.id, "time", second.id, "проверьте", firm.requester)
        accept_work(uow, ticket.id, firm.requester)
        taken = min(minutes[0], 30)
        assert balance(uow, firm) == (600, 30 - taken, taken), "what is not drawn yet stays promised"
        resolve_dispute(uow, ticket.id, True, firm.dispatcher)
        accept_work(uow, ticket.id, firm.requester)
        taken = min(sum(minutes), 30)
        assert (ticket.state, balance(uow, firm)) == (TicketState.CLOSED, (630 - taken, 0, taken))


@pytest.mark.parametrize("what", ["cleaning", "part"])
def test_added_work_by_hours_holds_them(office: TestOffice, what: str) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = in_work(uow, firm)
        added = add_work(uow, ticket.id, getattr(firm, what), 1, firm.engineer)
        assert (added.line.coverage, ticket.held_amount, balance(uow, firm)) == ("hours", 120, (480, 120, 0))
        again = add_work(uow, ticket.id, getattr(firm, what), 1, firm.engineer)
        assert balance(uow, firm) == (420, 180, 0)
        remove_work(uow, ticket.id, again.line.id, firm.engineer)
        assert (ticket.held_amount, balance(uow, firm)) == (120, (480, 120, 0))
        say_time(uow, ticket.id, 120, "по факту", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
        assert (held(uow.session, ticket.id), balance(uow, firm)) == ({}, (480, 0, 120))


def test_others_can_t_take_what_an_added_work_holds(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=120)
        ticket = in_work(uow, firm)
        add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        assert opened(uow, firm).coverage == "PAID"


def test_works_added_to_paid_work_draw_what_they_hold_and_the_rest_stays_paid(
    office: TestOffice, session: Session
) -> None:
    terms = {"exclusions": [{"clause": "п. 5", "work_types": ["repair"]}]}
    with office.work() as uow:
        firm = billed_firm(uow, minutes=600, terms=terms)
        ticket = agreed(uow, firm)
        assert (ticket.coverage, ticket.held_amount) == ("PAID", 0)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        added = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        assert (added.line.coverage, balance(uow, firm)) == ("hours", (540, 60, 0))
        say_time(uow, ticket.id, 150, "по факту", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
        assert balance(uow, firm) == (540, 0, 60)
    close(office)
    lines = lines_of(session, statement_of(session, firm.contract))
    assert sum(line.gross for line in lines) == 250_000


def test_an_added_work_partly_covered_holds_its_part_with_the_yes(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=90)
        ticket = in_work(uow, firm)
        added = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        assert (added.quote is not None, balance(uow, firm)) == (True, (30, 60, 0))
        approve_paid_work(uow, added.quote.id, 1, firm.approver, PRESS)
        approve_paid_work(uow, added.quote.id, 1, firm.approver, PRESS)
        assert (ticket.held_amount, balance(uow, firm)) == (90, (0, 90, 0))


def test_a_disputed_drawing_given_back_is_not_given_back_twice(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = opened(uow, firm)
        work(uow, firm, ticket, 50)
        second = timed(uow, ticket, 30)
        dispute_work(uow, ticket.id, "time", second.id, "не было", firm.requester)
        accept_work(uow, ticket.id, firm.requester)
        entry = uow.session.exec(select(PoolEntry).where(PoolEntry.kind == EntryKind.CONSUME)).one()
        dispute = dispute_entry(uow, entry.id, "не было", firm.requester)
        dispute_work(uow, ticket.id, "time", times_of(uow, ticket)[0].id, "не было", firm.requester)
        resolve_dispute(uow, ticket.id, False, firm.dispatcher)
        settle_entry_dispute(uow, dispute.id, True, firm.dispatcher)
        assert balance(uow, firm) == (600, 0, 0)


def ending(uow: Any, minutes: int = 600) -> tuple[Firm, Pool]:
    """A firm whose only hours end with November."""
    firm = billed_firm(uow, minutes=minutes)
    pool = uow.session.get_one(Pool, firm.pool)
    pool.kind, pool.ends = "included", date(2026, 11, 30)
    uow.session.flush()
    return firm, pool


def disputed_drawing(uow: Any, firm: Firm) -> tuple[Ticket, int]:
    ticket = opened(uow, firm)
    work(uow, firm, ticket, 50)
    accept_work(uow, ticket.id, firm.requester)
    entry = uow.session.exec(select(PoolEntry).where(PoolEntry.kind == EntryKind.CONSUME)).one()
    return ticket, dispute_entry(uow, entry.id, "не было", firm.requester).id


def of_pool(uow: Any, firm: Firm) -> tuple[int, int, int, int]:
    pool = uow.session.get_one(Pool, firm.pool)
    sums = balance_of(uow.session, pool)
    assert pool_history(uow.session, pool)[-1].balance == sums.left
    return sums.left, sums.held, sums.used, sums.sums.expired


@pytest.mark.parametrize("stated", [True, False])
def test_what_comes_back_to_an_ended_pool_expires_unless_its_month_is_still_open(
    office: TestOffice, stated: bool
) -> None:
    with office.work() as uow:
        firm, pool = ending(uow)
        _, dispute = disputed_drawing(uow, firm)
    office.moment = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    with office.work() as uow:
        live_on(uow, {"pool_id": pool.id})
        assert of_pool(uow, firm) == (0, 0, 60, 540)
        if stated:
            lock_periods(uow, [firm.contract], date(2026, 11, 30))
        settle_entry_dispute(uow, dispute, True, firm.dispatcher)
        assert of_pool(uow, firm) == ((0, 0, 0, 600) if stated else (60, 0, 0, 540))
        undoing = uow.session.exec(
            select(PoolEntry).where(PoolEntry.kind == EntryKind.REVERSE, PoolEntry.ticket_id.is_not(None))
        ).one()
        assert (undoing.late, undoing.work_date) == (stated, DAY)
        live_on(uow, {"pool_id": pool.id})
        assert of_pool(uow, firm)[0] == (0 if stated else 60)
        lock_periods(uow, [firm.contract], date(2026, 11, 30))
        live_on(uow, {"pool_id": pool.id})
        assert of_pool(uow, firm) == (0, 0, 0, 600)


def test_hours_of_a_line_of_a_statement_come_back_when_its_dispute_is_granted(
    office: TestOffice, session: Session
) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, minutes=600, fee=100_000)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        ticket = opened(uow, firm)
        work(uow, firm, ticket, 50)
        accept_work(uow, ticket.id, firm.requester)
    close(office)
    line = next(each for each in lines_of(session, statement_of(session, firm.contract)) if each.kind == "hours")
    with office.work() as uow:
        dispute_line(uow, line.id, "этого не было", firm.boss)
        assert settle_line_dispute(uow, line.id, True, manager) is None
        assert balance(uow, firm) == (600, 0, 0)
        assert uow.session.exec(select(PoolEntry).where(PoolEntry.kind == EntryKind.REVERSE)).one().late


CASES = [("рубли", "10 000", {}, 250_000, 320_000), ("баллы", "100", {"point": 10_000}, 25, 32)]


@pytest.mark.parametrize(("unit", "size", "terms", "own", "part"), CASES)
def test_in_roubles_and_points_an_added_work_draws_its_price_once(
    office: TestOffice, tmp_path: Path, unit: str, size: str, terms: dict[str, int], own: int, part: int
) -> None:
    firm = stocked(office, tmp_path, unit, size, **terms)
    with office.work() as uow:
        ticket = in_work(uow, firm)
        added = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        assert sum(held(uow.session, ticket.id).values()) == own + part
        say_time(uow, ticket.id, 60, "по факту", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        second = timed(uow, ticket, 60)
        dispute_work(uow, ticket.id, "time", second.id, "не было", firm.requester)
        accept_work(uow, ticket.id, firm.requester)
        assert drawn(uow.session, ticket.id) == {None: own, added.line.id: part}
        dispute_work(uow, ticket.id, "work", added.line.id, "не ставили", firm.requester)
        resolve_dispute(uow, ticket.id, False, firm.dispatcher)
        accept_work(uow, ticket.id, firm.requester)
        assert (ticket.state, drawn(uow.session, ticket.id)) == (TicketState.CLOSED, {None: own})
        assert held(uow.session, ticket.id) == {}


def test_a_pool_of_tickets_gives_one_however_many_works_are_added(office: TestOffice, tmp_path: Path) -> None:
    firm = stocked(office, tmp_path, "заявки", "5")
    with office.work() as uow:
        ticket = in_work(uow, firm)
        add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        assert sum(held(uow.session, ticket.id).values()) == 1
        say_time(uow, ticket.id, 60, "по факту", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
        assert (drawn(uow.session, ticket.id), held(uow.session, ticket.id)) == ({None: 1}, {})
