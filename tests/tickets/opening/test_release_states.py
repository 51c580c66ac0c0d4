"""«Предоплата получена» and all that ends a hold, pressed in every state of a ticket and its quote (R3.6)."""

import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.billing.debts.handle import exempt_debtor, look_at_held
from bot.billing.debts.models import Debt
from bot.billing.debts.rule import DebtLevel
from bot.billing.quotes.approve import QuoteOutdated
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.send import quotes_of, version_of
from bot.billing.quotes.top_up import approve_top_up, ask_top_up
from bot.billing.scope.models import ScopeDecision
from bot.clients.models import StaffRole
from bot.db.errors import NotAllowed, Refusal
from bot.tickets.dispatch.take import give_back, go_to_client, start_work, take_ticket
from bot.tickets.life.deadlines import set_deadlines
from bot.tickets.life.lifecycle import TicketMoved, history
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.answer import approve_by_word, approve_paid_work, decline_paid_work, dispute_word
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.opening.cancel import reopen_ticket
from bot.tickets.opening.release import release_hold, release_one
from bot.tickets.work.accept import accept_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.bills import PRESS, billed_firm, close, lines_of, quote_of, statement_of
from tests.builders.deciding import release_in_process
from tests.builders.held_tickets import look_again, run_releases
from tests.builders.jobs import Firm, build_firm, opened, worker
from tests.conftest import TestOffice
from tests.tickets.dispatch.test_at_once import at_once

S = TicketState
WITH = (S.TAKEN, S.ON_THE_WAY, S.IN_WORK, S.WAITING, S.DONE, S.DISPUTED, S.CLOSED)
APPROVED = (QuoteState.APPROVED, QuoteState.IN_WORK)


def pressed(uow: Any, ticket: Ticket, firm: Firm) -> None:
    release_hold(uow, ticket.id, firm.dispatcher)


def debt_paid(uow: Any, _ticket: Ticket, _firm: Firm) -> None:
    for debt in uow.session.exec(select(Debt)).all():
        uow.session.delete(debt)
    uow.session.flush()
    look_again(uow)


def exempted(uow: Any, _ticket: Ticket, firm: Firm) -> None:
    exempt_debtor(uow, firm.company, DebtLevel.D0, "договорились", 7, worker(uow.session, "М", StaffRole.MANAGER))
    look_again(uow)


RELEASES: list[Callable[[Any, Ticket, Firm], None]] = [pressed, debt_paid, exempted]


def placed(uow: Any, firm: Firm, ticket: Ticket, state: TicketState, quote_state: QuoteState | None) -> None:
    """Put a debtor's ticket into a state as a row, with its quote in another."""
    quote = quote_of(uow, ticket)
    if quote_state is None:
        uow.session.delete(version_of(uow.session, quote))
        uow.session.flush()
        uow.session.delete(quote)
    else:
        quote.state = quote_state
        quote.prepaid_at = uow.now if state in (S.NEW, *WITH) else None  # it wouldn't be there otherwise
    ticket.state = state
    ticket.engineer_id = firm.engineer if state in WITH else None
    uow.session.flush()


def debtor(uow: Any) -> tuple[Firm, Ticket]:
    firm = build_firm(uow.session, debt=20)
    return firm, opened(uow, firm)


def seen(ticket: Ticket) -> tuple[Any, ...]:
    return ticket.state, ticket.engineer_id, ticket.coverage, ticket.closed_at, ticket.held_amount


@pytest.mark.sampled(1)
@pytest.mark.parametrize("release", RELEASES)
def test_a_release_acts_on_what_waits_for_payment_and_on_nothing_else(
    office: TestOffice, release: Callable[[Any, Ticket, Firm], None]
) -> None:
    with office.work() as uow:
        firm, ticket = debtor(uow)
        for state, quote_state in product(S, (None, *QuoteState)):
            undone = uow.session.begin_nested()
            placed(uow, firm, ticket, state, quote_state)
            before, events = seen(ticket), len(history(uow.session, ticket.id))
            if release is pressed and state is not S.AWAITING_PAYMENT:
                with pytest.raises(TicketMoved):
                    release(uow, ticket, firm)
            else:
                release(uow, ticket, firm)
            if state is not S.AWAITING_PAYMENT:
                assert (seen(ticket), len(history(uow.session, ticket.id))) == (before, events)
            else:
                assert ticket.state is (S.NEW if quote_state in APPROVED else S.AWAITING_APPROVAL), quote_state
            undone.rollback()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("release", RELEASES)
