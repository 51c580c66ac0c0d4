"""A moment becomes a day or a wall time in `bot/db/clock.py` alone (R3.5): a second way to do it is found here."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from bot.db.clock import HOME, NoSuchZoneError, at, day_of, known_zone, local, month_began, same_wall, there

BOT = Path(__file__).resolve().parents[2] / "bot"

# Where it is done otherwise, and why.
ALLOWED = {
    "db/clock.py": "the home itself",
    "calendar/working_clock.py": "the ground floor beside it: instants of wall times that are missing or come twice",
    "calendar/read_wish.py": "reads by a wall clock that is given, and says a time of that wall",
    "cli/calc/strict_json.py": "a written moment is brought to UTC",
    "imports/files/cells.py": "a cell of a sheet has a wall time and no zone",
    "imports/files/values.py": "the same",
    "imports/load/history.py": "days of rows whose times are on the clocks of the place",
    "billing/documents/printing/typeset.py": "a file's own date, of a day that is given",
    "cli/init.py": "the zone that is offered to one who sets up the seller",
}
STANDS_ALONE = ("sandbox",)  # a Bot API server, with clocks of its own

CALLS = {
    "today": "a day of the machine",
    "utcnow": "the machine's clock",
    "utcfromtimestamp": "a moment without a zone",
    "astimezone": "a wall time made by hand",
    "current_date": "a day of the database",
    "current_timestamp": "the database's clock",
    "localtimestamp": "the database's clock",
    "date_trunc": "a day of the database",
    "strftime": "a day of the database, or a time without its zone",
}


def faults(source: str) -> Iterator[tuple[int, str]]:
    """Lines that make a day or a wall time, and how."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value == HOME:
            yield node.lineno, "a zone chosen by hand"
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        arguments = len(node.args) + len(node.keywords)
        if name in CALLS:
            yield node.lineno, CALLS[name]
        elif name == "ZoneInfo":
            yield node.lineno, "a zone made by hand"
        elif name == "date" and owner and (not arguments or owner.endswith("func")):
            yield node.lineno, "a day of a moment, in whose zone?"
        elif name == "now" and owner.split(".")[-1] in {"datetime", "func"}:
            yield node.lineno, "the clock of the machine or the database"
        elif name == "fromtimestamp" and owner == "date":
            yield node.lineno, "a day of the machine"
        elif name == "combine" and arguments > 2:
            yield node.lineno, "a moment made by hand"
        elif name == "cast" and any(ast.unparse(each) == "Date" for each in node.args):
            yield node.lineno, "a day of the database"
        elif name == "replace" and any(
            each.arg == "tzinfo" and ast.unparse(each.value) != "None" for each in node.keywords
        ):
            yield node.lineno, "a moment made by hand"


def test_days_and_wall_times_are_made_in_one_place() -> None:
    found = [
        f"bot/{place}:{line}: {how}"
        for file in sorted(BOT.rglob("*.py"))
        if (place := file.relative_to(BOT).as_posix()) not in ALLOWED and place.split("/")[0] not in STANDS_ALONE
        for line, how in faults(file.read_text("utf-8"))
    ]
    assert found == []


def test_what_is_allowed_is_still_done() -> None:
    assert [place for place in ALLOWED if not any(faults((BOT / place).read_text("utf-8")))] == []


@pytest.mark.parametrize(
    "line",
    [
        "uow.now.date()",
        "(row.finished or row.closed).date()",
        "date.today()",
        "datetime.today()",
        "datetime.now()",
        "dt.datetime.now(UTC)",
        "datetime.utcnow()",
        "now.astimezone(zone)",
        "ZoneInfo(site.timezone)",
        "zoneinfo.ZoneInfo(name)",
        'zone = "Europe/Moscow"',
        "datetime.combine(day, time(), zone)",
        "moment.replace(tzinfo=zone)",
        "select(func.date(Ticket.opened_at))",
        "select(func.now())",
        "func.current_date()",
        "func.date_trunc('day', Ticket.opened_at)",
        "cast(Ticket.opened_at, Date)",
        "moment.strftime('%d.%m')",
    ],
)
def test_each_way_to_make_one_is_seen(line: str) -> None:
    assert list(faults(line))


def test_a_day_is_that_of_the_zone() -> None:
    eve = datetime(2026, 10, 31, 21, 30, tzinfo=UTC)
    assert day_of(eve, "Europe/Moscow") == date(2026, 11, 1)
    assert day_of(eve, "Europe/Kaliningrad") == date(2026, 10, 31)
    assert local(eve, "Asia/Vladivostok").hour == 7
    assert month_began(eve, "Europe/Moscow") == datetime(2026, 10, 31, 21, tzinfo=UTC)
    assert at(date(2026, 11, 1), time(0, 30), "Europe/Moscow") == eve
    assert there(datetime.fromisoformat("2026-11-01T00:30"), "Europe/Moscow") == eve
    assert same_wall(eve, "Europe/Moscow", "Europe/Minsk")
    assert not same_wall(eve, "Europe/Moscow", "Europe/Samara")


@pytest.mark.parametrize("name", ["Europe/Nowhere", "", "../etc/passwd", "/etc/passwd"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(NoSuchZoneError):
        known_zone(name)
