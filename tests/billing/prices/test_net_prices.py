"""Prices that a seller gives without VAT are told, agreed and billed with it (R6.1, R6.3)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from bot.billing.hours.plans import offered_plans, own_plans
from bot.billing.prices.book import at_prices, book_items
from bot.billing.prices.models import PriceLine, PriceList, WorkItem
from bot.billing.quotes.models import QuoteVersion
from bot.billing.quotes.send import version_of
from bot.billing.quotes.top_up import ask_top_up
from bot.billing.seller.models import TaxRegime
from bot.clients.models import Company
from bot.sums.vat import Regime, vat_of_line, vat_of_lines, with_vat
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.work.accept import accept_work
from bot.tickets.work.add import add_work
from bot.tickets.work.finish import finish_work
from tests.builders.appeals import add
from tests.builders.bills import AFTER_DECEMBER, DECEMBER, PRESS, billed_firm, close, lines_of, quote_of, statement_of
from tests.builders.jobs import Firm, opened
from tests.conftest import NOON, TestOffice

NET = {"hour:repair": 100_000, "CALL": 50_000, "SPARE": 37_035}
FEE = 100_000


def net_firm(uow: Any, rate: int | None = 2000, inclusive: bool = False, **terms: Any) -> Firm:
    """A firm of a seller whose prices are the same numbers, without VAT inside from November on."""
    firm = billed_firm(uow, fee=FEE, terms={"callout": "CALL", **terms})
    session = uow.session
    session.add(TaxRegime(seller_id=1, since=date(2026, 11, 1), rate_bp=rate, inclusive=inclusive))
    base = session.exec(select(PriceList)).first()
    for line in session.exec(select(PriceLine).where(PriceLine.item_code == "hour:repair")).all():
        line.kopecks = NET["hour:repair"]
    add(session, WorkItem(code="CALL", name="Выезд", mode="fixed"))
    firm.part = add(session, WorkItem(code="SPARE", name="Ролик", kind="part", work_type="parts")).id
    for code in ("CALL", "SPARE"):
        add(session, PriceLine(list_id=base.id, item_code=code, kopecks=NET[code]))
    return firm


def job(office: TestOffice, firm: Firm, pieces: int = 1) -> None:
    """An hour on site with its call-out, and a part added and approved."""
    with office.work() as uow:
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.boss, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        part = add_work(uow, ticket.id, firm.part, pieces, firm.engineer)
    with office.work() as uow:
        approve_paid_work(uow, part.quote.id, 1, firm.boss, PRESS)
        office.moment += timedelta(minutes=60)
    with office.work() as uow:
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)


@pytest.mark.sampled(7)
@pytest.mark.parametrize(
    ("rate", "inclusive", "expected"),
    [
        (2000, False, [(120_000, 20_000), (120_000, 20_000), (60_000, 10_000), (44_442, 7_407)]),
        (2000, True, [(100_000, 16_667), (100_000, 16_667), (50_000, 8_333), (37_035, 6_173)]),
        (None, False, [(100_000, 0), (100_000, 0), (50_000, 0), (37_035, 0)]),
        (0, False, [(100_000, 0), (100_000, 0), (50_000, 0), (37_035, 0)]),
    ],
)
def test_fee_hour_call_out_and_part(
    office: TestOffice, session: Any, rate: int | None, inclusive: bool, expected: list[tuple[int, int]]
) -> None:
    with office.work() as uow:
        firm = net_firm(uow, rate, inclusive)
    job(office, firm)
    close(office)
    lines = lines_of(session, statement_of(session, firm.contract))
    assert [(line.gross, line.vat) for line in lines] == expected


def book_on(uow: Any, firm: Firm, on: date) -> dict[str, int | None]:
    client = (uow.session, uow.session.get_one(Company, firm.company), [firm.contract], on)
    return {each.code: each.price for each in at_prices(*client, book_items(*client))}


def test_everything_that_is_told_has_vat_inside(office: TestOffice) -> None:
    with office.work() as uow:
        firm = net_firm(uow)
        ticket = opened(uow, firm)
        version = version_of(uow.session, quote_of(uow, ticket))
        assert (version.gross, version.vat, version.net) == (180_000, 30_000, 150_000)
        text = version.texts["ru"].replace("\u00a0", " ")
        assert "по 1 200 ₽ в час = 1 200 ₽" in text and "в том числе НДС 20 %: 300 ₽" in text
        book = book_on(uow, firm, NOON.date())
        assert {code: book[code] for code in NET} == {"hour:repair": 120_000, "CALL": 60_000, "SPARE": 44_442}
        assert [each.plan.monthly_fee for each in own_plans(uow.session, firm.company, NOON.date())] == [120_000]
        assert {each.monthly_fee for each in offered_plans(uow.session, NOON.date())} == {120_000}
        bought = ask_top_up(uow, firm.contract, 300, firm.boss)
        assert (bought.kopecks, bought.vat) == (600_000, 100_000)


def test_before_the_day_prices_had_vat_inside(office: TestOffice) -> None:
    with office.work() as uow:
        firm = net_firm(uow)
        book = book_on(uow, firm, date(2026, 10, 31))
        assert book["CALL"] == 50_000


def test_a_rate_that_changes_before_the_act_changes_the_vat_inside_and_not_the_sum(
    office: TestOffice, session: Any
) -> None:
    with office.work() as uow:
        firm = net_firm(uow)
        uow.session.add(TaxRegime(seller_id=1, since=date(2026, 12, 1), rate_bp=2200, inclusive=False))
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.boss, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
    office.moment = NOON + timedelta(days=10)
    with office.work() as uow:
        start_work(uow, ticket.id, firm.engineer)
    office.moment += timedelta(hours=1)
    with office.work() as uow:
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
    close(office)
    close(office, DECEMBER, AFTER_DECEMBER)
    lines = lines_of(session, statement_of(session, firm.contract, DECEMBER))
    assert [(line.gross, line.vat) for line in lines] == [(122_000, 22_000), (120_000, 21_639), (60_000, 10_820)]


def test_pieces_times_price_is_the_sum(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        firm = net_firm(uow, 2200)
    job(office, firm, pieces=3)
    close(office)
    line = lines_of(session, statement_of(session, firm.contract))[-1]
    assert (line.quantity, line.price, line.gross) == (3, 45_183, 135_549)
    assert session.exec(select(QuoteVersion.gross)).all() == [183_000, 135_549]


@given(st.integers(0, 10**10), st.sampled_from([None, 0, 500, 700, 1000, 2000, 2200]))
def test_what_is_added_once_is_inside_afterwards(price: int, rate: int | None) -> None:
    gross = with_vat(price, Regime(date.min, rate, inclusive=False))
    assert gross == vat_of_lines([price], rate, inclusive=False).gross
    assert gross - vat_of_line(gross, rate, inclusive=True) == price
    assert with_vat(price, Regime(date.min, rate)) == price
