"""Pools of roubles, points and tickets, included visits, the road, and what is agreed for a time: the decision and each
of its checks to the letter (R3.2, R4.1, R5.6)."""

from dataclasses import replace
from datetime import date

import pytest

from bot.billing.hours.draw import Draw
from bot.billing.prices.rule import ItemPrice, ListScope, PriceListVersion, PriceMode
from bot.billing.scope.input import Agreed, ContractTerms, Road
from bot.billing.scope.rule import Check, Decision, Result, decide
from bot.billing.work.rounding import Way
from bot.calendar.bands import Part
from tests.billing.scope.test_explained import after_client, facts
from tests.billing.scope.test_rule import KKT, ON, PRICES, START, contract, pool, request

FOR_ONE_MODEL = PriceListVersion(ListScope.CONTRACT, (ItemPrice("zone", 70_000, model=KKT.model, id="p-zone"),))
ROAD = (PriceListVersion(ListScope.DEFAULT, (*PRICES[0].lines, ItemPrice("km", 3_000, id="p-km"))), FOR_ONE_MODEL)


def taken(*ids: str, passed: bool, need: int, covered: int, unit: str) -> Check:
    return Check("hours_available", passed, ids, "2.1", facts(need=need, covered=covered, overrun=0, unit=unit))


def lines(decision: Decision) -> list[tuple[str, str, int, int]]:
    return [(line.item, line.unit, line.quantity, line.kopecks) for line in decision.lines]


def in_points(amount: int, **more: object) -> ContractTerms:
    return contract(pools=(pool(amount, unit="points"),), **{"point": 10_000, **more})


def test_points_cover_the_price_and_a_begun_point_is_a_whole_one() -> None:
    decision = decide(request(in_points(30, point=12_000)))
    assert after_client(decision)[2:] == (taken("pool", passed=True, need=21, covered=21, unit="points"),)
    assert (decision.result, decision.contract) == (Result.COVERED_BY_HOURS, "C1")
    assert (decision.amount, decision.unit, decision.draws) == (21, "points", (Draw("pool", 21),))


def test_points_are_drawn_by_the_sum_of_the_work_and_not_by_the_price_of_an_hour() -> None:
    assert decide(request(in_points(30), parts=(Part(10_000, 30),))).draws == (Draw("pool", 13),)


def test_points_pay_a_part_and_the_rest_is_one_piece_at_what_is_left() -> None:
    decision = decide(request(in_points(10, fees=("callout",))))
    assert after_client(decision)[2:4] == (
        taken("pool", passed=False, need=40, covered=10, unit="points"),
        Check("price_found", True, ("p-hour", "p-callout"), "2.1", facts(kopecks=300_000)),
    )
    assert (decision.result, decision.reason, decision.contract) == (Result.PARTLY, "hours_available", "C1")
    assert (decision.amount, decision.unit, decision.draws) == (10, "points", (Draw("pool", 10),))
    assert lines(decision) == [("hour:repair", "piece", 1, 150_000), ("callout", "piece", 1, 150_000)]


def test_what_points_pay_whole_is_no_line_of_the_rest() -> None:
    decision = decide(request(in_points(26, fees=("callout",))))
    assert lines(decision) == [("callout", "piece", 1, 140_000)]


def test_roubles_cover_a_part_with_fees_and_the_way_in_the_price() -> None:
    terms = contract(pools=(pool(300_000, unit="roubles"),), callout="callout", fees=("clean",))
    decision = decide(request(terms))
    assert (decision.result, decision.amount, decision.unit) == (Result.PARTLY, 300_000, "roubles")
    assert lines(decision) == [("clean", "piece", 1, 40_000), ("callout", "piece", 1, 150_000)]
    whole = decide(request(replace(terms, pools=(pool(490_000, unit="roubles"),))))
    assert (whole.result, whole.amount, whole.lines) == (Result.COVERED_BY_HOURS, 490_000, ())


@pytest.mark.parametrize("unit", ["roubles", "points"])
def test_a_work_without_a_price_can_not_be_drawn_by_price(unit: str) -> None:
    terms = contract(pools=(pool(10**9, unit=unit),), point=100)
    decision = decide(request(terms, item="weld", mode=PriceMode.FIXED))
    assert after_client(decision)[2:] == (Check("price_found", False, ("C1",), "", facts(item="weld")),)
    assert (decision.result, decision.contract) == (Result.ESTIMATE_NEEDED, "C1")


def test_points_of_no_worth_known_need_an_estimate() -> None:
    decision = decide(request(in_points(100, point=None)))
    assert after_client(decision)[2:] == (Check("need_known", False, ("C1",)),)
    assert (decision.result, decision.contract) == (Result.ESTIMATE_NEEDED, "C1")


