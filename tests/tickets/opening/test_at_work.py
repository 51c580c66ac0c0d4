from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.clients.models import Seller
from bot.tickets.life.at_work import opening
from tests.builders.appeals import add
from tests.conftest import TestOffice

MOSCOW = ZoneInfo("Europe/Moscow")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("now", "open_now", "resumes"),
    [
        ("2026-11-24 12:00", True, None),
        ("2026-11-24 08:59", False, "2026-11-24 09:00"),
        ("2026-11-24 18:00", False, "2026-11-25 09:00"),
        ("2026-11-27 19:00", False, "2026-11-30 09:00"),
        ("2026-11-03 16:59", True, None),  # a short day ends at 17
        ("2026-11-03 17:01", False, "2026-11-05 09:00"),
        ("2027-12-31 12:00", False, None),  # no calendar of the next year: nothing is promised
    ],
)
def test_when_people_are_at_work(office: TestOffice, now: str, open_now: bool, resumes: str | None) -> None:
    with office.work() as uow:
        add(uow.session, Seller(name="С", inn="7707083893", phone="+7", emergency_phone="112"))
        found = opening(uow.session, at(now))
    assert (found.open, found.resumes) == (open_now, at(resumes) if resumes else None)
    assert found.emergency_phone == "112"


def test_without_a_seller_nothing_is_closed(office: TestOffice) -> None:
    with office.work() as uow:
        assert opening(uow.session, at("2026-11-24 03:00")).open
