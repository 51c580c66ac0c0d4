"""Which price applies: every order of lists gives the same answer (R5.2)."""

from datetime import date
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.billing.prices.rule import ItemPrice, ListScope, PriceListVersion, find_price

ON = date(2026, 3, 10)
CLIENT, CONTRACT, CATEGORY, DEFAULT = ListScope


def price(lists: list[PriceListVersion], model: str | None = None, on: date = ON) -> tuple[int, ListScope] | None:
    found = find_price("clean", on, lists, model)
    return found and (found.line.kopecks, found.scope)


def one(scope: ListScope, kopecks: int, **more: Any) -> PriceListVersion:
    return PriceListVersion(scope, (ItemPrice("clean", kopecks, **more),))


def test_the_clients_own_list_beats_all_others() -> None:
    lists = [one(DEFAULT, 4), one(CATEGORY, 3), one(CONTRACT, 2), one(CLIENT, 1)]
    for expected in (CLIENT, CONTRACT, CATEGORY, DEFAULT):
        for order in permutations(lists):
            assert price(list(order)) == (lists[-1].lines[0].kopecks, expected)
        lists.pop()
    assert price([]) is None


def test_a_line_of_the_model_beats_one_for_all_but_only_within_its_scope() -> None:
    for_all, for_model = ItemPrice("clean", 10), ItemPrice("clean", 20, model="M1", since=date(2020, 1, 1))
    fresh = ItemPrice("clean", 30, since=date(2026, 3, 1))
    assert price([PriceListVersion(CONTRACT, (for_all, for_model, fresh))], "M1") == (20, CONTRACT)
    assert price([PriceListVersion(CONTRACT, (for_all, for_model))], "M2") == (10, CONTRACT)
    assert price([PriceListVersion(CONTRACT, (for_all, for_model))]) == (10, CONTRACT)
    assert price([PriceListVersion(CONTRACT, (for_model,))]) is None
    assert price([PriceListVersion(CONTRACT, (for_model,)), PriceListVersion(CLIENT, (for_all,))], "M1") == (10, CLIENT)


def test_the_latest_start_wins_and_lists_of_one_scope_count_as_one() -> None:
    old, dated = one(DEFAULT, 1), one(DEFAULT, 2, since=date(2026, 1, 1))
    newer, first_day = one(DEFAULT, 3, since=ON), one(DEFAULT, 4, since=date.min)
    for order in permutations([old, dated, newer, first_day]):
        assert price(list(order)) == (3, DEFAULT)
    assert price([old, first_day]) == price([first_day, old]) == (4, DEFAULT)
    assert price([old, dated]) == (2, DEFAULT)


def test_a_line_is_valid_from_its_first_to_its_last_day() -> None:
    line = one(DEFAULT, 5, since=date(2026, 3, 10), until=date(2026, 3, 12))
    valid = [day for day in range(8, 15) if price([line], on=date(2026, 3, day))]
    assert valid == [10, 11, 12]


def test_a_price_of_zero_is_a_price_and_none_is_not_zero() -> None:
    assert price([one(CLIENT, 0)]) == (0, CLIENT)
    assert find_price("other", ON, [one(CLIENT, 0)]) is None


def test_the_first_named_of_equal_lines_wins() -> None:
    assert price([one(DEFAULT, 7), one(DEFAULT, 8)]) == (7, DEFAULT)


DAYS = st.none() | st.dates(date(2026, 3, 5), date(2026, 3, 15))


@st.composite
def price_lists(data: st.DrawFn) -> list[PriceListVersion]:
    lists = []
    for _ in range(data(st.integers(0, 4))):
        lines = []
        for _ in range(data(st.integers(0, 4))):
            since, until = data(DAYS), data(DAYS)
            item, model = data(st.sampled_from(["clean", "x"])), data(st.sampled_from([None, "M1", "M2"]))
            lines.append(ItemPrice(item, data(st.integers(0, 99)), model, since, until))
        lists.append(PriceListVersion(data(st.sampled_from(ListScope)), tuple(lines)))
    return lists


@given(price_lists(), st.sampled_from([None, "M1"]))
def test_resolution_is_total_and_equals_a_knock_out_by_pairs(lists: list[PriceListVersion], model: str | None) -> None:
    best: tuple[ItemPrice, ListScope] | None = None
    scopes = [CLIENT, CONTRACT, CATEGORY, DEFAULT]
    for price_list in lists:
        for line in price_list.lines:
            if line.item != "clean" or (line.since and line.since > ON) or (line.until and line.until < ON):
                continue
            if line.model is not None and line.model != model:
                continue
            rival = (line, price_list.scope)
            if best is None or beats(rival, best, scopes):
                best = rival
    expected = best and (best[0].kopecks, best[1])
    assert price(lists, model) == expected


def beats(rival: tuple[ItemPrice, ListScope], best: tuple[ItemPrice, ListScope], scopes: list[ListScope]) -> bool:
    if rival[1] != best[1]:
        return scopes.index(rival[1]) < scopes.index(best[1])
    if rival[0].model != best[0].model:
        return rival[0].model is not None
    if rival[0].since is None:
        return False
    return best[0].since is None or rival[0].since > best[0].since
