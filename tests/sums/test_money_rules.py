"""Labour, VAT, rates and words: the vectors of the rules, and exact fractions as an oracle."""

from datetime import date
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.billing.prices.rule import Combining, hourly_rate, labour
from bot.sums.exact import half_up, up_to_step
from bot.sums.vat import NoRegimeError, Regime, regime_on, vat_of_line, vat_of_lines
from bot.sums.words import plural, sum_in_words

AMOUNT = st.integers(0, 10**12)
BP = st.integers(0, 50_000)


def nearest(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


@pytest.mark.parametrize(
    ("minutes", "rate", "kopecks"),
    [(15, 250_000, 62_500), (20, 250_000, 83_333), (50, 199_900, 166_583), (90, 250_000, 375_000), (0, 250_000, 0)],
)
def test_labour_is_half_up_to_the_kopeck(minutes: int, rate: int, kopecks: int) -> None:
    assert labour(minutes, rate) == kopecks


@given(st.integers(0, 10**6), AMOUNT)
def test_labour_equals_the_exact_fraction_rounded(minutes: int, rate: int) -> None:
    assert labour(minutes, rate) == nearest(Fraction(minutes * rate, 60))


@pytest.mark.parametrize(("minutes", "rate"), [(-1, 1), (1, -1), (-1, -1)])
def test_labour_below_zero_is_refused(minutes: int, rate: int) -> None:
    with pytest.raises(ValueError, match="minutes and rate must not be negative"):
        labour(minutes, rate)


def test_half_a_kopeck_goes_up() -> None:
    assert [half_up(n, 2) for n in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert half_up(1, 3) == 0


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 2), (1, 0), (1, -2)])
def test_what_cannot_be_rounded_is_refused(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match=f"cannot round {numerator}/{denominator}"):
        half_up(numerator, denominator)


def test_a_step_is_at_least_one() -> None:
    assert [up_to_step(n, 15) for n in (0, 1, 15, 16)] == [0, 15, 15, 30]
    assert up_to_step(7, 1) == 7
    with pytest.raises(ValueError, match="step must be positive, got 0"):
        up_to_step(1, 0)


@pytest.mark.parametrize(
    ("gross", "rate", "vat"),
    [(375_000, 2200, 67_623), (375_000, 500, 17_857), (375_000, 700, 24_533), (100_000, 2200, 18_033)],
)
def test_vat_inside_a_line(gross: int, rate: int, vat: int) -> None:
    assert vat_of_line(gross, rate, inclusive=True) == vat


def test_vat_of_a_document_is_the_sum_of_its_lines() -> None:
    totals = vat_of_lines([83_333] * 3, 2200, inclusive=True)
    assert (totals.vat, totals.total_vat) == ((15_027,) * 3, 45_081)
    assert vat_of_line(249_999, 2200, inclusive=True) == 45_082


def test_without_vat_is_not_zero_percent_but_costs_the_same() -> None:
    for rate in (None, 0):
        totals = vat_of_lines([100, 200], rate, inclusive=True)
        assert (totals.vat, totals.net, totals.total_vat, totals.gross) == ((0, 0), 300, 0, 300)


def test_vat_on_top() -> None:
    totals = vat_of_lines([83_333, 1], 2200, inclusive=False)
    assert (totals.vat, totals.net, totals.total_vat, totals.gross) == ((18_333, 0), 83_334, 18_333, 101_667)


@given(st.lists(AMOUNT, max_size=8), st.none() | BP, st.booleans())
def test_no_kopeck_is_lost_between_lines_and_total(lines: list[int], rate: int | None, inclusive: bool) -> None:
    totals = vat_of_lines(lines, rate, inclusive=inclusive)
    assert totals.net + totals.total_vat == totals.gross
    assert totals.total_vat == sum(totals.vat)
    assert (totals.gross if inclusive else totals.net) == sum(lines)
    for amount, vat in zip(lines, totals.vat, strict=True):
        base = 10_000 + (rate or 0) if inclusive else 10_000
        assert vat == nearest(Fraction(amount * (rate or 0), base))


REGIMES = [Regime(date(2026, 1, 1), 2200), Regime(date(2019, 1, 1), 2000), Regime(date(2018, 1, 1), None)]


@pytest.mark.parametrize(
    ("day", "rate"), [(date(2025, 12, 31), 2000), (date(2026, 1, 1), 2200), (date(2018, 6, 1), None)]
)
def test_the_regime_follows_the_date_of_the_act(day: date, rate: int | None) -> None:
    assert regime_on(REGIMES, day).rate == rate


def test_a_day_without_regime_is_an_error_not_zero() -> None:
    with pytest.raises(NoRegimeError, match="2017-12-31"):
        regime_on(REGIMES, date(2017, 12, 31))


