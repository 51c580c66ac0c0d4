"""Quotes beyond the first yes: options, ceilings, deputies, reminders, words by phone, «до N»
(R7.3, R7.6–R7.8, R10.2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from bot.billing.prices.models import PriceLine, PriceList, WorkItem
from bot.billing.quotes.approve import NoEvidence, OverLimit, Press, QuoteOutdated
from bot.billing.quotes.approvers import scope_of, who_may_approve
from bot.billing.quotes.models import Approval, ApprovalDispute, Ceiling, Quote, QuoteState
from bot.billing.quotes.send import text_hash, version_of
from bot.billing.work.models import WorkLine
from bot.clients.models import ClientRole, Membership, ServiceObject, Site
from bot.db.errors import NotAllowed
from bot.messaging.models import Timer
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import TicketState
from bot.tickets.offers.answer import approve_by_word, approve_paid_work, choose_option, dispute_word
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.offers.offering import quote_card, quote_remind
from bot.tickets.work.add import add_work
from bot.tickets.work.finish import finish_work
from tests.builders.appeals import add
from tests.builders.bills import quote_of
from tests.builders.jobs import build_firm, in_work, opened, person
from tests.conftest import TestOffice

PRESS = Press(user_id=1, message_id=2, language="ru", button="quote.approve")
S = TicketState


def remind(uow: Any, quote: Quote) -> None:
    query = select(Timer.payload).where(Timer.key == f"quote:{quote.id}:remind")  # as it is now, not as once read
    quote_remind(uow, uow.session.exec(query).one())


def asked(office: TestOffice, template: str) -> list[int]:
    return [told.audience.person_id for told in office.told if told.template == template]


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """What the database is asked in the block."""
    said: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", heard)


def test_a_client_chooses_an_option_and_approves_the_new_version(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        quote = send_estimate(uow, ticket.id, 400_000, "Замена блока", firm.dispatcher, [(80_000, "Чистка")])
        shown = version_of(uow.session, quote)
        assert (quote.version, shown.gross) == (2, 400_000)
        assert "По желанию" in shown.texts["ru"]
        choose_option(uow, quote.id, 2, 1, firm.boss)
        with pytest.raises(QuoteOutdated):
            approve_paid_work(uow, quote.id, 2, firm.boss, PRESS)
        approval = approve_paid_work(uow, quote.id, 3, firm.boss, PRESS).approval
        assert (approval.gross, approval.button) == (480_000, "quote.approve")
        assert "Чистка" in approval.text
        with pytest.raises(QuoteOutdated):
            choose_option(uow, quote.id, 3, 1, firm.boss)


def test_a_ceiling_of_the_object_approves_by_itself_and_says_so_but_only_up_to_its_sum(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(
            uow.session, unlimited=True, terms={"exclusions": [{"clause": "п. 5", "work_types": ["parts"]}]}
        )
        add(
            uow.session,
            Ceiling(
                company_id=firm.company, object_id=firm.till, kopecks=500_000, granted_by=firm.boss, granted_at=uow.now
            ),
        )
        ticket = in_work(uow, firm)
        first = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        assert (first.quote.state, ticket.state) == (QuoteState.APPROVED, S.IN_WORK)
        told = next(told for told in office.told if told.template == "quote/by_ceiling")
        assert (told.values["gross"], told.values["ceiling"]) == (320_000, 500_000)
        second = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
        assert (second.quote.state, ticket.state) == (QuoteState.SENT, S.WAITING)  # 3 200 + 3 200 is above 5 000
        approval = uow.session.exec(select(Approval)).one()
        assert (approval.way, approval.person_id) == ("ceiling", None)


def test_while_the_engineer_waits_reminders_come_in_the_hour_then_the_deputy_may_decide(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(
            uow.session, unlimited=True, terms={"exclusions": [{"clause": "п. 5", "work_types": ["parts"]}]}
        )
        approver = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        approver.deputy_id = firm.requester
        ticket = in_work(uow, firm)
        quote = add_work(uow, ticket.id, firm.part, 1, firm.engineer).quote
        due = []
        for _ in range(3):
            due_at = uow.session.exec(select(Timer.due_at).where(Timer.key == f"quote:{quote.id}:remind")).one()
            due.append(due_at - office.moment)
            remind(uow, quote)
        assert due == [timedelta(minutes=15), timedelta(minutes=45), timedelta(minutes=15)]
        assert asked(office, "quote/reminder") == [firm.approver, firm.boss, firm.approver, firm.boss, firm.requester]
        decided = approve_paid_work(uow, quote.id, 1, firm.requester, PRESS)
        assert (decided.approval.way, decided.approval.person_id) == ("deputy", firm.requester)
        assert ticket.state is S.IN_WORK


def test_without_an_engineer_on_site_the_reminder_waits_for_the_next_working_day(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        quote = quote_of(uow, opened(uow, firm))
        timer = uow.session.exec(select(Timer).where(Timer.key == f"quote:{quote.id}:remind")).one()
        assert timer.due_at.date() == uow.now.date() + timedelta(days=1)


def test_a_deputy_has_no_more_than_the_limit_they_stand_in_for(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        approver = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        approver.deputy_id, approver.job_limit = firm.requester, 100_000
        quote = quote_of(uow, opened(uow, firm))
        with pytest.raises(OverLimit):
            approve_paid_work(uow, quote.id, 1, firm.requester, PRESS)


def test_a_right_for_one_site_does_not_reach_another(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        here, there = (
            add(uow.session, Site(company_id=firm.company, code=code, name=code)).id for code in ("here", "there")
        )
        uow.session.get(ServiceObject, firm.till).site_id = here
        elsewhere = person(uow.session, "Сосед", firm.company, ClientRole.APPROVER, site_id=there)
        add(
            uow.session,
            Membership(person_id=elsewhere, company_id=firm.company, role=ClientRole.REQUESTER, granted_at=uow.now),
        )
        quote = quote_of(uow, opened(uow, firm))
        assert elsewhere not in asked(office, "quote/card")
        with pytest.raises(NotAllowed):
            approve_paid_work(uow, quote.id, 1, elsewhere, PRESS)


def test_a_client_with_many_approvers_is_asked_about_in_no_more_statements_than_one_with_few(
    office: TestOffice,
) -> None:
    asked_for: list[int] = []
    with office.work() as uow:
        firm = build_firm(uow.session)
        scope = scope_of(quote_of(uow, opened(uow, firm)))
        for hired, in_all in ((1, 3), (12, 15)):
            for n in range(hired):
                person(uow.session, f"Завхоз {n}", firm.company, ClientRole.APPROVER, month_limit=1_000_000)
            with statements(uow.session) as said:
                found = who_may_approve(uow.session, scope, 250_000, uow.now)
            assert len(found) == in_all
            asked_for.append(len(said))
    assert asked_for[0] == asked_for[1] > 0


def test_an_oral_yes_needs_evidence_is_flagged_and_can_be_disputed_for_a_day(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        quote = quote_of(uow, ticket)
        with pytest.raises(NotAllowed):
            approve_by_word(uow, quote.id, firm.boss, "нет телефона", "звонок 14:20", firm.engineer)
        with pytest.raises(NoEvidence):
            approve_by_word(uow, quote.id, firm.boss, "нет телефона", "  ", firm.dispatcher)
        approval = approve_by_word(uow, quote.id, firm.boss, "нет телефона", "звонок 14:20", firm.dispatcher).approval
        assert (approval.way, approval.recorded_by, approval.text_hash) == (
            "oral",
            firm.dispatcher,
            text_hash(approval.text),
        )
        assert ticket.state is S.NEW
        assert "quote/by_word" in office.notices.templates()
        assert quote_card(uow, quote).disputable
        dispute_word(uow, quote.id, firm.boss)
        dispute_word(uow, quote.id, firm.boss)
        assert (quote.state, ticket.state) == (QuoteState.WITHDRAWN, S.AWAITING_APPROVAL)
        assert len(uow.session.exec(select(ApprovalDispute)).all()) == 1


def test_after_a_day_an_oral_yes_stands(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        quote = quote_of(uow, opened(uow, firm))
        approve_by_word(uow, quote.id, firm.boss, "нет телефона", "звонок", firm.dispatcher)
    with office.work(now=office.moment + timedelta(hours=25)) as uow, pytest.raises(QuoteOutdated):
        dispute_word(uow, quote.id, firm.boss)


def test_an_estimate_takes_work_up_to_its_sum_and_asks_anew_above_it(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        estimate = send_estimate(uow, ticket.id, 200_000, "Ремонт", firm.dispatcher)
        approve_paid_work(uow, estimate.id, estimate.version, firm.boss, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        within = add_work(uow, ticket.id, firm.cleaning, 2, firm.engineer)
        assert (within.quote, within.line.quote_id, within.line.price) == (None, estimate.id, 90_000)
        above = add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer)
        assert (above.quote.state, ticket.state) == (QuoteState.SENT, S.WAITING)
        assert above.line.quote_id == above.quote.id
        spent = uow.session.exec(select(WorkLine).where(WorkLine.quote_id == estimate.id)).all()
        assert sum(line.price * line.quantity for line in spent) == 180_000


def test_a_big_estimate_is_a_project_and_stands_for_two_weeks(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        quote = send_estimate(uow, ticket.id, 10_000_000, "Видеонаблюдение", firm.dispatcher)
        until = version_of(uow.session, quote).valid_until
        assert (until.date() - uow.now.date()).days == 14


def test_a_price_that_changes_after_sending_changes_no_quote(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        quote = quote_of(uow, opened(uow, firm))
        line = uow.session.exec(select(PriceLine).where(PriceLine.item_code == "hour:repair")).first()
        line.kopecks = 9_900_000
        uow.session.flush()
        approval = approve_paid_work(uow, quote.id, 1, firm.boss, PRESS).approval
        assert approval.gross == 250_000
        assert uow.session.exec(select(PriceList)).first().current
        assert uow.session.get(WorkItem, firm.part) is not None


@pytest.mark.parametrize("shown", [True, False])
def test_a_contract_says_whether_the_client_sees_the_specification_before_it_is_done(
    office: TestOffice, shown: bool
) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True, terms={"shows_specification": shown})
        ticket = in_work(uow, firm)
        add_work(uow, ticket.id, firm.cleaning, 1, firm.engineer)
        seen = [told for told in office.told if told.template == "ticket/card"][-1].values["works"]
        dispatched = [told for told in office.told if told.template == "dispatch/card"][-1].values["works"]
        assert (len(seen), len(dispatched)) == (int(shown), 1)
        finish_work(uow, ticket.id, firm.engineer)
        assert len([told for told in office.told if told.template == "ticket/card"][-1].values["works"]) == 1
