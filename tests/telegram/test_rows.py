"""Buttons stand side by side only where a phone has room for their words."""

from collections.abc import Sequence

import pytest

from bot.telegram.showing.keyboards import _fitting


@pytest.mark.parametrize(
    ("texts", "rows"),
    [
        (["Да", "Нет"], [["Да", "Нет"]]),
        (["1 ⭐", "2 ⭐", "3 ⭐", "4 ⭐", "5 ⭐"], [["1 ⭐", "2 ⭐", "3 ⭐", "4 ⭐", "5 ⭐"]]),
        (["🔕 Лимит без согласования", "Часы"], [["🔕 Лимит без согласования"], ["Часы"]]),
        (["Часы", "Ещё", "🔕 Лимит без согласования"], [["Часы", "Ещё"], ["🔕 Лимит без согласования"]]),
        ([], []),
    ],
)
def test_a_long_text_gets_a_row_of_its_own(texts: Sequence[str], rows: list[list[str]]) -> None:
    shown = [[button["text"] for button in row] for row in _fitting([{"text": text} for text in texts])]
    assert shown == rows
