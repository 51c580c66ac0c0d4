"""The page of acts is what the table says (R2.4)."""

from bot.tickets.life.acts import Act, Given, Hearer, Who
from tests.builders.acts_page import ACT, GIVEN, HEARER, PAGE, WHO, page


def test_the_page_is_made_from_the_table() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_everything_in_the_table_has_its_words() -> None:
    assert (set(ACT), set(WHO), set(GIVEN), set(HEARER)) == (set(Act), set(Who), set(Given), set(Hearer))
