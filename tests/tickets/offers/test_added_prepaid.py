"""Work added to a debtor's running job waits for its prepayment, the rest of the job goes on (R3.4, R3.6, R9.1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.debts.handle import exempt_debtor, look_at_held
from bot.billing.debts.models import Debt
from bot.billing.debts.rule import DebtLevel
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.send import awaits_prepayment, version_of
from bot.billing.work.models import WorkLine
from bot.clients.models import StaffRole
from bot.db.errors import NotAllowed
from bot.tickets.bill.card import card_of
from bot.tickets.dispatch.take import start_work, take_away, take_ticket
from bot.tickets.life.lifecycle import TicketMoved, history
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.answer import approve_by_word, approve_paid_work, dispute_word
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.offers.prepaid_work import DoneWithoutIt, NothingToPrepay, PrepaidAlready, record_prepayment
from bot.tickets.opening.release import release_hold
from bot.tickets.work.accept import accept_work
from bot.tickets.work.add import Added, remove_work
from bot.tickets.work.finish import NothingDone, finish_work
from tests.builders.bills import PRESS, billed_firm, close, lines_of, quote_of, statement_of
from tests.builders.held_tickets import run_releases
from tests.builders.jobs import balance, opened, worker
from tests.conftest import TestOffice
from tests.tickets.dispatch.test_at_once import at_once
from tests.tickets.work.test_added_works import Job, added, begun, items_of

HOURS = {"covered": ["repair", "setup"], "covered_clause": "п. 2"}
PART = "part"


def running(uow: Any, minutes: int = 600, **terms: Any) -> Job:
    """A debtor's job in work by hours that were paid long ago."""
    job = begun(uow, minutes=minutes, debt=20, terms={**HOURS, **terms})
    job.items[PART] = job.firm.part
    return job


def agreed(uow: Any, job: Job, code: str = PART) -> Added:
    """Something is added that hours don't pay, and the client says yes."""
    made = added(uow, job, code)
    approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
    return made


def pressed(uow: Any, job: Job, made: Added) -> Ticket:
    return record_prepayment(uow, made.quote.id, job.firm.dispatcher)


def told(office: TestOffice, template: str) -> list[dict[str, Any]]:
    return [notice.values for notice in office.told if notice.template == template]


def billed(office: TestOffice, session: Any, job: Job) -> list[tuple[str, int]]:
    """What November bills for the job once it is finished and accepted."""
    office.moment += timedelta(minutes=50)
    with office.work() as uow:
        finish_work(uow, job.ticket.id, job.firm.engineer)
        accept_work(uow, job.ticket.id, job.firm.requester)
    close(office)
    lines = lines_of(session, statement_of(session, job.firm.contract))
    return [(line.name, line.gross) for line in lines if line.gross]


def test_after_the_yes_the_job_goes_on_and_the_added_work_waits(office: TestOffice) -> None:
    with office.work() as uow:
        job = running(uow)
        made = agreed(uow, job)
        assert job.ticket.state is TicketState.IN_WORK
        assert awaits_prepayment(made.quote)
        (line,) = card_of(uow.session, job.ticket, uow.now).works
        assert line.unpaid is True
    (finance,), (manager,) = told(office, "ticket/prepayment"), told(office, "ticket/prepayment_due")
    assert (finance["more"], manager["quote_id"]) == (True, made.quote.id)
    assert {each["reader"] for each in told(office, "quote/approved_told") if each["unpaid"]} >= {"engineer"}


