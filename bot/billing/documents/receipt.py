"""Data of a fiscal receipt (54-FZ) for the payment provider's own till: items, sums, VAT codes. Pure.

The shape is what YooKassa takes as `provider_data` of a Telegram invoice.
"""

import json
from collections.abc import Sequence
from typing import Any

# Rate in basis points → the provider's `vat_code`; 22 % has its own since 2026. Without VAT is not 0 % (R6.1).
VAT_CODES = {None: 1, 0: 2, 1000: 3, 2000: 4, 500: 7, 700: 8, 2200: 11}
NAME_LIMIT = 128


def receipt_data(lines: Sequence[tuple[str, int]], left: int, rate: int | None, whole: str) -> str:
    """Return the JSON of a receipt over `left` kopecks.

    `lines` are (name, kopecks with VAT inside) of the invoice. Where they are not what is left to pay, since a part was
    paid or taken back, the receipt has one item named `whole`. Raises KeyError for a rate that no receipt knows.
    """
    items = list(lines) if sum(kopecks for _, kopecks in lines) == left else [(whole, left)]
    receipt = {"items": [_item(name, kopecks, VAT_CODES[rate]) for name, kopecks in items]}
    return json.dumps({"receipt": receipt}, ensure_ascii=False)


def _item(name: str, kopecks: int, vat_code: int) -> dict[str, Any]:
    return {
        "description": " ".join(name.split())[:NAME_LIMIT],  # a till prints ordinary spaces
        "quantity": 1,
        "amount": {"value": f"{kopecks // 100}.{kopecks % 100:02}", "currency": "RUB"},
        "vat_code": vat_code,
        "payment_mode": "full_payment",
        "payment_subject": "service",
    }
