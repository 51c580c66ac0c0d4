"""Two and more people at once over quotes, hours and the books: the invariants of money and consent hold."""

import multiprocessing
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread
from typing import Any

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
from sqlmodel import col, select

from bot.billing.documents.credit_note import issue_credit
from bot.billing.documents.models import CreditedLine
from bot.billing.hours.life import reverse_entry
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.prices.models import PriceLine
from bot.billing.quotes.approve import Press
from bot.billing.quotes.models import Approval, Quote
from bot.billing.quotes.top_up import approve_top_up, ask_top_up
from bot.billing.statements.models import StatementLine
from bot.calendar.periods import month_of
from bot.clients.models import ClientRole, Contract, Membership, StaffRole
from bot.db.engine import Database
from bot.db.errors import Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.month.close import close_batch
from bot.tickets.offers.answer import approve_by_word, approve_paid_work, choose_option, decline_paid_work
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.offers.offering import quote_expire
from bot.tickets.work.accept import accept_work
from bot.tickets.work.add import add_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.bills import billed_firm
from tests.builders.deciding import decide
from tests.builders.jobs import Firm, build_firm, opened, person, worker
from tests.builders.money_checks import (
    check_consent,
    check_hours,
    check_locked,
    check_nothing_unapproved,
    check_stated_once,
    check_sums,
    check_unchanged,
    issued,
)
from tests.conftest import TestOffice
from tests.spare_databases import SpareDatabases

TERMS = {"exclusions": [{"clause": "п. 5", "work_types": ["parts"]}]}
MOST_TICKETS = 4
places = st.integers(0, MOST_TICKETS - 1)
sums = st.integers(1_00, 9_000_00)


