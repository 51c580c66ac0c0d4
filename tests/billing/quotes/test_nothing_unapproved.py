"""Nothing unapproved is ever invoiced, each way round; what was rightly approved is (R7.9). On both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.billing.quotes.models import Approval, Quote, QuoteState, QuoteVersion
from bot.billing.quotes.send import text_hash, version_of
from bot.clients.models import ClientRole, Membership, Site
from tests.builders.appeals import add
from tests.builders.bills import accepted, billed_firm, close, quote_of, statement_of
from tests.builders.jobs import opened
from tests.conftest import NOON, TestOffice


def unapproved(uow: Any, firm: Any) -> Any:
    ticket = opened(uow, firm)
    return quote_of(uow, ticket)


def never_answered(uow: Any, quote: Quote, firm: Any) -> None:
    """Nobody said anything."""


def declined(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm, approved=False)


def expired(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm, decided_at=NOON + timedelta(days=30))


def superseded(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm)
    quote.version = 2


def by_a_requester(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm, person_id=firm.requester)


def by_another_company(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm, person_id=firm.outsider)


def by_one_who_had_left(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm)
    right = uow.session.exec(
        select(Membership).where(Membership.person_id == firm.approver, Membership.role == ClientRole.APPROVER)
    ).one()
    right.ended_at = NOON - timedelta(minutes=1)
    right.granted_at = NOON - timedelta(days=1)


def over_the_limit(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm)
    right = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
    right.job_limit = 100


def over_the_month_limit(uow: Any, quote: Quote, firm: Any) -> None:
    """Two yeses at once, each within the limit, both above it: as if neither had waited for the other."""
    other = unapproved(uow, firm)
    said(uow, other, firm)
    other.state = QuoteState.DECLINED
    said(uow, quote, firm)
    right = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
    right.month_limit = 499_999


def by_an_approver_of_another_site(uow: Any, quote: Quote, firm: Any) -> None:
    site = add(uow.session, Site(company_id=firm.company, code="far", name="Склад"))
    said(uow, quote, firm)
    right = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
    right.site_id = site.id


def by_a_deputy_from_outside(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm, person_id=firm.outsider)
    right = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
    right.deputy_id = firm.outsider


def before_the_right_was_given(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm, decided_at=NOON - timedelta(days=1))


def lines_added_after(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm)
    version = uow.session.exec(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id)).one()
    version.lines = [*version.lines, {**version.lines[0], "kopecks": 0}]


def turned_into_up_to_after(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm)
    version = uow.session.exec(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id)).one()
    version.up_to = True


def price_changed_after(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm)
    version = uow.session.exec(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id)).one()
    version.lines = [{**line, "price": 999_900, "kopecks": 999_900} for line in version.lines]


def total_changed_after(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm)
    version = uow.session.exec(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id)).one()
    version.gross += 100


def text_changed_after(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm)
    version = uow.session.exec(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id)).one()
    version.texts = {lang: f"{text}!" for lang, text in version.texts.items()}


def oral_without_evidence(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm, way="oral")


def ceiling_in_a_name(uow: Any, quote: Quote, firm: Any) -> None:
    said(uow, quote, firm, way="ceiling")


def said(uow: Any, quote: Quote, firm: Any, **more: Any) -> None:
    """An approval row written past the act that checks it."""
    version = version_of(uow.session, quote)
    text = version.texts["ru"]
    values = {
        "quote_id": quote.id,
        "version": 1,
        "approved": True,
        "person_id": firm.approver,
        "text": text,
        "text_hash": text_hash(text),
        "gross": version.gross,
        "decided_at": NOON,
        **more,
    }
    uow.session.add(Approval(**values))
    uow.session.flush()


WAYS = [
    (never_answered, "not_approved"),
    (declined, "declined"),
    (expired, "expired"),
    (superseded, "not_approved"),
    (by_a_requester, "wrong_person"),
    (by_another_company, "wrong_person"),
    (by_one_who_had_left, "wrong_person"),
    (by_an_approver_of_another_site, "wrong_person"),
    (by_a_deputy_from_outside, "wrong_person"),
    (before_the_right_was_given, "wrong_person"),
    (over_the_limit, "over_limit"),
    (over_the_month_limit, "over_limit"),
    (lines_added_after, "changed"),
    (turned_into_up_to_after, "changed"),
    (price_changed_after, "changed"),
    (total_changed_after, "changed"),
    (text_changed_after, "changed"),
    (oral_without_evidence, "wrong_person"),
    (ceiling_in_a_name, "wrong_person"),
]


@pytest.mark.sampled(16)
@pytest.mark.parametrize(("way", "reason"), WAYS, ids=[way.__name__ for way, _ in WAYS])
def test_nothing_unapproved_is_invoiced(office: TestOffice, session: Any, way: Any, reason: str) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000)
        quote = unapproved(uow, firm)
        way(uow, quote, firm)
        quote.state = QuoteState.ACCEPTED  # as if every later step had been forced too
    close(office)
    statement = statement_of(session, firm.contract)
    assert statement.gross == 100_000
    assert [(each["reason"], each["name"]) for each in statement.left_out] == [(reason, f"Смета № {quote.number}")]


def test_a_limit_lowered_after_the_yes_takes_nothing_back(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        accepted(uow, firm)
        right = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        lower = {"person_id": firm.approver, "company_id": firm.company, "role": right.role, "job_limit": 100}
        right.ended_at = NOON + timedelta(hours=1)
        uow.session.add(Membership(**lower, granted_at=right.ended_at))
    close(office)
    assert statement_of(session, firm.contract).gross == 250_000


def test_a_month_limit_used_to_the_kopeck_is_billed(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        right = uow.session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        right.month_limit = 500_000
        accepted(uow, firm)
        accepted(uow, firm)
    close(office)
    assert statement_of(session, firm.contract).gross == 500_000


def test_a_good_approval_written_the_same_way_is_billed(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        quote = unapproved(uow, firm)
        said(uow, quote, firm)
        quote.state = QuoteState.ACCEPTED
    close(office)
    assert statement_of(session, firm.contract).gross == 250_000


@pytest.mark.sampled(20)
@pytest.mark.parametrize("state", [state for state in QuoteState if state is not QuoteState.ACCEPTED])
def test_only_accepted_work_is_billed(office: TestOffice, session: Any, state: QuoteState) -> None:
    with office.work() as uow:
        firm = billed_firm(uow)
        quote = unapproved(uow, firm)
        said(uow, quote, firm)
        quote.state = state
    close(office)
    assert statement_of(session, firm.contract) is None
