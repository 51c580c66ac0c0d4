"""Acceptance in parts doesn't change what a group of time entries comes to (R5.5)."""

import json
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.billing.scope.worked import Booked, parts_by_entry, worked_parts
from bot.billing.work.rounding import Rounding, RoundingScope, Spent, Way, round_entries
from bot.calendar.bands import Band, Part
from bot.cli.calc.lines import answer_line

DAY = date(2026, 11, 24)
USUAL = Rounding(RoundingScope.TICKET_DAY, 15, 15, 60)


def call(minutes: int = 2, settled: int | None = None, day: date = DAY) -> Spent:
    return Spent(minutes, 1, day, Way.REMOTE, settled)


def shares(entries: list[Spent], rounding: Rounding = USUAL) -> list[int]:
    found = [0] * len(entries)
    for group in round_entries(entries, rounding):
        assert group.billed == sum(group.shares)
        for position, share in zip(group.entries, group.shares, strict=True):
            found[position] = share
    return found


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([call()] * 4, [15, 0, 0, 0]),
        ([call(settled=15), call()], [15, 0]),
        ([call(settled=15), call(14)], [15, 15]),
        ([call(), call(settled=15)], [0, 15]),
        ([call(settled=15), call(settled=15), call(), call(30)], [15, 15, 0, 15]),  # counted one by one, before
        ([call(0), call()], [0, 15]),
        ([Spent(50, 1, DAY), call(), Spent(20, 1, DAY)], [60, 15, 15]),  # remote and visit apart
        ([call(), call(day=DAY + timedelta(days=1))], [15, 15]),
    ],
)
def test_an_entry_bills_what_the_sum_up_to_it_adds(entries: list[Spent], expected: list[int]) -> None:
    assert shares(entries) == expected


@pytest.mark.parametrize(("scope", "expected"), [("entry", 60), ("ticket_day", 30), ("ticket", 15)])
def test_the_product_and_calc_say_the_same(scope: str, expected: int) -> None:
    days = [DAY, DAY, DAY + timedelta(days=1), DAY + timedelta(days=1)]
    rounding = replace(USUAL, scope=RoundingScope(scope), minimum_visit=15)
    line = {
        "calc": "round",
        "entries": [{"minutes": 2, "ticket": 1, "day": day.isoformat()} for day in days],
        "step": 15,
        "minimum": 15,
        "scope": scope,
    }
    said = answer_line(json.dumps(line).encode())["minutes"]
    assert sum(shares([Spent(2, 1, day) for day in days], rounding)) == said == expected


ENTRIES = st.lists(
    st.builds(
        Spent,
        st.integers(0, 200),
        st.integers(1, 2),
        st.sampled_from([DAY, DAY + timedelta(days=1)]),
        st.sampled_from(list(Way)),
    ),
    max_size=8,
)
ROUNDINGS = st.builds(
    Rounding,
    st.sampled_from(list(RoundingScope)),
    st.sampled_from([1, 6, 15, 30]),
    st.integers(0, 90),
    st.integers(0, 90),
)


@given(ENTRIES, ROUNDINGS, st.data())
def test_in_whatever_parts_it_is_settled_the_sum_is_the_same(
    entries: list[Spent], rounding: Rounding, data: st.DataObject
) -> None:
    whole = sum(shares(entries, rounding))
    settled = list(entries)
    for place in data.draw(st.permutations(range(len(entries)))):
        settled[place] = replace(settled[place], settled=shares(settled, rounding)[place])
    assert sum(each.settled or 0 for each in settled) == whole
    assert all((each.settled or 0) >= 0 for each in settled)


NIGHT = Band(frozenset(range(1, 8)), 22 * 60, 6 * 60, 20_000)
NOON, LATE, EVENING = (datetime.combine(DAY, time(*at)) for at in ((12, 0), (23, 0), (21, 50)))


def test_added_minutes_go_to_the_cheapest_band_of_those_settled_together() -> None:
    night, day = Booked(LATE, 2, 15, "a"), Booked(NOON, 2, 0, "a")
    assert parts_by_entry([night, day], [NIGHT]) == [[Part(20_000, 2)], [Part(10_000, 13)]]
    alone = [replace(night, group="b"), day]
    assert parts_by_entry(alone, [NIGHT]) == [[Part(20_000, 15)], []]


def test_an_entry_that_bills_less_than_it_took_gives_up_its_cheapest_minutes() -> None:
    late = Booked(EVENING, 20, 15, "b")
    assert worked_parts([late], [NIGHT]) == [Part(10_000, 5), Part(20_000, 10)]