class MoneyMachine(RuleBasedStateMachine):
    """A firm with a fee and four hours, two approvers and an owner; all act, and months close, in any order."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.office = TestOffice(database)
        with self.office.work() as uow:
            for earlier in uow.session.exec(select(Contract)).all():
                earlier.starts = date.max  # the firms of earlier examples are out of the close
            self.firm: Firm = billed_firm(uow, fee=1_500_000, minutes=240, terms=TERMS)
            self.manager = worker(uow.session, "Мария", StaffRole.MANAGER)
            second = person(uow.session, "Второй", self.firm.company, ClientRole.APPROVER, month_limit=700_000)
        self.people = (self.firm.approver, self.firm.boss, second)
        self.tickets: list[int] = []
        self.issued: dict[str, Any] = {}

    def act(self, *acts: Callable[[UnitOfWork], Any]) -> list[str]:
        """Run acts, each in a transaction and a thread of its own, all at once; a polite no changes nothing."""
        self.office.moment += timedelta(seconds=1)  # no two things happen at one moment, as in life
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
            return (row.id, row.version) if row is not None else None

    def ticket(self, place: int) -> int:
        return self.tickets[place % len(self.tickets)]

    @initialize(first=sums, second=sums, minutes=st.integers(1, 200))
    def begin_with_work(self, first: int, second: int, minutes: int) -> None:
        """Hours that are bought, two jobs that are paid: one accepted, one left for later."""
        self.open(True)
        self.buy_hours(300, 1, 1)
        self.do_paid_job(0, first, 1, minutes, True)
        self.do_paid_job(1, second, 1, minutes, False)

    @precondition(lambda self: len(self.tickets) < MOST_TICKETS)
    @rule(both=st.booleans())
    def open(self, both: bool) -> None:
        found: list[int] = []

        def one(uow: UnitOfWork) -> None:
            ticket = opened(uow, self.firm)
            found.append(ticket.id)

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
    @rule(place=places, asked=st.lists(sums, min_size=1, max_size=2))
    def estimate(self, place: int, asked: list[int]) -> None:
        options = [(each, "Ещё") for each in asked[1:]]
        self.act(lambda uow: send_estimate(uow, self.ticket(place), asked[0], "Ремонт", self.firm.dispatcher, options))

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

    @precondition(lambda self: self.tickets)
    @rule(
        place=places,
        kopecks=sums,
        who=st.integers(0, 2),
        minutes=st.integers(1, 200),
        accepts=st.booleans(),
    )
    def do_paid_job(self, place: int, kopecks: int, who: int, minutes: int, accepts: bool) -> None:
        """A job from its estimate to its end, unless somebody is in the way; what is accepted later may be late."""
        self.begin(place)
        self.estimate(place, [kopecks])
        self.decide_at_once(place, who, who, False, False)
        self.finish(place, minutes)
        if accepts:
            self.accept_twice(place)

    @rule(which=st.integers(0, 2), back=st.booleans())
    def revoke(self, which: int, back: bool) -> None:
        def one(uow: UnitOfWork) -> None:
            right = uow.session.exec(select(Membership).where(Membership.person_id == self.people[which])).one()
            right.ended_at = None if back else uow.now

        self.act(one)

    @precondition(lambda self: self.tickets)
    @rule(place=places, which=st.integers(0, 2))
    def revoke_while_deciding(self, place: int, which: int) -> None:
        """A right is taken from one at the very moment of their press."""
        found = self.newest(place)
        if found is None:
            return
        quote, version = found
        who = self.people[which]

        def take(uow: UnitOfWork) -> None:
            right = uow.session.exec(select(Membership).where(Membership.person_id == who).with_for_update()).one()
            right.ended_at = right.ended_at or uow.now

        self.act(lambda uow: approve_paid_work(uow, quote, version, who, Press(1, 2)), take)

    @rule(minutes=st.sampled_from([300, 600]), first=st.integers(0, 2), second=st.integers(0, 2))
    def buy_hours(self, minutes: int, first: int, second: int) -> None:
        """Hours are asked for and two people say yes at once."""
        made: list[int] = []

        def ask(uow: UnitOfWork) -> None:
            made.append(ask_top_up(uow, self.firm.contract, minutes, self.people[first]).id)

        self.act(ask)
        if made:
            self.act(
                lambda uow: approve_top_up(uow, made[0], self.people[first], Press(1, 2)),
                lambda uow: approve_top_up(uow, made[0], self.people[second], Press(3, 4)),
            )

    @rule(place=places, early=st.booleans())
    def close_month(self, place: int, early: bool) -> None:
        """The month ends; two close it at once while a client accepts work: billed now or late, never twice."""
        last = self.office.moment.date()
        if not early:
            self.office.moment = datetime.combine(month_of(last).end + timedelta(days=4), time(9), UTC)

        def close(uow: UnitOfWork) -> None:
            close_batch(uow, month_of(last))

        acts: list[Callable[[UnitOfWork], Any]] = [close, close]
        if self.tickets:
            acts.append(lambda uow: accept_work(uow, self.ticket(place), self.firm.requester))
        self.act(*acts)

    @rule(place=st.integers(0, 20), second=st.integers(0, 20))
    def credit(self, place: int, second: int) -> None:
        """Two managers take back lines of what was issued, perhaps the same one."""
        with self.office.database.read() as session:
            lines = session.exec(select(StatementLine.id).where(col(StatementLine.gross) > 0)).all()
        if lines:
            self.act(
                *(
                    lambda uow, at=at: issue_credit(uow, [lines[at % len(lines)] or 0], "Ошибка", self.manager)  # type: ignore[misc]  # a default binds now
                    for at in (place, second)
                )
            )

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
            self.act(lambda uow, quote_id=quote_id: quote_expire(uow, {"quote_id": quote_id}))  # type: ignore[misc]  # a default binds now

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

    def teardown(self) -> None:
        """The end of two months: what was left open is accepted in between, and is late."""
        if self.tickets:
            self.close_month(0, False)
            for place in range(len(self.tickets)):
                self.accept_twice(place)
            self.close_month(0, False)
            self.documents_hold()

    @invariant()
    def consent_holds(self) -> None:
        with self.office.database.read() as session:
            check_consent(session, self.firm.company)

    @invariant()
    def documents_hold(self) -> None:
        with self.office.database.read() as session:
            check_unchanged(session, self.issued)
            self.issued = issued(session)
            check_sums(session)
            check_nothing_unapproved(session)
            check_stated_once(session)
            check_locked(session)

    @invariant()
    def hours_hold(self) -> None:
        with self.office.database.read() as session:
            check_hours(session, self.firm, self.tickets)


def test_money_and_consent_hold_whoever_acts_when(database: Database) -> None:
    run_state_machine_as_test(
        lambda: MoneyMachine(database),
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    with database.read() as session:  # the walk went where it was meant to
        reached = set(session.exec(select(StatementLine.kind, StatementLine.late)).all())
        assert reached >= {("fee", False), ("quote", False), ("quote", True), ("top_up", False), ("hours", False)}
        assert session.exec(select(CreditedLine)).first() is not None


def test_processes_that_decide_at_once_leave_one_decision(spare_databases: SpareDatabases) -> None:
    with spare_databases.one() as url:
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
