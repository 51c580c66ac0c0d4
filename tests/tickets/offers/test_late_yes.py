"""Urgent work may be done before its yes: the answer comes after it, nothing is billed or closed until then (R3.1)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.billing.quotes.approve import OverLimit, QuoteOutdated
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.statements.rule import LeftOut
from bot.clients.models import Membership, Seller
from bot.db.errors import NotAllowed
from bot.messaging.models import Timer
from bot.tickets.dispatch.leaving import close_access
from bot.tickets.life.lifecycle import TicketMoved, history
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.open_price import PriceWaits, price_waits
from bot.tickets.month.close import tell_closed
from bot.tickets.offers.answer import approve_by_word, approve_paid_work, decline_paid_work, dispute_word
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.offers.late_yes import write_off
from bot.tickets.offers.offering import quote_expire, quote_remind
from bot.tickets.opening.cancel import reopen_ticket
from bot.tickets.thread.listing import my_jobs
from bot.tickets.work.accept import accept_silence, accept_work, dispute_work, resolve_dispute
from bot.tickets.work.finish import finish_work
from tests.builders.bills import AFTER_DECEMBER, DECEMBER, NOVEMBER, PRESS, close, lines_of, quote_of, statement_of
from tests.builders.jobs import balance
from tests.conftest import TestOffice
from tests.tickets.dispatch.test_at_once import at_once
from tests.tickets.work.test_added_works import Job, added, begun

S = TicketState


def done(office: TestOffice, **firm: Any) -> Job:
    """Urgent work done in fifty minutes before anyone has answered its price of an hour."""
    with office.work() as uow:
        job = begun(uow, emergency=True, approve=False, **firm)
    office.moment += timedelta(minutes=50)
    with office.work() as uow:
        finish_work(uow, job.ticket.id, job.firm.engineer)
    return job


def ticket_of(uow: Any, job: Job) -> Ticket:
    return uow.session.get_one(Ticket, job.ticket.id)


def own_quote(uow: Any, job: Job) -> Quote:
    return uow.session.exec(select(Quote).where(Quote.ticket_id == job.ticket.id).order_by(col(Quote.id))).first()


def says_yes(uow: Any, job: Job, by: int | None = None) -> None:
    quote = quote_of(uow, job.ticket)
    approve_paid_work(uow, quote.id, quote.version, by or job.firm.approver, PRESS)


def says_no(uow: Any, job: Job) -> None:
    quote = quote_of(uow, job.ticket)
    decline_paid_work(uow, quote.id, quote.version, job.firm.approver, PRESS)


def accepts(uow: Any, job: Job) -> None:
    accept_work(uow, job.ticket.id, job.firm.requester)


def billed(session: Any, job: Job, period: Any = NOVEMBER) -> list[tuple[str, int]]:
    statement = statement_of(session, job.firm.contract, period)
    return [(line.name, line.gross) for line in lines_of(session, statement)] if statement is not None else []


@pytest.mark.parametrize("order", [(says_yes, accepts), (accepts, says_yes)])
def test_a_yes_after_the_work_bills_it_whenever_it_is_accepted(
    office: TestOffice, session: Any, order: tuple[Any, ...]
) -> None:
    job = done(office)
    for act in order:
        with office.work() as uow:
            assert ticket_of(uow, job).state is S.DONE
            act(uow, job)
    with office.work() as uow:
        assert (ticket_of(uow, job).state, quote_of(uow, job.ticket).state) == (S.CLOSED, QuoteState.ACCEPTED)
    close(office)
    assert billed(session, job) == [("Час ремонта", 250_000)]


@pytest.mark.parametrize("order", [(says_no, accepts), (accepts, says_no)])
@pytest.mark.parametrize("ceiling", [None, 100_000])
def test_a_no_after_the_work_makes_it_free_whatever_a_lower_ceiling_says(
    office: TestOffice, session: Any, order: tuple[Any, ...], ceiling: int | None
) -> None:
    """What passes the ceiling isn't pre-authorised, not even up to it (R3.1)."""
    job = done(office, terms={"emergency_ceiling": ceiling})
    for act in order:
        with office.work() as uow:
            act(uow, job)
    with office.work() as uow:
        assert ticket_of(uow, job).state is S.CLOSED
    close(office)
    assert billed(session, job) == [("Работа на выезде", 0)]


