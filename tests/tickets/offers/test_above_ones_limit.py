"""Whoever may decide, but not about this sum, reads whom it waits for and has no button to say yes by (R7.6)."""

import pytest
from sqlmodel import select

from bot.billing.quotes.approve import OverLimit
from bot.clients.models import Membership
from bot.handlers.client.quotes.buttons import quote
from bot.handlers.client.quotes.presses import ApproveQuote, DeclineQuote
from bot.messaging.notices.texts import render
from bot.telegram.showing.keyboards import Keyboard
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.offers.offering import quote_card_for, show_waiting_offers
from tests.builders.bills import PRESS, quote_of
from tests.builders.jobs import build_firm, opened
from tests.conftest import TestOffice


def kinds(keyboard: Keyboard) -> set[type]:
    return {type(each.press) for row in keyboard.rows for each in row}


@pytest.mark.parametrize("somebody", [True, False], ids=["another may", "nobody may"])
def test_one_above_whose_limit_a_sum_is_reads_whom_it_waits_for(office: TestOffice, somebody: bool) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        people = (firm.approver,) if somebody else (firm.approver, firm.boss)
        for person in people:
            uow.session.exec(select(Membership).where(Membership.person_id == person)).one().job_limit = 100
        ticket = opened(uow, firm)
        offer = quote_of(uow, ticket)
        card = quote_card_for(uow, offer, ticket, firm.approver)
        assert card.over_limit and list(card.waits_for) == (["Орлова"] if somebody else [])
        assert DeclineQuote in kinds(quote("ru", card)) and ApproveQuote not in kinds(quote("ru", card))
        text = render("quote/card", "ru", card)
        assert "больше вашего лимита" in text and ("Орлова" if somebody else "менеджер") in text
        with pytest.raises(OverLimit):
            approve_paid_work(uow, offer.id, offer.version, firm.approver, PRESS)
        office.told.clear()
        show_waiting_offers(uow, firm.approver)
        [told] = office.told
        assert told.values["over_limit"]
        if somebody:
            above = quote_card_for(uow, offer, ticket, firm.boss)
            assert not above.over_limit and ApproveQuote in kinds(quote("ru", above))


def test_a_deputy_of_one_whose_limit_is_enough_may_say_yes(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        uow.session.exec(select(Membership).where(Membership.person_id == firm.boss)).one().deputy_id = firm.requester
        ticket = opened(uow, firm)
        card = quote_card_for(uow, quote_of(uow, ticket), ticket, firm.requester)
        assert not card.over_limit and ApproveQuote in kinds(quote("ru", card))
