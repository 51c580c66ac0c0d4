"""The seller's own particulars, checked before they are kept: what goes onto documents and who answers the phone."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from bot.billing.seller.models import TaxRegime
from bot.billing.seller.requisites import account_key_valid, bic_valid, inn_valid
from bot.calendar.periods import month_of
from bot.clients.identification.phones import written_number
from bot.clients.models import Seller
from bot.clients.zones import seller_zone
from bot.db.clock import NoSuchZoneError, day_of, known_zone
from bot.sums.vat import Regime, regime_on

REQUIRED = ("name", "inn", "phone")
VAT_RATES = ("none", "0", "5", "7", "10", "20", "22")
_HOURS = re.compile(r"([0-9]{1,2}):([0-5][0-9])\s*[-–—]\s*([0-9]{1,2}):([0-5][0-9])")
_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)(-(?P<day>\d\d))?")
_DOTTED = re.compile(r"(?P<day>\d\d)\.(?P<month>\d\d)\.(?P<year>\d{4})")
_DAY = 24 * 60
_KEPT = "seller"  # of a session: what it has read


class BadSellerValueError(ValueError):
    """A particular that can't be right; the message says why and what is expected."""


def seller_of(session: Session) -> Seller | None:
    """The seller, once it is set; read once in a transaction, which asks for its hours and its regime many times."""
    kept: Seller | None = session.info.get(_KEPT)
    if kept is None or kept not in session:
        kept = session.info[_KEPT] = session.exec(select(Seller)).first()
    return kept


def seller_day(session: Session, now: datetime) -> date:
    """The day it is where the seller is: debts are due and overdue by it (R3.5)."""
    return day_of(now, seller_zone(session))


def regime_of(session: Session, seller: Seller, day: date) -> Regime:
    """The tax regime on a day, for an act its date (R6.1)."""
    rows = session.exec(select(TaxRegime).where(TaxRegime.seller_id == seller.id)).all()
    dated = [Regime(row.since, row.rate_bp, row.inclusive) for row in rows]
    return regime_on([Regime(date.min, seller.vat_bp), *dated], day)


def seller_rate(session: Session, day: date) -> int | None:
    """The seller's VAT in basis points as prices are quoted on a day; None is «без НДС» (R6.1)."""
    seller = seller_of(session)
    return regime_of(session, seller, day).rate if seller else None


def hours_hold(start: int, end: int) -> bool:
    """Whether working hours from `start` to `end`, in minutes after midnight, are a stretch: `end` may be 24:00, or
    before `start` and so of the next day."""
    return 0 <= start < _DAY and 0 <= end <= _DAY and start != end


def price_regime(session: Session, day: date) -> Regime:
    """How prices for work of a day are given: the regime of the act it will stand in, which is of its month's last day
    (R6.1). Without a seller, as prices with VAT inside."""
    seller, act = seller_of(session), month_of(day).end
    return regime_of(session, seller, act) if seller else Regime(date.min, None)


def read_field(name: str, text: str) -> dict[str, Any]:
    """One particular as typed → columns of Seller. Empty text clears what may be empty. Raises BadSellerValueError.

    `name`: a column of Seller, `hours` («9:00-18:00»), or `vat` (none, 0, 5, 7, 10, 20, 22 per cent; R6.1). A month is
    written as 2026-12, 2026-12-01 or 01.12.2026.
    """
    value = " ".join(text.split())
    if not value:
        if name in REQUIRED or name not in _OPTIONAL:
            raise BadSellerValueError(f"{name}: can't be empty")
        return {name: None}
    return _READERS[name](value)


def require_account(account: str | None, bic: str | None, corr_account: str | None) -> None:
    """The control keys fit the bank (R11.2). Raises BadSellerValueError."""
    for name, number in (("account", account), ("corr_account", corr_account)):
        if number is None:
            continue
        if bic is None:
            raise BadSellerValueError(f"{name}: needs the bank's BIC beside it")
        if not account_key_valid(number, bic):
            raise BadSellerValueError(f"{name}: its control key doesn't fit BIC {bic}: check both for a typo")


