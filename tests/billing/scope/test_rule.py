"""The scope decision: the ten typical cases, each missing input, debts, chains, and the decision from its snapshot
(R3.1, R3.3)."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.billing.debts.rule import DebtLevel, DebtState
from bot.billing.hours.draw import Draw, PoolKind, PoolToDraw
from bot.billing.prices.rule import ItemPrice, ListScope, PriceListVersion, PriceMode
from bot.billing.scope.input import AskedObject, ContractTerms, Exclusion, PoolTerms, ScopeRequest, Warranty
from bot.billing.scope.rule import Decision, FallbackError, Result, decide, decide_again
from bot.billing.scope.snapshot import freeze
from bot.billing.work.rounding import Way
from bot.calendar.bands import Part

ON = date(2026, 3, 10)
START = date(2026, 1, 1)
KKT = AskedObject("KKT-1", "ACME", site="shop", model="Атол 30Ф")
PRICES = (
    PriceListVersion(
        ListScope.DEFAULT,
        (
            ItemPrice("hour:repair", 250_000, id="p-hour"),
            ItemPrice("callout", 150_000, id="p-callout"),
            ItemPrice("clean", 90_000, id="p-clean"),
        ),
    ),
)


def pool(amount: int, id: str = "pool", kind: PoolKind = PoolKind.INCLUDED, overrun: int = 0, **more: Any) -> PoolTerms:
    return PoolTerms(PoolToDraw(id, kind, amount, START, **more), overrun)


def contract(id: str = "C1", **more: Any) -> ContractTerms:
    more = {"covers_all": True, "prices": PRICES, "clause": "2.1"} | more
    return ContractTerms(id, "plan", START, **more)


def request(*contracts: ContractTerms, **more: Any) -> ScopeRequest:
    asked = ScopeRequest(
        person="anna",
        company="ACME",
        service_object=KKT,
        work_type="repair",
        channel=Way.VISIT,
        work_date=ON,
        parts=(Part(10_000, 60),),
        contracts=contracts,
    )
    return replace(asked, **more)


def debt(level: DebtLevel) -> DebtState:
    return DebtState(level, 40, 500_000, ("inv-1",))


def failed(decision: Decision) -> list[str]:
    return [check.name for check in decision.explanation if not check.passed]


def test_an_unlimited_old_contract_covers() -> None:
    decision = decide(request(contract(unlimited=True)))
    assert (decision.result, decision.reason, decision.contract) == (Result.COVERED, "unlimited", "C1")
    assert decision.free
    assert (decision.draws, decision.lines) == ((), ())


def test_hours_cover_and_the_pool_is_named() -> None:
    decision = decide(request(contract(pools=(pool(45, "a", PoolKind.GIFT), pool(600, "b", PoolKind.PREPAID)))))
    assert decision.result is Result.COVERED_BY_HOURS
    assert (decision.amount, decision.unit) == (60, "minutes")
    assert decision.draws == (Draw("a", 45), Draw("b", 15))
    assert decision.free


def test_hours_run_out_and_the_rest_is_paid() -> None:
    decision = decide(request(contract(pools=(pool(45),), fees=("callout",))))
    assert (decision.result, decision.reason) == (Result.PARTLY, "hours_available")
    assert (decision.amount, decision.draws) == (45, (Draw("pool", 45),))
    assert [(line.item, line.quantity, line.kopecks) for line in decision.lines] == [("hour:repair", 15, 62_500)]
    assert not decision.free


def test_without_hours_all_is_paid_with_the_call_out() -> None:
    decision = decide(request(contract(fees=("callout",))))
    assert (decision.result, decision.reason) == (Result.PAID, "hours_available")
    assert [(line.item, line.kopecks) for line in decision.lines] == [("hour:repair", 250_000), ("callout", 150_000)]
    assert decision.kopecks == 400_000
    assert decision.explanation[-2].ids == ("p-hour", "p-callout")
    assert not decision.free


def test_the_rest_is_priced_in_its_own_bands_with_tier_and_urgency() -> None:
    parts = (Part(10_000, 60), Part(20_000, 30))
    decision = decide(request(contract(pools=(pool(70),), sla=12_000), parts=parts, urgency=15_000))
    assert [(line.quantity, line.price, line.kopecks) for line in decision.lines] == [(20, 600_000, 200_000)]
    paid = decide(request(contract(sla=12_000), parts=parts, urgency=15_000))
    assert [(line.quantity, line.price) for line in paid.lines] == [(60, 450_000), (30, 600_000)]


def test_excluded_work_is_paid_and_the_clause_is_named() -> None:
    rule = Exclusion("4.2", work_types=frozenset({"repair"}))
    decision = decide(request(contract(unlimited=True, exclusions=(rule,))))
    assert (decision.result, decision.reason) == (Result.PAID, "not_excluded")
    assert [check.clause for check in decision.explanation if check.name == "not_excluded"] == ["4.2"]


@pytest.mark.parametrize(
    ("rule", "excluded"),
    [
        (Exclusion("x", work_types=frozenset({"repair"})), True),
        (Exclusion("x", work_types=frozenset({"setup"})), False),
        (Exclusion("x", channels=frozenset({Way.VISIT})), True),
        (Exclusion("x", channels=frozenset({Way.REMOTE})), False),
        (Exclusion("x", objects=frozenset({"KKT-1"})), True),
        (Exclusion("x", objects=frozenset({"KKT-2"})), False),
        (Exclusion("x", bands=frozenset({10_000})), True),
        (Exclusion("x", bands=frozenset({15_000})), False),
        (Exclusion("x", work_types=frozenset({"repair"}), channels=frozenset({Way.REMOTE})), False),
    ],
)
def test_an_exclusion_matches_all_that_it_names(rule: Exclusion, excluded: bool) -> None:
    result = decide(request(contract(unlimited=True, exclusions=(rule,)))).result
    assert result is (Result.PAID if excluded else Result.COVERED)


def test_the_clause_told_is_of_what_names_the_work_and_visits_say_nothing_of_a_part() -> None:
    """R3.2: «п. 3.2: выезды оплачиваются отдельно» is no reason for a spare part."""
    visits, repairs = Exclusion("visits", channels=frozenset({Way.VISIT})), Exclusion("repairs", frozenset({"repair"}))

    def told(*rules: Exclusion, part: bool) -> list[str]:
        decision = decide(request(contract(unlimited=True, exclusions=rules), part=part))
        assert decision.result is Result.PAID
        return [check.clause for check in decision.explanation if check.name == "not_excluded"]

    assert told(visits, part=False) == ["visits"]
    assert told(visits, part=True) == [""]
    for part in (False, True):
        assert told(visits, repairs, part=part) == told(repairs, visits, part=part) == ["repairs"]


def test_an_exclusion_by_time_band_cannot_be_ruled_out_without_the_time() -> None:
    night = Exclusion("5.1", bands=frozenset({15_000}))
    decision = decide(request(contract(unlimited=True, exclusions=(night,)), parts=()))
    assert (decision.result, decision.reason) == (Result.ESTIMATE_NEEDED, "time_known")
    remote_night = replace(night, channels=frozenset({Way.REMOTE}))
    assert decide(request(contract(unlimited=True, exclusions=(remote_night,)), parts=())).result is Result.COVERED
    other = Exclusion("5.2", work_types=frozenset({"setup"}))
    assert decide(request(contract(unlimited=True, exclusions=(other,)), parts=())).result is Result.COVERED


WARRANTY = Warranty(ON, frozenset({"repair"}), "W")


@pytest.mark.parametrize(
    ("warranty", "covered"),
    [
        (WARRANTY, True),
        (replace(WARRANTY, work_types=frozenset()), True),
        (replace(WARRANTY, until=ON - timedelta(1)), False),
        (replace(WARRANTY, work_types=frozenset({"setup"})), False),
        (None, False),
    ],
)
def test_warranty_comes_before_the_contract_and_covers_its_last_day(warranty: Warranty | None, covered: bool) -> None:
    decision = decide(request(contract(unlimited=True), service_object=replace(KKT, warranty=warranty)))
    assert decision.result is (Result.WARRANTY if covered else Result.COVERED)
    assert decision.free


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ({"person": None}, "person_known"),
        ({"company": None}, "person_known"),
        ({"service_object": None}, "object_known"),
        ({"service_object": replace(KKT, company="OTHER")}, "object_known"),
        ({"work_type": None}, "work_known"),
        ({"channel": None}, "work_known"),
        ({"contracts": ()}, "contract_lists_object"),
    ],
)
@pytest.mark.parametrize("emergency", [False, True])
def test_what_is_not_known_goes_to_triage(missing: dict[str, Any], reason: str, emergency: bool) -> None:
    decision = decide(request(contract(unlimited=True), emergency=emergency, **missing))
    assert (decision.result, decision.reason, decision.emergency) == (Result.TRIAGE, reason, emergency)
    assert decision.explanation[-1].name == reason
    assert not decision.free


def test_an_unknown_need_asks_for_an_estimate_but_not_where_a_fixed_price_or_a_ticket_answers() -> None:
    assert decide(request(contract(pools=(pool(600),)), parts=())).reason == "need_known"
    assert decide(request(contract(), parts=())).result is Result.ESTIMATE_NEEDED
    fixed = decide(request(contract(), parts=(), item="clean", mode=PriceMode.FIXED))
    assert (fixed.result, fixed.kopecks) == (Result.PAID, 90_000)
    by_ticket = decide(request(contract(pools=(pool(3, unit="tickets"),)), parts=()))
    assert (by_ticket.result, by_ticket.amount, by_ticket.unit) == (Result.COVERED_BY_HOURS, 1, "tickets")


def test_no_price_is_an_estimate_never_zero() -> None:
    for changed in ({"work_type": "setup"}, {"item": "paint", "mode": PriceMode.FIXED}):
        decision = decide(request(contract(), **changed))
        assert (decision.result, decision.reason, decision.lines) == (Result.ESTIMATE_NEEDED, "price_found", ())
    assert decide(request(contract(fees=("travel",)))).result is Result.ESTIMATE_NEEDED


def test_a_fixed_price_is_paid_in_proportion_when_hours_cover_a_part() -> None:
    decision = decide(request(contract(pools=(pool(40),)), item="clean", mode=PriceMode.FIXED))
    assert (decision.result, decision.amount, decision.kopecks) == (Result.PARTLY, 40, 30_000)


def test_norm_hours_carry_the_name_of_the_work() -> None:
    decision = decide(request(contract(), item="clean", mode=PriceMode.NORM))
    assert [(line.item, line.name) for line in decision.lines] == [("hour:repair", "clean")]


def test_overrun_covers_after_all_pools_in_the_same_order() -> None:
    pools = (pool(20, "a", overrun=5), pool(30, "b", PoolKind.PREPAID, overrun=10))
    decision = decide(request(contract(pools=pools)))
    assert (decision.result, decision.draws) == (Result.COVERED_BY_HOURS, (Draw("a", 25), Draw("b", 35)))
    assert dict(decision.explanation[-1].facts)["overrun"] == 10
    longer = decide(request(contract(pools=pools), parts=(Part(10_000, 70),)))
    assert (longer.result, longer.amount, longer.kopecks) == (Result.PARTLY, 65, 20_833)


def test_a_pool_for_another_object_or_work_type_does_not_count() -> None:
    pools = (pool(600, objects=frozenset({"KKT-2"})), pool(600, "w", work_types=frozenset({"setup"})))
    assert decide(request(contract(pools=pools))).result is Result.PAID


@pytest.mark.parametrize(
    ("terms", "listed"),
    [
        ({"objects": frozenset({"KKT-1"})}, True),
        ({"sites": frozenset({"shop"})}, True),
        ({"objects": frozenset({"KKT-2"}), "sites": frozenset({"depot"})}, False),
        ({"covers_all": True}, True),
        ({"covers_all": True, "active": False}, False),
        ({"covers_all": True, "end": ON}, True),
        ({"covers_all": True, "end": ON - timedelta(1)}, False),
    ],
)
def test_an_active_contract_must_list_the_object_its_site_or_the_company(terms: dict[str, Any], listed: bool) -> None:
    decision = decide(request(contract(unlimited=True, **({"covers_all": False} | terms))))
    assert decision.result is (Result.COVERED if listed else Result.TRIAGE)


def test_a_contract_that_begins_later_does_not_count() -> None:
    later = replace(contract(unlimited=True), start=ON + timedelta(1))
    assert decide(request(later)).result is Result.TRIAGE
    assert decide(request(replace(later, start=ON))).result is Result.COVERED


def test_of_several_contracts_the_one_that_names_the_object_closest_decides() -> None:
    wide, site = contract("W"), contract("S", covers_all=False, sites=frozenset({"shop"}))
    own = contract("O", covers_all=False, objects=frozenset({"KKT-1"}))
    for contracts, chosen in (((wide, site, own), "O"), ((wide, site), "S"), ((wide,), "W")):
        assert decide(request(*contracts)).contract == chosen
        assert decide(request(*reversed(contracts))).contract == chosen


ALL = Exclusion("all", work_types=frozenset({"repair"}))


def chain(length: int, last: ContractTerms) -> list[ContractTerms]:
    ids = [f"F{number}" for number in range(length - 1)]
    links = [
        contract(id, exclusions=(ALL,), fallback=after) for id, after in zip(ids, [*ids[1:], last.id], strict=True)
    ]
    return [*links, last]


def test_excluded_work_goes_to_the_fallback_contract() -> None:
    for length in (2, 5):
        decision = decide(request(*chain(length, contract("LAST", unlimited=True))))
        assert (decision.result, decision.contract) == (Result.COVERED, "LAST")
    with pytest.raises(FallbackError, match="longer than 5"):
        decide(request(*chain(6, contract("LAST", unlimited=True))))


def test_a_cycle_of_fallbacks_is_an_error() -> None:
    own = contract("C1", covers_all=False, objects=frozenset({"KKT-1"}), exclusions=(ALL,), fallback="C2")
    with pytest.raises(FallbackError, match="cycle: C1 > C2 > C1"):
        decide(request(own, contract("C2", exclusions=(ALL,), fallback="C1")))
    with pytest.raises(FallbackError, match="cycle: C1 > C1"):
        decide(request(replace(own, fallback="C1")))


def test_a_fallback_that_does_not_list_the_object_is_passed_over() -> None:
    first = contract("A", exclusions=(ALL,), fallback="B")
    ended = contract("B", unlimited=True, end=ON - timedelta(1), fallback="C")
    elsewhere = contract("B", unlimited=True, covers_all=False, fallback="C")
    for middle in (ended, elsewhere):
        assert decide(request(first, middle, contract("C", unlimited=True))).contract == "C"
        decision = decide(request(first, replace(middle, fallback=None)))
        assert (decision.result, decision.contract, decision.reason) == (Result.PAID, "A", "not_excluded")


def test_a_fallback_that_is_not_there_goes_to_triage() -> None:
    decision = decide(request(contract(exclusions=(ALL,), fallback="GONE")))
    assert (decision.result, decision.reason) == (Result.TRIAGE, "fallback_known")


def test_work_excluded_everywhere_is_priced_under_the_last_contract_reached() -> None:
    cheap = (PriceListVersion(ListScope.CONTRACT, (ItemPrice("hour:repair", 100_000, id="x"),)),)
    decision = decide(request(*chain(2, contract("LAST", exclusions=(ALL,), prices=cheap))))
    assert (decision.result, decision.contract, decision.kopecks) == (Result.PAID, "LAST", 100_000)


@pytest.mark.parametrize(
    ("level", "result", "prepayment", "on_hold"),
    [
        (DebtLevel.UNKNOWN, Result.PAID, False, False),
        (DebtLevel.D0, Result.PAID, False, False),
        (DebtLevel.D1, Result.PAID, False, False),
        (DebtLevel.D2, Result.PAID, True, False),
        (DebtLevel.D3, Result.ON_HOLD, False, True),
    ],
)
def test_debt_touches_what_bills_new_money(level: DebtLevel, result: Result, prepayment: bool, on_hold: bool) -> None:
    paid = decide(request(contract(), debt=debt(level)))
    assert (paid.result, paid.prepayment, paid.on_hold) == (result, prepayment, on_hold)
    assert paid.kopecks == 250_000
    assert paid.reason == ("debt_allows" if on_hold else "hours_available")
    partly = decide(request(contract(pools=(pool(45),)), debt=debt(level)))
    assert (partly.result, partly.prepayment, partly.on_hold) == (Result.PARTLY, prepayment, on_hold)


def test_the_debt_check_names_the_level_and_the_invoices() -> None:
    decision = decide(request(contract(), debt=debt(DebtLevel.D2)))
    first, last = decision.explanation[0], decision.explanation[-1]
    assert (first.name, first.passed, first.ids) == ("debt_found", True, ("inv-1",))
    assert (last.name, last.passed, last.ids, last.facts) == ("debt_allows", False, ("inv-1",), (("level", "d2"),))


@pytest.mark.parametrize("terms", [{"unlimited": True}, {"pools": (pool(600),)}])
def test_debt_never_stops_what_is_already_paid(terms: dict[str, Any]) -> None:
    decision = decide(request(contract(**terms), debt=debt(DebtLevel.D3)))
    assert decision.free
    assert not decision.on_hold


def test_an_emergency_starts_at_once_and_skips_debt() -> None:
    decision = decide(request(contract(), emergency=True, debt=debt(DebtLevel.D3)))
    assert (decision.result, decision.emergency, decision.on_hold) == (Result.PAID, True, False)
    assert not decision.free
    assert not decision.pre_authorised


@pytest.mark.parametrize(("ceiling", "authorised"), [(None, False), (249_999, False), (250_000, True)])
def test_an_emergency_is_billed_without_a_further_yes_only_under_its_pre_authorisation(
    ceiling: int | None, authorised: bool
) -> None:
    terms = contract(emergency_ceiling=ceiling)
    assert decide(request(terms, emergency=True)).pre_authorised is authorised
    assert not decide(request(terms)).pre_authorised
    partly = decide(request(replace(terms, pools=(pool(1),)), emergency=True))
    assert partly.pre_authorised is (ceiling is not None)


def test_an_emergency_without_price_starts_too_and_still_needs_an_estimate() -> None:
    decision = decide(request(contract(prices=()), emergency=True))
    assert (decision.result, decision.emergency) == (Result.ESTIMATE_NEEDED, True)


def test_the_explanation_keeps_the_order_of_checks() -> None:
    decision = decide(request(contract(), debt=debt(DebtLevel.D0)))
    assert [check.name for check in decision.explanation] == [
        "debt_found",
        "person_known",
        "object_known",
        "emergency",
        "warranty",
        "work_known",
        "contract_lists_object",
        "not_excluded",
        "unlimited",
        "hours_available",
        "price_found",
        "debt_allows",
    ]
    assert failed(decision) == ["emergency", "warranty", "unlimited", "hours_available"]
    assert decision.rule_version == "scope-3"


IDS = st.sampled_from(["KKT-1", "KKT-2"])
TYPES = st.sampled_from(["repair", "setup"])
BPS = st.sampled_from([10_000, 15_000])
NEAR = st.dates(ON - timedelta(5), ON + timedelta(5))
EXCLUSIONS = st.builds(
    Exclusion,
    st.sampled_from(["1", "2"]),
    st.frozensets(TYPES),
    st.frozensets(st.sampled_from(Way)),
    st.frozensets(IDS),
    st.frozensets(BPS),
)
POOLS = st.builds(
    PoolTerms,
    st.builds(
        PoolToDraw,
        st.uuids().map(str),
        st.sampled_from(PoolKind),
        st.integers(0, 100),
        NEAR,
        st.none() | NEAR,
        st.just("minutes"),
        st.frozensets(IDS),
        st.frozensets(TYPES),
    ),
    st.integers(0, 30),
)


@st.composite
def requests(data: st.DrawFn) -> ScopeRequest:
    contracts = []
    for number in range(data(st.integers(0, 3))):
        contracts.append(
            contract(
                f"C{number}",
                covers_all=data(st.booleans()),
                objects=data(st.frozensets(IDS)),
                unlimited=data(st.booleans()),
                exclusions=tuple(data(st.lists(EXCLUSIONS, max_size=2))),
                pools=tuple(data(st.lists(POOLS, max_size=3))),
                fallback=data(st.none() | st.just(f"C{number + 1}")),
                emergency_ceiling=data(st.none() | st.integers(0, 500_000)),
                fees=data(st.sampled_from([(), ("callout",), ("travel",)])),
            )
        )
    wanted = replace(KKT, id=data(IDS), warranty=data(st.none() | st.builds(Warranty, NEAR, st.frozensets(TYPES))))
    return request(
        *contracts,
        person=data(st.sampled_from(["anna", "anna", None])),
        service_object=data(st.sampled_from([wanted, wanted, wanted, None])),
        work_type=data(st.sampled_from(["repair", "setup", None])),
        channel=data(st.none() | st.sampled_from(Way)),
        parts=tuple(data(st.lists(st.builds(Part, BPS, st.integers(0, 90)), max_size=3))),
        item=data(st.sampled_from([None, "clean"])),
        mode=data(st.sampled_from(PriceMode)),
        emergency=data(st.booleans()),
        debt=data(st.none() | st.sampled_from(DebtLevel).map(debt)),
    )


@given(requests())
def test_any_request_is_decided_and_again_the_same_from_its_snapshot(asked: ScopeRequest) -> None:
    decision = decide(asked)
    kept = json.loads(json.dumps(decision.snapshot))
    assert decide_again(kept) == decision
    assert decide_again(json.loads(json.dumps(freeze(asked)))) == decision, "so are kept those of before, with it all"
    billed = decision.result in (Result.PAID, Result.PARTLY, Result.ON_HOLD)
    assert bool(decision.lines) == billed
    assert sum(each.amount for each in decision.draws) == decision.amount
    hours = decision.result in (Result.COVERED_BY_HOURS, Result.PARTLY)
    assert (decision.amount > 0) == hours
    if decision.result is Result.COVERED_BY_HOURS:
        assert decision.amount == asked.minutes
    if decision.result is Result.PARTLY and asked.mode is not PriceMode.FIXED:
        assert decision.amount + sum(line.quantity for line in decision.lines) == asked.minutes
    if asked.emergency:
        assert not decision.on_hold
        assert not decision.prepayment
    assert len({check.name for check in decision.explanation if check.name == decision.reason}) == 1
