"""A line is looked for without the client's own names, which no article has."""

import pytest

from bot.kb.line.own_names import names_in, without_names

NAMES = names_in(
    frozenset(
        [
            *("Магазин на Арбате", "Москва, ул. Арбат, 30", "Санкт-Петербург, Лиговский пр., 50", "Keenetic Giga"),
            *("Атол 91Ф", "Склад в Химках"),
        ]
    )
)
KNOWN = {"касса", "магазин", "атол", "интернет", "принтер", "склад"}


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("касса на арбате не включается", "касса не включается"),
        ("нет интернета на лиговском 50", "нет интернета"),
        ("Keenetic Giga у арбата не раздает вайфай", "не раздает вайфай"),
        ("в химках на складе не печатает принтер", "на складе не печатает принтер"),
        ("на арбате: касса молчит", "касса молчит"),
        ("касса молчит на арбате ?", "касса молчит ?"),
        ("атол молчит", "атол молчит"),  # an article has it
        ("на арбате", "на арбате"),  # nothing else is said
        ("дом 50, интернет упал", "дом 50, интернет упал"),
        ("ошибка 0x80070005", "ошибка 0x80070005"),
        ("  касса   не включается ", "  касса   не включается "),
        ("", ""),
        ("😀", "😀"),
    ],
)
def test_own_names_are_left_out_of_what_is_asked(line: str, asked: str) -> None:
    assert without_names(line, NAMES, KNOWN) == asked


def test_without_names_a_line_is_as_it_was() -> None:
    assert without_names("касса на арбате", frozenset(), KNOWN) == "касса на арбате"