def test_a_debtor_s_ticket_is_decided_when_it_is_released_and_never_free(
    office: TestOffice, session: Session, release: Callable[[Any, Ticket, Firm], None]
) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, debt=40)
        ticket = opened(uow, firm)
        assert (ticket.state, quotes_of(uow.session, ticket.id)) == (S.AWAITING_PAYMENT, [])
        release(uow, ticket, firm)
        assert (ticket.state, ticket.coverage) == (S.AWAITING_APPROVAL, "PAID")
        with pytest.raises(TicketMoved):
            take_ticket(uow, ticket.id, firm.engineer)
        with pytest.raises(TicketMoved):
            release_hold(uow, ticket.id, firm.dispatcher)
        quote = quote_of(uow, ticket)
        approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        assert ticket.state is S.NEW
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        say_time(uow, ticket.id, 50, "по факту", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
    close(office)
    (line,) = lines_of(session, statement_of(session, firm.contract))
    assert (line.kind, line.gross, line.billed_minutes) == ("quote", 250_000, 60)


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [(timedelta(days=3), "2026-11-30"), (timedelta(hours=-40), "2026-11-27"), (None, "2026-11-27")],
)
def test_it_is_decided_for_the_wanted_day_or_today_at_the_site(
    office: TestOffice, wanted: timedelta | None, expected: str
) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
    office.moment = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    with office.work() as uow:
        ticket = opened(uow, firm)
        ticket.preferred_at = uow.now + wanted if wanted is not None else None
        release_hold(uow, ticket.id, firm.dispatcher)
        row = uow.session.exec(select(ScopeDecision).order_by(col(ScopeDecision.id).desc())).first()
        assert (row.result, row.snapshot["work_date"]) == ("PAID", expected)


def test_an_approved_quote_keeps_its_price_and_only_the_hold_ends(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=20)
        ticket = opened(uow, firm)
        quote = quote_of(uow, ticket)
        approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        assert ticket.state is S.AWAITING_PAYMENT
        decisions = len(uow.session.exec(select(ScopeDecision)).all())
        release_hold(uow, ticket.id, firm.dispatcher)
        assert (ticket.state, quote.version, quote.state) == (S.NEW, 1, QuoteState.APPROVED)
        assert len(uow.session.exec(select(ScopeDecision)).all()) == decisions
        approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        assert ticket.state is S.NEW, "the same press again"


