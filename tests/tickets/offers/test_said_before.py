"""What is pre-authorised is read before an emergency is sent, and told once, in words that offer no refusal (R7.10)."""

import re
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.quotes.ceilings import set_ceiling
from bot.billing.quotes.models import Approval
from bot.billing.quotes.send import quotes_of, version_of
from bot.clients.models import ClientRole, Membership
from bot.messaging.notices.texts import render
from bot.tickets.intake.drafts import view
from bot.tickets.intake.record import open_appeal
from tests.builders.appeals import add
from tests.builders.jobs import Firm, build_firm, opened
from tests.conftest import NOON, TestOffice

EMERGENCY = {"emergency_ceiling": 1_000_000, "clause": "п. 4.5"}


def heard(office: TestOffice, uow: Any, template: str) -> list[int]:
    """Who is told it, once for each time they are."""
    return [
        address.person_id
        for told in office.told
        if told.template == template
        for address in told.audience.addresses(uow.session)
        if address.person_id is not None
    ]


def text_of(uow: Any, ticket_id: int, lang: str = "ru") -> str:
    (quote,) = quotes_of(uow.session, ticket_id)
    return plain(version_of(uow.session, quote).texts[lang])


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).replace("\u00a0", " ").split())


def also_approves(uow: Any, firm: Firm) -> None:
    """The requester may approve too: the one who was told twice."""
    add(
        uow.session,
        Membership(person_id=firm.requester, company_id=firm.company, role=ClientRole.APPROVER, granted_at=NOON),
    )


@pytest.mark.parametrize("by", ["emergency", "ceiling"])
def test_a_yes_given_before_is_told_once_and_offers_no_refusal(office: TestOffice, by: str) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, terms=EMERGENCY if by == "emergency" else {})
        also_approves(uow, firm)
        if by == "ceiling":
            set_ceiling(uow, firm.till, 1_000_000, firm.boss)
        ticket = opened(uow, firm, emergency=by == "emergency")
        assert uow.session.exec(select(Approval.reason)).one() == by
        told = heard(office, uow, "quote/by_ceiling")
        assert sorted(told) == sorted(set(told)) and firm.requester in told and firm.approver in told
        assert heard(office, uow, "quote/card") == []
        for lang, refusal in (("ru", "откажетесь"), ("en", "decline")):
            assert refusal not in text_of(uow, ticket.id, lang)
        words = (
            "По договору (п. 4.5) такую работу" if by == "emergency" else "в пределах лимита без согласования (Орлова)"
        )
        assert words in text_of(uow, ticket.id)
        assert (
            uow.session.exec(select(Approval.text)).one()
            == version_of(uow.session, quotes_of(uow.session, ticket.id)[0]).texts["ru"]
        ), "the yes is proven by what was said"


def test_an_emergency_above_what_is_agreed_is_asked_about(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, terms={"emergency_ceiling": 1_000, "clause": "п. 4.5"})
        ticket = opened(uow, firm, emergency=True)
        assert uow.session.exec(select(Approval)).first() is None
        assert "откажетесь" in text_of(uow, ticket.id)
        assert heard(office, uow, "quote/by_ceiling") == []


@pytest.mark.parametrize("agreed", [True, False])
def test_it_is_read_before_an_emergency_is_sent_and_in_the_first_card(office: TestOffice, agreed: bool) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, terms=EMERGENCY if agreed else {})
        appeal = open_appeal(uow, firm.requester)
        appeal.company_id, appeal.object_id, appeal.emergency = firm.company, firm.till, True
        uow.session.flush()
        draft = view(uow, appeal)
        assert (draft.pre_authorised is not None) is agreed
        appeal.emergency = False
        assert view(uow, appeal).pre_authorised is None, "an ordinary job is asked about"
        opened(uow, firm, emergency=True)
        card = next(told for told in office.told if told.template == "ticket/card")
        shown = plain(render("ticket/card", "ru", card.subject))
        assert ("Работы до 10 000 ₽ по договору (п. 4.5) делаем без отдельного согласия" in shown) is agreed