def visiting(left: int, **more: object) -> ContractTerms:
    visits = pool(left, "visits", unit="visits", objects=frozenset({"KKT-1"}), work_types=frozenset({"repair"}))
    return contract(**{"callout": "callout", "pools": (visits,), **more})


def test_an_included_visit_pays_the_way_and_never_the_work() -> None:
    decision = decide(request(visiting(1)))
    assert after_client(decision)[2:5] == (
        Check("hours_available", False, (), "2.1", facts(need=0, covered=0, overrun=0, unit="minutes")),
        Check("visit_included", True, ("visits",), "2.1"),
        Check("price_found", True, ("p-hour",), "2.1", facts(kopecks=250_000)),
    )
    assert (decision.result, decision.draws, decision.amount) == (Result.PAID, (Draw("visits", 1),), 0)
    assert lines(decision) == [("hour:repair", "minute", 60, 250_000)]


def test_without_a_visit_left_the_call_out_is_paid() -> None:
    decision = decide(request(visiting(0)))
    assert after_client(decision)[3] == Check("visit_included", False, (), "2.1")
    assert (decision.draws, lines(decision)[1:]) == ((), [("callout", "piece", 1, 150_000)])


@pytest.mark.parametrize(
    ("terms", "channel"),
    [
        (visiting(1), Way.REMOTE),
        (visiting(1, callout=None), Way.VISIT),
        (contract(callout="callout"), Way.VISIT),
        (contract(callout="callout", pools=(pool(0, "h"),)), Way.VISIT),
    ],
)
def test_a_visit_is_not_spoken_of_where_none_could_be_drawn(terms: ContractTerms, channel: Way) -> None:
    decision = decide(request(terms, channel=channel))
    assert "visit_included" not in {check.name for check in decision.explanation}
    assert decision.draws == ()
    assert [line.item for line in decision.lines] == ["hour:repair", *(["callout"] if terms.callout else [])][
        : 1 if channel is Way.REMOTE else None
    ]


def test_a_visit_pays_the_road_where_only_the_road_is_charged() -> None:
    near = replace(KKT, way=Road("zone"))
    decision = decide(request(visiting(1, callout=None, travel=True, prices=ROAD), service_object=near))
    assert (decision.draws, len(decision.lines)) == ((Draw("visits", 1),), 1)


def test_a_visit_of_hours_that_cover_a_part_is_not_drawn() -> None:
    both = (pool(45, "h"), *visiting(1).pools)
    decision = decide(request(visiting(1, pools=both)))
    assert (decision.result, decision.draws) == (Result.PARTLY, (Draw("h", 45),))
    assert "visit_included" not in {check.name for check in decision.explanation}


@pytest.mark.parametrize(
    ("way", "road"),
    [(Road("zone"), ("zone", "piece", 1, 70_000)), (Road("km", 42), ("km", "km", 42, 126_000))],
)
def test_the_road_is_charged_by_zone_or_by_kilometre(way: Road, road: tuple[str, str, int, int]) -> None:
    terms = contract(callout="callout", travel=True, prices=ROAD)
    decision = decide(request(terms, service_object=replace(KKT, way=way)))
    assert lines(decision)[1:] == [("callout", "piece", 1, 150_000), road]
    assert len(decide(request(terms, service_object=replace(KKT, way=way), channel=Way.REMOTE)).lines) == 1


def test_a_road_of_unknown_length_needs_an_estimate_and_is_named() -> None:
    decision = decide(request(contract(travel=True, prices=ROAD)))
    assert decision.result is Result.ESTIMATE_NEEDED
    assert decision.explanation[-1] == Check("price_found", False, ("C1",), "", facts(item="road"))


def test_a_line_names_the_band_of_its_hours_and_ordinary_ones_have_none() -> None:
    decision = decide(request(contract(), parts=(Part(10_000, 60), Part(20_000, 30))))
    assert [line.band for line in decision.lines] == [0, 20_000]


def test_what_is_agreed_for_a_time_is_named_with_its_clause_and_days() -> None:
    agreed = (Agreed("A1", "7.1", START, ON), Agreed("A2", "7.2", date(2026, 2, 1)))
    decision = decide(request(contract(unlimited=True, agreed=agreed)))
    assert after_client(decision)[:2] == (
        Check("agreed_for_a_time", True, ("A1",), "7.1", facts(since="2026-01-01", until="2026-03-10")),
        Check("agreed_for_a_time", True, ("A2",), "7.2", facts(since="2026-02-01")),
    )
