"""A card names whom to call: the requester, or who answers for the ticket once they have no access (R2.7, R2.8)."""

from typing import Any

import pytest

from bot.clients.models import Person
from bot.messaging.notices.texts import render, spaced_phone
from bot.tickets.bill.card import card_of
from bot.tickets.dispatch.leaving import close_access
from tests.builders.jobs import build_firm, in_work
from tests.conftest import TestOffice


def number_of(called: Any) -> str:
    [reached] = called.phones
    return spaced_phone(reached.number)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_the_card_names_who_answers_once_the_requester_has_no_access(office: TestOffice, lang: str) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        for last, who in enumerate((firm.requester, firm.approver, firm.boss)):
            uow.session.get_one(Person, who).phone = f"+7900000010{last}"
        ticket = in_work(uow, firm)
        before = card_of(uow.session, ticket, uow.now)
        assert before.instead is None
        assert number_of(before) in render("dispatch/card", lang, before)
        close_access(uow, firm.company, firm.requester, firm.boss)
        after = card_of(uow.session, ticket, uow.now)
        shown = render("dispatch/card", lang, after)
        assert [each.name for each in after.instead] == ["Климова", "Орлова"]
        assert number_of(before) not in shown
        assert all(each.name in shown and number_of(each) in shown for each in after.instead)
        close_access(uow, firm.company, firm.approver, firm.boss)
        assert [each.name for each in card_of(uow.session, ticket, uow.now).instead] == ["Орлова"]
