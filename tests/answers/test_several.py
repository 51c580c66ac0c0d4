"""Which lines tell of several problems, and which of one that looks like more (R1.1)."""

import tomllib
from functools import lru_cache
from pathlib import Path

import pytest

from bot.answers.several import MOST, are_several, may_answer, problems
from bot.kb.articles.article import read_articles
from bot.kb.index.search import Index
from bot.kb.judging.reading import Reading

LINES = tomllib.loads((Path(__file__).parent / "data" / "several.toml").read_text("utf-8"))
SEVERAL = [(line, group["count"]) for group in LINES["several"] for line in group["lines"]]
ONE = LINES["one"]["lines"]


@lru_cache(maxsize=1)
def shipped() -> Index:
    """The shipped articles, found by words alone."""
    return Index.build(read_articles(Path("content/faq"))[0])


def read(line: str) -> list[Reading]:
    return [shipped().ask(part) for part in problems(line)]


def test_the_lists_are_long_enough() -> None:
    assert len(SEVERAL) >= 40
    assert len(ONE) >= 60


@pytest.mark.parametrize(("line", "count"), SEVERAL)
def test_several_problems_are_told_apart(line: str, count: int) -> None:
    found = problems(line)
    assert len(found) == count, found
    assert all(part in line for part in found)


@pytest.mark.parametrize("line", ONE)
def test_one_problem_stays_whole(line: str) -> None:
    assert not are_several(read(line)), problems(line)


def test_the_shipped_articles_answer_nearly_all_of_them_apart() -> None:
    missed = [line for line, _ in SEVERAL if not are_several(read(line))]
    assert len(missed) <= 3, missed


@pytest.mark.parametrize("other", ["кофемашина течёт", "холодильник не морозит", "вывеска погасла"])
def test_what_is_none_of_our_business_makes_no_second_problem(other: str) -> None:
    assert not are_several(read(f"принтер не печатает и {other}"))


def test_two_that_one_article_answers_are_one() -> None:
    found = read("мышка глючит. клавиатура не печатает буквы")
    assert not are_several(found), [each.hits[0] for each in found if may_answer(each)]


def test_what_tells_more_of_a_problem_stays_with_it() -> None:
    assert problems("Здравствуйте! Принтер жуёт бумагу, уже второй день, и интернета нет, роутер перезагружали.") == [
        "Принтер жуёт бумагу, уже второй день",
        "интернета нет, роутер перезагружали",
    ]
    assert problems("есть две проблемы. первая: не печатает принтер. вторая: нет интернета") == [
        "не печатает принтер",
        "нет интернета",
    ]


def test_nothing_is_lost_of_more_than_can_be_shown() -> None:
    things = ("принтер", "интернет", "сканер", "монитор", "терминал", "телефон", "камера")
    found = problems("\n".join(f"{place}. {thing} не работает" for place, thing in enumerate(things, 1)))
    assert len(found) == MOST
    assert "телефон не работает" in found[-1]
    assert found[-1].endswith("камера не работает")


LONG = [part * 3_000 for part in (" ", "\n", "!", "и ", ", ", "1. ", "а ещё ")]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("line", ["", "\ud83d", "\x00", "1) 2) 3)", ", и, и, а ещё", *LONG])
def test_any_text_is_accepted(line: str) -> None:
    assert problems(line) == []