def test_what_people_priced_while_it_was_held_is_the_offer_that_stands(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        agreed, offered = opened(uow, firm), opened(uow, firm)
        for ticket in (agreed, offered):
            send_estimate(uow, ticket.id, 700_000, "Замена платы", firm.dispatcher)
        approve_paid_work(uow, quote_of(uow, agreed).id, 1, firm.approver, PRESS)
        assert (agreed.state, offered.state) == (S.AWAITING_PAYMENT, S.AWAITING_PAYMENT)
        for ticket in (agreed, offered):
            release_hold(uow, ticket.id, firm.dispatcher)
        assert (agreed.state, agreed.coverage) == (S.NEW, "PAID")
        assert (offered.state, offered.coverage) == (S.AWAITING_APPROVAL, "PAID")
        for ticket in (agreed, offered):
            (quote,) = quotes_of(uow.session, ticket.id)
            assert (quote.version, version_of(uow.session, quote).gross) == (1, 700_000)


def test_a_word_that_is_disputed_while_payment_is_awaited_sends_nobody(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=20)
        ticket = opened(uow, firm)
        quote = quote_of(uow, ticket)
        approve_by_word(uow, quote.id, firm.approver, "по телефону", "запись 5", firm.dispatcher)
        assert ticket.state is S.AWAITING_PAYMENT
        dispute_word(uow, quote.id, firm.boss)
        assert ticket.state is S.AWAITING_APPROVAL
        with pytest.raises(TicketMoved):
            release_hold(uow, ticket.id, firm.dispatcher)


def test_an_estimate_whose_word_is_disputed_waits_for_a_yes_again(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm, work_type="consulting")
        quote = send_estimate(uow, ticket.id, 450_000, "Настройка", firm.dispatcher)
        approve_by_word(uow, quote.id, firm.approver, "по телефону", "запись 5", firm.dispatcher)
        take_ticket(uow, ticket.id, firm.engineer)
        dispute_word(uow, quote.id, firm.boss)
        assert (ticket.state, ticket.engineer_id) == (S.AWAITING_APPROVAL, None)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("state", [state for state in S if state not in (S.TAKEN, S.ON_THE_WAY)])
def test_an_engineer_s_late_press_brings_nothing_back(office: TestOffice, state: TicketState) -> None:
    """«Не могу» of one who has it, and «Начал», in every state but theirs."""
    with office.work() as uow:
        firm, ticket = debtor(uow)
        placed(uow, firm, ticket, state, QuoteState.SENT)
        ticket.engineer_id = firm.engineer
        before = seen(ticket)
        for act in (start_work, go_to_client, lambda uow, one, by: give_back(uow, one, "busy", by)):
            try:
                act(uow, ticket.id, firm.engineer)
            except TicketMoved:
                continue
        assert seen(ticket) == before


def test_no_press_starts_added_work_that_waits_for_its_yes(office: TestOffice) -> None:
    with office.work() as uow:
        firm, ticket = debtor(uow)
        placed(uow, firm, ticket, S.WAITING, QuoteState.SENT)
        with pytest.raises(TicketMoved):
            start_work(uow, ticket.id, firm.engineer)
        assert ticket.state is S.WAITING


@pytest.mark.sampled(8)
@pytest.mark.parametrize("who", ["requester", "approver", "boss", "engineer", "outsider"])
def test_nobody_but_leaders_ends_a_hold(office: TestOffice, who: str) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        ticket = opened(uow, firm)
        with pytest.raises(NotAllowed):
            release_hold(uow, ticket.id, getattr(firm, who))
        assert (ticket.state, ticket.coverage) == (S.AWAITING_PAYMENT, "ON_HOLD")


def test_a_no_or_a_late_yes_lets_nothing_go_on(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=20)
        no, late = opened(uow, firm), opened(uow, firm)
        decline_paid_work(uow, quote_of(uow, no).id, 1, firm.approver, PRESS)
        late_quote = quote_of(uow, late).id
    office.moment += timedelta(days=6)
    with office.work() as uow, pytest.raises(QuoteOutdated):
        approve_paid_work(uow, late_quote, 1, firm.approver, PRESS)
    with office.work() as uow:
        for ticket_id in (no.id, late.id):
            with pytest.raises(TicketMoved):
                release_hold(uow, ticket_id, firm.dispatcher)
            assert uow.session.get_one(Ticket, ticket_id).state is S.AWAITING_APPROVAL


def test_hours_bought_meanwhile_cover_a_debtor_s_ticket_by_themselves(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40, terms={"exclusions": []})
        ticket = opened(uow, firm)
        assert ticket.state is S.AWAITING_PAYMENT
        top_up = ask_top_up(uow, firm.contract, 300, firm.boss)
        approve_top_up(uow, top_up.id, firm.boss, PRESS)
        assert run_releases(uow), "the bot looks at what waits"
        assert (ticket.state, ticket.coverage, ticket.held_amount) == (S.NEW, "COVERED_BY_HOURS", 60)


def test_the_paid_rest_of_a_debtor_s_work_waits_for_payment_and_the_hours_stay_usable(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40, minutes=30)
        ticket = opened(uow, firm)
        assert (ticket.coverage, quote_of(uow, ticket).prepayment) == ("PARTLY", True)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        assert (ticket.state, ticket.held_amount) == (S.AWAITING_PAYMENT, 30)
        release_hold(uow, ticket.id, firm.dispatcher)
        assert (ticket.state, ticket.held_amount) == (S.NEW, 30)


def test_a_reopened_ticket_is_not_released_again(office: TestOffice) -> None:
    with office.work() as uow:
        firm, ticket = debtor(uow)
        placed(uow, firm, ticket, S.CLOSED, QuoteState.ACCEPTED)
        reopen_ticket(uow, ticket.id, firm.requester)
        take_ticket(uow, ticket.id, firm.engineer)
        with pytest.raises(TicketMoved):
            release_hold(uow, ticket.id, firm.dispatcher)
        assert (ticket.state, ticket.engineer_id) == (S.TAKEN, firm.engineer)


def test_a_debt_is_that_of_today_whatever_day_the_work_is_for(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        assert opened(uow, firm, preferred_at=uow.now + timedelta(days=12)).state is S.AWAITING_PAYMENT


def test_targets_run_from_the_release_and_no_waiting_is_added_twice(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=20)
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
    office.moment += timedelta(days=2)
    with office.work() as uow:
        released = release_hold(uow, ticket.id, firm.dispatcher)
        dues = released.reaction_due, released.resolution_due
        fresh = opened(uow, build_firm(uow.session, unlimited=True))
        set_deadlines(uow, fresh)
        assert dues == (fresh.reaction_due, fresh.resolution_due)


def test_two_presses_and_the_timer_at_once_end_it_once(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        ticket_id = opened(uow, firm).id
        look_at_held(uow)
    results = at_once(
        office,
        lambda uow: release_hold(uow, ticket_id, firm.dispatcher).id,
        lambda uow: release_hold(uow, ticket_id, firm.dispatcher).id,
        lambda uow: release_one(uow, {"ticket_id": ticket_id}),
    )
    assert sum(isinstance(each, Refusal) for each in results) == 1
    with office.work() as uow:
        assert len(uow.session.exec(select(Quote).where(Quote.ticket_id == ticket_id)).all()) == 1


def test_two_processes_end_it_once(database_url: str, office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=40)
        ticket_id = opened(uow, firm).id
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(2)
    processes = [
        context.Process(target=release_in_process, args=(database_url, ticket_id, firm.dispatcher, office.moment, gate))
        for _ in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    with office.work() as uow:
        assert len(uow.session.exec(select(Quote).where(Quote.ticket_id == ticket_id)).all()) == 1
        kinds = [event.kind for event in history(uow.session, ticket_id)]
        assert kinds.count("released") == 1