def test_what_a_ceiling_approved_is_billed_though_more_is_declined(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun(uow, emergency=True, approve=False, terms={"emergency_ceiling": 300_000})
        more = added(uow, job, "fixed-repair").quote
        assert more.state is QuoteState.SENT
    office.moment += timedelta(minutes=50)
    with office.work() as uow:
        finish_work(uow, job.ticket.id, job.firm.engineer)
        assert uow.session.get_one(Quote, more.id).state is QuoteState.WITHDRAWN, "added work starts after its yes"
        accepts(uow, job)
        assert ticket_of(uow, job).state is S.CLOSED
    close(office)
    assert billed(session, job) == [("Час ремонта", 250_000)]


def test_pressed_again_the_answer_is_the_same_and_another_s_is_too_late(office: TestOffice) -> None:
    job = done(office)
    with office.work() as uow:
        accepts(uow, job)
        accepts(uow, job)
        assert [each.kind for each in history(uow.session, job.ticket.id)].count("accepted") == 1
        for _ in range(2):
            says_yes(uow, job)
        with pytest.raises(QuoteOutdated):
            says_no(uow, job)
        assert [each.kind for each in history(uow.session, job.ticket.id)].count("closed") == 1


@pytest.mark.parametrize("who", ["requester", "engineer", "dispatcher", "outsider"])
def test_nobody_but_approvers_answers(office: TestOffice, who: str) -> None:
    job = done(office)
    with office.work() as uow:
        with pytest.raises(NotAllowed):
            says_yes(uow, job, getattr(job.firm, who))
        assert quote_of(uow, job.ticket).state is QuoteState.SENT


def test_an_approver_s_limit_holds_after_the_work_too(office: TestOffice) -> None:
    job = done(office)
    with office.work() as uow:
        right = uow.session.exec(select(Membership).where(Membership.person_id == job.firm.approver)).one()
        right.job_limit = 100
        with pytest.raises(OverLimit):
            says_yes(uow, job)


def test_a_yes_and_a_no_at_once_are_one_answer(office: TestOffice) -> None:
    job = done(office)
    with office.work() as uow:
        accepts(uow, job)
    results = at_once(office, lambda uow: says_yes(uow, job), lambda uow: says_no(uow, job))
    assert sum(isinstance(each, QuoteOutdated) for each in results) == 1
    with office.work() as uow:
        assert ticket_of(uow, job).state is S.CLOSED


def test_silence_accepts_the_work_and_not_its_price(office: TestOffice, session: Any) -> None:
    job = done(office)
    with office.work() as uow:
        accept_silence(uow, {"ticket_id": job.ticket.id})
        assert (ticket_of(uow, job).state, quote_of(uow, job.ticket).state) == (S.DONE, QuoteState.SENT)
    close(office)
    assert billed(session, job) == []


def test_reminders_go_on_and_say_that_the_work_is_done(office: TestOffice) -> None:
    job = done(office)
    with office.work() as uow:
        quote = quote_of(uow, job.ticket)
        waiting = select(Timer).where(Timer.key == f"quote:{quote.id}:remind", col(Timer.done_at).is_(None))
        payload = uow.session.exec(waiting).one().payload
        office.told.clear()
        quote_remind(uow, payload)
        uow.session.expire_all()
        assert uow.session.exec(waiting).one().payload["step"] == payload["step"] + 1
    assert {each.values["done"] for each in office.told if each.template == "quote/reminder"} == {True}


def test_the_month_names_it_and_a_yes_after_the_close_is_billed_late(office: TestOffice, session: Any) -> None:
    job = done(office, fee=100_000)
    with office.work() as uow:
        uow.session.get(Seller, 1).billing_from = NOVEMBER.start
        accepts(uow, job)
        quote = quote_of(uow, job.ticket)
        row = {"ticket": job.ticket.number, "name": f"Смета № {quote.number}", "reason": "awaits_yes"}
        send_estimate(uow, job.ticket.id, 60_000_000, "Ремонт", job.firm.dispatcher)  # valid for two weeks
    close(office)
    statement = statement_of(session, job.firm.contract)
    assert (statement.gross, statement.left_out) == (100_000, [row])
    with office.work() as uow:
        tell_closed(uow, {"period": "2026-11"})
        says_yes(uow, job, job.firm.boss)
        assert ticket_of(uow, job).state is S.CLOSED
    told = [each.values["open_prices"] for each in office.told if each.template == "documents/closed"]
    assert told == [[LeftOut(**row)]]
    close(office, DECEMBER, AFTER_DECEMBER)
    later = statement_of(session, job.firm.contract, DECEMBER)
    lines = [(line.gross, line.late) for line in lines_of(session, later) if line.gross]
    assert lines == [(100_000, False), (60_000_000, True)]
    assert later.left_out == []


def expired(office: TestOffice, job: Job) -> None:
    office.moment += timedelta(days=6)
    with office.work() as uow:
        quote_expire(uow, {"quote_id": quote_of(uow, job.ticket).id})


def test_an_answer_that_never_came_leaves_it_to_staff(office: TestOffice, session: Any) -> None:
    job = done(office)
    with office.work() as uow:
        accepts(uow, job)
    expired(office, job)
    with office.work() as uow:
        with pytest.raises(QuoteOutdated):
            says_yes(uow, job)
        assert (ticket_of(uow, job).state, price_waits(uow.session, ticket_of(uow, job))) == (S.DONE, PriceWaits.US)
        assert job.ticket.id in [each.id for each in my_jobs(uow.session, job.firm.dispatcher)]
        send_estimate(uow, job.ticket.id, 200_000, "Ремонт", job.firm.dispatcher)
        says_yes(uow, job)
        assert ticket_of(uow, job).state is S.CLOSED
        with pytest.raises(TicketMoved):
            send_estimate(uow, job.ticket.id, 300_000, "Ещё", job.firm.dispatcher)
    assert {each.values["staff"] for each in office.told if each.template == "quote/expired"} == {True, False}


def test_urgent_work_that_nobody_priced_waits_for_a_price(office: TestOffice, session: Any) -> None:
    job = done(office, terms={"callout": "NOT-PRICED"}, fee=100_000)
    with office.work() as uow:
        accepts(uow, job)
        assert (ticket_of(uow, job).state, price_waits(uow.session, ticket_of(uow, job))) == (S.DONE, PriceWaits.US)
    close(office)
    left = {"ticket": job.ticket.number, "name": "Срочная работа", "reason": "awaits_price"}
    assert statement_of(session, job.firm.contract).left_out == [left]
    with office.work() as uow:
        send_estimate(uow, job.ticket.id, 200_000, "Ремонт", job.firm.dispatcher)
        says_yes(uow, job)
    close(office, DECEMBER, AFTER_DECEMBER)
    assert ("Ремонт", 200_000) in billed(session, job, DECEMBER)


def test_a_price_that_was_agreed_is_not_named_again(office: TestOffice) -> None:
    job = done(office)
    with office.work() as uow:
        says_yes(uow, job)
        with pytest.raises(TicketMoved):
            send_estimate(uow, job.ticket.id, 900_000, "Дороже", job.firm.dispatcher)
        with pytest.raises(TicketMoved):
            write_off(uow, job.ticket.id, job.firm.dispatcher)


def test_an_oral_yes_that_is_disputed_is_no_answer(office: TestOffice) -> None:
    job = done(office)
    with office.work() as uow:
        quote = quote_of(uow, job.ticket)
        approve_by_word(uow, quote.id, job.firm.approver, "по телефону", "запись 5", job.firm.dispatcher)
        assert quote.state is QuoteState.DONE
        dispute_word(uow, quote.id, job.firm.boss)
        accepts(uow, job)
        assert (ticket_of(uow, job).state, price_waits(uow.session, ticket_of(uow, job))) == (S.DONE, PriceWaits.US)


@pytest.mark.parametrize("first", [None, accepts, expired])
def test_a_leader_lets_the_price_go(office: TestOffice, session: Any, first: Any) -> None:
    job = done(office)
    if first is expired:
        expired(office, job)
    with office.work() as uow:
        if first is accepts:
            accepts(uow, job)
        for who in ("engineer", "requester", "boss", "outsider"):
            with pytest.raises(NotAllowed):
                write_off(uow, job.ticket.id, getattr(job.firm, who))
        write_off(uow, job.ticket.id, job.firm.dispatcher)
        with pytest.raises(TicketMoved):
            write_off(uow, job.ticket.id, job.firm.dispatcher)
    with office.work() as uow:
        with pytest.raises(QuoteOutdated):
            says_yes(uow, job)
        if first is not accepts:
            accepts(uow, job)
        assert ticket_of(uow, job).state is S.CLOSED
    close(office, NOVEMBER, AFTER_DECEMBER)
    assert billed(session, job) == [("Работа на выезде", 0)]


def test_while_a_line_is_disputed_the_yes_is_taken_and_the_rest_is_billed(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun(uow, emergency=True, approve=False)
        made = added(uow, job, "fixed-setup")
        approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
    office.moment += timedelta(minutes=50)
    with office.work() as uow:
        finish_work(uow, job.ticket.id, job.firm.engineer)
        dispute_work(uow, job.ticket.id, "work", made.line.id, "Не так", job.firm.requester)
        accepts(uow, job)
    with office.work() as uow:
        own = own_quote(uow, job)
        approve_paid_work(uow, own.id, 1, job.firm.approver, PRESS)
        assert (ticket_of(uow, job).state, own.state) == (S.DISPUTED, QuoteState.ACCEPTED)
    close(office)
    assert billed(session, job)[-1:] == [("Час ремонта", 250_000)]
    with office.work() as uow:
        resolve_dispute(uow, job.ticket.id, True, job.firm.dispatcher)
        accepts(uow, job)
        assert ticket_of(uow, job).state is S.CLOSED


def test_added_hours_wait_with_the_price_and_no_minute_is_billed_twice(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        job = begun(uow, emergency=True, approve=False, terms={"hourly_by_fact": True})
        made = added(uow, job, "actual-repair", 3)
        approve_paid_work(uow, made.quote.id, 1, job.firm.boss, PRESS)
    office.moment += timedelta(minutes=100)
    with office.work() as uow:
        finish_work(uow, job.ticket.id, job.firm.engineer)
        accepts(uow, job)
        assert uow.session.get_one(Quote, made.quote.id).state is QuoteState.DONE
        approve_paid_work(uow, own_quote(uow, job).id, 1, job.firm.approver, PRESS)
    close(office)
    assert billed(session, job) == [("Час ремонта", 250_000), ("Работа actual-repair", 187_500)]


def test_the_paid_rest_of_urgent_work_waits_and_its_hours_are_drawn_once(office: TestOffice, session: Any) -> None:
    job = done(office, minutes=30, terms={"covered": ["repair"], "covered_clause": "п. 2"})
    with office.work() as uow:
        assert (job.ticket.coverage, balance(uow, job.firm)) == ("PARTLY", (0, 30, 0))
        accepts(uow, job)
        assert (ticket_of(uow, job).state, balance(uow, job.firm)) == (S.DONE, (0, 0, 30))
        says_yes(uow, job)
        assert (ticket_of(uow, job).state, balance(uow, job.firm)) == (S.CLOSED, (0, 0, 30))
    close(office)
    assert sum(kopecks for _, kopecks in billed(session, job)) == 125_000


def test_brought_back_to_work_it_still_waits_for_its_answer(office: TestOffice) -> None:
    job = done(office)
    with office.work() as uow:
        accepts(uow, job)
        reopen_ticket(uow, job.ticket.id, job.firm.requester)
        says_yes(uow, job)
        assert (ticket_of(uow, job).state, quote_of(uow, job.ticket).state) == (S.NEW, QuoteState.APPROVED)


def test_whoever_may_answer_is_asked_once_the_one_who_was_asked_has_left(office: TestOffice) -> None:
    job = done(office)
    with office.work() as uow:
        office.told.clear()
        close_access(uow, job.firm.company, job.firm.approver, job.firm.boss)
        asked = [each.audience.person_id for each in office.told if each.template == "quote/card"]
    assert asked == [job.firm.boss]


def test_not_urgent_work_that_was_not_approved_is_withdrawn_as_ever(office: TestOffice) -> None:
    with office.work() as uow:
        job = begun(uow, unlimited=True, terms={"covered": ["repair"], "covered_clause": "п. 2"})
        made = added(uow, job, "fixed-setup")
    office.moment += timedelta(minutes=50)
    with office.work() as uow:
        finish_work(uow, job.ticket.id, job.firm.engineer)
        assert uow.session.get_one(Quote, made.quote.id).state is QuoteState.WITHDRAWN
        accepts(uow, job)
        assert ticket_of(uow, job).state is S.CLOSED
