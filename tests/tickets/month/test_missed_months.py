"""Months that nobody closed in time: all are caught up in order, whatever stopped the bot; on both databases."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.billing.documents.models import Document
from bot.billing.statements.models import Statement, StatementLine
from bot.billing.terms.models import Plan
from bot.calendar.periods import Period, month_of
from bot.clients.models import Company, Contract, Seller
from bot.db.engine import Database
from bot.db.unit_of_work import UnitOfWork
from bot.jobs.ticker import Ticker
from bot.jobs.timers import TIMERS
from bot.messaging.models import Timer
from bot.messaging.runner import Bell
from bot.telegram.ids import bot as telegram_bot
from bot.tickets.month.close import BillingNotBegun, PeriodNotOver, close_batch, close_period, watch_periods
from bot.tickets.work.accept import accept_work
from tests.builders.bills import BANK, billed_firm, done, lines_of, statement_of, with_key
from tests.conftest import RememberingTeller, TestOffice

OCTOBER, NOVEMBER, DECEMBER = (month_of(date(2026, month, 1)) for month in (10, 11, 12))
BACK = datetime(2027, 1, 20, 9, tzinfo=UTC)


def begins(uow: UnitOfWork, day: date) -> Seller:
    seller = uow.session.get_one(Seller, 1)
    seller.billing_from = day
    return seller


def months_of(session: Session, contract: int) -> list[str]:
    """Months of a contract's statements in the order they were issued."""
    session.rollback()
    rows = session.exec(select(Statement).where(Statement.contract_id == contract).order_by(col(Statement.id))).all()
    return [f"{row.period_start:%Y-%m}" for row in rows]


def tick(office: TestOffice, until: datetime) -> None:
    """The ticker runs at a moment, all that is due by then."""
    office.moment = until
    Ticker(office, TIMERS, telegram_bot(1), Bell(), Bell()).tick()


