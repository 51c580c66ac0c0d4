"""A ticket moves on once no offer waits, whatever the last answer was; else it says what comes next (R7.11)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.send import offer_as_sent, quotes_of, send_quote, version_of
from bot.billing.work.models import WorkLine
from bot.messaging.notices.texts import label
from bot.tickets.bill.card import card_of
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.acts import Act, possible_in
from bot.tickets.life.lifecycle import TicketMoved, history, stage_of
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.answer import approve_by_word, approve_paid_work, decline_paid_work, dispute_word
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.offers.offering import quote_expire
from bot.tickets.offers.other_way import OtherWay, ask_other_way
from bot.tickets.work.add import add_work, remove_work
from tests.builders.bills import PRESS, quote_of
from tests.builders.jobs import Firm, balance, build_firm, opened
from tests.builders.stories import begun
from tests.builders.talk import Talk
from tests.conftest import TestOffice

S = TicketState
Answer = Callable[[Any, Firm, Quote], object]


def yes(uow: Any, firm: Firm, quote: Quote) -> None:
    approve_paid_work(uow, quote.id, quote.version, firm.boss, PRESS)


def no(uow: Any, firm: Firm, quote: Quote) -> None:
    decline_paid_work(uow, quote.id, quote.version, firm.boss, PRESS)


def late(uow: Any, _firm: Firm, quote: Quote) -> None:
    uow.now += timedelta(days=30)
    quote_expire(uow, {"quote_id": quote.id})
    uow.now -= timedelta(days=30)


def gone(uow: Any, firm: Firm, quote: Quote) -> None:
    line = uow.session.exec(select(WorkLine).where(WorkLine.quote_id == quote.id)).one()
    remove_work(uow, quote.ticket_id, line.id, firm.engineer)


ANSWERS: tuple[Answer, ...] = (yes, no, late, gone)


def two_offers(uow: Any) -> tuple[Firm, Ticket, list[Quote]]:
    """On site two parts wait for their yes."""
    firm = build_firm(uow.session)
    ticket = opened(uow, firm)
    yes(uow, firm, quote_of(uow, ticket))
    take_ticket(uow, ticket.id, firm.engineer)
    start_work(uow, ticket.id, firm.engineer)
    quotes = [add_work(uow, ticket.id, firm.part, 1, firm.engineer).quote for _ in range(2)]
    assert ticket.state is S.WAITING
    return firm, ticket, [quote for quote in quotes if quote is not None]


@pytest.mark.sampled(6)
@pytest.mark.parametrize("last", ANSWERS)
@pytest.mark.parametrize("first", ANSWERS)
def test_on_site_the_last_answer_whatever_it_is_lets_the_job_go_on(
    office: TestOffice, first: Answer, last: Answer
) -> None:
    with office.work() as uow:
        firm, ticket, quotes = two_offers(uow)
        first(uow, firm, quotes[0])
        assert ticket.state is S.WAITING, "the other one still waits"
        assert possible_in(Act.ADD_WORK, ticket.state), "what was agreed may go on meanwhile"
        last(uow, firm, quotes[1])
        assert ticket.state is S.IN_WORK
        assert [each.kind for each in history(uow.session, ticket.id)].count("goes_on") == 1
        pending = [line.name for line in card_of(uow.session, ticket, uow.now).works if line.pending]
        assert pending == []


@pytest.mark.sampled(4)
@pytest.mark.parametrize("last", [yes, no, late])
@pytest.mark.parametrize("first", [yes, no, late])
def test_before_work_it_goes_to_dispatch_once_none_waits_and_one_was_agreed(
    office: TestOffice, first: Answer, last: Answer
) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        offered, second = quote_of(uow, ticket), _second_offer(uow, ticket)
        first(uow, firm, offered)
        assert ticket.state is S.AWAITING_APPROVAL
        last(uow, firm, second)
        assert ticket.state is (S.NEW if yes in (first, last) else S.AWAITING_APPROVAL)
        expected = "new" if yes in (first, last) else "awaiting_choice"
        assert stage_of(uow.session, ticket) == expected


def test_debtors_pay_for_all_that_was_agreed_once_none_waits(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=20)
        ticket = opened(uow, firm)
        offered, second = quote_of(uow, ticket), _second_offer(uow, ticket)
        yes(uow, firm, offered)
        asked = [told.template for told in office.told].count("ticket/prepayment")
        assert (ticket.state, asked) == (S.AWAITING_APPROVAL, 0)
        no(uow, firm, second)
        assert ticket.state is S.AWAITING_PAYMENT
        assert [told.template for told in office.told].count("ticket/prepayment") == 1


@pytest.mark.parametrize("answer", [no, late])
def test_the_covered_part_is_done_where_the_paid_part_is_not_wanted(office: TestOffice, answer: Answer) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=30)
        ticket = opened(uow, firm)
        assert (ticket.state, ticket.coverage, balance(uow, firm)[1]) == (S.AWAITING_APPROVAL, "PARTLY", 0)
        answer(uow, firm, quote_of(uow, ticket))
        assert (ticket.state, ticket.held_amount, balance(uow, firm)[1]) == (S.NEW, 30, 30)


def test_hours_that_are_gone_by_then_are_no_covered_work(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=30)
        ticket, other = opened(uow, firm), opened(uow, firm)
        yes(uow, firm, quote_of(uow, other))
        no(uow, firm, quote_of(uow, ticket))
        assert (ticket.state, stage_of(uow.session, ticket)) == (S.AWAITING_APPROVAL, "awaiting_choice")


def test_a_disputed_word_leaves_the_covered_part_to_be_done(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=30, debt=20)
        ticket = opened(uow, firm)
        quote = quote_of(uow, ticket)
        approve_by_word(uow, quote.id, firm.boss, "по телефону", "запись 5", firm.dispatcher)
        assert ticket.state is S.AWAITING_PAYMENT
        dispute_word(uow, quote.id, firm.boss)
        assert (ticket.state, ticket.held_amount) == (S.NEW, 30)


def test_what_comes_next_is_asked_once_and_only_when_nothing_is_left(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm)
        with pytest.raises(TicketMoved):
            ask_other_way(uow, ticket.id, OtherWay.PRICE, firm.requester)
        no(uow, firm, quote_of(uow, ticket))
        for _ in range(2):
            ask_other_way(uow, ticket.id, OtherWay.PRICE, firm.requester)
        assert [told.template for told in office.told].count("dispatch/other_way") == 1
        send_estimate(uow, ticket.id, 450_000, "Проще", firm.dispatcher)
        with pytest.raises(TicketMoved):
            ask_other_way(uow, ticket.id, OtherWay.ADVICE, firm.requester)
        (_, newest) = quotes_of(uow.session, ticket.id)
        yes(uow, firm, newest)
        assert (ticket.state, newest.state) == (S.NEW, QuoteState.APPROVED)


async def test_after_a_no_the_card_says_what_comes_next_and_not_that_it_waits(talk: Talk, session: Session) -> None:
    firm, number = begun(talk, by="boss")
    said = await talk.press(firm.boss, label("quote.decline", "ru"))
    assert "Что дальше" in said
    shown = await talk.press(firm.boss, "← К заявке")
    assert "Решаем, что дальше" in shown and "ждёт согласования" not in shown.lower()
    assert {"☎️ Бесплатный совет", "🧮 Другая цена", "✖️ Закрыть заявку"} <= set(talk.buttons(firm.boss))
    await talk.press(firm.boss, "🧮 Другая цена")
    with talk.office.work() as uow:
        assert [each.kind for each in history(uow.session, number)][-1] == "asked_other_way"
    await talk.press(firm.boss, "✖️ Закрыть заявку")
    await talk.press(firm.boss, "Да, отменить")
    assert session.get_one(Ticket, number).state is S.CANCELLED


def _second_offer(uow: Any, ticket: Ticket) -> Quote:
    """The same offered once more beside the first, as a row."""
    return send_quote(uow, offer_as_sent(version_of(uow.session, quote_of(uow, ticket))), None)
