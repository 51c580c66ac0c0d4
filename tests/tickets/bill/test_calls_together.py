"""Several entries of one ticket are rounded together, also where they are accepted in parts (R5.5)."""

from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.work.models import TimeEntry
from bot.billing.work.phone_calls import CallPurpose, CallState
from bot.billing.work.rounding import Way
from bot.tickets.calls.booking import confirm_call
from bot.tickets.calls.models import PhoneCall
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.work.accept import accept_work, dispute_work, resolve_dispute
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.appeals import add
from tests.builders.bills import AFTER_DECEMBER, DECEMBER, billed_firm, close, lines_of, statement_of
from tests.builders.jobs import Firm, balance, opened
from tests.conftest import TestOffice

_codes = count(1)


def called(uow: Any, firm: Firm, ticket: Ticket, seconds: int = 90, days: int = 0) -> TimeEntry:
    """An answered call that its engineer has booked on the ticket."""
    begin = uow.now + timedelta(days=days)
    row = PhoneCall(code=f"c-{next(_codes)}", phone="+7", seconds=seconds)
    row.engineer_id, row.started_at, row.recorded_at = firm.engineer, begin, uow.now
    row.purpose, row.state, row.company_id = CallPurpose.WORK, CallState.DRAFT, firm.company
    call = confirm_call(uow, add(uow.session, row).id, ticket.id, firm.engineer)
    return uow.session.exec(select(TimeEntry).where(TimeEntry.call_id == call.id)).one()


def begun(uow: Any, **terms: Any) -> tuple[Firm, Ticket]:
    firm = billed_firm(uow, minutes=600, terms=terms)
    ticket = opened(uow, firm, way=Way.REMOTE)
    take_ticket(uow, ticket.id, firm.engineer)
    return firm, start_work(uow, ticket.id, firm.engineer)


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("rounding", "expected"), [("entry", [15] * 4), ("ticket_day", [15, 0, 0, 15]), ("ticket", [15, 0, 0, 0])]
)
def test_four_calls_of_ninety_seconds(office: TestOffice, session: Any, rounding: str, expected: list[int]) -> None:
    with office.work() as uow:
        firm, ticket = begun(uow, rounding=rounding)
        calls = [called(uow, firm, ticket, days=days) for days in (0, 0, 0, 1)]
        assert [call.billed_minutes for call in calls] == expected
        say_time(uow, ticket.id, 0, "только звонки", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
        assert balance(uow, firm) == (600 - sum(expected), 0, sum(expected))
    close(office)
    lines = lines_of(session, statement_of(session, firm.contract))
    assert (sum(line.raw_minutes for line in lines), sum(line.billed_minutes for line in lines)) == (8, sum(expected))


def test_a_visit_and_calls_are_rounded_apart(office: TestOffice) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, minutes=600)
        ticket = opened(uow, firm)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        for _ in range(2):
            called(uow, firm, ticket)
        say_time(uow, ticket.id, 50, "менял плату", firm.engineer)
        say_time(uow, ticket.id, 70, "и ещё одну", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
        assert balance(uow, firm) == (510, 0, 90)


def test_what_is_accepted_in_parts_comes_to_the_same_each_in_its_own_month(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm, ticket = begun(uow)
        calls = [called(uow, firm, ticket, seconds).id for seconds in (90, 90, 900)]  # 2, 2 and 15 min: 15, 0, 15
        say_time(uow, ticket.id, 0, "только звонки", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        dispute_work(uow, ticket.id, "time", calls[0], "Не звонили", firm.requester)
        accept_work(uow, ticket.id, firm.requester)
        assert [uow.session.get_one(TimeEntry, call).billed_minutes for call in calls] == [15, 0, 15]
        assert balance(uow, firm)[2] == 15
    close(office)
    with office.work() as uow:
        resolve_dispute(uow, ticket.id, True, firm.dispatcher)
        accept_work(uow, ticket.id, firm.requester)
        assert balance(uow, firm) == (570, 0, 30)
    close(office, DECEMBER, AFTER_DECEMBER)
    november, december = (
        [(line.raw_minutes, line.billed_minutes, line.late) for line in lines_of(session, statement)]
        for statement in (statement_of(session, firm.contract), statement_of(session, firm.contract, DECEMBER))
    )
    assert (november, december) == ([(17, 15, False)], [(2, 15, True)])


@pytest.mark.parametrize(("first", "expected"), [(False, [0, 15, 0]), (True, [0, 0, 0])])
def test_an_entry_taken_away_recomputes_what_isn_t_settled(
    office: TestOffice, first: bool, expected: list[int]
) -> None:
    """Calls of 2 min each; the first, which has the 15, is taken off before or after the others were accepted."""
    with office.work() as uow:
        firm, ticket = begun(uow)
        calls = [called(uow, firm, ticket).id for _ in range(3)]
        say_time(uow, ticket.id, 0, "только звонки", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        dispute_work(uow, ticket.id, "time", calls[0], "Не звонили", firm.requester)
        if first:
            accept_work(uow, ticket.id, firm.requester)
        resolve_dispute(uow, ticket.id, False, firm.dispatcher)
        assert [uow.session.get_one(TimeEntry, call).billed_minutes for call in calls] == expected
        accept_work(uow, ticket.id, firm.requester)
        assert balance(uow, firm)[2] == sum(expected)


def test_a_call_of_a_day_that_is_settled_takes_the_difference(office: TestOffice) -> None:
    with office.work() as uow:
        firm, ticket = begun(uow)
        settled = called(uow, firm, ticket, 600)
        settled.settled_at = uow.now
        assert settled.billed_minutes == 15
        assert called(uow, firm, ticket, 240).billed_minutes == 0
        assert called(uow, firm, ticket, 60 * 3).billed_minutes == 15
        assert settled.work_date == date(2026, 11, 24)