def test_months_missed_while_the_bot_was_off_are_closed_in_order(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firms = [billed_firm(uow, fee=100_000, unlimited=True) for _ in range(3)]
        begins(uow, OCTOBER.start)
        watch_periods(uow)
    tick(office, datetime(2026, 11, 29, 9, tzinfo=UTC))
    assert months_of(session, firms[0].contract) == ["2026-10"]
    tick(office, BACK)
    for firm in firms:
        assert months_of(session, firm.contract) == ["2026-10", "2026-11", "2026-12"]
    acts = session.exec(select(Document).where(Document.kind == "act").order_by(col(Document.number))).all()
    assert [act.number for act in acts] == list(range(1, 10))
    assert [act.issued_on for act in acts] == sorted(act.issued_on for act in acts)
    told = [notice.values["month"] for notice in office.told if notice.template == "documents/closed"]
    assert told == [OCTOBER.start, NOVEMBER.start, DECEMBER.start]


def test_a_month_before_billing_begins_is_not_closed_by_itself_nor_by_command(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000, unlimited=True)
        begins(uow, DECEMBER.start)
        watch_periods(uow)
    tick(office, datetime(2026, 12, 28, 9, tzinfo=UTC))
    assert months_of(session, firm.contract) == []
    with pytest.raises(BillingNotBegun):
        list(close_period(office, NOVEMBER))
    tick(office, BACK)
    assert months_of(session, firm.contract) == ["2026-12"]


def test_closing_a_later_month_closes_those_before_it_first(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000, unlimited=True)
        begins(uow, OCTOBER.start)
    office.moment = BACK
    assert [done.period for done in close_period(office, DECEMBER)] == [OCTOBER, NOVEMBER, DECEMBER]
    assert list(close_period(office, NOVEMBER)) == []
    assert months_of(session, firm.contract) == ["2026-10", "2026-11", "2026-12"]


def test_a_contract_added_late_gets_its_own_months_and_nobody_else_is_billed_again(
    office: TestOffice, session: Any
) -> None:
    with office.work() as uow:
        early = billed_firm(uow, fee=100_000, unlimited=True)
        begins(uow, OCTOBER.start)
        watch_periods(uow)
    tick(office, BACK)
    with office.work() as uow:
        late = billed_firm(uow, fee=200_000, unlimited=True)
        uow.session.get_one(Contract, late.contract).starts = date(2026, 11, 16)
    tick(office, BACK + timedelta(hours=2))
    assert months_of(session, late.contract) == ["2026-11", "2026-12"]
    assert months_of(session, early.contract) == ["2026-10", "2026-11", "2026-12"]


def test_months_with_nothing_to_bill_are_passed_and_say_nothing(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        begins(uow, OCTOBER.start)
        watch_periods(uow)
    tick(office, BACK)
    assert months_of(session, firm.contract) == []
    assert [notice for notice in office.told if notice.template == "documents/closed"] == []
    with office.work() as uow:
        contract = uow.session.get_one(Contract, firm.contract)
        assert contract.billed_until == DECEMBER.end
        uow.session.get_one(Plan, contract.plan_id).monthly_fee = 100_000
    tick(office, datetime(2027, 2, 6, 9, tzinfo=UTC))
    assert months_of(session, firm.contract) == ["2027-01"], "a fee that is new isn't billed for months gone by"


def test_work_of_a_missed_month_stands_in_its_own_statement_and_what_is_accepted_later_in_the_next(
    office: TestOffice, session: Any
) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        begins(uow, OCTOBER.start)
        watch_periods(uow)
        in_time, late = done(uow, firm), done(uow, firm)
        accept_work(uow, in_time.id, firm.requester)
    office.moment = datetime(2026, 12, 20, 9, tzinfo=UTC)
    assert [each.period for each in close_period(office, NOVEMBER)] == [OCTOBER, NOVEMBER]
    with office.work() as uow:
        accept_work(uow, late.id, firm.requester)
    tick(office, BACK)
    (own,) = lines_of(session, statement_of(session, firm.contract, NOVEMBER))
    (next_one,) = lines_of(session, statement_of(session, firm.contract, DECEMBER))
    assert (own.ticket_number, own.late) == (in_time.number, False)
    assert (next_one.ticket_number, next_one.late, next_one.work_date) == (late.number, True, date(2026, 11, 24))


def test_a_closed_company_and_an_ended_contract_pay_no_fee(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        closed, ended = (billed_firm(uow, fee=100_000, unlimited=True) for _ in range(2))
        begins(uow, OCTOBER.start)
        watch_periods(uow)
        uow.session.get_one(Company, closed.company).active = False
        uow.session.get_one(Contract, ended.contract).ends = date(2026, 11, 1)
    tick(office, BACK)
    assert months_of(session, closed.contract) == []
    assert months_of(session, ended.contract) == ["2026-10", "2026-11"]


@pytest.mark.parametrize(
    ("zone", "moment", "over"),
    [
        ("Europe/Moscow", datetime(2026, 11, 30, 21, 30, tzinfo=UTC), True),  # 00:30 on the 1st, UTC is yesterday
        ("Europe/Moscow", datetime(2026, 11, 30, 20, 59, tzinfo=UTC), False),
        ("Asia/Vladivostok", datetime(2026, 11, 30, 14, 30, tzinfo=UTC), True),
        ("Europe/Kaliningrad", datetime(2026, 11, 30, 21, 30, tzinfo=UTC), False),
    ],
)
def test_a_month_is_over_where_the_seller_is(office: TestOffice, zone: str, moment: datetime, over: bool) -> None:
    with office.work() as uow:
        billed_firm(uow, fee=100_000, unlimited=True)
        begins(uow, NOVEMBER.start).timezone = zone
    office.moment = moment
    if over:
        assert [each.statements for each in close_period(office, NOVEMBER)] == [1]
    else:
        with pytest.raises(PeriodNotOver):
            list(close_period(office, NOVEMBER))


# A naive model: each contract owes one statement for each month in force, from the beginning to the last month closed.

SEPTEMBER = date(2026, 9, 1)
days = st.integers(0, 200).map(lambda count: SEPTEMBER + timedelta(days=count))


@st.composite
def contracts(draw: st.DrawFn) -> tuple[date, date | None, int]:
    """First day, last day, and at which step it is entered."""
    starts = draw(days)
    length = draw(st.none() | st.integers(0, 150))
    return starts, starts + timedelta(days=length) if length is not None else None, draw(st.integers(0, 2))


def month_after(period: Period) -> Period:
    return month_of(period.end + timedelta(days=1))


def owed(starts: date, ends: date | None, begins_on: date, until: date) -> list[str]:
    """What the model says, month by month; `until` is the last day that is closed."""
    found = []
    period = month_of(begins_on)
    while period.end <= until:
        if starts <= period.end and (ends is None or ends >= period.start):
            found.append(f"{period.start:%Y-%m}")
        period = month_after(period)
    return found


class _UndoneError(Exception):
    """Ends an example: what it wrote is taken back."""


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    known=st.lists(contracts(), min_size=1, max_size=4),
    first=st.integers(0, 3),
    pauses=st.lists(st.integers(1, 130), min_size=3, max_size=3),
    kills=st.lists(st.booleans(), max_size=12),
    size=st.integers(1, 3),
)
def test_every_combination_of_missed_months_is_what_a_naive_model_says(
    database: Database,
    known: list[tuple[date, date | None, int]],
    first: int,
    pauses: list[int],
    kills: list[bool],
    size: int,
) -> None:
    begins_on = [date(2026, 9, 1), date(2026, 10, 1), date(2026, 12, 1), date(2027, 1, 1)][first]
    try:
        with database.write() as session:
            made = _seller(session, begins_on)
            day, left, ids = SEPTEMBER, list(kills), {}
            for step, pause in enumerate(pauses):
                day += timedelta(days=pause)
                ids |= {place: _contract(session, place, each) for place, each in enumerate(known) if each[2] == step}
                _close_all(session, day, begins_on, size, left)
            until = month_of(day.replace(day=1) - timedelta(days=1)).end
            for place, contract in ids.items():
                assert months_of_one(session, contract) == owed(known[place][0], known[place][1], begins_on, until)
            _check_numbers(session, made)
            raise _UndoneError
    except _UndoneError:
        pass


def months_of_one(session: Session, contract: int) -> list[str]:
    rows = session.exec(select(Statement).where(Statement.contract_id == contract).order_by(col(Statement.id))).all()
    assert all(row.gross == 100_000 for row in rows)
    return [f"{row.period_start:%Y-%m}" for row in rows]


def _close_all(session: Session, day: date, begins_on: date, size: int, kills: list[bool]) -> None:
    """As the timer does, in batches of which some are killed before they commit."""
    until = month_of(day.replace(day=1) - timedelta(days=1))
    if until.start < begins_on:
        return
    going_on = True
    while going_on:
        uow = UnitOfWork(session, datetime.combine(day, time(9), UTC), RememberingTeller())
        attempt = session.begin_nested()
        going_on = close_batch(uow, until, size) is not None
        if kills and kills.pop():
            attempt.rollback()
            going_on = True
        else:
            attempt.commit()


def _seller(session: Session, begins_on: date) -> int:
    values: dict[str, Any] = {**BANK, "account": with_key(BANK["account"], BANK["bic"]), "billing_from": begins_on}
    session.add(Seller(name="Сервис", inn="7707083893", phone="+7 495 000-00-00", vat_bp=2200, **values))
    session.flush()
    return session.exec(select(Seller.id)).one()


def _contract(session: Session, place: int, terms: tuple[date, date | None, int]) -> int:
    plan = Plan(code=f"p{place}", name="Тариф", monthly_fee=100_000, unlimited=True)
    company = Company(code=f"c{place}", name="Ромашка")
    session.add_all([plan, company])
    session.flush()
    row = Contract(company_id=company.id, number=f"Д{place}", plan_id=plan.id, starts=terms[0], ends=terms[1])
    session.add(row)
    session.flush()
    return row.id


def _check_numbers(session: Session, seller: int) -> None:
    """Numbers have no gaps in any year, and nothing is billed twice."""
    for kind in ("act", "invoice"):
        rows = session.exec(select(Document).where(Document.kind == kind, Document.seller_id == seller)).all()
        for year, count in Counter(row.year for row in rows).items():
            assert sorted(row.number for row in rows if row.year == year) == list(range(1, count + 1))
    sources = session.exec(select(StatementLine.source)).all()
    assert len(sources) == len(set(sources))


def test_two_tickers_catch_up_together(office: TestOffice, session: Any) -> None:
    from threading import Thread

    with office.work() as uow:
        firms = [billed_firm(uow, fee=100_000, unlimited=True) for _ in range(4)]
        begins(uow, OCTOBER.start)
        watch_periods(uow)
    office.moment = BACK
    failed: list[BaseException] = []

    def run() -> None:
        try:
            Ticker(office, TIMERS, telegram_bot(1), Bell(), Bell()).tick()
            for _ in close_period(office, DECEMBER, 1):
                pass
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    for firm in firms:
        assert months_of(session, firm.contract) == ["2026-10", "2026-11", "2026-12"]
    timer = session.exec(select(Timer).where(Timer.key == "close_period")).one()
    assert timer.error is None
