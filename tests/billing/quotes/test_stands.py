"""Whether a yes stands, from the rows alone: every way it can fail, and its edges (R7.4, R7.5, R7.9)."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.billing.quotes.rule import QuoteLine, QuoteTotals, lines_hash
from bot.billing.quotes.stands import (
    Flaw,
    FrozenVersion,
    Right,
    SpentYes,
    Yes,
    flaw_of,
    flaw_of_hours,
    lines_of,
    reaching,
)
from bot.sums.vat import VatTotals

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LINE = QuoteLine("hour:repair", "Работа", "minute", 60, 250_000, 250_000)
TEXT = "Платная работа, 2 500 ₽"
VAT = VatTotals((45_082,), 204_918, 45_082, 250_000)
VERSION = FrozenVersion(
    lines=[{"item": "hour:repair", "name": "Работа", "unit": "minute", "quantity": 60, "price": 250_000,
            "kopecks": 250_000, "optional": False, "vat": 45_082}],
    net=204_918,
    vat=45_082,
    gross=250_000,
    vat_bp=2200,
    up_to=False,
    lines_hash=lines_hash(QuoteTotals((LINE,), VAT, 2200)),
    texts={"ru": TEXT, "en": "Paid work"},
    valid_until=AT,
)  # fmt: skip
YES = Yes(True, "button", 7, TEXT, hashlib.sha256(TEXT.encode()).hexdigest(), 250_000, AT)
RIGHT = Right(7, AT, None, 250_000)


def test_a_yes_stands_to_the_very_edge_of_time_and_limit() -> None:
    assert flaw_of(VERSION, YES, [RIGHT]) is None
    assert lines_of(VERSION) == [LINE]


@pytest.mark.parametrize(
    ("version", "yes", "rights", "flaw"),
    [
        (None, YES, [RIGHT], Flaw.NOT_APPROVED),
        (VERSION, None, [RIGHT], Flaw.NOT_APPROVED),
        (VERSION, replace(YES, approved=False), [RIGHT], Flaw.DECLINED),
        (replace(VERSION, valid_until=AT - SECOND), YES, [RIGHT], Flaw.EXPIRED),
        (VERSION, replace(YES, gross=249_999), [RIGHT], Flaw.CHANGED),
        (VERSION, replace(YES, text="Paid work"), [RIGHT], Flaw.CHANGED),
        (VERSION, replace(YES, text="Другое"), [RIGHT], Flaw.CHANGED),
        (replace(VERSION, texts={"en": "Paid work"}), YES, [RIGHT], Flaw.CHANGED),
        (replace(VERSION, up_to=True), YES, [RIGHT], Flaw.CHANGED),
        (replace(VERSION, vat_bp=None), YES, [RIGHT], Flaw.CHANGED),
        (replace(VERSION, net=204_917), YES, [RIGHT], Flaw.CHANGED),
        (replace(VERSION, vat=45_083), YES, [RIGHT], Flaw.CHANGED),
        (replace(VERSION, lines=[]), YES, [RIGHT], Flaw.CHANGED),
        (replace(VERSION, lines=[{"vat": 1}]), YES, [RIGHT], Flaw.CHANGED),
        (replace(VERSION, lines=[{"item": "x"}]), YES, [RIGHT], Flaw.CHANGED),
        (VERSION, YES, [], Flaw.WRONG_PERSON),
        (VERSION, replace(YES, person_id=8), [RIGHT], Flaw.WRONG_PERSON),
        (VERSION, replace(YES, person_id=None), [RIGHT], Flaw.WRONG_PERSON),
        (VERSION, YES, [replace(RIGHT, since=AT + SECOND)], Flaw.WRONG_PERSON),
        (VERSION, YES, [replace(RIGHT, until=AT)], Flaw.WRONG_PERSON),
        (VERSION, YES, [replace(RIGHT, job_limit=249_999)], Flaw.OVER_LIMIT),
        (VERSION, replace(YES, way="oral"), [RIGHT], Flaw.WRONG_PERSON),
        (VERSION, replace(YES, way="oral", reason="по телефону"), [RIGHT], Flaw.WRONG_PERSON),
        (VERSION, replace(YES, way="oral", recorded_by=1), [RIGHT], Flaw.WRONG_PERSON),
        (VERSION, replace(YES, way="oral", recorded_by=1, reason=""), [RIGHT], Flaw.WRONG_PERSON),
        (VERSION, replace(YES, way="ceiling", reason="ceiling"), [RIGHT], Flaw.WRONG_PERSON),
        (VERSION, replace(YES, way="ceiling", person_id=None), [RIGHT], Flaw.WRONG_PERSON),
    ],
)  # fmt: skip
def test_a_yes_that_fails_says_how(version: Any, yes: Any, rights: Any, flaw: Flaw) -> None:
    assert flaw_of(version, yes, rights) is flaw


@pytest.mark.parametrize(
    ("yes", "rights"),
    [
        (replace(YES, text="Paid work", text_hash=hashlib.sha256(b"Paid work").hexdigest()), [RIGHT]),
        (YES, [replace(RIGHT, job_limit=None)]),
        (YES, [replace(RIGHT, until=AT + SECOND)]),
        (YES, [replace(RIGHT, job_limit=1), RIGHT]),
        (replace(YES, way="deputy"), [RIGHT]),
        (replace(YES, way="oral", recorded_by=1, reason="по телефону"), [RIGHT]),
        (replace(YES, way="ceiling", person_id=None, reason="ceiling"), []),
    ],
)
def test_a_yes_that_stands(yes: Yes, rights: list[Right]) -> None:
    assert flaw_of(VERSION, yes, rights) is None


@pytest.mark.parametrize(
    ("said", "zone", "flaw"),
    [
        ([(AT, 250_000)], "UTC", None),
        ([(AT, 250_000), (AT - SECOND, 50_000)], "UTC", None),
        ([(AT, 250_000), (AT - SECOND, 50_001)], "UTC", Flaw.OVER_LIMIT),
        ([(AT, 250_000), (AT, 50_001)], "UTC", Flaw.OVER_LIMIT),
        ([(AT, 250_000), (AT + SECOND, 900_000)], "UTC", None),
        ([(AT, 250_000), (datetime(2026, 11, 1, tzinfo=UTC), 50_001)], "UTC", Flaw.OVER_LIMIT),
        ([(AT, 250_000), (datetime(2026, 11, 1, tzinfo=UTC) - SECOND, 50_001)], "UTC", None),
        ([(AT, 250_000), (datetime(2026, 10, 31, 21, tzinfo=UTC), 50_001)], "Europe/Moscow", Flaw.OVER_LIMIT),
        ([(AT, 250_000), (datetime(2026, 10, 31, 20, 59, tzinfo=UTC), 50_001)], "Europe/Moscow", None),
        ([], "UTC", None),
    ],
)
def test_a_months_limit_counts_all_that_was_said_by_then_in_the_clients_month(
    said: list[tuple[datetime, int]], zone: str, flaw: Flaw | None
) -> None:
    counted = tuple(SpentYes(7, gross, at) for at, gross in said)
    right = Right(7, AT, None, None, month_limit=300_000, said=counted, zone=zone)
    assert flaw_of(VERSION, YES, [right]) is flaw


def test_a_month_begins_at_its_very_first_moment_whatever_the_clock_shows_now() -> None:
    at = datetime(2026, 11, 24, 9, 31, 17, 500, tzinfo=UTC)
    first = SpentYes(7, 50_001, datetime(2026, 11, 1, tzinfo=UTC))
    right = Right(7, AT - SECOND, None, None, month_limit=300_000, said=(first, SpentYes(7, 250_000, at)))
    late = replace(VERSION, valid_until=at)
    assert flaw_of(late, replace(YES, decided_at=at), [right]) is Flaw.OVER_LIMIT


def test_a_month_limit_of_exactly_the_sum_is_enough() -> None:
    assert flaw_of(VERSION, YES, [replace(RIGHT, job_limit=None, month_limit=250_000)]) is None


def test_a_right_for_one_site_reaches_only_it() -> None:
    whole, north = replace(RIGHT, site_id=None), replace(RIGHT, site_id=1)
    assert reaching([whole, north], 1) == [whole, north]
    assert reaching([whole, north], 2) == [whole]
    assert reaching([whole, north], None) == [whole]


@pytest.mark.parametrize(
    ("valid_until", "yes", "texts", "flaw"),
    [
        (AT, YES, VERSION.texts, None),
        (AT, None, VERSION.texts, Flaw.NOT_APPROVED),
        (None, YES, VERSION.texts, Flaw.NOT_APPROVED),
        (AT - SECOND, YES, VERSION.texts, Flaw.EXPIRED),
        (AT, YES, {"ru": "Другое"}, Flaw.CHANGED),
        (AT, replace(YES, person_id=8), VERSION.texts, Flaw.WRONG_PERSON),
    ],
)
def test_bought_hours_stand_by_the_same_checks(valid_until: Any, yes: Any, texts: Any, flaw: Flaw | None) -> None:
    assert flaw_of_hours(250_000, valid_until, texts, yes, [RIGHT]) is flaw


def test_bought_hours_above_the_limit_are_left_out() -> None:
    assert flaw_of_hours(250_001, AT, VERSION.texts, YES, [RIGHT]) is Flaw.OVER_LIMIT
