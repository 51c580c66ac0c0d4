"""An engineer waits for the client, access or parts: resolution is paused, reaction is not (R8.2)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from bot.billing.quotes.models import Quote, QuoteState
from bot.clients.audiences import Dispatchers, ForClient, OurWorker
from bot.messaging.models import Timer
from bot.messaging.notices.texts import render
from bot.tickets.bill.card import card_of, for_client
from bot.tickets.dispatch.take import give_back, go_to_client, start_work, take_away, take_ticket
from bot.tickets.dispatch.wait import go_on, wait_for
from bot.tickets.life.deadlines import clock_of, sla_late
from bot.tickets.life.leave import NotYours
from bot.tickets.life.lifecycle import TicketMoved, history
from bot.tickets.life.models import TicketState, WaitsFor
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.opening.cancel import cancel_ticket
from bot.tickets.work.add import add_work
from bot.tickets.work.finish import finish_work, offered_minutes, say_time
from tests.builders.bills import PRESS, quote_of
from tests.builders.jobs import Firm, build_firm, in_work, opened
from tests.conftest import NOON, TestOffice

FRIDAY = datetime(2026, 11, 27, 13, 0, tzinfo=UTC)  # 16:00 in Moscow, two hours before the end of the day


def due_timers(uow, ticket) -> set[str]:
    rows = uow.session.exec(
        select(Timer.key).where(col(Timer.key).startswith(f"sla:{ticket.id}:"), col(Timer.done_at).is_(None))
    )
    return {key.split(":")[2] for key in rows.all()}


def waiting(uow, firm: Firm, what: WaitsFor = WaitsFor.ACCESS):
    ticket = in_work(uow, firm)
    wait_for(uow, ticket.id, what, firm.engineer)
    return ticket


def test_what_was_waited_is_added_to_resolution_in_working_minutes(office: TestOffice) -> None:
    office.moment = FRIDAY
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = waiting(uow, firm)
        resolution, reaction = ticket.resolution_due, ticket.reaction_due
        assert resolution is not None and due_timers(uow, ticket) == set()
        uow.now = FRIDAY + timedelta(days=2, hours=18)  # Monday 10:00: two hours on Friday, one on Monday
        go_on(uow, ticket.id, firm.engineer)
        assert ticket.reaction_due == reaction
        assert ticket.resolution_due == clock_of(uow.session, ticket).after(resolution, 180)
        assert due_timers(uow, ticket) == {"resolution"}


def test_a_target_that_passes_meanwhile_is_told_to_nobody(office: TestOffice) -> None:
    with office.work() as uow:
        ticket = waiting(uow, build_firm(uow.session, minutes=600), WaitsFor.CLIENT)
        office.told.clear()
        uow.now += timedelta(days=9)
        sla_late(uow, {"ticket_id": ticket.id, "target": "resolution"})
        assert not office.told


@pytest.mark.parametrize("what", list(WaitsFor))
def test_client_and_dispatchers_read_it_and_both_cards_say_it(office: TestOffice, what: WaitsFor) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = in_work(uow, firm)
        office.told.clear()
        wait_for(uow, ticket.id, what, firm.engineer)
        heard = {told.template: type(told.audience) for told in office.told if "card" not in told.template}
        assert heard == {"ticket/waits": ForClient, "dispatch/waits": Dispatchers}
        card = card_of(uow.session, ticket, uow.now)
        for language, words in (("ru", "⏸ Ждём"), ("en", "⏸ Waiting for")):
            for template, seen in (("dispatch/card", card), ("ticket/card", for_client(uow.session, ticket, card))):
                text = render(template, language, seen)
                assert words in text and "Решим до" not in text and "Решить до" not in text
        go_on(uow, ticket.id, firm.engineer)
        assert "⏸" not in render("dispatch/card", "ru", card_of(uow.session, ticket, uow.now))


def test_the_same_press_again_says_nothing_new_and_another_reason_does(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = waiting(uow, firm)
        office.told.clear()
        lines = len(history(uow.session, ticket.id))
        wait_for(uow, ticket.id, WaitsFor.ACCESS, firm.engineer)
        assert not office.told and len(history(uow.session, ticket.id)) == lines
        since = ticket.paused_at
        uow.now += timedelta(hours=1)
        wait_for(uow, ticket.id, WaitsFor.PARTS, firm.engineer)
        assert office.told and ticket.paused_at == since
        go_on(uow, ticket.id, firm.engineer)
        office.told.clear()
        go_on(uow, ticket.id, firm.engineer)
        assert not office.told


def test_another_engineer_and_a_late_press_change_nothing(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = waiting(uow, firm)
        for press in (lambda by: wait_for(uow, ticket.id, WaitsFor.PARTS, by), lambda by: go_on(uow, ticket.id, by)):
            with pytest.raises(NotYours):
                press(firm.other_engineer)
        assert ticket.waits_for is WaitsFor.ACCESS
        say_time(uow, ticket.id, 30, "по факту", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        assert ticket.waits_for is None and ticket.paused_at is None
        for late in (lambda by: wait_for(uow, ticket.id, WaitsFor.PARTS, by), lambda by: go_on(uow, ticket.id, by)):
            with pytest.raises(TicketMoved):
                late(firm.engineer)


def test_a_leader_goes_on_for_an_engineer_who_forgot_and_the_engineer_is_told(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = waiting(uow, firm)
        office.told.clear()
        go_on(uow, ticket.id, firm.dispatcher)
        assert OurWorker in {type(told.audience) for told in office.told}
        with pytest.raises(NotYours):
            wait_for(uow, ticket.id, WaitsFor.PARTS, firm.dispatcher)


def test_any_step_on_ends_the_waiting(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        steps = (
            lambda ticket: go_to_client(uow, ticket, firm.engineer),
            lambda ticket: start_work(uow, ticket, firm.engineer),
            lambda ticket: give_back(uow, ticket, "no_parts", firm.engineer),
            lambda ticket: take_away(uow, ticket, firm.dispatcher),
            lambda ticket: cancel_ticket(uow, ticket, firm.requester),
        )
        for step in steps:
            ticket = opened(uow, firm)
            take_ticket(uow, ticket.id, firm.engineer)
            wait_for(uow, ticket.id, WaitsFor.ACCESS, firm.engineer)
            assert ticket.paused_at is not None
            step(ticket.id)
            assert ticket.waits_for is None and ticket.paused_at is None
            assert "went_on" in [line.kind for line in history(uow.session, ticket.id)]


def test_an_answer_about_more_work_brings_no_parts(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        wait_for(uow, ticket.id, WaitsFor.PARTS, firm.engineer)
        add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        assert ticket.state is TicketState.WAITING
        offer = uow.session.exec(
            select(Quote).where(Quote.ticket_id == ticket.id, col(Quote.state).in_([QuoteState.SENT]))
        ).one()
        approve_paid_work(uow, offer.id, offer.version, firm.approver, PRESS)
        assert ticket.state is TicketState.IN_WORK and ticket.waits_for is WaitsFor.PARTS
        assert ticket.paused_at is not None and due_timers(uow, ticket) == set()


def test_the_time_offered_as_labour_is_without_what_was_waited(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = in_work(uow, firm)
        uow.now = NOON + timedelta(minutes=20)
        wait_for(uow, ticket.id, WaitsFor.PARTS, firm.engineer)
        uow.now = NOON + timedelta(days=2)
        assert offered_minutes(uow.session, ticket, uow.now) == 20
        wait_for(uow, ticket.id, WaitsFor.CLIENT, firm.engineer)
        uow.now += timedelta(hours=3)
        go_on(uow, ticket.id, firm.engineer)
        uow.now += timedelta(minutes=15)
        assert offered_minutes(uow.session, ticket, uow.now) == 35


def test_who_has_no_ticket_yet_cannot_wait(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = opened(uow, firm)
        with pytest.raises((TicketMoved, NotYours)):
            wait_for(uow, ticket.id, WaitsFor.PARTS, firm.engineer)
