"""Rounding of time and splitting over bands, against minute-by-minute oracles."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.billing.work.rounding import Rounding, RoundingScope, Spent, Way, round_entries, round_minutes
from bot.calendar.bands import Band, Part, split, spread_added

DAY = date(2026, 11, 24)
SCOPES = list(RoundingScope)


def entries(*minutes: int) -> list[Spent]:
    return [Spent(each, "T1", DAY) for each in minutes]


def billed(scope: RoundingScope, step: int, *minutes: int) -> int:
    return sum(group.billed for group in round_entries(entries(*minutes), Rounding(scope, step, 0, 0)))


@pytest.mark.parametrize(
    ("scope", "step", "total"),
    [
        (RoundingScope.ENTRY, 15, 60),
        (RoundingScope.TICKET, 15, 45),
        (RoundingScope.ENTRY, 30, 90),
        (RoundingScope.TICKET, 30, 60),
        (RoundingScope.TICKET_DAY, 15, 45),
    ],
)
def test_entries_of_7_6_and_20_minutes(scope: RoundingScope, step: int, total: int) -> None:
    assert billed(scope, step, 7, 6, 20) == total


def test_ten_minutes_spent_are_fifteen_billed() -> None:
    assert round_minutes(10, 15, 15) == 15


@pytest.mark.parametrize(
    ("raw", "step", "minimum", "expected"),
    [(0, 15, 60, 0), (1, 15, 60, 60), (60, 15, 60, 60), (61, 15, 60, 75), (7, 15, 20, 20), (5, 1, 0, 5)],
)
def test_step_first_then_minimum_and_zero_stays_zero(raw: int, step: int, minimum: int, expected: int) -> None:
    assert round_minutes(raw, step, minimum) == expected


@pytest.mark.parametrize(("raw", "minimum"), [(-1, 0), (0, -1)])
def test_negative_time_is_refused(raw: int, minimum: int) -> None:
    with pytest.raises(ValueError, match="minutes and minimum must not be negative"):
        round_minutes(raw, 15, minimum)


@pytest.mark.parametrize("scope", SCOPES)
def test_remote_work_and_visits_are_rounded_apart(scope: RoundingScope) -> None:
    mixed = [Spent(5, "T1", DAY, Way.REMOTE), Spent(5, "T1", DAY, Way.VISIT)]
    groups = round_entries(mixed, Rounding(scope, 15, minimum_remote=15, minimum_visit=60))
    assert [(group.way, group.raw, group.billed) for group in groups] == [
        (Way.REMOTE, 5, 15),
        (Way.VISIT, 5, 60),
    ]


def test_groups_come_in_order_of_first_appearance_and_name_their_entries() -> None:
    given_entries = [Spent(5, "B", DAY), Spent(5, "A", DAY), Spent(20, "B", DAY), Spent(1, "B", DAY + timedelta(1))]
    by_day = round_entries(given_entries, Rounding(RoundingScope.TICKET_DAY, 15, 0, 0))
    assert [(g.ticket, g.day, g.raw, g.billed, g.entries) for g in by_day] == [
        ("B", DAY, 25, 30, (0, 2)),
        ("A", DAY, 5, 15, (1,)),
        ("B", DAY + timedelta(1), 1, 15, (3,)),
    ]
    by_ticket = round_entries(given_entries, Rounding(RoundingScope.TICKET, 15, 0, 0))
    assert [(g.ticket, g.day, g.raw, g.billed) for g in by_ticket] == [("B", None, 26, 30), ("A", None, 5, 15)]


SPENT = st.builds(
    Spent,
    st.integers(0, 300),
    st.sampled_from(["A", "B"]),
    st.sampled_from([DAY, DAY + timedelta(1)]),
    st.sampled_from(Way),
)


@given(st.lists(SPENT, max_size=8), st.integers(1, 60), st.integers(0, 90), st.sampled_from(SCOPES))
def test_rounding_equals_counting_up_minute_by_minute(
    spent: list[Spent], step: int, minimum: int, scope: RoundingScope
) -> None:
    sums: dict[object, int] = defaultdict(int)
    for place, entry in enumerate(spent):
        day = entry.day if scope is RoundingScope.TICKET_DAY else None
        key = place if scope is RoundingScope.ENTRY else (entry.ticket, day, entry.way)
        sums[key] += entry.minutes
    expected = []
    for raw in sums.values():
        total = raw
        while total % step:
            total += 1
        expected.append(max(total, minimum) if raw else 0)
    groups = round_entries(spent, Rounding(scope, step, minimum, minimum))
    assert [group.billed for group in groups] == expected
    assert sum(group.raw for group in groups) == sum(entry.minutes for entry in spent)
    assert sorted(place for group in groups for place in group.entries) == list(range(len(spent)))


def at(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02d}T{clock}")  # 2 November 2026 is a Monday


NIGHT = Band(frozenset({7}), 23 * 60, 6 * 60, 15_000)
MONDAY = Band(frozenset({1}), 0, 24 * 60, 12_000)


def test_a_band_that_passes_midnight_belongs_to_the_day_it_starts_on() -> None:
    assert split(at(1, "22:00"), at(2, "10:00"), [NIGHT], 10_000) == [
        Part(10_000, 60),
        Part(15_000, 420),
        Part(10_000, 240),
    ]
    assert split(at(2, "22:00"), at(3, "10:00"), [NIGHT], 10_000) == [Part(10_000, 720)]


def test_where_bands_overlap_the_larger_applies_and_default_does_not_compete() -> None:
    assert split(at(1, "22:00"), at(2, "10:00"), [NIGHT, MONDAY], 20_000) == [
        Part(20_000, 60),
        Part(15_000, 420),
        Part(12_000, 240),
    ]


def test_neighbours_of_one_multiplier_are_joined() -> None:
    morning, noon = Band(frozenset({1}), 480, 720, 15_000), Band(frozenset({1}), 720, 900, 15_000)
    assert split(at(2, "08:00"), at(2, "15:00"), [morning, noon], 10_000) == [Part(15_000, 420)]


def test_a_band_until_midnight_leaves_the_next_day_alone() -> None:
    for end in (0, 24 * 60):
        late = Band(frozenset({1}), 1380, end, 15_000)
        assert split(at(2, "22:00"), at(3, "01:00"), [late], 10_000) == [
            Part(10_000, 60),
            Part(15_000, 60),
            Part(10_000, 60),
        ]


def test_no_time_has_no_parts() -> None:
    assert split(at(2, "10:00"), at(2, "10:00"), [MONDAY], 10_000) == []


def test_bad_times_are_refused() -> None:
    with pytest.raises(ValueError, match="start is after end"):
        split(at(2, "10:01"), at(2, "10:00"), [], 10_000)
    for bad in (at(2, "10:00").replace(second=1), at(2, "10:00").replace(microsecond=1)):
        with pytest.raises(ValueError, match="whole minutes"):
            split(bad, at(2, "11:00"), [], 10_000)


@pytest.mark.parametrize(
    ("days", "start", "end", "reason"),
    [
        ({0}, 0, 60, "days must be 1 to 7"),
        ({8}, 0, 60, "days must be 1 to 7"),
        ({1}, 60, 60, "end where it begins"),
        ({1}, 1440, 60, "within a day"),
        ({1}, 0, 1441, "within a day"),
        ({1}, -1, 60, "within a day"),
        ({1}, 5, -1, "within a day"),
    ],
)
def test_a_bad_band_is_refused(days: set[int], start: int, end: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Band(frozenset(days), start, end, 10_000)


def test_the_whole_week_and_day_can_be_banded() -> None:
    always = Band(frozenset(range(1, 8)), 0, 24 * 60, 11_000)
    assert split(at(1, "00:00"), at(8, "00:00"), [always], 10_000) == [Part(11_000, 7 * 1440)]


BANDS = st.builds(
    Band,
    st.frozensets(st.integers(1, 7), max_size=7),
    st.integers(0, 720),
    st.integers(721, 1440),
    st.integers(0, 30_000),
) | st.builds(
    Band,
    st.frozensets(st.integers(1, 7), max_size=7),
    st.integers(720, 1439),
    st.integers(0, 719),
    st.integers(0, 30_000),
)


def bp_of(moment: datetime, bands: list[Band], default: int) -> int:
    """The multiplier of one minute, by asking each band."""
    clock = moment.hour * 60 + moment.minute
    today, yesterday = moment.isoweekday(), (moment - timedelta(days=1)).isoweekday()
    rates = []
    for band in bands:
        if band.start < band.end:
            inside = today in band.days and band.start <= clock < band.end
        else:
            inside = (today in band.days and clock >= band.start) or (yesterday in band.days and clock < band.end)
        if inside:
            rates.append(band.bp)
    return max(rates) if rates else default


@given(
    st.integers(0, 31 * 1440).map(lambda minutes: at(1, "00:00") + timedelta(minutes=minutes)),
    st.integers(0, 4000),
    st.lists(BANDS, max_size=4),
    st.integers(0, 20_000),
)
def test_splitting_equals_going_minute_by_minute_and_sums_to_the_whole(
    start: datetime, minutes: int, bands: list[Band], default: int
) -> None:
    each = [bp_of(start + timedelta(minutes=passed), bands, default) for passed in range(minutes)]
    expected = [Part(bp, len(list(group))) for bp, group in groupby(each)]
    parts = split(start, start + timedelta(minutes=minutes), bands, default)
    assert parts == expected
    assert sum(part.minutes for part in parts) == minutes


def test_minutes_added_by_rounding_go_to_the_cheapest_band() -> None:
    parts = [Part(15_000, 7), Part(10_000, 3), Part(20_000, 1)]
    assert spread_added(parts, 4) == [Part(15_000, 7), Part(10_000, 7), Part(20_000, 1)]
    assert spread_added(parts, 0) == parts
    assert spread_added([], 0) == []
    assert spread_added(parts, -5) == [Part(15_000, 5), Part(10_000, 0), Part(20_000, 1)]


@pytest.mark.parametrize(("parts", "added"), [([], 1), ([Part(1, 1)], -2)])
def test_added_minutes_need_a_band(parts: list[Part], added: int) -> None:
    with pytest.raises(ValueError, match="need a part"):
        spread_added(parts, added)
