"""PostgreSQL keeps no U+0000 in a text; a person's line with one must not end as poison."""

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.dispatching import without_nul

TEXTS = st.text(st.characters(exclude_categories=[]), max_size=8)
UPDATES = st.recursive(st.integers() | TEXTS | st.none(), lambda some: st.lists(some) | st.dictionaries(TEXTS, some))


def test_a_line_keeps_its_length() -> None:
    said = {"message": {"text": "а\0б", "entities": [{"type": "bold", "offset": 2, "length": 1}]}}
    assert without_nul(said) == {"message": {"text": "а\ufffdб", "entities": said["message"]["entities"]}}


@given(UPDATES)
def test_what_has_none_stays_as_it_is(update: object) -> None:
    if "\\x00" not in repr(update):
        assert without_nul(update) == update
