"""Working hours round the clock and over midnight: whose day they are, where they end, and nights of changed clocks."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.billing.seller.particulars import BadSellerValueError, read_field
from bot.calendar.workdays import NoCalendarError, production_calendar
from bot.calendar.working_clock import WorkingClock
from bot.clients.models import Seller
from bot.tickets.life.at_work import opening
from tests.builders.appeals import add
from tests.conftest import TestOffice

WHOLE = (0, 24 * 60)
NIGHT = (20 * 60, 8 * 60)
DAY = (9 * 60, 18 * 60)
LATE = (10 * 60, 24 * 60)


def clock(hours: tuple[int, int], zone: str = "Europe/Moscow") -> WorkingClock:
    return WorkingClock(production_calendar(), zone, *hours)


def at(text: str, zone: str = "Europe/Moscow") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("hours", "start", "minutes", "due"),
    [
        (WHOLE, "2026-11-24 12:00", 24 * 60, "2026-11-25 12:00"),
        (WHOLE, "2026-11-24 23:30", 60, "2026-11-25 00:30"),
        (WHOLE, "2026-11-27 23:30", 30, "2026-11-28 00:00"),  # Friday ends with its midnight
        (WHOLE, "2026-11-27 23:30", 60, "2026-11-30 00:30"),
        (WHOLE, "2026-11-03 22:30", 60, "2026-11-05 00:30"),  # a short day closes at 23:00
        (LATE, "2026-11-24 23:00", 60, "2026-11-25 00:00"),
        (LATE, "2026-11-24 23:00", 90, "2026-11-25 10:30"),
        (NIGHT, "2026-11-24 12:00", 60, "2026-11-24 21:00"),
        (NIGHT, "2026-11-24 23:30", 60, "2026-11-25 00:30"),
        (NIGHT, "2026-11-25 07:30", 60, "2026-11-25 20:30"),
        (NIGHT, "2026-11-28 03:00", 60, "2026-11-28 04:00"),  # Saturday's night is Friday's stretch
        (NIGHT, "2026-11-28 07:30", 60, "2026-11-30 20:30"),
        (NIGHT, "2026-11-30 03:00", 60, "2026-11-30 21:00"),  # Monday's small hours are Sunday's: nobody works
        (NIGHT, "2026-11-04 06:30", 60, "2026-11-05 20:30"),  # the short 3 November ends at 7 of the holiday
        (NIGHT, "2026-11-24 20:00", 12 * 60, "2026-11-25 08:00"),
        (NIGHT, "2026-11-25 08:00", 0, "2026-11-25 20:00"),
        (NIGHT, "2026-11-25 07:59", 0, "2026-11-25 07:59"),
        (DAY, "2026-11-24 17:00", 60, "2026-11-24 18:00"),
        (DAY, "2026-11-24 18:00", 0, "2026-11-25 09:00"),
        ((9 * 60, 0), "2026-11-24 23:00", 60, "2026-11-25 00:00"),
        ((17 * 60, 18 * 60), "2026-11-03 12:00", 30, "2026-11-05 17:30"),  # a short day leaves nothing
    ],
)
def test_deadlines_run_on_any_hours(hours: tuple[int, int], start: str, minutes: int, due: str) -> None:
    assert clock(hours).after(at(start), minutes) == at(due)


def test_a_short_day_leaves_nothing_of_an_hour_that_comes_twice() -> None:
    berlin = date(2026, 10, 25)

    class ShortDay:
        def minutes(self, day: date) -> int:
            return 420 if day == berlin else 480

    night = WorkingClock(ShortDay(), "Europe/Berlin", 2 * 60, 3 * 60)  # type: ignore[arg-type]  # no year of ours has such a day
    assert night.after(at("2026-10-25 00:00", "Europe/Berlin"), 0) == at("2026-10-26 02:00", "Europe/Berlin")


def test_seconds_are_kept() -> None:
    assert clock(DAY).after(at("2026-11-24 17:59:30"), 1) == at("2026-11-25 09:00:30")


def test_only_a_day_that_matters_needs_a_calendar() -> None:
    assert clock(DAY).after(at("2027-12-30 09:00"), 540) == at("2027-12-30 18:00")
    assert clock(NIGHT).after(at("2027-12-30 20:00"), 720) == at("2027-12-31 08:00")
    assert clock(DAY).after(at("2023-12-31 20:00"), 0) == at("2024-01-09 09:00")
    assert clock(DAY).between(at("2027-12-30 09:00"), at("2028-01-01 08:00")) == 540
    with pytest.raises(NoCalendarError):
        clock(NIGHT).after(at("2024-01-01 03:00"), 0)  # the night of 31 December 2023
    with pytest.raises(NoCalendarError):
        clock(DAY).between(at("2027-12-30 09:00"), at("2028-01-01 10:00"))


@pytest.mark.parametrize(
    ("hours", "now", "open_now", "resumes"),
    [
        (WHOLE, "2026-11-24 00:00", True, None),
        (WHOLE, "2026-11-24 23:59", True, None),
        (WHOLE, "2026-11-28 00:00", False, "2026-11-30 00:00"),
        (NIGHT, "2026-11-24 12:00", False, "2026-11-24 20:00"),
        (NIGHT, "2026-11-25 02:00", True, None),
        (NIGHT, "2026-11-25 08:00", False, "2026-11-25 20:00"),
        (NIGHT, "2026-11-28 02:00", True, None),
        (NIGHT, "2026-11-30 02:00", False, "2026-11-30 20:00"),
    ],
)
def test_whether_people_are_at_work_on_any_hours(
    office: TestOffice, hours: tuple[int, int], now: str, open_now: bool, resumes: str | None
) -> None:
    with office.work() as uow:
        add(uow.session, Seller(name="С", inn="7707083893", phone="+7", workday_start=hours[0], workday_end=hours[1]))
        found = opening(uow.session, at(now))
    assert (found.open, found.resumes) == (open_now, at(resumes) if resumes else None)


@pytest.mark.parametrize(
    ("text", "hours"),
    [("0:00-24:00", WHOLE), ("20:00 – 8:00", NIGHT), ("9:00-18:00", DAY), ("10:00-0:00", (600, 0))],
)
def test_hours_of_any_kind_can_be_set(text: str, hours: tuple[int, int]) -> None:
    assert tuple(read_field("hours", text).values()) == hours


@pytest.mark.parametrize(
    "text", ["9:00-9:00", "24:00-9:00", "9:00-25:00", "9:00-24:01", "9:60-18:00", "18-9", "ночью", "٩:00-18:00"]
)
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadSellerValueError, match="hours"):
        read_field("hours", text)
