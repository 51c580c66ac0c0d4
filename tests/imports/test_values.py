"""What a cell may hold."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from bot.imports.files import values


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [
        ("3 750,00", 375_000),
        ("3750.00", 375_000),
        ("3\u00a0750 ₽", 375_000),
        ("3750", 375_000),
        ("0,1", 10),
        ("833.33", 83_333),
        ("1 000 000,05 руб.", 100_000_005),
        ("0", 0),
    ],
)
def test_money(text: str, kopecks: int) -> None:
    assert values.kopecks(text) == kopecks


@pytest.mark.parametrize("text", ["", "3,750", "3.750,00", "1,005", "-5", "12 34", "1e3", "десять", "1 ,5", "٣"])
def test_money_that_could_be_read_two_ways_or_none_is_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        values.kopecks(text)


@given(st.integers(0, 10**12))
def test_every_sum_comes_back_exactly(kopecks: int) -> None:
    whole, rest = divmod(kopecks, 100)
    assert values.kopecks(f"{whole},{rest:02}") == kopecks
    assert values.kopecks(f"{whole:,}.{rest:02}".replace(",", " ")) == kopecks


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90", 90),
        ("1:30", 90),
        ("1,5 ч", 90),
        ("1 ч 30 мин", 90),
        ("2 часа", 120),
        ("45 мин", 45),
        ("0.25 h", 15),
        ("полчаса", 30),
        ("100 ч", 6000),
    ],
)
def test_minutes(text: str, minutes: int) -> None:
    assert values.minutes(text) == minutes


def test_a_pool_is_longer_than_a_day_and_words_are_read_too() -> None:
    assert [values.minutes(text) for text in ("100 ч", "полчаса", "1:30:00")] == [6000, 30, 90]


@pytest.mark.parametrize("text", ["1:75", "2 дня", "-5", "1,33 ч", ""])
def test_no_minutes(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        values.minutes(text)


@pytest.mark.parametrize("text", ["8 (900) 123-45-67", "+7 900 123 45 67", "79001234567", "9001234567"])
def test_phones_become_one(text: str) -> None:
    assert values.phone(text) == "+79001234567"


@pytest.mark.parametrize("text", ["123", "телефон", "+7 900 123-45", "+0 900 123 45 67"])
def test_no_phone(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        values.phone(text)


@pytest.mark.parametrize("text", ["31.03.2026", "2026-03-31", "31/03/2026"])
def test_dates(text: str) -> None:
    assert values.day(text) == date(2026, 3, 31)


def test_a_day_counted_from_today() -> None:
    today = date(2026, 11, 24)
    assert [values.day(text, today) for text in ("сегодня", "сегодня-20", "today + 1")] == [
        today,
        date(2026, 11, 4),
        date(2026, 11, 25),
    ]
    with pytest.raises(PydanticCustomError):
        values.day("сегодня-20")


@pytest.mark.parametrize("text", ["31.02.2026", "2026-13-01", "вчера", "03/31/2026"])
def test_no_date(text: str) -> None:
    with pytest.raises(PydanticCustomError):
        values.day(text)


def test_shares() -> None:
    assert [values.basis_points(text) for text in ("22", "22 %", "12,5 %", "100%")] == [2200, 2200, 1250, 10_000]
