"""Time entries to billed lines: nothing is lost between rounding, bands and money."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.billing.bands import Part
from bot.billing.labour import labour
from bot.billing.rounding import Channel, Rounding, RoundingScope
from bot.billing.timebill import BilledBand, Worked, bill_time

DAY = date(2026, 3, 10)
DEFAULT = Rounding(RoundingScope.TICKET_DAY, 15, minimum_remote=15, minimum_visit=60)


def rate_of(bp: int) -> int:
    return 250_000 * bp // 10_000


def test_ten_minutes_of_remote_work_are_fifteen_billed() -> None:
    [group] = bill_time([Worked("e1", "T1", DAY, Channel.REMOTE, (Part(10_000, 10),))], DEFAULT, rate_of)
    assert (group.raw, group.billed, group.kopecks) == (10, 15, 62_500)
    assert (group.ticket, group.day, group.channel, group.entries) == ("T1", DAY, Channel.REMOTE, ("e1",))


def test_what_rounding_adds_is_billed_in_the_cheapest_band_of_the_group() -> None:
    entries = [
        Worked("e1", "T1", DAY, Channel.VISIT, (Part(15_000, 40), Part(10_000, 20))),
        Worked("e2", "T1", DAY, Channel.VISIT, (Part(10_000, 7),)),
    ]
    [group] = bill_time(entries, DEFAULT, rate_of)
    assert group.bands == (
        BilledBand(10_000, 27, 35, 250_000, 145_833),
        BilledBand(15_000, 40, 40, 375_000, 250_000),
    )
    assert (group.raw, group.billed, group.entries) == (67, 75, ("e1", "e2"))
    assert group.kopecks == 395_833


def test_an_entry_of_nothing_bills_nothing() -> None:
    [group] = bill_time([Worked("e1", "T1", DAY, Channel.VISIT, (Part(10_000, 0),))], DEFAULT, rate_of)
    assert (group.raw, group.billed, group.bands, group.kopecks) == (0, 0, (), 0)


ENTRIES = st.lists(
    st.builds(
        Worked,
        st.uuids().map(str),
        st.sampled_from(["T1", "T2"]),
        st.sampled_from([DAY, date(2026, 3, 11)]),
        st.sampled_from(Channel),
        st.lists(st.builds(Part, st.sampled_from([10_000, 15_000, 20_000]), st.integers(0, 200)), max_size=3).map(
            tuple
        ),
    ),
    max_size=8,
)


@given(ENTRIES, st.sampled_from(RoundingScope))
def test_every_minute_and_kopeck_is_in_exactly_one_line(entries: list[Worked], scope: RoundingScope) -> None:
    groups = bill_time(entries, Rounding(scope, 15, 15, 60), rate_of)
    assert sorted(id for group in groups for id in group.entries) == sorted(entry.id for entry in entries)
    assert sum(group.raw for group in groups) == sum(part.minutes for entry in entries for part in entry.parts)
    for group in groups:
        assert sum(band.raw for band in group.bands) == group.raw
        assert sum(band.billed for band in group.bands) == group.billed
        assert all(band.kopecks == labour(band.billed, rate_of(band.bp)) for band in group.bands)
        added = [band.bp for band in group.bands if band.billed != band.raw]
        assert added in ([], [min(band.bp for band in group.bands)] if group.bands else [])


def test_two_tickets_of_one_day_are_billed_apart() -> None:
    entries = [Worked(f"e{number}", f"T{number}", DAY, Channel.REMOTE, (Part(10_000, 10),)) for number in (1, 2)]
    assert [(group.ticket, group.billed) for group in bill_time(entries, DEFAULT, rate_of)] == [("T1", 15), ("T2", 15)]
