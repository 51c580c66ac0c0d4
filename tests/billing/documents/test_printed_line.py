"""What a line says in print: units of ОКЕИ, and quantity × price = sum on each of them (R11.4)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.billing.documents.printing.line import PrintedLine, printed_line, shown_quantity
from bot.billing.prices.rule import labour
from bot.messaging.notices.texts import LANGUAGES, label, of_unit, unit_word
from bot.messaging.notices.units import okei_of

HOUR, PIECE, MONTH, KM, ITEM = ("356", "ч"), ("796", "шт"), ("362", "мес"), ("008", "км"), ("876", "усл. ед.")


def said(printed: PrintedLine) -> tuple[str, str, tuple[str, str], int]:
    return printed.name, shown_quantity(printed.quantity, "ru"), (printed.code, printed.unit), printed.price


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("minute", 60, 250_000, 250_000), ("Работа", "1", HOUR, 250_000)),
        (("minute", 90, 250_000, 375_000), ("Работа", "1,5", HOUR, 250_000)),
        (("minute", 15, 250_000, 62_500), ("Работа", "0,25", HOUR, 250_000)),
        (("minute", 600, 250_000, 2_500_000), ("Работа", "10", HOUR, 250_000)),
        (("minute", 63, 200_000, 210_000), ("Работа", "1,05", HOUR, 200_000)),
        (("minute", 20, 10_000, 3_333), ("Работа", "0,3333", HOUR, 10_000)),
        (("minute", 20, 250_000, 83_333), ("Работа, 20\u00a0мин", "1", ITEM, 83_333)),
        (("minute", 50, 199_900, 166_583), ("Работа, 50\u00a0мин", "1", ITEM, 166_583)),
        (("minute", 135, 250_000, 312_500), ("Работа, 2\u00a0ч 15\u00a0мин", "1", ITEM, 312_500)),  # «до N»
        (("minute", 15, 199_901, 49_975), ("Работа, 15\u00a0мин", "1", ITEM, 49_975)),
        (("minute", 20, 0, 0), ("Работа", "20", ("355", "мин"), 0)),
        (("minute", 45, 0, 0), ("Работа", "0,75", HOUR, 0)),
        (("piece", 1, 50_000, 50_000), ("Работа", "1", PIECE, 50_000)),
        (("шт.", 2, 320_000, 640_000), ("Работа", "2", PIECE, 320_000)),
        (("month", 1, 1_500_000, 1_500_000), ("Работа", "1", MONTH, 1_500_000)),
        (("km", 12, 3_500, 42_000), ("Работа", "12", KM, 3_500)),
        (("Час", 3, 100_000, 300_000), ("Работа", "3", HOUR, 100_000)),
        (("норм-час", 2, 700_000, 1_400_000), ("Работа (норм-час)", "2", ITEM, 700_000)),
        (("шт", 3, 100_000, 250_000), ("Работа, 3 шт", "1", ITEM, 250_000)),  # less what was paid for diagnostics
        (("", 1, 100_000, 100_000), ("Работа", "1", ITEM, 100_000)),
    ],
)
def test_a_line_in_print(line: tuple[str, int, int, int], expected: tuple[str, str, tuple[str, str], int]) -> None:
    assert said(printed_line("Работа", *line, "ru")) == expected


@given(
    unit=st.sampled_from(["minute", "piece", "month", "km", "час", "норм-час", "шт", "points"]),
    quantity=st.integers(0, 10_000),
    price=st.integers(0, 10**7),
    other=st.none() | st.integers(0, 10**9),
)
def test_quantity_times_price_is_the_sum_on_every_line(unit: str, quantity: int, price: int, other: int | None) -> None:
    kopecks = labour(quantity, price) if unit == "minute" else quantity * price
    kopecks = kopecks if other is None else other
    printed = printed_line("Работа", unit, quantity, price, kopecks, "ru")
    assert printed.quantity * printed.price == kopecks
    assert -int(printed.quantity.as_tuple().exponent) <= 4
    assert label(f"okei.{printed.code}", "ru") == printed.unit
    if printed.code == HOUR[0] and unit == "minute" and kopecks:
        assert abs(printed.quantity - Decimal(quantity) / 60) < Decimal("0.0001")


def test_every_unit_has_a_word_in_each_language() -> None:
    for lang in LANGUAGES:
        for name in ("minute", "piece", "month", "km", "ч.", "чел.-час", "Упаковка", "усл. ед."):
            assert label(f"okei.{okei_of(name)}", lang)
    assert okei_of("норм-час") is None


def test_a_quantity_on_a_screen_speaks_the_readers_language() -> None:
    assert of_unit(60, "minute", "ru") == "1\u00a0ч"
    assert of_unit(2, "piece", "ru") == "2\u00a0шт"
    assert of_unit(2, "шт", "en") == "2\u00a0pcs"
    assert (unit_word("шт", "en"), unit_word("норм-час", "en")) == ("pcs", "норм-час")
    assert of_unit(3, "точка", "ru") == "3\u00a0точка"
