"""Two and more people at once over quotes and hours: whatever the order, the invariants of money and consent hold."""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from bot.billing.approve_quote import Press
from bot.billing.balances import pool_balances, pool_history
from bot.billing.hold_hours import held
from bot.billing.models import (
    Approval,
    EntryKind,
    Pool,
    PoolEntry,
    PriceLine,
    Quote,
    QuoteState,
    QuoteVersion,
    WorkLine,
)
from bot.billing.pool_life import reverse_entry
from bot.billing.send_quote import text_hash
from bot.clients.models import ClientRole, Membership
from bot.db.engine import Database
from bot.db.errors import Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.accept_work import accept_work
from bot.tickets.add_work import add_work
from bot.tickets.approve_paid_work import approve_by_word, approve_paid_work, choose_option, decline_paid_work
from bot.tickets.estimate import send_estimate
from bot.tickets.finish_work import finish_work, say_time
from bot.tickets.models import Ticket, TicketState
from bot.tickets.offering import quote_expire
from bot.tickets.take_ticket import start_work, take_ticket
from tests.conftest import TestOffice, fresh_postgres
from tests.tickets.deciding import decide
from tests.tickets.job_builders import Firm, build_firm, opened, person

STANDING = (
    QuoteState.APPROVED,
    QuoteState.IN_WORK,
    QuoteState.DONE,
    QuoteState.ACCEPTED,
    QuoteState.INVOICED,
    QuoteState.PAID,
)
TERMS = {"exclusions": [{"clause": "п. 5", "work_types": ["parts"]}]}
MOST_TICKETS = 4
places = st.integers(0, MOST_TICKETS - 1)


