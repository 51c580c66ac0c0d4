"""A ticket from its opening to the client's thanks, on both databases."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.approve_quote import OverLimit, Press, QuoteOutdated
from bot.billing.balances import pool_balances
from bot.billing.models import Approval, EntryKind, PoolEntry, Quote, QuoteState, QuoteVersion, TimeEntry
from bot.billing.send_quote import text_hash
from bot.clients.models import Employment, Membership
from bot.db.errors import NotAllowed, NotFound, Outdated, Refusal
from bot.tickets.accept_work import accept_silence, accept_work, dispute_work, rate_work, resolve_dispute
from bot.tickets.add_work import add_work
from bot.tickets.approve_paid_work import approve_paid_work, decline_paid_work
from bot.tickets.cancel_ticket import cancel_ticket, reopen_ticket
from bot.tickets.cards import card_values
from bot.tickets.deadlines import sla_late, take_late
from bot.tickets.estimate import send_estimate
from bot.tickets.finish_work import NothingDone, finish_work, offered_minutes, say_time
from bot.tickets.lifecycle import TicketMoved, history
from bot.tickets.models import Ticket, TicketState
from bot.tickets.offering import quote_expire
from bot.tickets.rights import NotYours
from bot.tickets.take_ticket import TakenAlready, give_back, go_to_client, release_hold, start_work, take_ticket
from tests.conftest import TestOffice
from tests.tickets.job_builders import Firm, build_firm, opened

PRESS = Press(user_id=1, message_id=2, language="ru")
S = TicketState


def in_work(uow: Any, firm: Firm, **more: Any) -> Ticket:
    ticket = opened(uow, firm, **more)
    take_ticket(uow, ticket.id, firm.engineer)
    return start_work(uow, ticket.id, firm.engineer)


def quote_of(uow: Any, ticket: Ticket) -> Quote:
    return uow.session.exec(select(Quote).where(Quote.ticket_id == ticket.id).order_by(Quote.id.desc())).first()


def balance(uow: Any, firm: Firm) -> tuple[int, int, int]:
    pool = pool_balances(uow.session, [firm.contract], uow.now.date())[0]
    return pool.left, pool.held, pool.used


def test_an_unlimited_contract_covers_without_hours(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = opened(uow, firm)
        assert (ticket.state, ticket.coverage) == (S.NEW, "COVERED")
        assert office.notices.templates() == ["ticket/card", "dispatch/card"]


def test_hours_are_held_and_what_remains_is_told(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=90)
        ticket = opened(uow, firm)
        assert (ticket.coverage, ticket.hold_minutes, balance(uow, firm)) == ("COVERED_BY_HOURS", 60, (30, 60, 0))
        scope = card_values(uow.session, ticket, uow.now)["scope"]
        assert scope["pools"] == [{"kind": "prepaid", "unit": "minutes", "amount": 60, "left": 30}]


def test_deadlines_run_by_the_plan_on_the_working_clock(office: TestOffice) -> None:
    with office.work() as uow:
        ticket = opened(uow, build_firm(uow.session, unlimited=True))
        assert ticket.reaction_due - uow.now == timedelta(minutes=120)  # noon in Moscow
        assert ticket.resolution_due > uow.now + timedelta(hours=12)  # goes over the night


def test_paid_work_waits_for_those_who_may_and_the_requester_sees_for_whom(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        assert (ticket.state, ticket.coverage) == (S.AWAITING_APPROVAL, "PAID")
        asked = [told.audience.person_id for told in office.told if told.template == "quote/card"]
        assert asked == [firm.approver, firm.boss]
        assert card_values(uow.session, ticket, uow.now)["quotes"][0]["waits_for"] == ["Климова", "Орлова"]
        version = uow.session.exec(select(QuoteVersion)).one()
        assert (version.gross, version.vat) == (250_000, 45_082)
        assert "2\u00a0500\u00a0₽" in version.texts["ru"]
        assert "₽2,500" in version.texts["en"]


def test_an_approver_who_asks_gets_the_quote_alone(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        opened(uow, firm, by=firm.approver)
        asked = [told.audience.person_id for told in office.told if told.template == "quote/card"]
        assert asked == [firm.approver]


def test_one_yes_is_kept_with_its_exact_text(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        quote = quote_of(uow, ticket)
        first = approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        again = approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        assert (first.repeated, again.repeated, again.approval.id) == (False, True, first.approval.id)
        kept = uow.session.exec(select(Approval)).one()
        version = uow.session.exec(select(QuoteVersion)).one()
        assert (kept.text, kept.text_hash) == (version.texts["ru"], text_hash(version.texts["ru"]))
        assert (kept.person_name, kept.phone, kept.user_id, kept.message_id) == ("Климова", "+79000000000", 1, 2)
        assert ticket.state is S.NEW
        with pytest.raises(QuoteOutdated):
            decline_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        with pytest.raises(QuoteOutdated):
            approve_paid_work(uow, quote.id, 1, firm.boss, PRESS)


@pytest.mark.parametrize("who", ["requester", "outsider", "engineer"])
def test_nobody_without_the_right_decides(office: TestOffice, who: str) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        quote = quote_of(uow, opened(uow, firm))
        for act in (approve_paid_work, decline_paid_work):
            with pytest.raises(NotAllowed):
                act(uow, quote.id, 1, getattr(firm, who), PRESS)
        assert uow.session.exec(select(Approval)).all() == []


def test_rights_are_read_at_the_press(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        quote = quote_of(uow, opened(uow, firm))
        approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        held = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        held.ended_at = uow.now
        uow.session.flush()
        with pytest.raises(NotAllowed):
            approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)


@pytest.mark.parametrize(("limit", "value"), [("job_limit", 249_999), ("month_limit", 249_999)])
def test_above_the_limit_it_waits_for_somebody_else(office: TestOffice, limit: str, value: int) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        held = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        setattr(held, limit, value)
        uow.session.flush()
        quote = quote_of(uow, opened(uow, firm))
        with pytest.raises(OverLimit) as refused:
            approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        assert refused.value.values == {"names": "Орлова"}
        approve_paid_work(uow, quote.id, 1, firm.boss, PRESS)


def test_the_month_s_limit_counts_what_was_approved_before(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        held = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        held.month_limit = 499_999
        uow.session.flush()
        approve_paid_work(uow, quote_of(uow, opened(uow, firm)).id, 1, firm.approver, PRESS)
        with pytest.raises(OverLimit):
            approve_paid_work(uow, quote_of(uow, opened(uow, firm)).id, 1, firm.approver, PRESS)


def test_a_new_version_makes_older_buttons_outdated(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        quote = quote_of(uow, ticket)
        revised = send_estimate(uow, ticket.id, 700_000, "Замена платы", firm.dispatcher)
        assert (revised.id, revised.version) == (quote.id, 2)
        with pytest.raises(QuoteOutdated):
            approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        assert approve_paid_work(uow, quote.id, 2, firm.approver, PRESS).approval.gross == 700_000


def test_an_expired_quote_can_t_be_approved(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        quote = quote_of(uow, opened(uow, firm))
    office.moment += timedelta(days=5)
    with office.work() as uow:
        with pytest.raises(QuoteOutdated):
            approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        quote_expire(uow, {"quote_id": quote.id})
        assert uow.session.get(Quote, quote.id).state is QuoteState.EXPIRED


def test_a_ceiling_agreed_beforehand_approves_by_itself_and_says_so(office: TestOffice) -> None:
    with office.work() as uow:
        ticket = opened(uow, build_firm(uow.session, terms={"ceiling": 250_000}))
        assert ticket.state is S.NEW
        kept = uow.session.exec(select(Approval)).one()
        assert (kept.way, kept.gross, kept.person_id) == ("ceiling", 250_000, None)
        assert "approved_by_ceiling" in [event.kind for event in history(uow.session, ticket.id)]


@pytest.mark.parametrize(("days", "state"), [(20, S.AWAITING_APPROVAL), (45, S.ON_HOLD)])
def test_debts_ask_for_payment_of_new_paid_work(office: TestOffice, days: int, state: TicketState) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=days)
        ticket = opened(uow, firm)
        assert ticket.state is state
        if state is S.AWAITING_APPROVAL:
            approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
            assert ticket.state is S.ON_HOLD  # prepayment first
        with pytest.raises(NotAllowed):
            release_hold(uow, ticket.id, firm.engineer)
        assert release_hold(uow, ticket.id, firm.dispatcher).state is S.NEW


def test_an_emergency_starts_whatever_is_owed(office: TestOffice) -> None:
    with office.work() as uow:
        ticket = opened(uow, build_firm(uow.session, debt=45), emergency=True)
        assert ticket.state is S.NEW
        assert quote_of(uow, ticket).state is QuoteState.SENT


def test_what_has_no_price_waits_for_an_estimate(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm, work_type="consulting")
        assert (ticket.state, ticket.coverage) == (S.AWAITING_APPROVAL, "ESTIMATE_NEEDED")
        with pytest.raises(NotAllowed):
            send_estimate(uow, ticket.id, 100, "x", firm.requester)
        quote = send_estimate(uow, ticket.id, 450_000, "Настройка сети", firm.dispatcher)
        approve_paid_work(uow, quote.id, 1, firm.approver, PRESS)
        assert ticket.state is S.NEW


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
        assert [row["minutes"] for row in card_values(uow.session, ticket, uow.now)["times"]] == [45]


def test_hours_that_others_took_before_the_yes_are_not_held_twice(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=90)
        opened(uow, firm)
        first, second = opened(uow, firm), opened(uow, firm)
        assert (first.coverage, second.coverage) == ("PARTLY", "PARTLY")
        approve_paid_work(uow, quote_of(uow, first).id, 1, firm.approver, PRESS)
        approve_paid_work(uow, quote_of(uow, second).id, 1, firm.approver, PRESS)
        assert (first.hold_minutes, second.hold_minutes, balance(uow, firm)) == (30, 0, (0, 90, 0))


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
        assert card_values(uow.session, ticket, uow.now)["works"][1]["kopecks"] == 640_000


def test_a_finger_that_slipped_adds_once(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=180)
        ticket = in_work(uow, firm)
        add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer, lines=0)
        with pytest.raises(Outdated):
            add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer, lines=0)
        add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer, lines=1)
        assert len(card_values(uow.session, ticket, uow.now)["works"]) == 2


def test_more_work_declined_leaves_the_specification(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=180, terms={"exclusions": [{"clause": "3.5", "work_types": ["parts"]}]})
        ticket = in_work(uow, firm)
        paid = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        decline_paid_work(uow, paid.quote.id, 1, firm.boss, PRESS)
        assert (ticket.state, card_values(uow.session, ticket, uow.now)["works"]) == (S.IN_WORK, [])


def test_unapproved_work_is_withdrawn_when_the_job_is_finished(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=180, terms={"exclusions": [{"clause": "3.5", "work_types": ["parts"]}]})
        ticket = in_work(uow, firm)
        add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer)
        paid = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
        with pytest.raises(QuoteOutdated):
            approve_paid_work(uow, paid.quote.id, 1, firm.boss, PRESS)
        assert [line["name"] for line in card_values(uow.session, ticket, uow.now)["works"]] == ["Чистка"]


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
        assert card_values(uow.session, ticket, uow.now)["works"] == []


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


def test_waiting_for_an_approval_pauses_resolution_not_reaction(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        reaction, resolution = ticket.reaction_due, ticket.resolution_due
    office.moment += timedelta(minutes=30)
    with office.work() as uow:
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.boss, PRESS)
        ticket = uow.session.get(Ticket, ticket.id)
        assert (ticket.reaction_due, ticket.resolution_due) == (reaction, resolution + timedelta(minutes=30))


def at_once(office: TestOffice, *acts: Any) -> list[Any]:
    """Run acts in threads of their own, each in its own transaction; what each returned or raised."""
    barrier, results = Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        barrier.wait()
        try:
            with office.work() as uow:
                results[place] = acts[place](uow)
        except Refusal as refusal:
            results[place] = refusal

    threads = [Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_approvals_at_once_leave_one(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        quote_id = quote_of(uow, opened(uow, firm)).id
    results = at_once(
        office,
        *(
            lambda uow, who=who: approve_paid_work(uow, quote_id, 1, who, PRESS).repeated
            for who in (firm.approver, firm.boss, firm.approver, firm.boss)
        ),
    )
    assert results.count(False) == 1
    assert all(result in (False, True) or isinstance(result, QuoteOutdated) for result in results)
    with office.work() as uow:
        assert len(uow.session.exec(select(Approval)).all()) == 1


def test_two_engineers_at_once_one_wins(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket_id = opened(uow, firm).id
    results = at_once(
        office,
        lambda uow: take_ticket(uow, ticket_id, firm.engineer).engineer_id,
        lambda uow: take_ticket(uow, ticket_id, firm.other_engineer).engineer_id,
    )
    assert sum(isinstance(result, TakenAlready) for result in results) == 1


def test_two_tickets_at_once_never_hold_the_same_minutes(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=90)
        cancel_ticket(uow, opened(uow, firm).id, firm.requester)  # the series of numbers exists
    at_once(office, lambda uow: opened(uow, firm).id, lambda uow: opened(uow, firm).id)
    with office.work() as uow:
        left, held, _ = balance(uow, firm)
        assert (left, held) == (30, 60)  # the second waits for a yes to what the hours don't cover
