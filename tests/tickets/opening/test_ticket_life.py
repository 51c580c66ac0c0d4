"""A ticket from its opening to the yes of those who may, on both databases (R7.3, R7.5)."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.billing.hours.draw import PoolKind
from bot.billing.quotes.approve import OverLimit, Press, QuoteOutdated
from bot.billing.quotes.models import Approval, Quote, QuoteState, QuoteVersion
from bot.billing.quotes.send import text_hash
from bot.clients.models import Membership
from bot.db.errors import NotAllowed
from bot.tickets.bill.card import PoolShare, card_of
from bot.tickets.life.lifecycle import history
from bot.tickets.life.models import TicketState
from bot.tickets.offers.answer import approve_paid_work, decline_paid_work
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.offers.offering import quote_expire
from bot.tickets.opening.release import release_hold
from tests.builders.bills import quote_of
from tests.builders.jobs import balance, build_firm, opened
from tests.conftest import TestOffice

PRESS = Press(user_id=1, message_id=2, language="ru")
S = TicketState


def test_an_unlimited_contract_covers_without_hours(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = opened(uow, firm)
        assert (ticket.state, ticket.coverage) == (S.NEW, "COVERED")
        assert set(office.notices.templates()) == {"ticket/card", "dispatch/card"}


def test_hours_are_held_and_what_remains_is_told(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=90)
        ticket = opened(uow, firm)
        assert (ticket.coverage, ticket.held_amount, balance(uow, firm)) == ("COVERED_BY_HOURS", 60, (30, 60, 0))
        scope = card_of(uow.session, ticket, uow.now).scope
        assert scope.pools == [PoolShare(PoolKind.PREPAID, "minutes", 60, 30)]


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
        assert card_of(uow.session, ticket, uow.now).quotes[0].waits_for == ["Климова", "Орлова"]
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


@pytest.mark.parametrize(("days", "state"), [(20, S.AWAITING_APPROVAL), (45, S.AWAITING_PAYMENT)])
def test_debts_ask_for_payment_of_new_paid_work(office: TestOffice, days: int, state: TicketState) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=days)
        ticket = opened(uow, firm)
        assert ticket.state is state
        if state is S.AWAITING_APPROVAL:
            approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
            assert ticket.state is S.AWAITING_PAYMENT  # prepayment first
        with pytest.raises(NotAllowed):
            release_hold(uow, ticket.id, firm.engineer)
        if state is S.AWAITING_PAYMENT:  # nothing was decided yet: it is now, and waits for its yes (R3.6)
            assert release_hold(uow, ticket.id, firm.dispatcher).state is S.AWAITING_APPROVAL
            approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        else:
            release_hold(uow, ticket.id, firm.dispatcher)
        assert ticket.state is S.NEW


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


def test_hours_that_others_took_before_the_yes_are_not_held_twice(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=90)
        opened(uow, firm)
        first, second = opened(uow, firm), opened(uow, firm)
        assert (first.coverage, second.coverage) == ("PARTLY", "PARTLY")
        approve_paid_work(uow, quote_of(uow, first).id, 1, firm.approver, PRESS)
        approve_paid_work(uow, quote_of(uow, second).id, 1, firm.approver, PRESS)
        assert (first.held_amount, second.held_amount, balance(uow, firm)) == (30, 0, (0, 90, 0))
