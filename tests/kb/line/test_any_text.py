import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.kb.index.search import Index
from tests.kb.shelf import article, russian_index

PIECES = ["принтер", "не печатает", "ghbynth", "kassa", "E-04", "235", "<b>", "&amp;", "😀", "\u202e", "\0", "--", "1С"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join))
@example("")
@example(" \n\t ")
@example("😀😀😀")
@example("а" * 4_000)
@example("слово " * 800)
@example("\ud800 половина знака")
@example("'; DROP TABLE articles; --")
@example("def f(x):\n    return x ** 2  # hm")
@example("n̷͓̈o̵͚̎ 𝕡𝕣𝕚𝕟𝕥𝕖𝕣")
def test_any_text_gets_a_decision(line: str) -> None:
    reading = russian_index().ask(line)
    assert reading.decision in {"answer", "suggest", "none"}
    assert 0 <= reading.in_scope <= 1
    assert all(0 <= hit.score <= 1 for hit in reading.hits)
    assert reading == russian_index().ask(line)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.text(max_size=60))
def test_any_articles_can_be_indexed(texts: list[str], line: str) -> None:
    index = Index.build(
        [article(f"a{n}", text, text[::-1], body=text * 2, kinds=[text]) for n, text in enumerate(texts)]
    )
    assert index.ask(line).decision in {"answer", "suggest", "none"}


@pytest.mark.parametrize("line", ["", "   ", "😀😀😀", "…", "а" * 4_000, "иди в жопу", "SELECT * FROM users;"])
def test_what_asks_nothing_gets_no_article(line: str) -> None:
    assert russian_index().ask(line).decision == "none"


def test_a_long_story_with_a_question_in_it_finds_the_article() -> None:
    story = "Вчера приезжали родственники, было шумно, я устала. " * 12
    found = russian_index().ask(f"{story}Что делать, если принтер зажевал бумагу?")
    assert "printer-paper-jam" in [hit.id for hit in found.hits[:3]]


def test_an_insult_does_not_hide_the_question() -> None:
    assert russian_index().ask("да вы достали, принтер не печатает").hits[0].id == "printer-not-printing"


def test_mixed_languages_are_read_together() -> None:
    assert russian_index().ask("мой printer не печатает").hits[0].id == "printer-not-printing"
