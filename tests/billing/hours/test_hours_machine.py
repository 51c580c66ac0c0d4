"""Any history of a ticket's hours, in any order: the books of each pool agree and what was promised is drawn (R4)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from bot.billing.hours.balances import balance_of, pool_history
from bot.billing.hours.grants import grant_included
from bot.billing.hours.holds import drawn, held
from bot.billing.hours.life import live_on
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.hours.period_lock import lock_periods
from bot.billing.quotes.models import Quote
from bot.billing.terms.models import Plan
from bot.billing.work.models import TimeEntry, WorkLine
from bot.calendar.periods import month_of
from bot.clients.models import Contract
from bot.db.engine import Database
from bot.db.errors import Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.models import Timer
from bot.sums.vat import WHOLE
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.answer import approve_paid_work, decline_paid_work
from bot.tickets.opening.cancel import cancel_ticket, reopen_ticket
from bot.tickets.work.accept import accept_work, dispute_work, resolve_dispute
from bot.tickets.work.add import add_work, remove_work
from bot.tickets.work.dispute_entry import dispute_entry, settle_entry_dispute
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.bills import PRESS, billed_firm
from tests.builders.jobs import opened
from tests.conftest import TestOffice

MOST = 3
places = st.integers(0, MOST - 1)
OVER = (TicketState.CLOSED, TicketState.CANCELLED)
KINDS = {"minutes": (10, {}), "roubles": (700_000, {}), "points": (60, {"point": 10_000}), "tickets": (2, {})}


class HoursMachine(RuleBasedStateMachine):
    """A firm with hours of a month and some that are bought; its tickets live, its months end."""

    def __init__(self, database: Database, unit: str) -> None:
        super().__init__()
        self.office = TestOffice(database)
        self.office.moment = datetime(2026, 10, 29, 9, 0, tzinfo=UTC)
        amount, terms = KINDS[unit]
        with self.office.work() as uow:
            self.firm = billed_firm(uow, minutes=amount, terms={"overrun_bp": 1_000, **terms})
            uow.session.get_one(Pool, self.firm.pool).unit = unit
            if unit == "minutes":
                contract = uow.session.get_one(Contract, self.firm.contract)
                uow.session.get_one(Plan, contract.plan_id).included_minutes = 90
        self.tickets: list[int] = []

    def act(self, act: Callable[[UnitOfWork], Any]) -> None:
        """One act; a polite no changes nothing. No two things happen at one moment, as in life."""
        self.office.moment += timedelta(seconds=1)
        try:
            with self.office.work() as uow:
                act(uow)
        except Refusal:
            pass

    def ticket(self, place: int) -> int:
        return self.tickets[place % len(self.tickets)]

    @initialize(minutes=st.integers(1, 150), more=st.integers(1, 90), works=st.integers(0, 2), keep=st.booleans())
    def begin_with_a_dispute(self, minutes: int, more: int, works: int, keep: bool) -> None:
        """A job in two visits: accepted in part, disputed, settled; two more that wait."""
        for days in (None, 4, None):
            self.open(days)
        self.answer(0, True)
        self.work(0, minutes, works)
        self.another_visit(0, more, 1)
        self.dispute(0, 1, False)
        self.accept(0)
        self.dispute(0, 0, False)
        self.resolve(0, keep)

    @precondition(lambda self: self.tickets)
    @rule(
        place=places, minutes=st.integers(1, 150), more=st.integers(1, 90), which=st.integers(0, 1), keep=st.booleans()
    )
    def job_in_parts(self, place: int, minutes: int, more: int, which: int, keep: bool) -> None:
        """A job from its yes to its end, in two acceptances, with a dispute between or after them."""
        self.answer(place, True)
        self.work(place, minutes, 1)
        self.another_visit(place, more, 0)
        self.dispute(place, 1, False)
        self.accept(place)
        self.dispute(place, which, False)
        self.resolve(place, keep)
        self.accept(place)

    @precondition(lambda self: len(self.tickets) < MOST)
    @rule(days=st.sampled_from([None, 1, 4]))
    def open(self, days: int | None) -> None:
        wanted = self.office.moment + timedelta(days=days) if days is not None else None
        found: list[int] = []
        self.act(lambda uow: found.append(opened(uow, self.firm, preferred_at=wanted).id))
        self.tickets += found

    @precondition(lambda self: self.tickets)
    @rule(place=places, yes=st.booleans())
    def answer(self, place: int, yes: bool) -> None:
        def one(uow: UnitOfWork) -> None:
            quote = uow.session.exec(
                select(Quote).where(Quote.ticket_id == self.ticket(place)).order_by(col(Quote.id).desc())
            ).first()
            if quote is not None:
                press = approve_paid_work if yes else decline_paid_work
                press(uow, quote.id, quote.version, self.firm.boss, PRESS)

        self.act(one)

    @precondition(lambda self: self.tickets)
    @rule(place=places, minutes=st.integers(1, 150), works=st.integers(0, 2))
    def work(self, place: int, minutes: int, works: int) -> None:
        ticket, by = self.ticket(place), self.firm.engineer
        self.act(lambda uow: take_ticket(uow, ticket, by))
        self.act(lambda uow: start_work(uow, ticket, by))
        for item in (self.firm.part, self.firm.cleaning)[:works]:
            self.act(lambda uow, item=item: add_work(uow, ticket, item, works, by))  # type: ignore[misc]  # binds now
        self.answer(place, True)
        self.act(lambda uow: say_time(uow, ticket, minutes, "по факту", by))
        self.act(lambda uow: finish_work(uow, ticket, by))

    @precondition(lambda self: self.tickets)
    @rule(place=places, minutes=st.integers(1, 90), back=st.integers(0, 3))
    def another_visit(self, place: int, minutes: int, back: int) -> None:
        """Time of another day beside what is there, while the client hasn't accepted all."""

        def one(uow: UnitOfWork) -> None:
            ticket = uow.session.get_one(Ticket, self.ticket(place))
            if ticket.state in (TicketState.DONE, TicketState.DISPUTED):
                made = {"minutes": minutes, "billed_minutes": minutes, "made_at": uow.now}
                day = uow.now.date() - timedelta(days=back)
                engineer = ticket.engineer_id or 0
                uow.session.add(TimeEntry(ticket_id=ticket.id, engineer_id=engineer, work_date=day, **made))

        self.act(one)

    @precondition(lambda self: self.tickets)
    @rule(place=places, which=st.integers(0, 3), of_work=st.booleans())
    def dispute(self, place: int, which: int, of_work: bool) -> None:
        ticket, kind, rows = self.ticket(place), "work" if of_work else "time", WorkLine if of_work else TimeEntry

        def one(uow: UnitOfWork) -> None:
            ids = uow.session.exec(select(rows.id).where(rows.ticket_id == ticket).order_by(col(rows.id))).all()
            if ids:
                dispute_work(uow, ticket, kind, ids[which % len(ids)] or 0, "не было", self.firm.requester)

        self.act(one)

    @precondition(lambda self: self.tickets)
    @rule(place=places)
    def accept(self, place: int) -> None:
        self.act(lambda uow: accept_work(uow, self.ticket(place), self.firm.requester))

    @precondition(lambda self: self.tickets)
    @rule(place=places, keep=st.booleans())
    def resolve(self, place: int, keep: bool) -> None:
        self.act(lambda uow: resolve_dispute(uow, self.ticket(place), keep, self.firm.dispatcher))

    @precondition(lambda self: self.tickets)
    @rule(place=places)
    def cancel(self, place: int) -> None:
        self.act(lambda uow: cancel_ticket(uow, self.ticket(place), self.firm.requester))

    @precondition(lambda self: self.tickets)
    @rule(place=places)
    def reopen(self, place: int) -> None:
        self.act(lambda uow: reopen_ticket(uow, self.ticket(place), self.firm.requester))

    @rule(which=st.integers(0, 9), back=st.booleans())
    def dispute_a_drawing(self, which: int, back: bool) -> None:
        def one(uow: UnitOfWork) -> None:
            found = uow.session.exec(select(PoolEntry.id).where(PoolEntry.kind == EntryKind.CONSUME)).all()
            if found:
                made = dispute_entry(uow, found[which % len(found)] or 0, "не было", self.firm.boss)
                settle_entry_dispute(uow, made.id, back, self.firm.dispatcher)

        self.act(one)

    @precondition(lambda self: self.tickets)
    @rule(place=places)
    def take_off(self, place: int) -> None:
        """The engineer takes the last work back."""

        def one(uow: UnitOfWork) -> None:
            query = select(WorkLine.id).where(WorkLine.ticket_id == self.ticket(place))
            line = uow.session.exec(query.order_by(col(WorkLine.id).desc())).first()
            if line is not None:
                remove_work(uow, self.ticket(place), line, self.firm.engineer)

        self.act(one)

    @rule(days=st.integers(1, 20), stated=st.booleans())
    def time_passes(self, days: int, stated: bool) -> None:
        """Timers run; perhaps the month before gets its statement."""
        self.office.moment += timedelta(days=days)
        self.act(grant_included)
        for _ in range(12):
            self.act(self._tick)
        if stated:
            before = month_of(self.office.moment.date()).start - timedelta(days=1)
            self.act(lambda uow: lock_periods(uow, [self.firm.contract], before))

    def _tick(self, uow: UnitOfWork) -> None:
        due = select(Timer).where(Timer.kind == "pool_life", col(Timer.done_at).is_(None), Timer.due_at <= uow.now)
        timer = uow.session.exec(due.order_by(col(Timer.due_at))).first()
        if timer is not None:
            timer.done_at = uow.now
            uow.session.flush()
            live_on(uow, timer.payload)

    def teardown(self) -> None:
        """All is accepted, the month ends with its statement, and then somebody objects."""
        for place in range(len(self.tickets)):
            self.job_in_parts(place, 50, 20, 0, True)
        self.time_passes(32, True)
        self.books_agree()
        for which in range(2):
            self.dispute_a_drawing(which, True)
        self.time_passes(2, True)
        self.books_agree()

    @invariant()
    def books_agree(self) -> None:
        with self.office.database.read() as session:
            check_books(session, self.firm.contract)
            for ticket_id in self.tickets:
                check_ticket(session, session.get_one(Ticket, ticket_id))


