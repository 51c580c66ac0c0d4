"""Time bands in the live decision and in the bill (R5.3): night and weekend work costs what the contract says."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select

from bot.billing.quotes.models import QuoteVersion
from bot.billing.scope.explain import explained
from bot.billing.scope.models import ScopeDecision
from bot.billing.scope.rule import decide_again
from bot.billing.scope.snapshot import freeze
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.work.accept import accept_work
from bot.tickets.work.finish import finish_work
from tests.builders.bills import PRESS, billed_firm, close, lines_of, quote_of, statement_of
from tests.builders.jobs import build_firm, opened
from tests.conftest import TestOffice

EVENING = {"start": 18 * 60, "end": 22 * 60, "bp": 15_000}
NIGHT = {"start": 22 * 60, "end": 8 * 60, "bp": 20_000}
BANDS = {"bands": [EVENING, NIGHT]}
HALF_AN_HOUR_BEFORE_TEN = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)  # 21:30 in Moscow, a Wednesday
DAYTIME = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HALF_AN_HOUR_BEFORE_SIX = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)  # 17:30 in Moscow


def decision_of(session: Any, ticket: Any) -> ScopeDecision:
    query = select(ScopeDecision).where(ScopeDecision.ticket_id == ticket.id).order_by(col(ScopeDecision.id).desc())
    return session.exec(query).first()


def prices(row: ScopeDecision) -> list[tuple[int, int]]:
    return [(line["quantity"], line["price"]) for line in row.explanation["lines"]]


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, [(30, 375_000), (30, 500_000)]),
        ({"urgency_bp": 18_000}, [(30, 450_000), (30, 500_000)]),
        ({"urgency_bp": 18_000, "combining": "multiply"}, [(30, 675_000), (30, 900_000)]),
        ({"sla_bp": 12_000, "qualifications": {"repair": 11_000}}, [(30, 495_000), (30, 660_000)]),
    ],
)
def test_an_emergency_across_a_border_is_priced_by_minutes(
    office: TestOffice, session: Any, terms: dict[str, Any], expected: list[tuple[int, int]]
) -> None:
    office.moment = HALF_AN_HOUR_BEFORE_TEN
    with office.work() as uow:
        ticket = opened(uow, build_firm(uow.session, terms={**BANDS, **terms}), emergency=True)
    row = decision_of(session, ticket)
    assert prices(row) == expected
    again = decide_again(row.snapshot)
    assert [freeze(line) for line in again.lines] == row.explanation["lines"], "the snapshot is the whole story"
    assert [each.again for each in explained(session, ticket.id)] == ["same"]


def test_what_can_wait_is_priced_at_the_hours_we_work(office: TestOffice, session: Any) -> None:
    office.moment = HALF_AN_HOUR_BEFORE_TEN
    with office.work() as uow:
        ticket = opened(uow, build_firm(uow.session, terms=BANDS))
    assert prices(decision_of(session, ticket)) == [(60, 250_000)]


def test_a_clause_about_nights_takes_night_work_out_of_the_fee(office: TestOffice, session: Any) -> None:
    terms = {**BANDS, "exclusions": [{"clause": "п. 4: ночные работы", "bands": [20_000]}]}
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True, terms=terms)
        by_day = opened(uow, firm, emergency=True)
    office.moment = HALF_AN_HOUR_BEFORE_TEN
    with office.work() as uow:
        by_night = opened(uow, firm, emergency=True)
    assert decision_of(session, by_day).result == "COVERED"
    (night,) = explained(session, by_night.id)
    assert (night.result, night.clause) == ("PAID", "п. 4: ночные работы")


def worked(office: TestOffice, start: datetime, end: datetime, **terms: Any) -> Any:
    office.moment = DAYTIME
    with office.work() as uow:
        firm = billed_firm(uow, terms={**BANDS, **terms})
        ticket = opened(uow, firm)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
    office.moment = start
    with office.work() as uow:
        start_work(uow, ticket.id, firm.engineer)
    office.moment = end
    with office.work() as uow:
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
    close(office)
    return firm


def test_time_agreed_by_fact_is_billed_by_the_bands_it_fell_into(office: TestOffice, session: Any) -> None:
    firm = worked(office, HALF_AN_HOUR_BEFORE_SIX, datetime(2026, 11, 25, 14, 50, tzinfo=UTC), hourly_by_fact=True,
                  minimum_visit=15)  # fmt: skip
    (line,) = lines_of(session, statement_of(session, firm.contract))
    assert (line.raw_minutes, line.quantity, line.gross) == (20, 30, 125_000)


def test_dearer_bands_never_lead_above_what_was_agreed(office: TestOffice, session: Any) -> None:
    end = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
    firm = worked(office, HALF_AN_HOUR_BEFORE_SIX, end, hourly_by_fact=True)
    by_day, evening = lines_of(session, statement_of(session, firm.contract))
    assert (by_day.quantity, by_day.gross) == (30, 125_000)
    assert (evening.quantity, evening.price, evening.gross) == (30, 375_000, 125_000)
    assert session.exec(select(QuoteVersion.gross)).all() == [250_000]


def test_a_fixed_price_stays_whatever_the_hour(office: TestOffice, session: Any) -> None:
    firm = worked(office, HALF_AN_HOUR_BEFORE_SIX, datetime(2026, 11, 25, 14, 50, tzinfo=UTC))
    (line,) = lines_of(session, statement_of(session, firm.contract))
    assert line.gross == 250_000


def test_an_evening_quote_done_by_day_costs_the_day(office: TestOffice, session: Any) -> None:
    office.moment = HALF_AN_HOUR_BEFORE_TEN
    with office.work() as uow:
        firm = billed_firm(uow, terms={**BANDS, "hourly_by_fact": True})
        ticket = opened(uow, firm, emergency=True)
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
    office.moment = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    with office.work() as uow:
        start_work(uow, ticket.id, firm.engineer)
    office.moment = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
    with office.work() as uow:
        finish_work(uow, ticket.id, firm.engineer)
        accept_work(uow, ticket.id, firm.requester)
    close(office)
    (line,) = lines_of(session, statement_of(session, firm.contract))
    assert (line.quantity, line.price, line.gross) == (60, 250_000, 250_000)
