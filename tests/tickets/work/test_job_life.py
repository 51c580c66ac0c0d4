"""A job from the hand that takes it to the client's thanks, on both databases (R8.2, R8.3, R10.3, R10.4)."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.billing.hours.models import EntryKind, PoolEntry
from bot.billing.quotes.approve import Press, QuoteOutdated
from bot.billing.work.models import TimeEntry
from bot.clients.models import Employment
from bot.db.errors import NotAllowed, NotFound, Outdated, Refusal
from bot.tickets.bill.card import card_of
from bot.tickets.dispatch.take import TakenAlready, give_back, go_to_client, start_work, take_ticket
from bot.tickets.life.deadlines import sla_late, take_late
from bot.tickets.life.leave import NotYours
from bot.tickets.life.lifecycle import TicketMoved, history
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.answer import approve_paid_work, decline_paid_work
from bot.tickets.opening.cancel import cancel_ticket, reopen_ticket
from bot.tickets.work.accept import accept_silence, accept_work, dispute_work, rate_work, resolve_dispute
from bot.tickets.work.add import add_work
from bot.tickets.work.finish import NothingDone, finish_work, offered_minutes, say_time
from tests.builders.bills import quote_of
from tests.builders.jobs import balance, build_firm, in_work, opened
from tests.conftest import TestOffice

PRESS = Press(user_id=1, message_id=2, language="ru")
S = TicketState


def test_one_engineer_wins_and_the_other_learns_who(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = opened(uow, firm)
        take_ticket(uow, ticket.id, firm.engineer)
        take_ticket(uow, ticket.id, firm.engineer)
        with pytest.raises(TakenAlready) as refused:
            take_ticket(uow, ticket.id, firm.other_engineer)
        assert refused.value.values == {"who": "Пётр"}
        assert [event.kind for event in history(uow.session, ticket.id)] == ["opened", "taken"]


@pytest.mark.parametrize("who", ["requester", "boss", "outsider"])
def test_clients_can_t_press_the_engineers_buttons(office: TestOffice, who: str) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = opened(uow, firm)
        for act in (take_ticket, go_to_client, start_work, finish_work):
            with pytest.raises(NotAllowed):
                act(uow, ticket.id, getattr(firm, who))
        assert ticket.state is S.NEW


def test_a_dismissed_engineer_can_do_nothing_more(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = in_work(uow, firm)
        uow.session.exec(select(Employment).where(Employment.person_id == firm.engineer)).one().ended_at = uow.now
        uow.session.flush()
        with pytest.raises(NotAllowed):
            finish_work(uow, ticket.id, firm.engineer)


def test_declining_gives_it_back_to_the_board(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = opened(uow, firm)
        take_ticket(uow, ticket.id, firm.engineer)
        with pytest.raises(NotYours):
            give_back(uow, ticket.id, "far", firm.other_engineer)
        give_back(uow, ticket.id, "far", firm.engineer)
        assert (ticket.state, ticket.engineer_id) == (S.NEW, None)
        take_ticket(uow, ticket.id, firm.other_engineer)


def test_covered_work_is_done_accepted_and_its_hours_drawn(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=180)
        ticket = in_work(uow, firm)
    office.moment += timedelta(minutes=70)
    with office.work() as uow:
        ticket = uow.session.get(Ticket, ticket.id)
        assert offered_minutes(uow.session, ticket, uow.now) == 70
        finish_work(uow, ticket.id, firm.engineer)
        entry = uow.session.exec(select(TimeEntry)).one()
        assert (entry.minutes, entry.billed_minutes) == (70, 75)
        assert balance(uow, firm) == (120, 60, 0)
        accept_work(uow, ticket.id, firm.requester)
        accept_work(uow, ticket.id, firm.requester)
        assert balance(uow, firm) == (105, 0, 75)
        assert rate_work(uow, ticket.id, 5, firm.requester).rating == 5
        kinds = [row.kind for row in uow.session.exec(select(PoolEntry).order_by(PoolEntry.id)).all()]
        assert kinds == [EntryKind.GRANT, EntryKind.HOLD, EntryKind.RELEASE, EntryKind.CONSUME]


def test_nothing_done_can_t_be_finished_and_time_needs_a_reason(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = in_work(uow, firm)
        with pytest.raises(NothingDone):
            finish_work(uow, ticket.id, firm.engineer)
        with pytest.raises(Refusal):
            say_time(uow, ticket.id, 30, " ", firm.engineer)
        say_time(uow, ticket.id, 30, "ждал доступ", firm.engineer)
        say_time(uow, ticket.id, 45, "ещё ждал", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        assert [row.minutes for row in card_of(uow.session, ticket, uow.now).times] == [45]


def test_more_work_on_site_waits_for_its_own_yes(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=180, terms={"exclusions": [{"clause": "3.5", "work_types": ["parts"]}]})
        ticket = in_work(uow, firm)
        covered = add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer)
        assert (covered.quote, covered.line.coverage) == (None, "hours")
        paid = add_work(uow, ticket.id, firm.part, 2, firm.engineer)
        assert (ticket.state, paid.line.coverage) == (S.WAITING, "quote")
        approve_paid_work(uow, paid.quote.id, 1, firm.approver, PRESS)
        assert ticket.state is S.IN_WORK
        assert card_of(uow.session, ticket, uow.now).works[1].gross == 640_000


def test_a_finger_that_slipped_adds_once(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=180)
        ticket = in_work(uow, firm)
        add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer, lines=0)
        with pytest.raises(Outdated):
            add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer, lines=0)
        add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer, lines=1)
        assert len(card_of(uow.session, ticket, uow.now).works) == 2


def test_more_work_declined_leaves_the_specification(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=180, terms={"exclusions": [{"clause": "3.5", "work_types": ["parts"]}]})
        ticket = in_work(uow, firm)
        paid = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        decline_paid_work(uow, paid.quote.id, 1, firm.boss, PRESS)
        assert (ticket.state, card_of(uow.session, ticket, uow.now).works) == (S.IN_WORK, [])


def test_unapproved_work_is_withdrawn_when_the_job_is_finished(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=180, terms={"exclusions": [{"clause": "3.5", "work_types": ["parts"]}]})
        ticket = in_work(uow, firm)
        add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer)
        paid = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        with pytest.raises(QuoteOutdated):
            approve_paid_work(uow, paid.quote.id, 1, firm.boss, PRESS)
        assert [line.name for line in card_of(uow.session, ticket, uow.now).works] == ["Чистка"]


def test_a_dispute_freezes_its_line_and_the_rest_is_accepted(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=180)
        ticket = in_work(uow, firm)
        line = add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer).line
        say_time(uow, ticket.id, 60, "по часам", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        with pytest.raises(NotFound):
            dispute_work(uow, ticket.id, "work", line.id, "не чистили", firm.outsider)
        dispute_work(uow, ticket.id, "work", line.id, "не чистили", firm.requester)
        accept_work(uow, ticket.id, firm.requester)
        assert (ticket.state, balance(uow, firm)) == (S.DISPUTED, (120, 0, 60))
        resolve_dispute(uow, ticket.id, False, firm.dispatcher)
        assert accept_work(uow, ticket.id, firm.requester).state is S.CLOSED
        assert balance(uow, firm) == (120, 0, 60)
        assert card_of(uow.session, ticket, uow.now).works == []


def test_silence_accepts(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = in_work(uow, firm)
        add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        accept_silence(uow, {"ticket_id": ticket.id})
        accept_silence(uow, {"ticket_id": ticket.id})
        assert ticket.state is S.CLOSED
        assert [event.kind for event in history(uow.session, ticket.id)][-1] == "accepted_by_silence"


def test_cancelling_gives_the_hours_back_but_not_once_work_began(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=180)
        ticket = opened(uow, firm)
        with pytest.raises(NotFound):
            cancel_ticket(uow, ticket.id, firm.outsider)
        cancel_ticket(uow, ticket.id, firm.requester)
        assert balance(uow, firm) == (180, 0, 0)
        begun = in_work(uow, firm)
        with pytest.raises(TicketMoved):
            cancel_ticket(uow, begun.id, firm.requester)


def test_a_closed_ticket_can_be_brought_back(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = in_work(uow, firm)
        add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
        reopen_ticket(uow, ticket.id, firm.requester)
        assert (ticket.state, ticket.engineer_id) == (S.NEW, None)


def test_nobody_takes_it_and_a_deadline_passes(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = opened(uow, firm)
        office.told.clear()
        take_late(uow, {"ticket_id": ticket.id})
        sla_late(uow, {"ticket_id": ticket.id, "target": "reaction"})
        assert "dispatch/not_taken" in office.notices.templates()
        assert "dispatch/sla_late" in office.notices.templates()
        take_ticket(uow, ticket.id, firm.engineer)
        office.told.clear()
        take_late(uow, {"ticket_id": ticket.id})
        sla_late(uow, {"ticket_id": ticket.id, "target": "reaction"})
        assert office.told == []


def test_both_targets_run_from_the_yes_that_lets_it_be_taken(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        reaction, resolution = ticket.reaction_due, ticket.resolution_due
    office.moment += timedelta(minutes=30)
    with office.work() as uow:
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.boss, PRESS)
        ticket = uow.session.get(Ticket, ticket.id)
        waited = timedelta(minutes=30)  # R8.2: nobody could take it until then
        assert (ticket.reaction_due, ticket.resolution_due) == (reaction + waited, resolution + waited)
