"""A decision by what the contract itself sets: its time bands, qualifications, versions of price lists (R5.2, R5.3)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.billing.prices.rule import Combining, ItemPrice, ListScope, PriceListVersion, PriceMode, hourly_rate
from bot.billing.quotes.rule import QuoteLine
from bot.billing.scope.input import ContractTerms, Exclusion
from bot.billing.scope.rule import Decision, Result, decide
from bot.calendar.bands import Band
from tests.billing.scope.test_rule import ON, PRICES, contract, request

EVENING = Band(frozenset({ON.isoweekday()}), 20 * 60, 24 * 60, 15_000)
STARTS = datetime(ON.year, ON.month, ON.day, 19, 30)  # noqa: DTZ001 - local time at the site, as the rule takes it
EXCLUDED = (Exclusion("3.2"),)


def paid(**terms: object) -> ContractTerms:
    return contract(exclusions=EXCLUDED, **terms)


def facts(decision: Decision) -> dict[str, object]:
    (found,) = [check for check in decision.explanation if check.name == "price_found"]
    return dict(found.facts)


def test_an_hour_over_the_border_of_a_contracts_band_is_priced_by_its_halves() -> None:
    decision = decide(request(paid(bands=(EVENING,)), starts=STARTS))
    assert [(line.quantity, line.price) for line in decision.lines] == [(30, 250_000), (30, 375_000)]


def test_an_exclusion_by_band_looks_at_the_contracts_own_bands() -> None:
    rule = (Exclusion("5.1", bands=frozenset({15_000})),)
    terms = contract(unlimited=True, exclusions=rule, bands=(EVENING,))
    assert decide(request(terms, starts=STARTS)).result is Result.PAID
    assert decide(request(terms, starts=STARTS - timedelta(hours=3))).result is Result.COVERED


def test_a_qualification_of_the_work_type_raises_the_rate() -> None:
    decision = decide(request(paid(qualifications=(("repair", 12_000), ("parts", 30_000)))))
    assert [line.price for line in decision.lines] == [300_000]


def test_the_price_check_names_each_list_once() -> None:
    named = replace(PRICES[0], name="Основной, версия 2")
    special = PriceListVersion(ListScope.CLIENT, (ItemPrice("callout", 100_000),), name="Особый")
    assert facts(decide(request(paid(prices=(named,), fees=("callout",)))))["price_list"] == "Основной, версия 2"
    both = decide(request(paid(prices=(named, special), fees=("callout",))))
    assert facts(both)["price_list"] == "Основной, версия 2, Особый"
    assert "price_list" not in facts(decide(request(paid())))


def test_a_list_that_begins_later_prices_nothing_yet() -> None:
    later = replace(PRICES[0], since=ON + timedelta(days=1))
    assert decide(request(paid(prices=(later,)))).result is Result.ESTIMATE_NEEDED
    over = replace(PRICES[0], until=ON - timedelta(days=1))
    assert decide(request(paid(prices=(over,)))).result is Result.ESTIMATE_NEEDED
    today = replace(PRICES[0], since=ON, until=ON)
    assert decide(request(paid(prices=(today,)))).result is Result.PAID


def test_a_price_line_of_other_days_does_not_count() -> None:
    line = ItemPrice("hour:repair", 250_000, since=date(2026, 4, 1))
    dated = PriceListVersion(ListScope.DEFAULT, (line,))
    assert decide(request(paid(prices=(dated,)))).result is Result.ESTIMATE_NEEDED


def test_the_call_out_is_a_piece_of_its_own() -> None:
    decision = decide(request(paid(fees=("callout",)), item="clean", mode=PriceMode.FIXED))
    assert decision.lines[-1] == QuoteLine("callout", "callout", "piece", 1, 150_000, 150_000)


def test_no_factor_of_a_rate_may_be_negative() -> None:
    for place in range(5):
        factors = [250_000, 10_000, 10_000, 10_000, 10_000]
        factors[place] = -1
        base, sla, band, urgency, qualification = factors
        with pytest.raises(ValueError, match="must not be negative"):
            hourly_rate(base, sla, band, urgency, Combining.MAX, qualification)
