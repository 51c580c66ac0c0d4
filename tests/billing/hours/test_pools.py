"""Order of drawing hours: the vector, and a search over all orders as an oracle (R4.2)."""

from datetime import date, timedelta
from functools import cmp_to_key

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.billing.hours.draw import Draw, PoolKind, PoolToDraw, draw

ON = date(2026, 3, 10)
INCLUDED, GIFT, PREPAID = PoolKind.INCLUDED, PoolKind.GIFT, PoolKind.PREPAID
JANUARY = date(2026, 1, 1)


def test_gift_then_the_prepaid_pool_that_ends_first() -> None:
    pools = [
        PoolToDraw("june", PREPAID, 600, JANUARY, date(2026, 6, 30)),
        PoolToDraw("march", PREPAID, 45, JANUARY, date(2026, 3, 31)),
        PoolToDraw("gift", GIFT, 30, JANUARY, date(2026, 12, 31)),
    ]
    assert draw(105, pools, ON) == ([Draw("gift", 30), Draw("march", 45), Draw("june", 30)], 0)


def test_what_no_pool_covers_is_left_over_and_empty_pools_are_not_named() -> None:
    pools = [PoolToDraw("empty", INCLUDED, 0, JANUARY), PoolToDraw("some", GIFT, 20, JANUARY, ON)]
    assert draw(50, pools, ON) == ([Draw("some", 20)], 30)
    assert draw(0, pools, ON) == ([], 0)


@pytest.mark.parametrize(
    ("start", "end", "usable"),
    [
        (ON, ON, True),
        (ON + timedelta(1), None, False),
        (JANUARY, ON - timedelta(1), False),
        (JANUARY, None, True),
    ],
)
def test_a_pool_is_usable_on_its_first_and_last_day(start: date, end: date | None, usable: bool) -> None:
    draws, left = draw(10, [PoolToDraw("p", PREPAID, 10, start, end)], ON)
    assert (bool(draws), left) == (usable, 0 if usable else 10)


def test_ties_go_by_end_then_start_then_id_and_no_end_is_last() -> None:
    day = timedelta(1)
    pools = [
        PoolToDraw("no-end", GIFT, 1, JANUARY),
        PoolToDraw("last-day-of-time", GIFT, 1, ON, date.max),
        PoolToDraw("b", GIFT, 1, JANUARY + day, ON),
        PoolToDraw("10", GIFT, 1, JANUARY + day, ON),
        PoolToDraw("9", GIFT, 1, JANUARY + day, ON),
        PoolToDraw("early", GIFT, 1, JANUARY, ON),
    ]
    draws, _ = draw(6, pools, ON)
    assert [each.pool for each in draws] == ["early", "10", "9", "b", "last-day-of-time", "no-end"]


def test_the_order_of_kinds_is_a_setting() -> None:
    pools = [PoolToDraw(kind.value, kind, 1, JANUARY) for kind in PoolKind]
    assert [each.pool for each in draw(3, pools, ON)[0]] == ["included", "gift", "prepaid"]
    order = (PREPAID, INCLUDED, GIFT)
    assert [each.pool for each in draw(3, pools, ON, order)[0]] == ["prepaid", "included", "gift"]


@pytest.mark.parametrize("order", [(), (GIFT, PREPAID), (GIFT, GIFT, PREPAID), (GIFT, PREPAID, INCLUDED, GIFT)])
def test_an_order_that_misses_a_kind_is_refused(order: tuple[PoolKind, ...]) -> None:
    with pytest.raises(ValueError, match="each kind once"):
        draw(1, [], ON, order)


def test_pools_of_different_units_do_not_mix() -> None:
    with pytest.raises(ValueError, match="different units"):
        draw(1, [PoolToDraw("m", GIFT, 1, JANUARY), PoolToDraw("k", GIFT, 1, JANUARY, unit="kopecks")], ON)


def test_a_negative_need_is_refused() -> None:
    with pytest.raises(ValueError, match="need must not be negative"):
        draw(-1, [], ON)


def test_the_scope_of_a_pool() -> None:
    narrow = PoolToDraw("p", GIFT, 1, JANUARY, objects=frozenset({"K1"}), work_types=frozenset({"repair"}))
    assert narrow.serves("K1", "repair")
    assert not narrow.serves("K2", "repair")
    assert not narrow.serves("K1", "setup")
    assert PoolToDraw("p", GIFT, 1, JANUARY).serves(None, None)


DAYS = st.dates(date(2026, 3, 1), date(2026, 3, 20))


@st.composite
def pools(data: st.DrawFn) -> list[PoolToDraw]:
    made = []
    for number in range(data(st.integers(0, 6))):
        start = data(DAYS)
        end = data(st.none() | st.dates(start, date(2026, 4, 1)))
        made.append(PoolToDraw(f"p{number}", data(st.sampled_from(PoolKind)), data(st.integers(0, 90)), start, end))
    return data(st.permutations(made))


def before(a: PoolToDraw, b: PoolToDraw) -> int:
    """The rule read aloud: kind, then end with no end last, then start, then id."""
    kinds = [INCLUDED, GIFT, PREPAID]
    if a.kind != b.kind:
        return kinds.index(a.kind) - kinds.index(b.kind)
    if a.end != b.end:
        if a.end is None or b.end is None:
            return 1 if a.end is None else -1
        return -1 if a.end < b.end else 1
    if a.start != b.start:
        return -1 if a.start < b.start else 1
    return -1 if a.id < b.id else 1


@given(st.integers(0, 400), pools(), DAYS)
def test_drawing_conserves_minutes_and_takes_one_by_one_in_order(
    need: int, given_pools: list[PoolToDraw], on: date
) -> None:
    draws, uncovered = draw(need, given_pools, on)
    assert sum(each.amount for each in draws) + uncovered == need
    taken: dict[str, int] = {}
    left = need
    for pool in sorted(given_pools, key=cmp_to_key(before)):
        for _ in range(pool.available if pool.start <= on <= (pool.end or date.max) else 0):
            if left:
                taken[pool.id] = taken.get(pool.id, 0) + 1
                left -= 1
    assert [(each.pool, each.amount) for each in draws] == list(taken.items())
    assert uncovered == left
    assert draw(need, list(reversed(given_pools)), on) == (draws, uncovered)