class MoneyMachine(RuleBasedStateMachine):
    """A firm with four hours, two approvers and an owner; engineers, dispatchers and clients act in any order."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.office = TestOffice(database)
        with self.office.work() as uow:
            self.firm: Firm = build_firm(uow.session, minutes=240, terms=TERMS)
            second = person(uow.session, "Второй", self.firm.company, ClientRole.APPROVER, month_limit=700_000)
        self.people = (self.firm.approver, self.firm.boss, second)
        self.tickets: list[int] = []

    def act(self, *acts: Callable[[UnitOfWork], Any]) -> list[str]:
        """Run acts, each in a transaction and a thread of its own, all at once; a polite no changes nothing."""
        barrier, ends = Barrier(len(acts)), []

        def run(one: Callable[[UnitOfWork], Any]) -> None:
            barrier.wait()
            try:
                with self.office.work() as uow:
                    one(uow)
                ends.append("done")
            except Refusal as refused:
                ends.append(refused.key)
            except Exception as error:
                ends.append(f"broken: {error!r}")

        threads = [Thread(target=run, args=(one,)) for one in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not [end for end in ends if end.startswith("broken")], ends
        return ends

    def newest(self, place: int) -> tuple[int, int] | None:
        """Id and version of the newest quote of a ticket."""
        with self.office.database.read() as session:
            row = session.exec(
                select(Quote).where(Quote.ticket_id == self.ticket(place)).order_by(col(Quote.id).desc())
            ).first()
            return (row.id or 0, row.version) if row is not None else None

    def ticket(self, place: int) -> int:
        return self.tickets[place % len(self.tickets)]

    @precondition(lambda self: len(self.tickets) < MOST_TICKETS)
    @rule(both=st.booleans())
    def open(self, both: bool) -> None:
        found: list[int] = []

        def one(uow: UnitOfWork) -> None:
            ticket = opened(uow, self.firm)
            found.append(ticket.id or 0)

        self.act(*([one, one] if both else [one]))
        self.tickets += found

    @precondition(lambda self: self.tickets)
    @rule(place=places)
    def begin(self, place: int) -> None:
        self.act(lambda uow: take_ticket(uow, self.ticket(place), self.firm.engineer))
        self.act(lambda uow: start_work(uow, self.ticket(place), self.firm.engineer))

    @precondition(lambda self: self.tickets)
    @rule(place=places, count=st.integers(1, 2))
    def add_part(self, place: int, count: int) -> None:
        self.act(lambda uow: add_work(uow, self.ticket(place), self.firm.part, count, self.firm.engineer))

    @precondition(lambda self: self.tickets)
    @rule(place=places, sums=st.lists(st.integers(1_00, 9_000_00), min_size=1, max_size=2))
    def estimate(self, place: int, sums: list[int]) -> None:
        options = [(each, "Ещё") for each in sums[1:]]
        self.act(lambda uow: send_estimate(uow, self.ticket(place), sums[0], "Ремонт", self.firm.dispatcher, options))

    @precondition(lambda self: self.tickets)
    @rule(place=places, first=st.integers(0, 2), second=st.integers(0, 2), no=st.booleans(), choose=st.booleans())
    def decide_at_once(self, place: int, first: int, second: int, no: bool, choose: bool) -> None:
        """Two people press at once; perhaps a third chooses an option meanwhile, perhaps staff records a word."""
        found = self.newest(place)
        if found is None:
            return
        quote, version = found
        against = decline_paid_work if no else approve_paid_work
        acts: list[Callable[[UnitOfWork], Any]] = [
            lambda uow: approve_paid_work(uow, quote, version, self.people[first], Press(1, 2)),
            lambda uow: against(uow, quote, version, self.people[second], Press(3, 4)),
        ]
        if choose:
            acts.append(lambda uow: choose_option(uow, quote, version, 1, self.firm.boss))
        else:
            acts.append(lambda uow: approve_by_word(uow, quote, self.people[second], "а", "б", self.firm.dispatcher))
        self.act(*acts)

    @rule(which=st.integers(0, 2), back=st.booleans())
    def revoke(self, which: int, back: bool) -> None:
        def one(uow: UnitOfWork) -> None:
            right = uow.session.exec(select(Membership).where(Membership.person_id == self.people[which])).one()
            right.ended_at = None if back else uow.now

        self.act(one)

    @rule(kopecks=st.integers(1, 9_000_00))
    def change_price(self, kopecks: int) -> None:
        def one(uow: UnitOfWork) -> None:
            for line in uow.session.exec(select(PriceLine)).all():
                line.kopecks = kopecks

        self.act(one)

    @rule(days=st.integers(1, 5))
    def time_passes(self, days: int) -> None:
        self.office.moment += timedelta(days=days)
        with self.office.database.read() as session:
            ids = session.exec(select(Quote.id).where(Quote.company_id == self.firm.company)).all()
        for quote_id in ids:
            self.act(lambda uow, quote_id=quote_id: quote_expire(uow, {"quote_id": quote_id}))  # type: ignore[misc]

    @precondition(lambda self: self.tickets)
    @rule(place=places, minutes=st.integers(0, 200))
    def finish(self, place: int, minutes: int) -> None:
        self.act(lambda uow: say_time(uow, self.ticket(place), minutes, "так вышло", self.firm.engineer))
        self.act(lambda uow: finish_work(uow, self.ticket(place), self.firm.engineer))

    @precondition(lambda self: self.tickets)
    @rule(place=places)
    def accept_twice(self, place: int) -> None:
        one = self.ticket(place)
        self.act(
            lambda uow: accept_work(uow, one, self.firm.requester), lambda uow: accept_work(uow, one, self.firm.boss)
        )

    @rule(place=st.integers(0, 20))
    def reverse(self, place: int) -> None:
        """Staff takes back one consumption that stands."""

        def one(uow: UnitOfWork) -> None:
            pool = uow.session.exec(select(Pool).where(Pool.id == self.firm.pool).with_for_update()).one()
            rows = uow.session.exec(select(PoolEntry).where(PoolEntry.pool_id == pool.id)).all()
            undone = {row.reverses_id for row in rows}
            standing = [row for row in rows if row.kind is EntryKind.CONSUME and row.id not in undone]
            if standing:
                reverse_entry(uow, standing[place % len(standing)], self.firm.dispatcher)

        self.act(one)

    @invariant()
    def consent_holds(self) -> None:
        with self.office.database.read() as session:
            check_consent(session, self.firm.company)

    @invariant()
    def hours_hold(self) -> None:
        with self.office.database.read() as session:
            check_hours(session, self.firm, self.tickets)


def check_consent(session: Session, company_id: int) -> None:
    """One decision per version, one yes per quote, and nothing done for money without it (R7.4, R7.9)."""
    quotes = session.exec(select(Quote).where(Quote.company_id == company_id)).all()
    for quote in quotes:
        decisions = session.exec(select(Approval).where(Approval.quote_id == quote.id)).all()
        assert max(Counter(each.version for each in decisions).values(), default=0) <= 1
        yes = [each for each in decisions if each.approved]
        assert len(yes) <= 1
        if quote.state in STANDING:
            assert [each.version for each in yes] == [quote.version]
        for each in yes:
            shown = session.exec(
                select(QuoteVersion).where(QuoteVersion.quote_id == quote.id, QuoteVersion.version == each.version)
            ).one()
            assert (each.gross, each.text_hash) == (shown.gross, text_hash(each.text))
            assert each.text in shown.texts.values()
            assert each.decided_at <= shown.valid_until
    closed = session.exec(
        select(WorkLine, Ticket.id)
        .join(Ticket, col(Ticket.id) == col(WorkLine.ticket_id))
        .where(Ticket.company_id == company_id, Ticket.state == TicketState.CLOSED)
        .where(col(WorkLine.quote_id).is_not(None), col(WorkLine.removed_at).is_(None))
    ).all()
    for line, _ticket in closed:
        assert session.get_one(Quote, line.quote_id).state in STANDING


def check_hours(session: Session, firm: Firm, tickets: list[int]) -> None:
    """The balance is the sum of the entries, holds are those of the tickets, a closed ticket holds nothing (R4.3)."""
    pool = session.get_one(Pool, firm.pool)
    shown = pool_balances(session, [firm.contract], pool.starts)[0]
    assert pool_history(session, pool)[-1].balance == shown.left
    assert shown.left >= 0
    assert shown.held == sum(sum(held(session, ticket).values()) for ticket in tickets)
    assert shown.left == shown.granted - shown.used - shown.held - shown.sums.expired
    for ticket in session.exec(select(Ticket).where(Ticket.company_id == firm.company)).all():
        if ticket.state is TicketState.CLOSED:
            assert held(session, ticket.id or 0) == {}


def test_money_and_consent_hold_whoever_acts_when(database: Database) -> None:
    run_state_machine_as_test(
        lambda: MoneyMachine(database),
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_processes_that_decide_at_once_leave_one_decision(postgres_server: str, postgres_template: str) -> None:
    with fresh_postgres(postgres_server, postgres_template) as url:
        database = Database(url)
        office = TestOffice(database)
        with office.work() as uow:
            firm = build_firm(uow.session)
            ticket = opened(uow, firm)
            quote = uow.session.exec(select(Quote).where(Quote.ticket_id == ticket.id)).one().id
        context = multiprocessing.get_context("spawn")
        gate = context.Barrier(3)
        deciding = [
            context.Process(target=decide, args=(url, quote, who, no, office.moment, gate))
            for who, no in ((firm.boss, False), (firm.boss, False), (firm.approver, True))
        ]
        for process in deciding:
            process.start()
        for process in deciding:
            process.join(100)
            assert process.exitcode == 0
        with database.read() as session:
            check_consent(session, firm.company)
            assert len(session.exec(select(Approval).where(Approval.quote_id == quote)).all()) == 1
        database.dispose()
