"""Little is said where there is little to say."""

import pytest

from bot.answers.quiet import abusive, asks_something, closes, error_code, names_code, near_first, told_reading
from bot.kb.judging.reading import Hit


def test_suggestions_far_below_the_first_are_left_out() -> None:
    hits = [Hit("a", 0.66), Hit("b", 0.29), Hit("c", 0.03)]
    assert [hit.id for hit in near_first(hits, 25)] == ["a", "b"]
    assert near_first([], 25) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("принтер мнет бумгу", "принтер мнет бумагу"), ("ghbynth yt gtxfnftn", "принтер не печатает")],
)
def test_a_reading_that_means_something_else_is_told(typed: str, meant: str) -> None:
    assert told_reading(typed, meant) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("принтер не печатает", None),
        ("почта ivanov@mail.ru", "почта иванов@mail.ру"),
        ("касса fn1 не видит", "касса фн1 не видит"),
        ("printer не печатает", "принтер не печатает"),
        ("fnjk yt gtxfnftn", "атол не печатает"),
        ("хуйн принтер", "хуан принтер"),
        ("кассу не включить", "касса не включить"),
    ],
)
def test_a_reading_is_not_told_over_names_numbers_and_abuse(typed: str, meant: str | None) -> None:
    assert told_reading(typed, meant) is None


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ок", "agreed"),
        ("Ага!", "agreed"),
        ("ок, до свидания", "agreed"),
        ("до свидания", "bye"),
        ("ok", "agreed"),
        ("bye", "bye"),
        ("ок?", None),
        ("ага, не печатает", None),
        ("", None),
        ("👍", None),
    ],
)
def test_a_line_that_agrees_or_takes_leave_is_known(line: str, kind: str | None) -> None:
    assert closes(line) == kind


@pytest.mark.parametrize(
    "line",
    ["алло", "Алё!", "ул. Ленина, 15", "89001234567", "ivanov@mail.ru", "ау, есть кто", "hello", "да бля", "?!", "15"],
)
def test_what_asks_nothing_is_no_gap(line: str) -> None:
    assert not asks_something(line)


@pytest.mark.parametrize(
    "line",
    ["дом 15, не работает касса", "где у вас офис 3?", "как продавать пиво", "ошибка E1234", "do you sell tills"],
)
def test_what_asks_is_a_gap(line: str) -> None:
    assert asks_something(line)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("ошибка E1234", "E1234"),
        ("касса пишет ошибку 0x00000709", "0x00000709"),
        ("код ошибки 235", "235"),
        ("error code 0x80070035", "0x80070035"),
        ("ошибка при печати 2 чеков", None),
        ("не печатает", None),
        ("ошибка № 57", "57"),
        ("ошибка 1С", None),
        ("ошибка 15 минут назад", None),
        ("ошибка 89001234567", None),
        ("код 35К", None),
        ("код домофона не подходит", None),
    ],
)
def test_the_code_of_an_error_is_found(line: str, code: str | None) -> None:
    assert error_code(line) == code


def test_a_code_is_a_word_of_its_own() -> None:
    assert names_code("Ошибка 235: чеки не ушли", "235") and not names_code("по номеру 12355", "235")
    assert abusive("Пиздец касса") and not abusive("ребята, оскорблять не надо")
