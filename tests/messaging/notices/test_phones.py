"""Phones as people read them."""

import pytest

from bot.messaging.notices.texts import phone, spaced_phone


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+74951234567", "+7 495 123-45-67"),
        ("8 (900) 123 45 67", "+7 900 123-45-67"),
        ("+375291234567", "+375 29 123-45-67"),
        ("+77011234567", "+7 701 123 4567"),
        ("112", "112"),
        ("+7 495 123-45-67 доб. 12", "+7 495 123-45-67 доб. 12"),
        ("+999123", "+999123"),
        ("не скажу", "не скажу"),
        ("", ""),
    ],
)
def test_a_phone_is_grouped_as_its_country_does_and_what_is_none_stays(number: str, shown: str) -> None:
    assert spaced_phone(number) == shown


def test_the_extension_stands_behind_the_grouped_number() -> None:
    assert phone("+74951234567", "12", "ru") == "+7 495 123-45-67 доб. 12"
