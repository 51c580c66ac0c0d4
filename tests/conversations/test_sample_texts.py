"""`docs/texts.md` is what the templates say today (R7.2)."""

import pytest

from bot.messaging.notices.texts import duration
from tests.builders.sample_texts import CASES, PAGE, page
from tests.conftest import TestOffice


def test_the_page_of_texts_is_current(office: TestOffice) -> None:
    made = page(office)
    assert made == PAGE.read_text("utf-8"), "run: python -m tests.builders.sample_texts"
    assert made.count("\n## ") == len(CASES)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (60, "1 ч"),
        (120, "2 ч"),
        (300, "5 ч"),
        (30, "30 мин"),
        (90, "1 ч 30 мин"),
        (1260, "21 ч"),
        (45, "45 мин"),
    ],
)
def test_times_are_said_in_one_form(minutes: int, said: str) -> None:
    assert duration(minutes, "ru").replace("\u00a0", " ") == said