def _name(value: str) -> dict[str, Any]:
    return {"name": value[:300]}


def _bank(value: str) -> dict[str, Any]:
    return {"bank": value[:200]}


def _inn(value: str) -> dict[str, Any]:
    if not inn_valid(value):
        raise BadSellerValueError("inn: 10 or 12 digits whose control digits fit; check for a typo")
    return {"inn": value}


def _kpp(value: str) -> dict[str, Any]:
    if not re.fullmatch(r"\d{4}[\dA-Z]{2}\d{3}", value):
        raise BadSellerValueError("kpp: nine characters, digits as a rule")
    return {"kpp": value}


def _bic(value: str) -> dict[str, Any]:
    if not bic_valid(value):
        raise BadSellerValueError("bic: nine digits that begin with 04")
    return {"bic": value}


def _account(name: str) -> Callable[[str], dict[str, Any]]:
    def read(value: str) -> dict[str, Any]:
        digits = value.replace(" ", "")
        if not re.fullmatch(r"[0-9]{20}", digits):
            raise BadSellerValueError(f"{name}: twenty digits")
        return {name: digits}

    return read


def _phone(name: str) -> Callable[[str], dict[str, Any]]:
    def read(value: str) -> dict[str, Any]:
        if written_number(value) is None or len(value) > 30:
            raise BadSellerValueError(f"{name}: a phone number, such as +7 495 123-45-67")
        return {name: value}

    return read


def _address(value: str) -> dict[str, Any]:
    return {"address": value[:300]}


def _privacy_url(value: str) -> dict[str, Any]:
    if not re.fullmatch(r"https?://[^\s\"<>]{4,280}", value):
        raise BadSellerValueError("privacy_url: a link, such as https://example.org/privacy")
    return {"privacy_url": value}


def _timezone(value: str) -> dict[str, Any]:
    try:
        known_zone(value)
    except NoSuchZoneError as error:
        raise BadSellerValueError("timezone: a name such as Europe/Moscow or Asia/Yekaterinburg") from error
    return {"timezone": value}


def _hours(value: str) -> dict[str, Any]:
    found = _HOURS.fullmatch(value)
    start, end = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
    if not hours_hold(start, end):
        raise BadSellerValueError("hours: such as 9:00-18:00, 0:00-24:00 or, over midnight, 20:00-8:00")
    return {"workday_start": start, "workday_end": end}


def _vat(value: str) -> dict[str, Any]:
    rate = value.lower().removesuffix("%").strip()
    if rate not in VAT_RATES:
        raise BadSellerValueError(f"vat: one of {', '.join(VAT_RATES)}; none is «без НДС», which is not 0")
    return {"vat_bp": None if rate == "none" else int(rate) * 100}


def _billing_from(value: str) -> dict[str, Any]:
    found = _MONTH.fullmatch(value) or _DOTTED.fullmatch(value)
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"] or 1)) if found else None
    except ValueError:
        day = None
    if day is None or day.day != 1:
        raise BadSellerValueError("billing_from: the first day of a month, such as 2026-12-01")
    return {"billing_from": day}


_OPTIONAL = frozenset({"kpp", "account", "bic", "bank", "corr_account", "emergency_phone", "address", "privacy_url"})
_READERS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "name": _name,
    "inn": _inn,
    "kpp": _kpp,
    "bic": _bic,
    "account": _account("account"),
    "corr_account": _account("corr_account"),
    "bank": _bank,
    "phone": _phone("phone"),
    "emergency_phone": _phone("emergency_phone"),
    "address": _address,
    "privacy_url": _privacy_url,
    "timezone": _timezone,
    "hours": _hours,
    "vat": _vat,
    "billing_from": _billing_from,
}