def test_once_it_is_prepaid_it_is_done_and_billed_like_any_other(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = running(uow)
        made = agreed(uow, job)
        pressed(uow, job, made)
        assert not awaits_prepayment(made.quote)
    assert [each["reader"] for each in told(office, "quote/prepaid")] == ["dispatchers", "requester", "engineer"]
    assert billed(office, session, job) == [("Головка", 320_000)]


def test_a_job_finished_while_it_waits_leaves_it_undone_and_unbilled(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = running(uow)
        made = agreed(uow, job)
    assert billed(office, session, job) == []
    assert [each["reader"] for each in told(office, "quote/left_undone")].count("engineer") == 1
    with office.work() as uow:
        with pytest.raises(DoneWithoutIt):
            pressed(uow, job, made)
        line, quote = uow.session.get_one(WorkLine, made.line.id), uow.session.get_one(Quote, made.quote.id)
        assert (line.removed_at is not None, quote.state, quote.prepaid_at) == (True, QuoteState.WITHDRAWN, None)


def test_nothing_but_what_waits_is_no_work_to_hand_over(office: TestOffice) -> None:
    with office.work() as uow:
        job = running(uow)
        agreed(uow, job)
        with pytest.raises(NothingDone):
            finish_work(uow, job.ticket.id, job.firm.engineer)
        assert job.ticket.state is TicketState.IN_WORK


def test_hours_held_for_a_part_of_it_come_back_when_it_is_left_undone(office: TestOffice) -> None:
    with office.work() as uow:
        job = running(uow, minutes=90)
        made = agreed(uow, job, "actual-setup")
        assert (version_of(uow.session, made.quote).gross, balance(uow, job.firm)) == (50_000, (0, 90, 0))
    office.moment += timedelta(minutes=50)
    with office.work() as uow:
        finish_work(uow, job.ticket.id, job.firm.engineer)
        assert balance(uow, job.firm) == (30, 60, 0)


def test_a_second_press_changes_nothing_and_says_so(office: TestOffice) -> None:
    with office.work() as uow:
        job = running(uow)
        made = agreed(uow, job)
        pressed(uow, job, made)
        with pytest.raises(PrepaidAlready):
            pressed(uow, job, made)
        assert [each.kind for each in history(uow.session, job.ticket.id)].count("prepaid") == 1


def test_two_presses_at_once_record_it_once(office: TestOffice) -> None:
    with office.work() as uow:
        job = running(uow)
        made = agreed(uow, job)
    results = at_once(office, *[lambda uow: pressed(uow, job, made).id] * 2)
    assert sum(isinstance(each, PrepaidAlready) for each in results) == 1


@pytest.mark.parametrize("who", ["requester", "approver", "boss", "engineer", "outsider"])
def test_nobody_but_leaders_records_it(office: TestOffice, who: str) -> None:
    with office.work() as uow:
        job = running(uow)
        made = agreed(uow, job)
        with pytest.raises(NotAllowed):
            record_prepayment(uow, made.quote.id, getattr(job.firm, who))
        assert awaits_prepayment(made.quote)


def taken_back(uow: Any, job: Job) -> Quote:
    made = agreed(uow, job)
    remove_work(uow, job.ticket.id, made.line.id, job.firm.engineer)
    return made.quote


def word_disputed(uow: Any, job: Job) -> Quote:
    made = added(uow, job, PART)
    approve_by_word(uow, made.quote.id, job.firm.boss, "по телефону", "запись 5", job.firm.dispatcher)
    dispute_word(uow, made.quote.id, job.firm.boss)
    return made.quote


def not_answered(uow: Any, job: Job) -> Quote:
    return added(uow, job, PART).quote


@pytest.mark.parametrize("end", [taken_back, word_disputed, not_answered])
def test_what_waits_for_no_prepayment_is_not_let_go_on(office: TestOffice, end: Callable[[Any, Job], Quote]) -> None:
    with office.work() as uow:
        job = running(uow)
        quote = end(uow, job)
        before = quote.state, job.ticket.state
        with pytest.raises(NothingToPrepay):
            record_prepayment(uow, quote.id, job.firm.dispatcher)
        assert (quote.state, job.ticket.state, quote.prepaid_at) == (*before, None)


def test_it_is_recorded_while_the_job_waits_for_another_engineer(office: TestOffice) -> None:
    with office.work() as uow:
        job = running(uow)
        made = agreed(uow, job)
        take_away(uow, job.ticket.id, job.firm.dispatcher)
        pressed(uow, job, made)
        assert (job.ticket.state, awaits_prepayment(made.quote)) == (TicketState.NEW, False)


def paid(uow: Any, _job: Job) -> None:
    uow.session.delete(uow.session.exec(select(Debt)).one())
    look_at_held(uow)


def lifted(uow: Any, job: Job) -> None:
    manager = worker(uow.session, "Мария", StaffRole.MANAGER)
    exempt_debtor(uow, job.firm.company, DebtLevel.D0, "договорились", 7, manager)


@pytest.mark.parametrize("change", [paid, lifted])
def test_without_a_debt_it_goes_on_by_itself(office: TestOffice, change: Callable[[Any, Job], None]) -> None:
    with office.work() as uow:
        job = running(uow)
        made = agreed(uow, job)
        look_at_held(uow)
        run_releases(uow)
        assert awaits_prepayment(made.quote), "the debt is still there"
        change(uow, job)
        run_releases(uow)
        assert not awaits_prepayment(made.quote)
        with pytest.raises(PrepaidAlready):
            pressed(uow, job, made)
    assert {each["paid"] for each in told(office, "quote/prepaid")} == {False}


def begun_after_prepayment(uow: Any) -> Job:
    """A debtor's paid job in work: its prepayment was received."""
    firm = billed_firm(uow, debt=20)
    items = items_of(uow.session)
    ticket = opened(uow, firm)
    quote = quote_of(uow, ticket)
    approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
    with pytest.raises(TicketMoved):
        record_prepayment(uow, quote.id, firm.dispatcher)
    release_hold(uow, ticket.id, firm.dispatcher)
    with pytest.raises(PrepaidAlready):
        record_prepayment(uow, quote.id, firm.dispatcher)
    take_ticket(uow, ticket.id, firm.engineer)
    return Job(firm, start_work(uow, ticket.id, firm.engineer), items)


def test_people_s_price_for_more_work_waits_too_and_takes_nothing_in(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun_after_prepayment(uow)
        quote = send_estimate(uow, job.ticket.id, 2_000_000, "Ремонт платы", job.firm.dispatcher)
        approve_paid_work(uow, quote.id, 1, job.firm.boss, PRESS)
        assert (awaits_prepayment(quote), job.ticket.state) == (True, TicketState.IN_WORK)
        made = added(uow, job, "fixed-repair")
        assert made.quote is not None and made.quote.state is QuoteState.SENT
    assert billed(office, session, job) == [("Час ремонта", 250_000)]


def test_diagnostics_that_nobody_has_paid_for_are_taken_off_nothing(office: TestOffice) -> None:
    with office.work() as uow:
        job = running(uow, minutes=60, covered=["repair"], diagnostics=["fixed-setup"])
        made = agreed(uow, job, "fixed-setup")
        work = added(uow, job, "norm-setup")
        assert version_of(uow.session, work.quote).gross == 150_000
        remove_work(uow, job.ticket.id, work.line.id, job.firm.engineer)
        pressed(uow, job, made)
        assert version_of(uow.session, added(uow, job, "norm-setup").quote).gross == 0


def test_each_work_is_prepaid_by_itself(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = running(uow, covered=["repair"])
        agreed(uow, job, "fixed-setup")
        pressed(uow, job, agreed(uow, job))
    assert billed(office, session, job) == [("Головка", 320_000)]