def test_band_and_urgency_do_not_multiply_by_default() -> None:
    assert hourly_rate(200_000, 10_000, 15_000, 20_000) == 400_000
    assert hourly_rate(200_000, 12_000, 20_000, 15_000, Combining.MAX) == 480_000
    assert hourly_rate(200_000, 10_000, 15_000, 20_000, Combining.MULTIPLY) == 600_000


def test_a_rate_is_rounded_once_at_the_end() -> None:
    assert hourly_rate(1, 5_000, 5_000, 0) == 0
    assert hourly_rate(1, 5_000, 10_000, 0) == 1
    assert hourly_rate(3, 5_000, 5_000, 20_000, Combining.MULTIPLY) == 2


@given(AMOUNT, BP, BP, BP)
def test_a_rate_equals_the_exact_fraction_rounded(base: int, sla: int, band: int, urgency: int) -> None:
    share = [Fraction(bp, 10_000) for bp in (sla, band, urgency)]
    assert hourly_rate(base, sla, band, urgency) == nearest(base * share[0] * max(share[1:]))
    product = base * share[0] * share[1] * share[2]
    assert hourly_rate(base, sla, band, urgency, Combining.MULTIPLY) == nearest(product)


@pytest.mark.parametrize("place", range(4))
def test_a_rate_below_zero_is_refused(place: int) -> None:
    values = [1, 1, 1, 1]
    values[place] = -1
    with pytest.raises(ValueError, match="base and multipliers must not be negative"):
        hourly_rate(*values)


@pytest.mark.parametrize(
    ("kopecks", "text"),
    [
        (375_000, "Три тысячи семьсот пятьдесят рублей 00 копеек"),
        (0, "Ноль рублей 00 копеек"),
        (1, "Ноль рублей 01 копейка"),
        (102, "Один рубль 02 копейки"),
        (211, "Два рубля 11 копеек"),
        (1_121, "Одиннадцать рублей 21 копейка"),
        (100_000, "Одна тысяча рублей 00 копеек"),
        (2_200_14, "Две тысячи двести рублей 14 копеек"),
        (1_000_000_00, "Один миллион рублей 00 копеек"),
        (21_001_001_99, "Двадцать один миллион одна тысяча один рубль 99 копеек"),
        (10**11 * 100, "Сто миллиардов рублей 00 копеек"),
    ],
)
def test_a_sum_in_words(kopecks: int, text: str) -> None:
    assert sum_in_words(kopecks) == text


@pytest.mark.parametrize(("kopecks", "reason"), [(-1, "must not be negative"), (10**36, "too large for words")])
def test_a_sum_without_words_is_refused(kopecks: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        sum_in_words(kopecks)


def test_plural_forms() -> None:
    forms = ("час", "часа", "часов")
    few = {2, 3, 4, 22, 23, 24, 102, 103, 104}
    one = {1, 21, 101}
    for count in (*range(26), *range(100, 116)):
        expected = "час" if count in one else "часа" if count in few else "часов"
        assert plural(count, forms) == expected, count


UNITS = [
    ["", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать"],
    ["двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать"],
    ["девятнадцать"],
]
SMALL = [word for row in UNITS for word in row]
TENS = ["", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"]
HUNDREDS = ["", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"]
SCALES = [None, ("тысяча", "тысячи", "тысяч")] + [
    (stem, f"{stem}а", f"{stem}ов") for stem in ("миллион", "миллиард", "триллион", "квадриллион", "квинтиллион")
]


def spelled(number: int) -> str:
    """Russian words written out by hand, group of three by group of three."""
    words: list[str] = []
    for scale in range(len(SCALES) - 1, -1, -1):
        group = number // 1000**scale % 1000
        if not group:
            continue
        rest = group % 100
        ones = SMALL[rest] if rest < 20 else SMALL[rest % 10]
        if scale == 1:
            ones = {"один": "одна", "два": "две"}.get(ones, ones)
        words += [HUNDREDS[group // 100], TENS[rest // 10] if rest >= 20 else "", ones]
        form = SCALES[scale]
        if form:
            tail = 5 if 11 <= rest <= 14 else rest % 10
            words.append(form[0] if tail == 1 else form[1] if 2 <= tail <= 4 else form[2])
    return " ".join(word for word in words if word) or "ноль"


@given(st.integers(0, 10**6) | st.integers(0, 10**18))
def test_words_equal_those_spelled_by_hand(roubles: int) -> None:
    expected = spelled(roubles)
    words = sum_in_words(roubles * 100)
    assert words.rsplit(" ", 3)[0] == expected[0].upper() + expected[1:]
