"""`docs/texts.md` is what the templates say today (R7.2)."""

import pytest

from bot.messaging.notices.texts import hours
from tests.builders.sample_texts import CASES, PAGE, page
from tests.conftest import TestOffice


def test_the_page_of_texts_is_current(office: TestOffice) -> None:
    made = page(office)
    assert made == PAGE.read_text("utf-8"), "run: python -m tests.builders.sample_texts"
    assert made.count("\n## ") == len(CASES)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (60, "1 час"),
        (120, "2 часа"),
        (300, "5 часов"),
        (30, "0,5 часа"),
        (90, "1,5 часа"),
        (1260, "21 час"),
        (45, "45 мин"),
    ],
)
def test_hours_are_said_as_people_say_them(minutes: int, said: str) -> None:
    assert hours(minutes, "ru").replace("\u00a0", " ") == said
