"""A dispute freezes its own line: the rest is billed as without it, and once decided the line follows (R10.4)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.terms.models import Plan
from bot.billing.work.models import TimeEntry, WorkLine
from bot.billing.work.phone_calls import CallPurpose, CallState
from bot.clients.models import Contract
from bot.db.errors import NotFound
from bot.tickets.calls.booking import confirm_call
from bot.tickets.calls.models import PhoneCall
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.opening.cancel import reopen_ticket
from bot.tickets.work.accept import accept_work, dispute_work, resolve_dispute
from bot.tickets.work.finish import finish_work
from tests.builders.appeals import add
from tests.builders.bills import AFTER_DECEMBER, DECEMBER, NOVEMBER, PRESS, close, lines_of, statement_of
from tests.conftest import TestOffice
from tests.tickets.work.test_added_works import Job, added, begun

HOUR, NORM, FIXED, PART = "Час ремонта", "Работа norm-setup", "Работа fixed-setup", "Головка"
ALL = {HOUR: 250_000, NORM: 150_000, FIXED: 700_000, PART: 320_000}


def finished(office: TestOffice, job: Job, minutes: int = 60) -> None:
    office.moment += timedelta(minutes=minutes)
    with office.work() as uow:
        finish_work(uow, job.ticket.id, job.firm.engineer)


def worked(office: TestOffice, **terms: Any) -> Job:
    """An hour, a norm work, a fixed work and a part, each agreed by itself and done."""
    with office.work() as uow:
        job = begun(uow, terms=terms)
        job.items["part"] = job.firm.part
        for code in ("norm-setup", "fixed-setup", "part"):
            made = added(uow, job, code)
            approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
    finished(office, job)
    return job


def dispute(office: TestOffice, job: Job, *names: str) -> None:
    """Lines by name; a number is the minutes of a time entry. The rest is accepted."""
    with office.work() as uow:
        for name in names:
            if name == HOUR or name.isdigit():
                query = select(TimeEntry.id).where(TimeEntry.ticket_id == job.ticket.id)
                query = query if name == HOUR else query.where(TimeEntry.minutes == int(name))
                kind, line = "time", uow.session.exec(query).one()
            else:
                kind, line = "work", uow.session.exec(select(WorkLine.id).where(WorkLine.name == name)).one()
            dispute_work(uow, job.ticket.id, kind, line, "Не так", job.firm.requester)
        accept_work(uow, job.ticket.id, job.firm.requester)


def decide(office: TestOffice, job: Job, keep: bool) -> None:
    with office.work() as uow:
        resolve_dispute(uow, job.ticket.id, keep, job.firm.dispatcher)
        accept_work(uow, job.ticket.id, job.firm.requester)


def billed(office: TestOffice, session: Any, job: Job, later: bool = False) -> list[tuple[str, int]]:
    """Lines with a sum of November's statement, or of December's, which are late."""
    if later:
        close(office, DECEMBER, AFTER_DECEMBER)
    else:
        close(office)
    statement = statement_of(session, job.firm.contract, DECEMBER if later else NOVEMBER)
    lines = [line for line in lines_of(session, statement) if line.gross] if statement is not None else []
    assert all(line.late == later for line in lines)
    return [(line.name, line.gross) for line in lines]


def left_out(session: Any, job: Job) -> list[str]:
    return [each["name"] for each in statement_of(session, job.firm.contract).left_out]


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("name", "keep"), [*((name, True) for name in ALL), (NORM, False)])
def test_each_line_freezes_alone_and_follows_late_or_never(
    office: TestOffice, session: Any, name: str, keep: bool
) -> None:
    job = worked(office, hourly_by_fact=keep)
    dispute(office, job, name)
    assert billed(office, session, job) == [each for each in ALL.items() if each[0] != name]
    assert left_out(session, job) == ["Работа на выезде" if name == HOUR else name]
    decide(office, job, keep)
    assert billed(office, session, job, later=True) == ([(name, ALL[name])] if keep else [])
    assert set(session.exec(select(Quote.state)).all()) <= {QuoteState.INVOICED, QuoteState.ACCEPTED}


def test_all_at_once_and_nothing_is_lost(office: TestOffice, session: Any) -> None:
    job = worked(office)
    dispute(office, job, *ALL)
    assert billed(office, session, job) == []
    decide(office, job, True)
    assert billed(office, session, job, later=True) == list(ALL.items())


def with_call(office: TestOffice, minutes: int = 40, **terms: Any) -> Job:
    """An hour agreed as «до N» or at a fixed price; a call of 5 minutes before the visit of `minutes`."""
    with office.work() as uow:
        job = begun(uow, terms={"minimum_visit": 15, **terms})
        row = PhoneCall(code="c-1", phone="+7", engineer_id=job.firm.engineer, started_at=uow.now, seconds=300)
        row.purpose, row.state = CallPurpose.WORK, CallState.DRAFT
        row.company_id, row.recorded_at = job.firm.company, uow.now
        confirm_call(uow, add(uow.session, row).id, job.ticket.id, job.firm.engineer)
    finished(office, job, minutes)
    return job


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("by_fact", "minutes", "disputed", "first", "keep", "later"),
    [
        (True, 40, "5", 187_500, True, 62_500),  # 45 minutes, then the 15 of the call
        (True, 40, "40", 62_500, True, 187_500),
        (True, 40, "40", 62_500, False, 0),
        (True, 90, "5", 250_000, True, 0),  # the hour that was agreed is full without the call
        (False, 40, "5", 187_500, True, 62_500),  # a fixed price: what can't be in doubt, then the rest of it
        (False, 20, "5", 125_000, False, 0),
        (False, 90, "5", 250_000, False, 0),
    ],
)
def test_one_entry_of_two_holds_back_what_hangs_on_it(
    office: TestOffice, session: Any, by_fact: bool, minutes: int, disputed: str, first: int, keep: bool, later: int
) -> None:
    job = with_call(office, minutes, hourly_by_fact=by_fact)
    dispute(office, job, disputed)
    assert billed(office, session, job) == [(HOUR, first)]
    decide(office, job, keep)
    assert billed(office, session, job, later=True) == ([(HOUR, later)] if later else [])


@pytest.mark.parametrize("by_fact", [False, True])
def test_the_line_of_the_time_leads_to_what_is_not_disputed(office: TestOffice, session: Any, by_fact: bool) -> None:
    job = with_call(office, hourly_by_fact=by_fact)
    dispute(office, job, "5")
    close(office)
    hour = next(line for line in lines_of(session, statement_of(session, job.firm.contract)) if line.name == HOUR)
    assert (hour.raw_minutes, hour.billed_minutes) == (40, 45)


def test_a_work_within_an_estimate_holds_back_its_own_price(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun(uow, estimate=1_000_000)
        assert added(uow, job, "fixed-repair").quote is None
    finished(office, job)
    dispute(office, job, "Работа fixed-repair")
    assert [kopecks for _, kopecks in billed(office, session, job)] == [300_000]
    assert left_out(session, job) == ["Работа fixed-repair"]
    decide(office, job, True)
    assert [kopecks for _, kopecks in billed(office, session, job, later=True)] == [700_000]


def test_a_work_within_an_estimate_that_was_given_up_is_never_billed(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun(uow, estimate=1_000_000)
        added(uow, job, "fixed-repair")
    finished(office, job)
    dispute(office, job, "Работа fixed-repair")
    decide(office, job, False)
    assert [kopecks for _, kopecks in billed(office, session, job)] == [300_000]
    assert billed(office, session, job, later=True) == []


@pytest.mark.parametrize("keep", [True, False])
def test_hours_of_the_job_that_are_named_as_a_work_hold_back_their_time(
    office: TestOffice, session: Any, keep: bool
) -> None:
    with office.work() as uow:
        job = begun(uow)
        assert added(uow, job, "actual-repair").quote is None
    finished(office, job, 70)  # 75 minutes at a fixed hour: 15 of them are not in doubt
    dispute(office, job, "Работа actual-repair")
    assert billed(office, session, job) == [(HOUR, 62_500)]
    assert left_out(session, job) == ["Работа actual-repair"]
    decide(office, job, keep)
    assert billed(office, session, job, later=True) == ([(HOUR, 187_500)] if keep else [])


def test_a_job_that_came_back_holds_back_nothing_of_a_fixed_price(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun(uow, terms={"minimum_visit": 15})
    finished(office, job, 20)
    with office.work() as uow:
        accept_work(uow, job.ticket.id, job.firm.requester)
        reopen_ticket(uow, job.ticket.id, job.firm.requester)
        take_ticket(uow, job.ticket.id, job.firm.engineer)
        start_work(uow, job.ticket.id, job.firm.engineer)
        assert added(uow, job, "actual-repair").quote is None, "the hour that was agreed is still there"
    finished(office, job, 10)
    assert billed(office, session, job) == [(HOUR, 250_000)]
    with office.work() as uow:
        accept_work(uow, job.ticket.id, job.firm.requester)
    assert billed(office, session, job, later=True) == []


def test_what_a_dispute_took_off_is_not_disputed_again(office: TestOffice) -> None:
    job = worked(office)
    dispute(office, job, HOUR)
    with office.work() as uow:
        resolve_dispute(uow, job.ticket.id, False, job.firm.dispatcher)
    with pytest.raises(NotFound):
        dispute(office, job, HOUR)


def test_a_line_of_an_invoice_is_not_said_to_be_left_out_of_the_next(office: TestOffice, session: Any) -> None:
    job = worked(office)
    dispute(office, job, PART)
    assert FIXED in dict(billed(office, session, job))
    dispute(office, job, FIXED)
    with office.work() as uow:
        contract = uow.session.get_one(Contract, job.firm.contract)
        uow.session.get_one(Plan, contract.plan_id).monthly_fee = 100_000
    close(office, DECEMBER, AFTER_DECEMBER)
    statement = statement_of(session, job.firm.contract, DECEMBER)
    assert [each["name"] for each in statement.left_out] == [PART]
    assert statement.gross == 100_000
