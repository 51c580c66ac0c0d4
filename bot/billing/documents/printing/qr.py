"""The payment QR of an invoice: GOST R 56042-2014 (R11.2). Pure."""

import io
from dataclasses import dataclass

import segno

SEPARATORS = "|~^;%&#$"
# The longest values that the standard lets a bank read.
LONGEST = {"Name": 160, "BankName": 45, "Purpose": 210}


class NoSeparatorError(ValueError):
    """Every separator the standard allows occurs in a value."""


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """Whom, where and how much: `kopecks` is a whole number of kopecks, texts as in the requisites."""

    name: str
    account: str
    bank: str
    bic: str
    corr_account: str
    kopecks: int
    purpose: str
    inn: str
    kpp: str | None = None


def qr_payload(order: PaymentOrder) -> str:
    """Return `ST00012|Name=…|…` in UTF-8, the required fields first and in their order (R11.2).

    Where `|` occurs in a value another separator is taken. Raises NoSeparatorError.
    """
    fields = {
        "Name": order.name,
        "PersonalAcc": order.account,
        "BankName": order.bank,
        "BIC": order.bic,
        "CorrespAcc": order.corr_account,
        "Sum": str(order.kopecks),
        "Purpose": order.purpose,
        "PayeeINN": order.inn,
        "KPP": order.kpp or "",
    }
    values = {key: " ".join(value.split())[: LONGEST.get(key, 300)] for key, value in fields.items() if value}
    separator = next((sign for sign in SEPARATORS if not any(sign in value for value in values.values())), None)
    if separator is None:
        raise NoSeparatorError("no separator is free")
    return f"ST00012{separator}" + separator.join(f"{key}={value}" for key, value in values.items())


def qr_svg(order: PaymentOrder) -> str:
    """The code as SVG, with the quiet zone that scanners ask for."""
    picture = io.BytesIO()
    segno.make(qr_payload(order).encode(), error="m", micro=False).save(picture, kind="svg", border=4, xmldecl=False)
    return picture.getvalue().decode()
