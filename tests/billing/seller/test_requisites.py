"""Control keys of accounts and taxpayer numbers (R11.2)."""

import pytest

from bot.billing.seller.requisites import account_key_valid, bic_valid, inn_valid


@pytest.mark.parametrize(
    ("account", "bic", "valid"),
    [
        ("30101810400000000225", "044525225", True),
        ("30101810965770000413", "044525225", False),
        ("3010181040000000022", "044525225", False),
        ("301018104000000002250", "044525225", False),
        ("30101810400000000225", "04452522", False),
        ("3010181040000000022A", "044525225", False),
        ("３0101810400000000225", "044525225", False),
        ("30101810400000000225", "0445252²5", False),
        ("", "", False),
    ],
)
def test_account_keys(account: str, bic: str, valid: bool) -> None:
    assert account_key_valid(account, bic) is valid


def key_oracle(three: str, account: str) -> bool:
    return sum(int(d) * int(w) % 10 for d, w in zip(three + account, "71371371371371371371371", strict=True)) % 10 == 0


@pytest.mark.parametrize(
    ("account", "bic", "three"),
    [
        ("4070281000000000000", "044525225", "225"),
        ("4070281000000000000", "044525000", "025"),
        ("4070281000000000000", "044525001", "025"),
        ("4070281000000000000", "044525002", "025"),
        ("4070281000000000000", "044525003", "003"),
        ("3010181000000000000", "044536777", "036"),
    ],
)
def test_one_key_of_ten_fits_and_the_bank_part_depends_on_account_and_bic(account: str, bic: str, three: str) -> None:
    fitting = []
    for key in "0123456789":
        keyed = account[:8] + key + account[9:] + "5"
        assert account_key_valid(keyed, bic) is key_oracle(three, keyed)
        fitting += [key] * account_key_valid(keyed, bic)
    assert len(fitting) == 1


@pytest.mark.parametrize(
    ("inn", "valid"),
    [
        ("7707083893", True),
        ("500100732259", True),
        ("7701234567", False),
        ("0000000000", False),
        ("000000000000", False),
        ("7707083894", False),
        ("500100732258", False),
        ("500100732249", False),
        ("77070838931", False),
        ("770708389", False),
        ("770708389A", False),
        ("", False),
    ],
)
def test_taxpayer_numbers(inn: str, valid: bool) -> None:
    assert inn_valid(inn) is valid


def test_each_digit_of_an_inn_counts() -> None:
    for inn in ("7707083893", "500100732259"):
        for place, digit in enumerate(inn):
            changed = inn[:place] + str((int(digit) + 1) % 10) + inn[place + 1 :]
            assert not inn_valid(changed), changed


@pytest.mark.parametrize(("bic", "valid"), [("044525225", True), ("144525225", False), ("04452522", False)])
def test_bank_codes(bic: str, valid: bool) -> None:
    assert bic_valid(bic) is valid


def test_a_remainder_of_ten_is_a_control_digit_of_zero() -> None:
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    heads = (f"77070{number:04d}" for number in range(1000))
    head = next(h for h in heads if sum(int(d) * w for d, w in zip(h, weights, strict=True)) % 11 == 10)
    assert inn_valid(f"{head}0")
    assert not any(inn_valid(f"{head}{digit}") for digit in range(1, 10))
