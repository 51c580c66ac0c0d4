"""Each check of a decision to the letter: name, outcome, ids, clause and facts are what the auditor reads (R3.2)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.billing.debts.rule import DebtLevel
from bot.billing.hours.draw import PoolKind
from bot.billing.prices.rule import ItemPrice, ListScope, PriceListVersion, PriceMode
from bot.billing.scope.input import Exclusion, Warranty
from bot.billing.scope.rule import Check, Decision, FallbackError, Result, decide
from bot.calendar.bands import Part
from tests.billing.scope.test_rule import ALL, KKT, ON, PRICES, contract, debt, pool, request

CLIENT = (
    Check("debt_found", False, (), "", (("level", "unknown"),)),
    Check("person_known", True, ("anna",)),
    Check("object_known", True, ("KKT-1",)),
    Check("emergency", False),
    Check("warranty", False, ("KKT-1",)),
    Check("work_known", True),
    Check("contract_lists_object", True, ("C1",), "2.1"),
)


def facts(**values: int | str) -> tuple[tuple[str, int | str], ...]:
    return tuple(sorted(values.items()))


def after_client(decision: Decision) -> tuple[Check, ...]:
    assert decision.explanation[: len(CLIENT)] == CLIENT
    return decision.explanation[len(CLIENT) :]


def taken(*ids: str, passed: bool, need: int = 60, covered: int = 0, overrun: int = 0, clause: str = "2.1") -> Check:
    values: dict[str, Any] = {"need": need, "covered": covered, "overrun": overrun, "unit": "minutes"}
    return Check("hours_available", passed, ids, clause, facts(**values))


def test_covered_without_limit() -> None:
    assert after_client(decide(request(contract(unlimited=True)))) == (
        Check("not_excluded", True, ("C1",), "2.1"),
        Check("unlimited", True, ("C1",), "2.1"),
    )


def test_covered_by_hours_and_overrun() -> None:
    decision = decide(request(contract(pools=(pool(40, overrun=30),))))
    assert after_client(decision) == (
        Check("not_excluded", True, ("C1",), "2.1"),
        Check("unlimited", False, ("C1",), "2.1"),
        taken("pool", passed=True, covered=60, overrun=20),
    )
    assert (decision.contract, decision.unit, decision.explanation[0].ids) == ("C1", "minutes", ())


def test_partly_covered_names_pools_and_prices() -> None:
    decision = decide(request(contract(pools=(pool(40),))))
    assert after_client(decision)[2:] == (
        taken("pool", passed=False, covered=40),
        Check("price_found", True, ("p-hour",), "2.1", facts(kopecks=83_333)),
        Check("debt_allows", True, (), "", facts(level="unknown")),
    )
    assert (decision.result, decision.contract, decision.unit) == (Result.PARTLY, "C1", "minutes")


def test_a_debt_is_named_twice_found_and_applied() -> None:
    decision = decide(request(contract(), debt=debt(DebtLevel.D2)))
    level = facts(level="d2")
    assert decision.explanation[0] == Check("debt_found", True, ("inv-1",), "", level)
    assert decision.explanation[-1] == Check("debt_allows", False, ("inv-1",), "", level)


def test_excluded_work_names_contract_and_clause() -> None:
    decision = decide(request(contract(exclusions=(Exclusion("3.4"),), fees=("callout",))))
    assert after_client(decision) == (
        Check("not_excluded", False, ("C1",), "3.4"),
        Check("price_found", True, ("p-hour", "p-callout"), "2.1", facts(kopecks=400_000)),
        Check("debt_allows", True, (), "", facts(level="unknown")),
    )


def test_no_price_names_the_item() -> None:
    decision = decide(request(contract(prices=())))
    assert decision.explanation[-1] == Check("price_found", False, ("C1",), "", facts(item="hour:repair"))
    assert (decision.result, decision.contract) == (Result.ESTIMATE_NEEDED, "C1")
    named = decide(request(contract(), item="bake", mode=PriceMode.FIXED))
    assert named.explanation[-1].facts == facts(item="bake")
    unknown = decide(request(contract(), item="bake", parts=()))
    assert unknown.explanation[-1].facts == facts(item="bake")


def test_an_unknown_need_or_time_is_named() -> None:
    need = decide(request(contract(pools=(pool(40),)), parts=()))
    assert need.explanation[-1] == Check("need_known", False, ("C1",))
    assert (need.result, need.contract) == (Result.ESTIMATE_NEEDED, "C1")
    night = Exclusion("5.1", objects=frozenset({"KKT-1"}), bands=frozenset({15_000}))
    time = decide(request(contract(exclusions=(night,)), parts=()))
    assert time.explanation[-1] == Check("time_known", False, ("C1",), "5.1")
    assert (time.result, time.contract) == (Result.ESTIMATE_NEEDED, "C1")


def test_warranty_names_object_clause_and_last_day() -> None:
    warranted = replace(KKT, warranty=Warranty(ON, clause="Г.1"))
    until = facts(until=ON.isoformat())
    decision = decide(request(service_object=warranted))
    assert decision.explanation[-1] == Check("warranty", True, ("KKT-1",), "Г.1", until)
    ended = replace(KKT, warranty=Warranty(ON - timedelta(1), clause="Г.1"))
    check = decide(request(service_object=ended)).explanation[4]
    assert check == Check("warranty", False, ("KKT-1",), "Г.1", facts(until=(ON - timedelta(1)).isoformat()))


def test_what_is_not_known_has_no_ids() -> None:
    assert decide(request(person=None)).explanation[-1] == Check("person_known", False)
    nobody = decide(request(service_object=None))
    assert nobody.explanation[-1] == Check("object_known", False)
    assert decide(request(emergency=True)).explanation[3] == Check("emergency", True)
    elsewhere = decide(request(contract("A", covers_all=False), contract("B", covers_all=False)))
    assert elsewhere.explanation[-1] == Check("contract_lists_object", False, ("A", "B"))


def test_each_step_along_the_fallbacks_is_named() -> None:
    first = contract("A", exclusions=(ALL,), fallback="B")
    second = contract("B", covers_all=False, fallback="GONE", clause="B.1")
    decision = decide(request(first, second))
    assert decision.explanation[7:] == (
        Check("not_excluded", False, ("A",), "all"),
        Check("fallback_known", True, ("A", "B")),
        Check("fallback_lists_object", False, ("B",), "B.1"),
        Check("fallback_known", False, ("B", "GONE")),
    )
    assert (decision.result, decision.contract) == (Result.TRIAGE, "A")


def test_a_chain_that_is_too_long_is_named_link_by_link() -> None:
    links = [contract(f"F{n}", exclusions=(ALL,), fallback=f"F{n + 1}") for n in range(6)]
    with pytest.raises(FallbackError, match=r"^longer than 5: F0 > F1 > F2 > F3 > F4 > F5$"):
        decide(request(*links))


def test_pools_for_this_object_and_work_are_drawn_in_the_order_set_overrun_too() -> None:
    fitting = {"objects": frozenset({"KKT-1"}), "work_types": frozenset({"repair"})}
    pools = (pool(10, "i", overrun=20, **fitting), pool(10, "p", PoolKind.PREPAID, overrun=20, **fitting))
    order = (PoolKind.PREPAID, PoolKind.GIFT, PoolKind.INCLUDED)
    decision = decide(request(contract(pools=pools, draw_order=order), parts=(Part(10_000, 35),)))
    assert [(draw.pool, draw.amount) for draw in decision.draws] == [("p", 25), ("i", 10)]


def test_a_fixed_price_keeps_item_unit_and_quantity() -> None:
    whole = decide(request(contract(), item="clean", mode=PriceMode.FIXED)).lines
    assert [(line.item, line.name, line.unit, line.quantity, line.price, line.kopecks) for line in whole] == [
        ("clean", "clean", "piece", 1, 90_000, 90_000)
    ]
    part = decide(request(contract(pools=(pool(20),), prices=PRICES), item="clean", mode=PriceMode.FIXED)).lines
    assert [(line.item, line.name, line.unit, line.quantity, line.price, line.kopecks) for line in part] == [
        ("clean", "clean", "piece", 1, 60_000, 60_000)
    ]
    hours = decide(request(contract())).lines
    assert [(line.item, line.name, line.unit, line.quantity, line.price) for line in hours] == [
        ("hour:repair", "hour:repair", "minute", 60, 250_000)
    ]


def test_a_price_for_the_model_counts_in_a_decision() -> None:
    lines = (ItemPrice("hour:repair", 250_000, id="all"), ItemPrice("hour:repair", 300_000, KKT.model, id="own"))
    decision = decide(request(contract(prices=(PriceListVersion(ListScope.DEFAULT, lines),))))
    assert decision.kopecks == 300_000
