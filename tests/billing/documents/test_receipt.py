"""The receipt of a payment in chat: every item with its sum and VAT code, together exactly what is paid (54-FZ)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.billing.documents.receipt import receipt_data
from bot.billing.seller.particulars import VAT_RATES

LINES = [("Абонентское обслуживание", 1_500_000), ("Работа", 83_333)]


def items(text: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(text)["receipt"]["items"]
    return found


def test_every_line_is_an_item_in_roubles_with_its_code() -> None:
    first, second = items(receipt_data(LINES, 1_583_333, 2200, "Счёт № 1"))
    assert first == {
        "description": "Абонентское обслуживание",
        "quantity": 1,
        "amount": {"value": "15000.00", "currency": "RUB"},
        "vat_code": 11,
        "payment_mode": "full_payment",
        "payment_subject": "service",
    }
    assert second["amount"] == {"value": "833.33", "currency": "RUB"}


def test_the_rest_of_an_invoice_is_one_item() -> None:
    (one,) = items(receipt_data(LINES, 100_005, None, "Счёт №\u00a01"))
    assert (one["description"], one["amount"], one["vat_code"]) == (
        "Счёт № 1",
        {"value": "1000.05", "currency": "RUB"},
        1,
    )


@pytest.mark.parametrize("rate", VAT_RATES)
def test_every_rate_a_seller_may_have_has_a_code(rate: str) -> None:
    codes = {"none": 1, "0": 2, "5": 7, "7": 8, "10": 3, "20": 4, "22": 11}
    (one,) = items(receipt_data([("Работа", 100)], 100, None if rate == "none" else int(rate) * 100, "Счёт"))
    assert one["vat_code"] == codes[rate]


@given(st.lists(st.tuples(st.text(min_size=1, max_size=300), st.integers(1, 10**10)), min_size=1, max_size=60))
def test_items_sum_to_what_is_paid_and_names_fit(lines: list[tuple[str, int]]) -> None:
    total = sum(kopecks for _, kopecks in lines)
    found = items(receipt_data(lines, total, 2000, "Счёт"))
    values = [str(each["amount"]["value"]) for each in found]  # type: ignore[index]  # JSON
    assert sum(int(value.replace(".", "")) for value in values) == total
    assert all(len(str(each["description"])) <= 128 for each in found)