def check_books(session: Session, contract: int) -> None:
    """Each pool's balance is the sum of its entries and never beyond its overrun (R4.3); a late reversal is dated as
    what it reverses (R4.10)."""
    pools = session.exec(select(Pool).where(Pool.contract_id == contract)).all()
    for pool in pools:
        shown = balance_of(session, pool)
        assert pool_history(session, pool)[-1].balance == shown.left
        assert shown.left == shown.granted - shown.used - shown.held - shown.sums.expired
        assert shown.left >= -(shown.granted * pool.overrun_bp // WHOLE), pool.code
        assert min(shown.held, shown.used, shown.sums.expired) >= 0
    for entry in session.exec(select(PoolEntry).where(PoolEntry.kind == EntryKind.REVERSE)).all():
        assert entry.work_date == session.get_one(PoolEntry, entry.reverses_id).work_date
    months = [(pool.starts, pool.unit) for pool in pools if (pool.code or "").startswith("included/")]
    assert len(months) == len(set(months)), "a month is granted once"


def check_ticket(session: Session, ticket: Ticket) -> None:
    """An ended ticket holds nothing; what was promised as covered was drawn, and never more than the promise."""
    ticket_id = ticket.id
    taken = drawn(session, ticket_id)
    if ticket.state in OVER:
        assert held(session, ticket_id) == {}
    if ticket.coverage != "COVERED_BY_HOURS":
        assert sum(taken.values()) <= ticket.held_amount, "the covered part is a limit of the ticket"
    for entry in session.exec(select(PoolEntry).where(PoolEntry.ticket_id == ticket_id)).all():
        if entry.kind is EntryKind.CONSUME and entry.time_entry_id is not None:
            time_entry = session.get_one(TimeEntry, entry.time_entry_id)
            undone = session.exec(select(PoolEntry.id).where(PoolEntry.reverses_id == entry.id)).first()
            assert time_entry.settled_at is not None
            assert time_entry.struck_at is None or undone is not None, "time that was taken off has drawn nothing"


@pytest.mark.sampled(1)
@pytest.mark.parametrize("unit", list(KINDS))
def test_hours_agree_whatever_happens(database: Database, unit: str) -> None:
    run_state_machine_as_test(
        lambda: HoursMachine(database, unit),
        settings=settings(
            max_examples=2 if unit == "minutes" else 1,
            stateful_step_count=8,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    with database.read() as session:  # the walk went where it was meant to
        kinds = set(session.exec(select(PoolEntry.kind)).all())
        states = set(session.exec(select(Ticket.state)).all())
        assert kinds >= {EntryKind.HOLD, EntryKind.CONSUME, EntryKind.RELEASE, EntryKind.REVERSE}
        assert TicketState.CLOSED in states
        if unit == "minutes":
            assert EntryKind.EXPIRE in kinds
            assert session.exec(select(PoolEntry.id).where(col(PoolEntry.late).is_(True))).first() is not None
            assert session.exec(select(Ticket.id).where(Ticket.coverage == "PARTLY")).first() is not None
