"""Lines, totals, hash, limits and validity of quotes (R7.8)."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.billing.quotes.rule import (
    Limit,
    QuoteLine,
    billed_up_to,
    check_limits,
    labour_line,
    last_day_of_job_quote,
    last_day_of_project_quote,
    less,
    lines_hash,
    pieces_line,
    quote_totals,
    within_ceiling,
)
from bot.calendar.workdays import production_calendar
from bot.sums.vat import Regime

VAT_22 = Regime(date(2026, 1, 1), 2200)
WORK = labour_line("hour:repair", "Ремонт", 50, 199_900)
PART = pieces_line("roller", "Ролик", "шт", 3, 83_333)
EXTRA = replace(pieces_line("clean", "Чистка", "шт", 1, 100_000), optional=True)


def test_lines() -> None:
    assert (WORK.quantity, WORK.price, WORK.kopecks, WORK.unit) == (50, 199_900, 166_583, "minute")
    assert (PART.quantity, PART.price, PART.kopecks, PART.unit) == (3, 83_333, 249_999, "шт")
    assert pieces_line("gift", "x", "шт", 1, 0).kopecks == 0
    assert (WORK.item, WORK.name, PART.item, PART.name) == ("hour:repair", "Ремонт", "roller", "Ролик")
    assert labour_line("x", "x", 1, 6_000).kopecks == 100


@pytest.mark.parametrize(("quantity", "price"), [(0, 1), (-1, 1), (1, -1)])
def test_a_line_needs_a_quantity_and_a_price(quantity: int, price: int) -> None:
    with pytest.raises(ValueError, match="a line needs a quantity and a price"):
        pieces_line("x", "x", "шт", quantity, price)
    with pytest.raises(ValueError, match=r"needs a quantity and a price|must not be negative"):
        labour_line("x", "x", quantity, price)


def test_totals_take_optional_lines_only_when_chosen() -> None:
    plain = quote_totals([WORK, PART, EXTRA], VAT_22)
    assert (plain.lines, plain.gross, plain.rate) == ((WORK, PART), 416_582, 2200)
    assert plain.vat.vat == (30_040, 45_082)
    assert quote_totals([WORK, PART, EXTRA], VAT_22, frozenset({2})).gross == 516_582
    assert quote_totals([EXTRA, WORK], VAT_22, frozenset({0})).gross == 266_583


@pytest.mark.parametrize("chosen", [{0}, {3}, {-1}])
def test_only_optional_lines_are_chosen(chosen: set[int]) -> None:
    with pytest.raises(ValueError, match="only optional lines"):
        quote_totals([WORK, PART, EXTRA], VAT_22, frozenset(chosen))


def test_a_quote_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="a quote needs a line"):
        quote_totals([EXTRA], VAT_22)


LINES = st.builds(
    QuoteLine,
    st.text(max_size=3),
    st.text(max_size=3),
    st.sampled_from(["шт", "minute"]),
    st.integers(1, 9),
    st.integers(0, 99),
    st.integers(0, 9999),
)
Drawn = tuple[list[QuoteLine], int | None, bool]
QUOTES = st.tuples(st.lists(LINES, min_size=1, max_size=3), st.sampled_from([None, 0, 2200]), st.booleans())


@given(QUOTES, QUOTES)
def test_the_hash_tells_quotes_apart(one: Drawn, two: Drawn) -> None:
    def hashed(quote: Drawn) -> str:
        lines, rate, up_to = quote
        return lines_hash(quote_totals(lines, Regime(date(2026, 1, 1), rate)), up_to=up_to)

    assert (hashed(one) == hashed(two)) == (one == two)


def test_the_hash_changes_with_each_thing_said() -> None:
    base = quote_totals([WORK, PART], VAT_22)
    others = [
        lines_hash(base, up_to=True),
        lines_hash(quote_totals([PART, WORK], VAT_22)),
        lines_hash(quote_totals([WORK, PART], replace(VAT_22, rate=500))),
        lines_hash(quote_totals([WORK, PART], replace(VAT_22, inclusive=False))),
        *(lines_hash(quote_totals([WORK, replace(PART, **{name: value})], VAT_22)) for name, value in CHANGES.items()),
    ]
    assert len({lines_hash(base), *others}) == 1 + len(others)
    assert lines_hash(base) == lines_hash(quote_totals([WORK, PART], VAT_22), up_to=False)
    assert len(lines_hash(base)) == 64


CHANGES: dict[str, str | int] = {
    "item": "r2",
    "name": "Вал",
    "unit": "м",
    "quantity": 4,
    "price": 1,
    "kopecks": 249_998,
}


def test_the_hash_of_a_known_quote_never_changes() -> None:
    assert lines_hash(quote_totals([WORK], VAT_22)) == KNOWN


KNOWN = hashlib.sha256(
    (
        '{"lines":[{"item":"hour:repair","kopecks":166583,"name":"Ремонт","optional":false,"price":199900,'
        '"quantity":50,"unit":"minute"}],"rate":2200,"up_to":false,'
        '"vat":{"gross":166583,"net":136543,"total_vat":30040,"vat":[30040]}}'
    ).encode()
).hexdigest()


@pytest.mark.parametrize(
    ("gross", "approved", "job", "month", "verdict"),
    [
        (100, 0, None, None, Limit.WITHIN),
        (100, 0, 100, None, Limit.WITHIN),
        (101, 0, 100, None, Limit.OVER_JOB),
        (100, 400, 100, 500, Limit.WITHIN),
        (100, 401, 100, 500, Limit.OVER_MONTH),
        (100, 401, None, 500, Limit.OVER_MONTH),
        (1, 0, 0, None, Limit.OVER_JOB),
        (1, 0, None, 0, Limit.OVER_MONTH),
        (501, 0, 100, 500, Limit.OVER_JOB),
    ],
)
def test_limits_per_job_and_month(
    gross: int, approved: int, job: int | None, month: int | None, verdict: Limit
) -> None:
    assert check_limits(gross, approved, job, month) is verdict


def test_a_ceiling_approves_up_to_itself() -> None:
    assert [within_ceiling(sum_, 500_000) for sum_ in (499_999, 500_000, 500_001)] == [True, True, False]
    assert not within_ceiling(0, None)


def test_up_to_n_bills_the_fact_never_above() -> None:
    assert [billed_up_to(fact, 100) for fact in (0, 99, 100, 101)] == [0, 99, 100, 100]


def test_validity_in_working_days_for_jobs_and_in_days_for_projects() -> None:
    friday = date(2026, 12, 30)
    assert last_day_of_job_quote(friday, 3, production_calendar()) == date(2027, 1, 13)
    assert last_day_of_project_quote(friday, 14) == date(2027, 1, 13)


SUMS = st.lists(st.tuples(st.integers(0, 10**9), st.booleans()), max_size=6)


@given(SUMS, st.integers(0, 10**10))
def test_what_is_taken_off_lines_is_neither_lost_nor_more_than_they_cost(
    sums: list[tuple[int, bool]], off: int
) -> None:
    lines = [replace(pieces_line("a", "Работа", "шт", 1, cost), optional=optional) for cost, optional in sums]
    made, rest = less(lines, off)
    counted = sum(cost for cost, optional in sums if not optional)
    assert sum(line.kopecks for line in made if not line.optional) == counted - (off - rest)
    assert rest == max(off - counted, 0)
    assert [line.kopecks for line in made if line.optional] == [cost for cost, optional in sums if optional]
    assert all(line.kopecks == line.price * line.quantity for line in made)


def test_nothing_is_added_to_lines_by_taking_off() -> None:
    with pytest.raises(ValueError, match="negative"):
        less([WORK], -1)
