"""Control keys of Russian bank accounts and taxpayer numbers (R11.2)."""

from collections.abc import Iterable

_ACCOUNT_WEIGHTS = (7, 1, 3)
_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12_FIRST = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12_SECOND = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_CASH_CENTRES = ("000", "001", "002")


def account_key_valid(account: str, bic: str) -> bool:
    """Check the control key of a 20-digit account with its 9-digit BIC (R11.2)."""
    if not (_digits(account, 20) and _digits(bic, 9)):
        return False
    of_central_bank = account.startswith("30101") or bic.endswith(_CASH_CENTRES)
    bank = "0" + bic[4:6] if of_central_bank else bic[6:]
    weights = (_ACCOUNT_WEIGHTS[place % 3] for place in range(23))
    return _weighted(bank + account, weights) % 10 == 0


def inn_valid(inn: str) -> bool:
    """Check the control digits of a taxpayer number of 10 (company) or 12 (person) digits (R11.2)."""
    if _digits(inn, 10):
        return int(inn) > 0 and int(inn[9]) == _inn_digit(inn, _INN_10)
    if _digits(inn, 12):
        return (
            int(inn) > 0
            and int(inn[10]) == _inn_digit(inn, _INN_12_FIRST)
            and int(inn[11]) == _inn_digit(inn, _INN_12_SECOND)
        )
    return False


def bic_valid(bic: str) -> bool:
    """Check the form of a Russian bank identification code: nine digits that begin with 04."""
    return _digits(bic, 9) and bic.startswith("04")


def _digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def _inn_digit(inn: str, weights: Iterable[int]) -> int:
    return _weighted(inn, weights) % 11 % 10


def _weighted(text: str, weights: Iterable[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(text, weights, strict=False))
